// How rows are cut into batches, and the two orders in which batches are worked off.
import type { ByteRows } from "@halfroom/crypto";

/** Rows of one batch; the last one is shorter. */
export const OPRF_BATCH = 2048;

/** Rows `start` up to `end`, which is exclusive. */
export interface Batch {
  readonly start: number;
  readonly end: number;
}

export function batchesOf(rows: number): Batch[] {
  return Array.from({ length: Math.ceil(rows / OPRF_BATCH) }, (_, i) => {
    return { start: i * OPRF_BATCH, end: Math.min(rows, (i + 1) * OPRF_BATCH) };
  });
}

/** A copy of the rows of a batch, which a job may consume. */
export function copyRows(rows: ByteRows, { start, end }: Batch) {
  const first = rows.offsets[start]!;
  return {
    bytes: new Uint8Array(rows.bytes.subarray(first, rows.offsets[end])),
    offsets: rows.offsets.slice(start, end + 1).map((offset) => offset - first) as Uint32Array<ArrayBuffer>,
  };
}

/** Keeps at most `ahead` tasks under way and yields their results in the order of `items`. */
export async function* inOrder<T, R>(
  items: readonly T[],
  ahead: number,
  start: (item: T) => Promise<R>,
): AsyncGenerator<R, void> {
  const running: Promise<R>[] = [];
  for (let next = 0; next < items.length || running.length > 0;) {
    while (next < items.length && running.length < ahead) running.push(handled(start(items[next++]!)));
    yield await running.shift()!;
  }
}

/** One after the other: `first` for each item and, `lag` items behind it, `second`. */
export async function staggered<T>(
  items: readonly T[],
  lag: number,
  first: (item: T) => Promise<void>,
  second: (item: T) => Promise<void>,
): Promise<void> {
  for (let step = 0; step < items.length + lag; step++) {
    if (step < items.length) await first(items[step]!);
    if (step >= lag) await second(items[step - lag]!);
  }
}

/** A promise that somebody awaits later, or never if an earlier one fails: its rejection is no event of its own. */
export function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

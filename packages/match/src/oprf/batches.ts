// What goes through the OPRF, cut into batches, and the two orders in which batches are processed.
import type { ByteRows } from "@halfroom/crypto";
import { OUTPUT_BYTES } from "./steps.ts";

/** Rows of one batch; the last one is shorter. */
export const OPRF_BATCH = 8192;

/** Rows `start` up to `end`, which is exclusive. */
export interface Batch {
  readonly start: number;
  readonly end: number;
}

/** Rows that jobs may consume. */
export interface BatchRows {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly offsets: Uint32Array<ArrayBuffer>;
}

/** One side's inputs, taken a batch at a time, and where their outputs go: neither has to lie in memory twice. */
export interface OprfRows {
  readonly count: number;
  /** A copy of the batch's inputs, at most 65,535 bytes each. */
  copy(batch: Batch): BatchRows | Promise<BatchRows>;
  /** Takes the batch's pseudonyms, rows x 64 bytes. Batches come in any order, each once. */
  keep(batch: Batch, pseudonyms: Uint8Array): void | Promise<void>;
}

/** All of `identifiers`, with their pseudonyms in their order, n x 64 bytes. */
export class WholeRows implements OprfRows {
  readonly count: number;
  readonly pseudonyms: Uint8Array;
  readonly #identifiers: ByteRows;

  constructor(identifiers: ByteRows) {
    this.count = identifiers.offsets.length - 1;
    this.pseudonyms = new Uint8Array(this.count * OUTPUT_BYTES);
    this.#identifiers = identifiers;
  }

  copy({ start, end }: Batch): BatchRows {
    const { bytes, offsets } = this.#identifiers;
    const first = offsets[start]!;
    return {
      bytes: new Uint8Array(bytes.subarray(first, offsets[end])),
      offsets: offsets.slice(start, end + 1).map((offset) => offset - first) as Uint32Array<ArrayBuffer>,
    };
  }

  keep({ start }: Batch, pseudonyms: Uint8Array): void {
    this.pseudonyms.set(pseudonyms, start * OUTPUT_BYTES);
  }
}

export function batchesOf(rows: number): Batch[] {
  return Array.from({ length: Math.ceil(rows / OPRF_BATCH) }, (_, i) => {
    return { start: i * OPRF_BATCH, end: Math.min(rows, (i + 1) * OPRF_BATCH) };
  });
}

/** Keeps at most `ahead()` tasks under way and yields their results in the order of `items`. */
export async function* inOrder<T, R>(
  items: readonly T[],
  ahead: () => number,
  start: (item: T) => Promise<R>,
): AsyncGenerator<R, void> {
  const running: Promise<R>[] = [];
  for (let next = 0; next < items.length || running.length > 0;) {
    while (next < items.length && running.length < ahead()) running.push(handled(start(items[next++]!)));
    yield await running.shift()!;
  }
}

/** One after the other: `first` for each item and, `lag` items later, `second`. */
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

/** A promise that somebody awaits later, or never if an earlier one fails: its rejection must not count as unhandled. */
export function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

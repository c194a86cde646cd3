// Many byte strings in two arrays, so that a million identifiers are not a million objects.

/** Row `i` is `bytes[offsets[i] .. offsets[i + 1])`; `offsets` has one entry more than there are rows. */
export interface ByteRows {
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
}

export function rowCount(rows: ByteRows): number {
  return rows.offsets.length - 1;
}

/** A view of row `index`, not a copy. */
export function rowAt(rows: ByteRows, index: number): Uint8Array {
  return rows.bytes.subarray(rows.offsets[index], rows.offsets[index + 1]);
}

/** Rows `start` up to `end`, which is exclusive: a view. */
export function rowsBetween({ bytes, offsets }: ByteRows, start: number, end: number): ByteRows {
  return { bytes, offsets: offsets.subarray(start, end + 1) };
}

/** Bytes of the longest row, 0 if there is none. */
export function longestRow(rows: ByteRows): number {
  let longest = 0;
  for (let i = 0; i < rowCount(rows); i++)
    longest = Math.max(longest, rows.offsets[i + 1]! - rows.offsets[i]!);
  return longest;
}

/** As rows, what lies packed in elements of `size` bytes. */
export function equalRows(packed: Uint8Array, size: number): ByteRows {
  const offsets = Uint32Array.from({ length: packed.length / size + 1 }, (_, i) => i * size);
  return { bytes: packed, offsets };
}

export function packRows(list: readonly Uint8Array[]): ByteRows {
  const offsets = new Uint32Array(list.length + 1);
  list.forEach((row, i) => (offsets[i + 1] = offsets[i]! + row.length));
  const bytes = new Uint8Array(offsets[list.length]!);
  list.forEach((row, i) => bytes.set(row, offsets[i]));
  return { bytes, offsets };
}

/** Rows that are read a piece at a time, wherever they lie. */
export interface RowSource {
  readonly count: number;
  /** Bytes of the longest row, or more. */
  readonly longest: number;
  /** Rows `start` up to `end`, which is exclusive. */
  read(start: number, end: number): Promise<ByteRows>;
  /** Gives up what holds them: nobody reads any more. */
  close(): Promise<void>;
}

/** Rows that are in memory as a source of rows; they stay there. */
export function heldRows(rows: ByteRows): RowSource & ByteRows {
  const read = async (start: number, end: number) => rowsBetween(rows, start, end);
  return { ...rows, count: rowCount(rows), longest: longestRow(rows), read, close: async () => {} };
}

/** All of them in memory. */
export async function allRows(source: RowSource): Promise<ByteRows> {
  const { bytes, offsets } = await source.read(0, source.count);
  const first = offsets[0]!;
  if (first === 0 && offsets.at(-1) === bytes.length) return { bytes, offsets };
  return { bytes: bytes.subarray(first, offsets.at(-1)), offsets: offsets.map((offset) => offset - first) };
}

/** Rows read at a time. */
const PIECE = 8192;

/** All rows, piece after piece, each with the number of its first row. */
export async function* piecesOf(
  source: RowSource,
): AsyncGenerator<{ readonly start: number; readonly rows: ByteRows }> {
  for (let start = 0; start < source.count; start += PIECE)
    yield { start, rows: await source.read(start, Math.min(source.count, start + PIECE)) };
}

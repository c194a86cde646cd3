// Columns of the engine's results as arrays.
import type { DuckDBDataChunk } from "@duckdb/node-api";
import { wordsOfNumbers } from "@halfroom/crypto";

/** The numbers of a column without NULLs, as the engine stores them. */
export function numbers<T extends BigInt64Array | Int32Array | Uint32Array>(
  chunk: DuckDBDataChunk,
  column: number,
): T {
  const { items } = chunk.getColumnVector(column) as unknown as { items: T };
  return items.subarray(0, chunk.rowCount) as T;
}

/** A record for each row: its word of each column, then its two words of each column of 64 bits. */
export function sideBySide(
  words: readonly (Int32Array | Uint32Array)[],
  longs: readonly BigInt64Array[] = [],
): Uint32Array {
  const width = words.length + 2 * longs.length;
  const rows = words[0]?.length ?? 0;
  const records = new Uint32Array(rows * width);
  for (const [column, values] of words.entries())
    for (let row = 0; row < rows; row++) records[row * width + column] = values[row]!;
  for (const [l, values] of longs.entries()) {
    const halves = wordsOfNumbers(values);
    const first = words.length + 2 * l;
    for (let row = 0; row < rows; row++) {
      records[row * width + first] = halves[2 * row]!;
      records[row * width + first + 1] = halves[2 * row + 1]!;
    }
  }
  return records;
}

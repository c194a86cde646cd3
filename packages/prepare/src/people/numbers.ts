// Columns of the engine's results as arrays.
import type { DuckDBDataChunk } from "@duckdb/node-api";

/** The numbers of a column without NULLs, as the engine stores them. */
export function numbers<T extends BigInt64Array | Int32Array | Uint32Array>(
  chunk: DuckDBDataChunk,
  column: number,
): T {
  const { items } = chunk.getColumnVector(column) as unknown as { items: T };
  return items.subarray(0, chunk.rowCount) as T;
}

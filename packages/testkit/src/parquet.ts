// Parquet files for tests, written by DuckDB.
import { DuckDBInstance } from "@duckdb/node-api";

/** Writes the rows of a SELECT. */
export async function writeParquet(file: string, select: string): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    await connection.run(`copy (${select}) to '${file.replaceAll("'", "''")}' (format parquet)`);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

// Files for tests that DuckDB writes: Parquet, and what Node.js cannot compress.
import { DuckDBInstance } from "@duckdb/node-api";

/** Writes the rows of a SELECT. */
export async function writeParquet(file: string, select: string): Promise<void> {
  await writeCopy(file, select, "format parquet");
}

/** Writes the rows of a SELECT with the options of COPY. */
export async function writeCopy(file: string, select: string, options: string): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    await connection.run(`copy (${select}) to '${file.replaceAll("'", "''")}' (${options})`);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

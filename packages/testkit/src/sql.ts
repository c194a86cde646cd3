// Plain SQL over files, for tests that state what a report must contain as one query.
import { DuckDBInstance, type DuckDBValue } from "@duckdb/node-api";

/** The rows of `query` in a database of its own, after `statements`. */
export async function sqlRows(statements: readonly string[], query: string): Promise<DuckDBValue[][]> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    for (const statement of statements) await connection.run(statement);
    return (await connection.runAndReadAll(query)).getRows();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

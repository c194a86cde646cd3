// Rows into a Parquet file, by the embedded engine (DuckDB): for results that leave a node as files.
import { createRequire } from "node:module";
import { InputError } from "../errors.ts";
import type { DuckDb } from "./engine.ts";
import { identifier, literal } from "./sql.ts";

/** Types of the engine; a decimal has 38 digits, 18 of them after the point. */
const TYPES = {
  text: "VARCHAR",
  whole: "BIGINT",
  decimal: "DECIMAL(38, 18)",
  moment: "TIMESTAMPTZ",
} as const;

export interface ParquetColumn {
  readonly name: string;
  readonly type: keyof typeof TYPES;
}

/**
 * Writes the rows, one text or null for each column: a decimal as it is written, a moment in ISO 8601 with its offset. The same rows give the
 * same bytes. Errors: InputError `resources`, if the file cannot be written or a number has no place in its column.
 */
export async function writeParquet(
  file: string,
  columns: readonly ParquetColumn[],
  rows: readonly (readonly (string | null)[])[],
): Promise<void> {
  const { DuckDBInstance } = createRequire(import.meta.url)("@duckdb/node-api") as DuckDb;
  const instance = await DuckDBInstance.create(":memory:", { threads: "1", memory_limit: "256MiB" });
  try {
    const connection = await instance.connect();
    const names = columns.map(({ name }) => identifier(name));
    await connection.run(`create table line (${names.map((name) => `${name} VARCHAR`).join(", ")})`);
    const appender = await connection.createAppender("line");
    for (const row of rows) {
      for (const value of row) {
        if (value === null) appender.appendNull();
        else appender.appendVarchar(value);
      }
      appender.endRow();
    }
    appender.closeSync();
    const typed = columns.map(({ type }, i) => `CAST(${names[i]!} AS ${TYPES[type]}) AS ${names[i]!}`);
    await connection.run(
      `copy (select ${typed.join(", ")} from line order by rowid) to ${literal(file)} (format parquet)`,
    );
    connection.closeSync();
  } catch {
    // The engine's own words may quote data.
    throw new InputError("resources", {
      file,
      remedy: "Free space in the scratch folder, or name another in `scratch`.",
    });
  } finally {
    instance.closeSync();
  }
}

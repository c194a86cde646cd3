// Parquet files as relations of the engine. Columns keep the types that the file gives them.
import type { Blame, Engine } from "../engine/engine.ts";
import { identifier, literal } from "../engine/sql.ts";
import type { SourceFile } from "./bytes.ts";
import { columnAlias, ROW, type Part } from "./part.ts";

/** Throws `InputError` (`damaged`). */
export async function parquetPart(engine: Engine, { path, name: label }: SourceFile): Promise<Part> {
  const blame: Blame = {
    code: "damaged",
    file: label,
    remedy: "It is not a complete Parquet file; write it again.",
  };
  const rows = `read_parquet(${literal(path)}, file_row_number = true, hive_partitioning = false,
    union_by_name = false)`;
  const described = await engine.rows(`describe select * exclude (file_row_number) from ${rows}`, blame);
  const columns = described.map(([name, type]) => ({ name: String(name), type: String(type), typed: true }));
  const fields = columns.map(({ name }, i) => `${identifier(name)} as ${columnAlias(i)}`);
  return {
    label,
    relation: `select file_row_number + 1 as ${ROW}${fields.map((field) => `, ${field}`).join("")} from ${rows}`,
    columns,
    rowNumber: (row) => row,
  };
}

// Cells: the tuples of labels that occur in a partition, numbered in the order of their bytes.
import type { DuckDBBlobValue } from "@duckdb/node-api";
import type { Plan } from "../dataset/request.ts";
import type { Blame, Engine } from "../engine/engine.ts";
import { InputError } from "../errors.ts";

/** Far more label tuples than any report may have: a sign that an identifier was made a dimension. */
const CELLS_MAX = 1 << 20;

/** Columns: number, and d0, d1, ... for the partition's dimensions. */
const cellsTable = (partition: number): string => `halfroom_cells_${partition}`;

/** Fills the table from the labels of `relation`. Throws `InputError` (`cells`). Returns the tuples, sorted. */
export async function numberCells(
  engine: Engine,
  { partitions, dimensions, dataset }: Plan,
  partition: number,
  relation: string,
  blame: Blame,
): Promise<string[][]> {
  const table = cellsTable(partition);
  const labels = partitions[partition]!.map((d) => `d${d}`);
  const bytes = labels.map((label) => `encode(${label})`);
  const tuples =
    labels.length === 0
      ? `select 1 as nothing from ${relation} limit 1`
      : `select distinct ${labels.join(", ")} from ${relation}`;
  const order = labels.length === 0 ? "" : `order by ${bytes.join(", ")}`;
  await engine.run(
    `create table ${table} as select (row_number() over (${order}) - 1)::integer as number, * from (${tuples})`,
    blame,
  );
  const [[cells] = []] = await engine.rows(`select count(*) from ${table}`, blame);
  if ((cells as bigint) > CELLS_MAX) {
    const remedy = `There are ${String(cells)}, at most ${CELLS_MAX} are read: take coarser dimensions.`;
    const field = partitions[partition]!.map((d) => dimensions[d]!.name).join(", ");
    throw new InputError("cells", { file: `dataset ${dataset.name}`, field, remedy });
  }
  // As bytes, since the driver's text decoder would swallow a leading U+FEFF.
  const columns = bytes.length === 0 ? "1" : bytes.join(", ");
  const rows = await engine.rows(`select ${columns} from ${table} order by number`, blame);
  return rows.map((row) =>
    labels.map((_, d) => Buffer.from((row[d] as DuckDBBlobValue).bytes).toString("utf8")),
  );
}

/** Joins `alias`, which has the labels, with the partition's table. */
export function joinCells({ partitions }: Plan, partition: number, alias: string): string {
  const dimensions = partitions[partition]!;
  const equal = dimensions.map((d) => `${alias}.d${d} = c${partition}.d${d}`);
  return `join ${cellsTable(partition)} c${partition} on ${equal.length === 0 ? "true" : equal.join(" and ")}`;
}

/** The number of a row's cell, given that join. */
export function cellColumn(partition: number): string {
  return `c${partition}.number as cell${partition}`;
}

// Sizes and places in the table of a release, and what of them is refused.
import { CHUNK_BYTES_MAX } from "@halfroom/wire";
import { layoutOf } from "./layout.ts";
import type { Column, TableShape, ReleaseRules } from "./table.ts";

/** All pass bits travel in one message. */
const BITS_MAX = CHUNK_BYTES_MAX * 8;

/** Columns of a category for these measures, in their order: people, then of each measure sum, [squares], [contributors]. */
export function tableColumns(
  measures: readonly { readonly squares: boolean }[],
  mode: ReleaseRules["mode"],
): Column[] {
  const columns: Column[] = [{ kind: "people" }];
  measures.forEach(({ squares }, measure) => {
    columns.push({ kind: "sum", measure });
    if (squares) columns.push({ kind: "squares", measure });
    if (mode === "exact") columns.push({ kind: "contributors", measure });
  });
  return columns;
}

/** Numbers of the table: rows of all partitions x categories x columns. */
export function numbersOf({ partitions, categories, columns }: TableShape): number {
  return partitions.reduce((sum, cells) => sum + cells, 0) * categories * columns.length;
}

/** Why no release has this shape and these rules, or undefined if one can. */
export function refusedShape(shape: TableShape, rules: ReleaseRules): string | undefined {
  const { partitions, categories } = shape;
  if (partitions.length < 1 || partitions.some((cells) => cells < 1) || categories < 1)
    return "a table has at least one partition, one cell and one category";
  if (rules.threshold < 1n) return "under a threshold below 1, empty cells would pass";
  if (rules.mode === "exact" && partitions.length > 1) return "an exact report has one partition";
  if (rules.mode === "noise" && rules.totals)
    return "with noise, totals are the sums of released cells or a partition of their own";
  if (!columnsFit(shape.columns, rules.mode)) return "the columns are not those of the mode";
  if (layoutOf(shape, rules).bits > BITS_MAX)
    return `more than ${BITS_MAX} numbers to decide on: group by fewer or coarser columns`;
  return undefined;
}

/** People first, then each measure's columns in the order of `tableColumns`. */
function columnsFit(columns: readonly Column[], mode: ReleaseRules["mode"]): boolean {
  const measures = columns
    .filter(({ kind }) => kind === "sum")
    .map((_, measure) => ({
      squares: columns.some((column) => column.kind === "squares" && column.measure === measure),
    }));
  const expected = tableColumns(measures, mode);
  return (
    columns.length === expected.length &&
    columns.every((column, i) => columnName(column) === columnName(expected[i]!))
  );
}

function columnName(column: Column): string {
  return column.kind === "people" ? "people" : `${column.kind} ${column.measure}`;
}

// Sizes and places in the table of a release.
import type { Column, ReleaseRules, TableShape } from "../plan.types.ts";

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

/** Rows of the table: the cells of all partitions. */
function rowsOf({ partitions }: TableShape): number {
  return partitions.reduce((sum, cells) => sum + cells, 0);
}

/** Numbers of the table. */
export function numbersOf(shape: TableShape): number {
  return rowsOf(shape) * shape.categories * shape.columns.length;
}

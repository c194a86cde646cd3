// Sizes and places in the table of a release.
import type { Column, TableShape, ReleaseRules } from "./table.ts";

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

/** People first, then each measure's columns in the order of `tableColumns`. */
export function columnsFit(columns: readonly Column[], mode: ReleaseRules["mode"]): boolean {
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

// The columns of a report: the grouping columns, the people, one sum for each measure.
import type { ReleasedTable } from "./table.ts";

/** The name of the column that counts people, in every format. */
export const PEOPLE_COLUMN = "people";

type Columns = Pick<ReleasedTable, "groupBy"> & { readonly measures: readonly { readonly name: string }[] };

/** Column names from left to right. */
export function columnNames({ groupBy, measures }: Columns): string[] {
  return [...groupBy, PEOPLE_COLUMN, ...measures.map(({ name }) => name)];
}

/** A name that two columns of the report would share, if there is one; no format can show such a report. */
export function sharedColumnName(columns: Columns): string | undefined {
  const names = columnNames(columns);
  return names.find((name, i) => names.indexOf(name) !== i);
}

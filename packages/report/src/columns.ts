// The columns of a plain table of cells: the grouping columns, the people, one sum for each measure.

/** The name of the column that counts people. */
export const PEOPLE_COLUMN = "people";

/** A name that two columns would share, if there is one; no plain table can show such a report. */
export function sharedColumnName({
  groupBy,
  measures,
}: {
  readonly groupBy: readonly string[];
  readonly measures: readonly { readonly name: string }[];
}): string | undefined {
  const names = [...groupBy, PEOPLE_COLUMN, ...measures.map(({ name }) => name)];
  return names.find((name, i) => names.indexOf(name) !== i);
}

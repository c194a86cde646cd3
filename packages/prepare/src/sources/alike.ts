// The parts of one source made alike: columns that the names of folders hold, and columns that only other parts have.
import type { Dataset } from "../dataset/schema.ts";
import { literal } from "../engine/sql.ts";
import { folderColumns } from "./files.ts";
import { columnAlias, type Part, type SourceColumn } from "./part.ts";

/** A column that the dataset uses and some of the source's files do not have. */
export interface Gap {
  readonly column: string;
  /** How many files lack it; its rows are NULL there. */
  readonly files: number;
}

/** Adds what the folders on a file's path say. A column of that name in the file itself, in whatever case, says more. */
export function withFolders(part: Part): Part {
  const own = new Set(part.columns.map(({ name }) => name.toLowerCase()));
  const added = [...folderColumns(part.label)].filter(([name]) => !own.has(name.toLowerCase()));
  return withColumns(
    part,
    added.map(([name, value]) => [
      { name, typed: false },
      value === null ? "null" : `nullif(${literal(value)}, '')`,
    ]),
  );
}

/**
 * Adds to each part the columns that only other parts have, as NULL. Not where a name is there in another case of letters, which is a
 * mistake; nor the columns of match keys where a table has none of them, since it is another table then. JSON leaves out what is NULL.
 */
export function filled(parts: readonly Part[], dataset: Dataset, omitsNull: boolean): Part[] {
  const all = new Map<string, SourceColumn>();
  for (const column of parts.flatMap(({ columns }) => columns)) {
    if (!all.has(column.name)) all.set(column.name, column);
  }
  const keys = new Set(Object.values(dataset.match).flatMap(({ columns }) => columns));
  return parts.map((part) => {
    const own = new Set(part.columns.map(({ name }) => name));
    const lower = new Set([...own].map((name) => name.toLowerCase()));
    const otherTable = !omitsNull && ![...keys].some((key) => own.has(key));
    const lacking = [...all.values()].filter(
      ({ name }) => !own.has(name) && !lower.has(name.toLowerCase()) && !(otherTable && keys.has(name)),
    );
    return withColumns(
      part,
      lacking.map((column) => [column, `null::${column.type ?? "varchar"}`]),
    );
  });
}

function withColumns(part: Part, added: readonly (readonly [SourceColumn, expression: string])[]): Part {
  if (added.length === 0) return part;
  const { columns, relation } = part;
  const more = added.map(([, expression], i) => `${expression} as ${columnAlias(columns.length + i)}`);
  return {
    ...part,
    relation: `select *, ${more.join(", ")} from (${relation})`,
    columns: [...columns, ...added.map(([column]) => ({ ...column, isNumber: undefined }))],
  };
}

/** Which columns that the dataset uses are missing in how many parts; those that no part has are an error elsewhere. */
export function gapsIn(parts: readonly Part[], dataset: Dataset): Gap[] {
  const has = parts.map(({ columns }) => new Set(columns.map(({ name }) => name)));
  const names = new Set(has.flatMap((columns) => [...columns]));
  return [...names]
    .filter((name) => uses(dataset, name))
    .map((column) => ({ column, files: has.filter((columns) => !columns.has(column)).length }))
    .filter(({ files }) => files > 0);
}

/** Whether the definition names a column, or one of its expressions may. */
export function uses(dataset: Dataset, column: string): boolean {
  const { match, person, dimensions, measures, time, where } = dataset;
  const values = [...Object.entries({ ...dimensions }), ...Object.entries(measures)];
  const named = [
    ...Object.values(match).flatMap(({ columns }) => columns),
    person,
    time?.column,
    ...values.map(([name, value]) => value.column ?? name),
    ...Object.values(dimensions).map(({ pick }) => (typeof pick === "object" ? pick.lastBy : undefined)),
  ];
  if (named.includes(column)) return true;
  const expressions = [where, time?.expression, ...values.map(([, { expression }]) => expression)];
  return expressions.some((text) => mentions(text ?? "", column));
}

/** Whether an expression may mean the column: its name stands there as a word, in whatever case of letters. */
export function mentions(expression: string, column: string): boolean {
  if (column === "") return false;
  const name = column.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  return new RegExp(String.raw`(?<![\p{L}\p{N}_])${name}(?![\p{L}\p{N}_])`, "iu").test(expression);
}

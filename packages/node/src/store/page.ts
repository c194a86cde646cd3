// Pages of a table, the newest rows first: where one ends the next goes on, whatever was added meanwhile.
import { OperatorError } from "../errors.ts";
import type { SqlValue, Store } from "./store.ts";

export interface Page {
  /** At most so many; without it all. */
  readonly limit?: number | undefined;
  /** Those after the row of this id, or of the only id that begins so. */
  readonly before?: string | undefined;
}

/** A table's moment in milliseconds since 1970, or the number of each row, by which it is ordered, and its id. */
interface Paged {
  readonly table: "session" | "ledger" | "report" | "job" | "event";
  readonly moment: "created_at" | "taken_at" | "number";
  readonly id: "id" | "session";
}

/** Later than any moment, and after any id. */
const BEGINNING = [Number.MAX_SAFE_INTEGER, ""] as const;
/** After each letter and digit of an id. */
const BEYOND = "~";

/** What `(moment, id) < (?, ?) ... LIMIT ?` has to be given. Errors: `no-session`, if there is not one such row. */
export function pageOf(
  store: Store,
  { table, moment, id }: Paged,
  { limit, before }: Page,
): { readonly from: readonly [SqlValue, SqlValue]; readonly limit: number } {
  // SQLite takes a negative limit for none.
  const most = limit ?? -1;
  if (before === undefined) return { from: BEGINNING, limit: most };
  const sql = `SELECT ${moment} AS moment, ${id} AS id FROM ${table} WHERE ${id} >= ? AND ${id} < ? LIMIT 2`;
  const [row, other] = store.all<{ moment: number; id: string }>(sql, before, before + BEYOND);
  if (row === undefined || (other !== undefined && row.id !== before)) {
    throw new OperatorError(
      "no-session",
      `There is ${row === undefined ? "nothing" : "more than one"} of the id ${JSON.stringify(before)}.`,
    );
  }
  return { from: [row.moment, row.id], limit: most };
}

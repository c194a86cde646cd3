// All that is sealed under the vault's root, and how it gets under another one.
import type { Part } from "@halfroom/crypto";
import type { Store } from "../store/store.ts";
import type { Sealing } from "./vault.ts";

/** A column of sealed secrets; the columns of the context say whose each is. */
export interface SealedColumn {
  readonly table: string;
  readonly column: string;
  readonly context: readonly string[];
  readonly purpose: string;
}

/** In the running transaction. Returns how many secrets there are. Errors: `damaged`. */
export function reseal(store: Store, columns: readonly SealedColumn[], from: Sealing, to: Sealing): number {
  let secrets = 0;
  for (const { table, column, context, purpose } of columns) {
    const rows = store.all<Record<string, Part>>(
      `SELECT rowid AS "at", ${column} AS "sealed", ${context.join(", ")} FROM ${table} WHERE ${column} IS NOT NULL`,
    );
    for (const row of rows) {
      const of = context.map((name) => row[name]!);
      const secret = from.open(purpose, of, row["sealed"] as Uint8Array);
      const sealed = to.seal(purpose, of, secret);
      store.run(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`, sealed, row["at"]!);
      secret.fill(0);
    }
    secrets += rows.length;
  }
  return secrets;
}

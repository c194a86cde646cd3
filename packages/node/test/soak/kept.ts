// What a store keeps of its sessions, table by table, now and once retention has taken what is not kept for good.
import { DatabaseSync } from "@photostructure/sqlite";
import { join } from "node:path";
import { openState } from "../../src/node-state.ts";
import type { NodeFolder } from "../../src/store/folder.ts";
import { DAY_MS } from "../../src/time.ts";

type Database = InstanceType<typeof DatabaseSync>;

/** Longer than anything that is not kept for good. */
const LATER_MS = 400 * DAY_MS;

/** Bytes of pages in use, those in the log of writes included. */
export function storeBytes({ path }: NodeFolder): number {
  const pages = (pragma: string, db: Database) =>
    Number(Object.values(db.prepare(`PRAGMA ${pragma}`).get()!)[0]);
  return withStore(
    path,
    (db) => (pages("page_count", db) - pages("freelist_count", db)) * pages("page_size", db),
  );
}

/** Bytes of the values in each table that has any. */
export function tableBytes({ path }: NodeFolder): ReadonlyMap<string, number> {
  return withStore(path, (db) => {
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all() as {
      name: string;
    }[];
    const bytesOf = (table: string) => {
      const columns = db.prepare(`PRAGMA table_info(${table})`).all() as { name: string }[];
      const sum = columns.map(({ name }) => `coalesce(length(CAST(${name} AS BLOB)), 0)`).join(" + ");
      return Number(
        (db.prepare(`SELECT coalesce(sum(${sum}), 0) AS bytes FROM ${table}`).get() as { bytes: number })
          .bytes,
      );
    };
    return new Map(
      tables.map(({ name }): [string, number] => [name, bytesOf(name)]).filter(([, bytes]) => bytes > 0),
    );
  });
}

/** Opens the node as it will be opened when all that is kept for a time is over. */
export async function letTimePass(folder: NodeFolder): Promise<void> {
  const node = await openState(folder, {}, () => Date.now() + LATER_MS);
  node.close();
}

function withStore<T>(folder: string, read: (db: Database) => T): T {
  const db = new DatabaseSync(join(folder, "node.sqlite"), { timeout: 15_000 });
  try {
    return read(db);
  } finally {
    db.close();
  }
}

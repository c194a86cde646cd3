// A copy of node.sqlite as it is at one moment, while other processes write to it: SQLite's online backup
// (https://www.sqlite.org/backup.html), from a connection that reads one state of the write-ahead log until the copy is whole.
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { backup, DatabaseSync } from "@photostructure/sqlite";
import { unwritable } from "../errors.ts";
import { storeFailure } from "./store-failure.ts";

const FILE = "node.sqlite";
/** Pages between two turns of the event loop. */
const PAGES_AT_ONCE = 512;
const BUSY_MS = 15_000;

/** How many bytes are copied, of how many. */
type OnCopied = (done: number, total: number) => void;

/**
 * Copies the store in `folder` to the folder `into`, which has none. Errors: `folder`, `store-busy`, `damaged`; part of a copy may be
 * left then.
 */
export async function snapshot(folder: string, into: string, onCopied: OnCopied): Promise<void> {
  const copy = join(into, FILE);
  try {
    closeSync(openSync(copy, "wx", 0o600));
  } catch (cause) {
    throw unwritable(copy, "a copy of the store", cause);
  }
  const source = new DatabaseSync(join(folder, FILE), { timeout: BUSY_MS, readOnly: true });
  try {
    // What is read first fixes the moment: whatever others commit from here on is in none of the pages.
    source.exec("BEGIN; SELECT count(*) FROM sqlite_schema");
    const { page_size: pageBytes } = source.prepare("PRAGMA page_size").get() as { page_size: number };
    const progress = ({ totalPages, remainingPages }: { totalPages: number; remainingPages: number }) =>
      onCopied((totalPages - remainingPages) * pageBytes, totalPages * pageBytes);
    await backup(source, copy, { rate: PAGES_AT_ONCE, progress });
  } catch (error) {
    throw storeFailure(error, copy, "a copy of the store");
  } finally {
    // Closing alone would not end it as long as a statement is not collected, and writers could not shorten their log.
    if (source.isTransaction) source.exec("ROLLBACK");
    source.close();
  }
}

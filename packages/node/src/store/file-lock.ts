// A lock on a file that belongs to a process: the system releases it when the process ends, however it ends, and in whatever
// container it ran. Node locks no files itself; SQLite does, for its transactions (sqlite.org/lockingv3.html).
import { closeSync, existsSync, lstatSync, openSync, rmSync } from "node:fs";
import { DatabaseSync } from "@photostructure/sqlite";

type Database = InstanceType<typeof DatabaseSync>;

const OTHERS = 0o077;
/** SQLite's SQLITE_BUSY. */
const BUSY = 5;

/** Held locks: a database that nobody holds is closed, and its lock with it. */
const HELD = new Set<FileLock>();

export class FileLock {
  readonly #db: Database;

  private constructor(db: Database) {
    this.#db = db;
    HELD.add(this);
  }

  /** Makes a new file and locks it. Undefined if another process has removed it in between; throws if it cannot be made or locked. */
  static make(file: string): FileLock | undefined {
    closeSync(openSync(file, "wx", 0o600));
    let lock: FileLock | undefined;
    try {
      lock = FileLock.#lock(file);
    } catch (error) {
      rmSync(file, { force: true });
      throw error;
    }
    if (lock === undefined || existsSync(file)) return lock;
    lock.release();
    return undefined;
  }

  /** Locks a file that `make` made. Undefined if a process holds it, this one included, or if it is not this account's alone. */
  static take(file: string): FileLock | undefined {
    const entry = lstatSync(file);
    const us = process.getuid?.();
    const isPrivate = us === undefined || (entry.uid === us && (entry.mode & OTHERS) === 0);
    return entry.isFile() && isPrivate ? FileLock.#lock(file) : undefined;
  }

  /** Nothing is ever written, and no journal made: what is locked is an empty database. */
  static #lock(file: string): FileLock | undefined {
    const db = new DatabaseSync(file, { timeout: 0 });
    try {
      db.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
      return new FileLock(db);
    } catch (error) {
      db.close();
      if ((error as { errcode?: number }).errcode === BUSY) return undefined;
      throw error;
    }
  }

  release(): void {
    HELD.delete(this);
    this.#db.close();
  }
}

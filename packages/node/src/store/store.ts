// The node's one database: node.sqlite in its folder. Every commit is on disk before the call returns (write-ahead log,
// synchronous=FULL), so that a crash never forgets what a partner was promised.
import { closeSync, existsSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DatabaseSync } from "@photostructure/sqlite";
import { APPLICATION_ID, STEPS } from "./schema.ts";
import { contentsOf, storeFailure } from "./store-failure.ts";
import { OperatorError, unwritable } from "../errors.ts";
import { isReadOnly } from "./folder.ts";

export type SqlValue = null | number | bigint | string | Uint8Array;
/** What the store asks of SQLite. */
export type Database = Pick<InstanceType<typeof DatabaseSync>, "exec" | "isTransaction" | "close"> & {
  prepare(sql: string): Statement;
};
export type Statement = Pick<
  ReturnType<InstanceType<typeof DatabaseSync>["prepare"]>,
  "run" | "get" | "all" | "iterate"
>;

const FILE = "node.sqlite";
/** How long a writer waits for another process of the same node. */
const BUSY_MS = 15_000;
/** The same, for what can wait. */
const PASSING_MS = 100;

export class Store {
  /** The folder that holds the file. */
  readonly folder: string;
  /** Whether the folder is on a file system that takes no writes: the store can be read, and every write fails with `folder`. */
  readonly isReadOnly: boolean;
  readonly #db: Database;
  readonly #statements = new Map<string, Statement>();
  #afterCommit: (() => void)[] = [];
  /** What the running transaction wrote last: what cannot be committed is told by it. */
  #contents: string | undefined;

  private constructor(folder: string, db: Database, isReadOnly: boolean) {
    this.folder = folder;
    this.#db = db;
    this.isReadOnly = isReadOnly;
  }

  /**
   * Opens or creates the store. Several processes of one node may have it open at once. Errors: `open-to-others`, `other-store`,
   * `newer-store`; as each call does, `folder`, `store-busy`, `damaged`. `openFile` opens SQLite's file of that name. On a file system
   * that takes no writes it is opened to read only; `folder`, if it has to be written first.
   */
  static open(folder: string, openFile: (file: string) => Database = openSqlite): Store {
    const file = join(folder, FILE);
    if (isReadOnly(folder)) return Store.#openToRead(folder, file);
    makePrivate(file);
    const store = new Store(folder, openDatabase(file, openFile), false);
    try {
      store.#exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON");
      if (!store.#isOfToday()) store.transaction(() => store.#upgrade());
      return store;
    } catch (error) {
      store.close();
      throw error;
    }
  }

  static #openToRead(folder: string, file: string): Store {
    assertPrivate(file);
    const store = new Store(folder, openDatabase(file, openSqliteToRead), true);
    try {
      if (store.#isOfToday()) return store;
      throw new OperatorError(
        "folder",
        `Cannot bring ${file} up to this version: its file system is read-only; open the node once where it can be written.`,
      );
    } catch (error) {
      store.close();
      throw error;
    }
  }

  /** For work that begins with other things than a write. Errors: `folder`. */
  assertWritable(): void {
    if (!this.isReadOnly) return;
    throw new OperatorError(
      "folder",
      `Cannot write to ${join(this.folder, FILE)}: its file system is read-only; make it writable.`,
    );
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  /**
   * Does `work` without waiting long for another process: for what can as well be done a minute later, so that nobody who is served
   * meanwhile has to wait for it.
   */
  inPassing(work: () => void): void {
    this.#exec(`PRAGMA busy_timeout = ${PASSING_MS}`);
    try {
      work();
    } finally {
      this.#exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    }
  }

  /**
   * Runs `work` as the only writer, all or nothing. A nested call is part of the outer one. `work` is synchronous: a
   * transaction never waits for anything but the disk.
   */
  transaction<T>(work: () => T): T {
    if (this.#db.isTransaction) return work();
    this.#contents = undefined;
    this.#exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#exec("COMMIT", this.#contents);
      this.#runAfterCommit();
      return result;
    } catch (error) {
      this.#afterCommit = [];
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  /** Runs `work` once the current transaction is on disk; not at all if it is rolled back. */
  afterCommit(work: () => void): void {
    if (!this.#db.isTransaction) throw new RangeError("there is no transaction to wait for");
    this.#afterCommit.push(work);
  }

  /** The number of rows changed. */
  run(sql: string, ...values: SqlValue[]): number {
    const contents = contentsOf(sql);
    this.#contents = contents ?? this.#contents;
    return this.#told(contents, () => this.#prepare(sql).run(...values).changes);
  }

  /** The first row; its type is whatever the caller says that the statement selects. */
  get<Row>(sql: string, ...values: SqlValue[]): Row | undefined {
    return this.#told(undefined, () => this.#prepare(sql).get(...values) as Row | undefined);
  }

  all<Row>(sql: string, ...values: SqlValue[]): Row[] {
    return this.#told(undefined, () => this.#prepare(sql).all(...values) as Row[]);
  }

  /** Rows one by one; the caller must not change anything meanwhile. */
  *iterate<Row>(sql: string, ...values: SqlValue[]): Generator<Row> {
    const rows = this.#told(undefined, () => this.#prepare(sql).iterate(...values));
    for (;;) {
      const next = this.#told(undefined, () => rows.next());
      if (next.done === true) return;
      yield next.value as Row;
    }
  }

  /** Whether SQLite finds no damage in the file. */
  isWhole(): boolean {
    return this.get<{ quick_check: string }>("PRAGMA quick_check(1)")?.quick_check === "ok";
  }

  /**
   * Merges the log into the file and truncates it, so that what was deleted is gone from the disk too. Within a transaction,
   * where SQLite refuses it, once that is on disk.
   */
  forgetDeleted(): void {
    if (this.#db.isTransaction) this.afterCommit(() => this.forgetDeleted());
    else this.#exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  /**
   * Merges the log into the file and does without one, so that the file alone is the store and can be moved, although SQLite may not have let
   * go of it when `close` returns. The next `open` brings the log back. Only for a store that nobody else has open.
   */
  becomeOneFile(): void {
    this.#exec("PRAGMA journal_mode = DELETE");
  }

  #exec(sql: string, contents?: string): void {
    this.#told(contents, () => this.#db.exec(sql));
  }

  /** Puts into words what SQLite says of the file and the disk. */
  #told<T>(contents: string | undefined, call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw storeFailure(error, join(this.folder, FILE), contents);
    }
  }

  #prepare(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }

  #runAfterCommit(): void {
    const due = this.#afterCommit;
    this.#afterCommit = [];
    for (const work of due) work();
  }

  /** So that whoever only reads need not wait for another process that writes. */
  #isOfToday(): boolean {
    const { version, owner } = this.#version();
    return version === STEPS.length && owner === APPLICATION_ID;
  }

  #version(): { readonly version: number; readonly owner: number } {
    const { user_version: version } = this.get<{ user_version: number }>("PRAGMA user_version")!;
    const { application_id: owner } = this.get<{ application_id: number }>("PRAGMA application_id")!;
    return { version, owner };
  }

  #upgrade(): void {
    const { version, owner } = this.#version();
    const { tables } = this.get<{ tables: number }>("SELECT count(*) AS tables FROM sqlite_schema")!;
    if (tables > 0 && owner !== APPLICATION_ID) {
      throw new OperatorError(
        "other-store",
        `${FILE} is the database of another program; choose another folder`,
      );
    }
    if (version > STEPS.length) {
      throw new OperatorError(
        "newer-store",
        `${FILE} was written by a newer Halfroom; install that version or newer`,
      );
    }
    for (const step of STEPS.slice(version)) this.#exec(step, "the tables of this version");
    this.#exec(`PRAGMA user_version = ${STEPS.length}; PRAGMA application_id = ${APPLICATION_ID}`);
  }
}

/** Waits up to 15 s for another process that writes. */
export function openSqlite(file: string): Database {
  return new DatabaseSync(file, { timeout: BUSY_MS, enableForeignKeyConstraints: true });
}

/**
 * SQLite needs a writable folder for a database with a write-ahead log, unless the log is there already or nothing can change
 * (https://www.sqlite.org/wal.html#read_only_databases). A node that nobody has open has no log.
 */
function openSqliteToRead(file: string): Database {
  const address = pathToFileURL(file);
  if (!existsSync(`${file}-wal`)) address.search = "?immutable=1";
  return new DatabaseSync(address, { timeout: BUSY_MS, readOnly: true });
}

function openDatabase(file: string, openFile: (file: string) => Database): Database {
  try {
    return openFile(file);
  } catch (error) {
    throw storeFailure(error, file, undefined);
  }
}

/** SQLite gives its log files the mode of the database, so the mode of one file protects all three. */
function makePrivate(file: string): void {
  try {
    closeSync(openSync(file, "a", 0o600));
  } catch (cause) {
    throw unwritable(file, "the store", cause);
  }
  assertPrivate(file);
}

/** Errors: `open-to-others`. */
function assertPrivate(file: string): void {
  const open = (statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o077;
  if (open === 0) return;
  throw new OperatorError(
    "open-to-others",
    `${file} can be opened by other users of this machine; run: chmod 600 ${JSON.stringify(file)}`,
  );
}

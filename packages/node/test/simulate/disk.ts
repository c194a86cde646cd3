// The disk under both nodes: each call of the store and of files is counted, and may fail, or be the last one of its process. What a
// process leaves behind when it ends so is a copy of its folder at that moment, without what had not reached the disk.
import fs from "node:fs";
import { cpSync, existsSync, mkdirSync, readdirSync, statSync, truncateSync, writeFileSync } from "node:fs";
import filesLater from "node:fs/promises";
import { basename, join } from "node:path";
import { openSqlite, type Database, type Statement } from "../../src/store/store.ts";
import { Gone, lives, replace, type Chance, type Life } from "./machine.ts";

/** How a call ends, if not well. `torn`: the process and the machine end while the call writes, and only part of it is on disk. */
export type Fault = "busy" | "full" | "io" | "dies-before" | "dies-after" | "torn";

/** A call: of SQLite by its first words, of a file by function and name. */
export interface Call {
  readonly life: Life;
  /** From 1. */
  readonly number: number;
  readonly name: string;
  /** What can happen to it. */
  readonly faults: readonly Fault[];
}

const BOOT_ID = "/proc/sys/kernel/random/boot_id";
const DIES: readonly Fault[] = ["dies-before", "dies-after"];
const SQLITE = {
  busy: { errcode: 5, words: "database is locked" },
  full: { errcode: 13, words: "database or disk is full" },
  io: { errcode: 10, words: "disk I/O error" },
} as const;

const real = { ...fs };
export class Disk {
  /** Decides what happens to a call. */
  decide: (call: Call) => Fault | undefined = () => undefined;
  /** Told of every call that did not end well. */
  onFault: (call: Call, fault: Fault) => void = () => undefined;
  readonly #chance: Chance;
  readonly #handles = new Map<number, string>();
  /** What the head of the log was before it was replaced, as long as the folder has not been flushed. */
  readonly #unflushed = new Map<string, { readonly file: string; readonly before: string }>();

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** Puts this disk under the process. Returns what takes it away. */
  install(): () => void {
    const ofFile =
      (name: "openSync" | "readFileSync" | "renameSync" | "rmdirSync") =>
      (path: unknown, ...rest: unknown[]) => {
        const call = () => (real[name] as (...args: unknown[]) => unknown)(path, ...rest);
        if (path === BOOT_ID && lives.getStore() !== undefined) return `${lives.getStore()!.folder}\n`;
        return this.#file(name, String(path), call, () => {
          if (name === "renameSync") this.#beforeRename(String(rest[0]));
          const result = call();
          if (name === "openSync") this.#handles.set(result as number, String(path));
          return result;
        });
      };
    const ofHandle =
      (name: "writeSync" | "fsyncSync" | "closeSync") =>
      (handle: number, ...rest: unknown[]) => {
        const call = () => (real[name] as (...args: unknown[]) => unknown)(handle, ...rest);
        const path = this.#handles.get(handle);
        if (path === undefined) return call();
        if (name === "closeSync") {
          this.#handles.delete(handle);
          return call();
        }
        return this.#file(name, path, call, () => {
          if (name === "fsyncSync") this.#unflushed.delete(path);
          return call();
        });
      };
    return replace([
      [
        fs,
        {
          openSync: ofFile("openSync"),
          readFileSync: ofFile("readFileSync"),
          renameSync: ofFile("renameSync"),
          rmdirSync: ofFile("rmdirSync"),
          writeSync: ofHandle("writeSync"),
          fsyncSync: ofHandle("fsyncSync"),
          closeSync: ofHandle("closeSync"),
        },
      ],
      // In their own time they would come in an order that no seed decides.
      [
        filesLater,
        {
          readFile: async (path: string, how: never) => fs.readFileSync(path, how),
          stat: async (path: string) => real.statSync(path),
          lstat: async (path: string) => real.lstatSync(path),
          readdir: async (path: string) => real.readdirSync(path),
          open: async (path: string, flags: string) => {
            const handle = fs.openSync(path, flags);
            return {
              stat: async () => real.fstatSync(handle),
              readFile: async (how: never) => real.readFileSync(handle, how),
              close: async () => fs.closeSync(handle),
            };
          },
        },
      ],
    ]);
  }

  /** SQLite on this disk. */
  readonly openSqlite = (file: string): Database => {
    const db = openSqlite(file);
    return {
      get isTransaction() {
        if (lives.getStore()?.isOver === true) throw new Gone();
        return db.isTransaction;
      },
      exec: (sql) => void this.#sqlite(db, sql, () => db.exec(sql)),
      prepare: (sql) => {
        const plain = db.prepare(sql);
        const call = (name: keyof Statement) =>
          ((...values: never[]) =>
            this.#sqlite(db, sql, () =>
              (plain[name] as (...all: never[]) => unknown).apply(plain, values),
            )) as never;
        return { run: call("run"), get: call("get"), all: call("all"), iterate: call("iterate") };
      },
      close: () => db.close(),
    };
  };

  #sqlite(db: Database, sql: string, call: () => unknown): unknown {
    const life = lives.getStore();
    if (life === undefined) return call();
    const name = wordsOf(sql);
    const fault = this.#next(life, name, faultsOf(name, db.isTransaction));
    if (fault === undefined) return call();
    if (fault === "torn") {
      const before = sizeOf(walOf(life.folder));
      call();
      throw this.#dies(life, (folder) => {
        const wal = walOf(folder);
        const written = sizeOf(wal) - before;
        if (written > 0) truncateSync(wal, before + this.#chance.below(written));
      });
    }
    if (fault === "dies-before") throw this.#dies(life);
    if (fault === "dies-after") {
      call();
      throw this.#dies(life);
    }
    // SQLite takes the whole transaction back after some of these errors (https://www.sqlite.org/lang_transaction.html).
    if (fault !== "busy" && db.isTransaction && this.#chance.is(0.5)) db.exec("ROLLBACK");
    const { errcode, words } = SQLITE[fault];
    throw Object.assign(new Error(words), { code: "ERR_SQLITE_ERROR", errcode, errstr: words });
  }

  #file(name: string, path: string, plain: () => unknown, call: () => unknown): unknown {
    const life = lives.getStore();
    if (life === undefined || !path.startsWith(life.folder)) return plain();
    const writes = name !== "readFileSync";
    const faults: Fault[] = writes ? ["full", "io", ...DIES] : ["io", ...DIES];
    const fault = this.#next(life, `${name} ${basename(path)}`, faults);
    if (fault === undefined) return call();
    if (fault === "dies-before") throw this.#dies(life);
    if (fault === "dies-after") {
      call();
      throw this.#dies(life);
    }
    const code = fault === "full" ? "ENOSPC" : "EIO";
    throw Object.assign(new Error(`${code}: ${name} ${path}`), { code });
  }

  #next(life: Life, name: string, faults: readonly Fault[]): Fault | undefined {
    if (life.isOver) throw new Gone();
    const call = { life, number: ++life.calls, name, faults };
    const fault = faults.length === 0 ? undefined : this.decide(call);
    if (fault !== undefined) this.onFault(call, fault);
    return fault;
  }

  /** The head's new name is on disk once the folder has been flushed, and may be before. */
  #beforeRename(file: string): void {
    const folder = file.slice(0, -basename(file).length - 1);
    const before = existsSync(file) ? String(real.readFileSync(file)) : "";
    this.#unflushed.set(folder, { file: basename(file), before });
  }

  #dies(life: Life, spoil: (folder: string) => void = () => undefined): Gone {
    const left = `${life.folder}+`;
    copyFolder(life.folder, left);
    const unflushed = this.#unflushed.get(life.folder);
    this.#unflushed.delete(life.folder);
    if (unflushed !== undefined && unflushed.before !== "" && this.#chance.is(0.5))
      writeFileSync(join(left, unflushed.file), unflushed.before, { mode: 0o600 });
    // What is done to the copy is no call of the process.
    lives.exit(() => spoil(left));
    life.end();
    return new Gone();
  }
}

/** As it is now; what SQLite shares between processes in memory is not on a disk. */
export function copyFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(from))
    if (!name.endsWith("-shm")) cpSync(join(from, name), join(to, name), { recursive: true });
}

function walOf(folder: string): string {
  return join(folder, "node.sqlite-wal");
}

function sizeOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}

/** `INSERT ledger`, `SELECT`, `COMMIT`, ... */
function wordsOf(sql: string): string {
  const [, verb = "", table] =
    /^\s*(\w+)(?:(?:\s+OR\s+\w+)?\s+(?:INTO\s+|FROM\s+)?([a-z]\w*(?: = \w+)?))?/.exec(sql) ?? [];
  if (verb === "PRAGMA") return sql.trim().slice(0, 40);
  return verb === "SELECT" || table === undefined ? verb : `${verb} ${table}`;
}

function faultsOf(name: string, inTransaction: boolean): readonly Fault[] {
  const held: readonly Fault[] = inTransaction ? [] : ["busy"];
  if (name === "COMMIT") return ["full", "io", "torn", ...DIES];
  if (name === "BEGIN") return ["busy", "io", ...DIES];
  if (name === "SELECT" || name === "WITH") return [...held, "io", ...DIES];
  if (name === "ROLLBACK") return DIES;
  // Settings of the connection reach no disk.
  if (name.startsWith("PRAGMA")) return name.includes("wal_checkpoint") ? ["full", "io", ...DIES] : [];
  return [...held, "full", "io", ...DIES];
}

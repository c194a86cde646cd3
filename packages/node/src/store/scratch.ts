// Where a process writes what it will throw away, such as what preparing large data spills: a folder of its own, private, beside a
// lock that the system itself releases when the process ends, however it ends. Whoever opens the node later can so tell what a killed
// process left behind, in whatever container either runs. The system's temporary folder is never used: others can write to it,
// nobody sweeps it, and it may not exist.
import { randomBytes } from "node:crypto";
import { existsSync, rmdirSync, rmSync } from "node:fs";
import { lstat, mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { codeOf, OperatorError } from "../errors.ts";
import { FileLock } from "./file-lock.ts";
import { isReadOnly } from "./folder.ts";
import { Places } from "./places.ts";

const OTHERS = 0o077;
const ID_BYTES = 16;
/** A folder, or the lock beside it. */
const OURS = /^(halfroom-[0-9a-f]{32})(?:\.lock)?$/;

interface Opened {
  readonly path: string;
  readonly lock: FileLock;
  /** The topmost folder that had to be made. */
  readonly made: string;
}

export class Scratch {
  readonly #root: string;
  readonly #places: Places | undefined;
  /** What records keep in memory before they go here; undefined for a usual amount. */
  readonly recordsBytes: number | undefined;
  #opening: Promise<Opened> | undefined;
  #opened: Opened | undefined;

  /** `root` need not exist. A root that may be another one at the next start is remembered in `places`. */
  constructor(root: string, places?: Places, recordsBytes?: number) {
    this.#root = root;
    this.#places = places;
    this.recordsBytes = recordsBytes;
  }

  /** This node's folder in this process, which no other account may enter. Errors: `folder`, `open-to-others`. */
  async open(): Promise<string> {
    if (this.#opened !== undefined && !existsSync(this.#opened.path)) this.#forget();
    // Sessions side by side open it at the same time.
    this.#opening ??= this.#make();
    try {
      this.#opened = await this.#opening;
      return this.#opened.path;
    } catch (cause) {
      this.#opening = undefined;
      if (cause instanceof OperatorError) throw cause;
      const remedy = "name another folder in the setting `scratch`, or in HALFROOM_SCRATCH";
      throw new OperatorError("folder", `Cannot write to ${this.#root} (${codeOf(cause)}); ${remedy}.`, {
        cause,
      });
    }
  }

  /** Removes what dead processes left. What cannot be removed is left for the next time. */
  async sweep(): Promise<void> {
    await sweepRoot(this.#root);
    await this.#places?.sweep(sweepRoot);
  }

  /** Removes the folders that `open` made, unless something is in them: then another start removes them. */
  close(): void {
    const opened = this.#opened;
    if (opened === undefined) return;
    try {
      rmdirSync(opened.path);
    } catch {
      // Something is in it that is still written to; the lock stays for as long as this process lives.
      if (existsSync(opened.path)) return;
    }
    this.#forget();
    const top = dirname(opened.made);
    try {
      for (let path = dirname(opened.path); path.length > top.length; path = dirname(path)) rmdirSync(path);
    } catch {
      // Another process uses it.
    }
  }

  #forget(): void {
    if (this.#opened === undefined) return;
    const { lock, path } = this.#opened;
    this.#opened = undefined;
    this.#opening = undefined;
    rmSync(lockOf(path), { force: true });
    lock.release();
  }

  async #make(): Promise<Opened> {
    const above = await mkdir(this.#root, { recursive: true, mode: 0o700 });
    for (;;) {
      const path = join(this.#root, `halfroom-${randomBytes(ID_BYTES).toString("hex")}`);
      // The lock comes first and goes last: a folder without one is nobody's any more.
      const lock = FileLock.make(lockOf(path));
      if (lock === undefined) continue;
      try {
        await mkdir(path, { mode: 0o700 });
        await assertOurs(path);
        // After the folder, and before anything is in it (see there).
        await this.#places?.add(this.#root);
        return { path, lock, made: above ?? path };
      } catch (error) {
        rmSync(lockOf(path), { force: true });
        lock.release();
        throw error;
      }
    }
  }
}

/** That of the node in `folder`. A folder that can only be read remembers no place. */
export function scratchOf(folder: string, setting?: string, recordsBytes?: number): Scratch {
  const places = isReadOnly(folder) ? undefined : new Places(folder, scratchPath(folder));
  return new Scratch(scratchPath(folder, setting), places, recordsBytes);
}

/** Where a node's scratch folder is; a relative `setting` starts at the node's own folder. */
export function scratchPath(folder: string, setting = "scratch"): string {
  return resolve(folder, setting);
}

function lockOf(path: string): string {
  return `${path}.lock`;
}

/** How many are left, in use or in the way. */
async function sweepRoot(root: string): Promise<number> {
  const left = () => readdir(root).then(namesIn, () => []);
  for (const name of await left()) await sweepOne(join(root, name)).catch(() => undefined);
  return (await left()).length;
}

function namesIn(entries: readonly string[]): string[] {
  return [...new Set(entries.flatMap((entry) => OURS.exec(entry)?.[1] ?? []))];
}

/** Another account that can write into the folder could have put a link there in the meantime: such a folder stays. */
async function sweepOne(path: string): Promise<void> {
  const lockFile = lockOf(path);
  const isLocked = existsSync(lockFile);
  const lock = isLocked ? FileLock.take(lockFile) : undefined;
  if (isLocked && lock === undefined) return;
  try {
    if (existsSync(path)) {
      await assertOurs(path);
      await rm(path, { recursive: true, force: true });
    }
    rmSync(lockFile, { force: true });
  } finally {
    lock?.release();
  }
}

/** Where others can write, somebody else may have made the folder first. Errors: `open-to-others`. */
async function assertOurs(path: string): Promise<void> {
  const us = process.getuid?.();
  const entry = await lstat(path);
  const isPrivate = us === undefined || (entry.uid === us && (entry.mode & OTHERS) === 0);
  if (entry.isDirectory() && isPrivate) return;
  throw new OperatorError(
    "open-to-others",
    `${path} is open to others; remove it, or name another folder in the setting \`scratch\`.`,
  );
}

// The folder that leader and workers both see: for each session a folder of random name, in it the inputs and results of its blocks and
// the session's key for each worker, all sealed. A session's folder belongs to the leader's process that made it, which holds a lock on
// a file in the node's own folder; what a killed process left is removed at the next start.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { codeOf, OperatorError } from "../errors.ts";
import { FileLock } from "../store/file-lock.ts";

const SESSION_BYTES = 16;
const SESSION = /^[0-9a-f]{32}$/;
const LOCK = /^([0-9a-f]{32})\.lock$/;
/** Says whose share it is, so that no worker or second node takes it for another's. */
const OWNER_FILE = "halfroom-node";
/** Leader and workers may be different accounts of one group; all that lies here is sealed. */
const FOLDER_MODE = 0o770;
const FILE_MODE = 0o660;

export type BlockFile = "in" | "out";

export class Share {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** The node whose share it is, as its leader has written it; undefined before its first start. Errors: `cluster`. */
  async owner(): Promise<string | undefined> {
    try {
      if (!(await stat(this.path)).isDirectory()) throw new Error("no folder");
    } catch (cause) {
      throw this.#unusable(cause);
    }
    try {
      return (await readFile(join(this.path, OWNER_FILE), "utf8")).trim();
    } catch (cause) {
      if (codeOf(cause) === "ENOENT") return undefined;
      throw this.#unusable(cause);
    }
  }

  /** Makes it the share of the node with this fingerprint. Errors: `cluster`, if it is another node's, or cannot be written to. */
  async claim(fingerprint: string): Promise<void> {
    const owner = await this.owner();
    if (owner !== undefined && owner !== fingerprint)
      throw new OperatorError(
        "cluster",
        `${this.path} is the share of another node; name a folder of its own in \`share\` (HALFROOM_SHARE).`,
      );
    try {
      await this.#replace(this.path, OWNER_FILE, Buffer.from(`${fingerprint}\n`));
    } catch (cause) {
      throw this.#unusable(cause);
    }
  }

  /** Whether the session's folder is there: it is not once the session is over. */
  has(session: string): boolean {
    return existsSync(join(this.path, session));
  }

  hasFile(session: string, name: string): boolean {
    return existsSync(join(this.path, session, name));
  }

  /** The sealed bytes, at most so many. Errors: those of the system; RangeError for a longer file. */
  async read(session: string, name: string, bytesMax: number): Promise<Uint8Array> {
    const file = await open(join(this.path, session, name), "r");
    try {
      const { size } = await file.stat();
      if (size > bytesMax) throw new RangeError("a file of the share is longer than it can be");
      const bytes = new Uint8Array(size);
      const { bytesRead } = await file.read(bytes, 0, size, 0);
      if (bytesRead !== size) throw new RangeError("a file of the share is shorter than it was");
      return bytes;
    } finally {
      await file.close();
    }
  }

  /** Whole or not at all. Errors: those of the system; ENOENT once the session is over. */
  async write(session: string, name: string, bytes: Uint8Array): Promise<void> {
    await this.#replace(join(this.path, session), name, bytes);
  }

  async remove(session: string, name: string): Promise<void> {
    await rm(join(this.path, session, name), { force: true });
  }

  async #replace(folder: string, name: string, bytes: Uint8Array): Promise<void> {
    const draft = join(folder, `${name}.${randomBytes(8).toString("hex")}.tmp`);
    try {
      await writeFile(draft, bytes, { flag: "wx" });
      // Whatever the account's umask: the group is to read and write it.
      await chmod(draft, FILE_MODE).catch(() => undefined);
      await rename(draft, join(folder, name));
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  #unusable(cause: unknown): OperatorError {
    const words = `Cannot use ${this.path} (${codeOf(cause)}); name in \`share\` (HALFROOM_SHARE) a folder that leader and workers can read and write.`;
    return new OperatorError("cluster", words, { cause });
  }
}

/** The name of a block's file. */
export const blockFile = (block: number, what: BlockFile) => `${block}.${what}`;
/** The name of the file with a session's key for a worker. */
export const keyFile = (worker: string) => `${worker}.key`;

/** The folders of sessions as their leader makes and removes them. */
export class SessionFolders {
  readonly #share: Share;
  readonly #locks: string;
  readonly #held = new Map<string, FileLock>();

  /** `locks`: a folder of the node's own, on a disk of this machine. */
  constructor(share: Share, locks: string) {
    this.#share = share;
    this.#locks = locks;
    mkdirSync(locks, { recursive: true, mode: 0o700 });
  }

  /** A new one; its name. */
  async make(): Promise<string> {
    for (;;) {
      const session = randomBytes(SESSION_BYTES).toString("hex");
      const lock = FileLock.make(this.#lockOf(session));
      if (lock === undefined) continue;
      this.#held.set(session, lock);
      const folder = join(this.#share.path, session);
      await mkdir(folder);
      await chmod(folder, FOLDER_MODE);
      return session;
    }
  }

  /** Removes a folder that `make` made. What cannot be removed now is removed at the next start. */
  async remove(session: string): Promise<void> {
    await removeFolder(join(this.#share.path, session));
    rmSync(this.#lockOf(session), { force: true });
    this.#held.get(session)?.release();
    this.#held.delete(session);
  }

  /** Removes what processes that are gone have left. Returns how many folders. */
  async sweep(): Promise<number> {
    const locked = readdirSync(this.#locks).flatMap((name) => LOCK.exec(name)?.[1] ?? []);
    const folders = (await readdir(this.#share.path)).filter((name) => SESSION.test(name));
    let swept = 0;
    for (const session of new Set([...locked, ...folders])) if (await this.#sweepOne(session)) swept++;
    return swept;
  }

  async #sweepOne(session: string): Promise<boolean> {
    const file = this.#lockOf(session);
    const isLocked = existsSync(file);
    const lock = isLocked ? FileLock.take(file) : undefined;
    if (isLocked && lock === undefined) return false;
    try {
      await removeFolder(join(this.#share.path, session));
      rmSync(file, { force: true });
      return true;
    } finally {
      lock?.release();
    }
  }

  #lockOf(session: string): string {
    return join(this.#locks, `${session}.lock`);
  }
}

/** A worker may be writing into it at the same time: its file fails, or goes with the next try. */
async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 }).catch(() => undefined);
}

// A share that is a folder, which all machines see under a path of their own.
import { randomBytes } from "node:crypto";
import { access, chmod, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { codeOf, OperatorError } from "../errors.ts";
import { OWNER_FILE, SESSION, SessionOver, type Share } from "./share.ts";

/** Leader and workers may be different accounts of one group, which what is in the folder has from it; all that lies here is sealed. */
const FOLDER_MODE = 0o2770;
const FILE_MODE = 0o660;

export class FolderShare implements Share {
  readonly name: string;

  constructor(path: string) {
    this.name = path;
  }

  async owner(): Promise<string | undefined> {
    try {
      if (!(await stat(this.name)).isDirectory()) throw new Error("no folder");
    } catch (cause) {
      throw this.#unusable(cause);
    }
    try {
      return (await readFile(join(this.name, OWNER_FILE), "utf8")).trim();
    } catch (cause) {
      if (codeOf(cause) === "ENOENT") return undefined;
      throw this.#unusable(cause);
    }
  }

  async setOwner(fingerprint: string): Promise<void> {
    try {
      await replace(this.name, OWNER_FILE, Buffer.from(`${fingerprint}\n`));
    } catch (cause) {
      throw this.#unusable(cause);
    }
  }

  async make(session: string): Promise<void> {
    const folder = this.#folderOf(session);
    await mkdir(folder);
    await chmod(folder, FOLDER_MODE);
  }

  /** A worker may be writing into it at the same time: its file fails, or goes with the next try. */
  async removeAll(session: string): Promise<void> {
    const patience = { recursive: true, force: true, maxRetries: 5, retryDelay: 20 };
    await rm(this.#folderOf(session), patience).catch(() => undefined);
  }

  async sessions(): Promise<string[]> {
    return (await readdir(this.name)).filter((name) => SESSION.test(name));
  }

  async has(session: string): Promise<boolean> {
    return await exists(this.#folderOf(session));
  }

  async hasFile(session: string, name: string): Promise<boolean> {
    return await exists(join(this.#folderOf(session), name));
  }

  async read(session: string, name: string, bytesMax: number): Promise<Uint8Array | undefined> {
    const file = await orNone(open(join(this.#folderOf(session), name), "r"));
    if (file === undefined) return undefined;
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

  async write(session: string, name: string, bytes: Uint8Array): Promise<void> {
    try {
      await replace(this.#folderOf(session), name, bytes);
    } catch (cause) {
      throw codeOf(cause) === "ENOENT" ? new SessionOver("the session is over", { cause }) : cause;
    }
  }

  async remove(session: string, name: string): Promise<void> {
    await rm(join(this.#folderOf(session), name), { force: true });
  }

  close(): void {}

  #folderOf(session: string): string {
    return join(this.name, session);
  }

  #unusable(cause: unknown): OperatorError {
    const words = `Cannot use ${this.name} (${codeOf(cause)}); name in \`share\` (HALFROOM_SHARE) a folder that leader and workers can read and write.`;
    return new OperatorError("cluster", words, { cause });
  }
}

async function replace(folder: string, name: string, bytes: Uint8Array): Promise<void> {
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

async function exists(path: string): Promise<boolean> {
  return (await orNone(access(path).then(() => true))) ?? false;
}

async function orNone<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

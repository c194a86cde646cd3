// Where a process writes what it will throw away, such as what preparing large data spills: a folder of its own, named after the
// process, so that whoever opens the node later can tell what a killed process left behind. The system's temporary folder is
// never used: others can write to it, and it may not exist.
import { lstat, mkdir, readdir, rm } from "node:fs/promises";
import { rmdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { isAlive, thisProcess } from "../sessions/owner.ts";
import { codeOf, OperatorError } from "../errors.ts";

const OTHERS = 0o077;
const PREFIX = "halfroom-";
/** Of `thisProcess`. */
const OWNER_PARTS = 4;

export class Scratch {
  readonly #root: string;
  readonly #own: string;
  /** The topmost folder that `open` had to make. */
  #made: string | undefined;

  /** `root` need not exist. */
  constructor(root: string) {
    this.#root = root;
    this.#own = join(root, nameOf(thisProcess()));
  }

  /** This process's folder, which no other account may enter. Errors: `folder`, `open-to-others`. */
  async open(): Promise<string> {
    try {
      const made = await mkdir(this.#own, { recursive: true, mode: 0o700 });
      // Sessions side by side open it at the same time, and one of them makes it.
      this.#made ??= made;
      await assertOurs(this.#own);
    } catch (cause) {
      if (cause instanceof OperatorError) throw cause;
      const remedy = "name another folder in the setting `scratch`, or in HALFROOM_SCRATCH";
      throw new OperatorError("folder", `Cannot write to ${this.#root} (${codeOf(cause)}); ${remedy}.`, {
        cause,
      });
    }
    return this.#own;
  }

  /** Removes what dead processes left. What cannot be removed is left for the next time. */
  async sweep(): Promise<void> {
    const names = await readdir(this.#root).catch(() => []);
    const left = names.filter((name) => {
      const owner = ownerOf(name);
      return owner !== undefined && isAlive(owner) === false;
    });
    await Promise.all(left.map((name) => remove(join(this.#root, name)).catch(() => undefined)));
  }

  /** Removes the folders that `open` made, unless something is in them. */
  close(): void {
    if (this.#made === undefined) return;
    const top = dirname(this.#made);
    this.#made = undefined;
    try {
      for (let path = this.#own; path !== top; path = dirname(path)) rmdirSync(path);
    } catch {
      // Something is in it: another command of this node uses it.
    }
  }
}

/** Where a node's scratch folder is; a relative `setting` starts at the node's own folder. */
export function scratchPath(folder: string, setting = "scratch"): string {
  return resolve(folder, setting);
}

function nameOf(owner: string): string {
  return PREFIX + Buffer.from(owner).toString("base64url");
}

/** Undefined for a name that is not one of ours. */
function ownerOf(name: string): string | undefined {
  const owner = Buffer.from(name.slice(PREFIX.length), "base64url").toString();
  return nameOf(owner) === name && owner.split(" ").length === OWNER_PARTS ? owner : undefined;
}

/** Another account that can write into the folder could have put a link there in the meantime: such a folder stays. */
async function remove(path: string): Promise<void> {
  await assertOurs(path);
  await rm(path, { recursive: true, force: true });
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

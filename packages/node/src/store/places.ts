// Scratch folders outside the node's own folder that were used: the setting, or its environment variable, may name another one at the
// next start, and what a killed process left must be found all the same. A small file for each.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { replaceWhole } from "./whole-file.ts";

const FOLDER = "scratch-places";

export class Places {
  readonly #home: string;
  readonly #usual: string;
  readonly #folder: string;

  /** Remembers in `home`, the node's folder; nothing, as long as that does not exist. `usual` is the root of a node without a setting. */
  constructor(home: string, usual: string) {
    this.#home = home;
    this.#usual = usual;
    this.#folder = join(home, FOLDER);
  }

  /** Called when there is a folder of ours in `root`. */
  async add(root: string): Promise<void> {
    if (root === this.#usual || !existsSync(this.#home)) return;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    replaceWhole(this.#fileOf(root), root);
  }

  /**
   * Sweeps each place, and forgets those where nothing is left. `sweepRoot` says how much is. A place is forgotten first and looked
   * at afterwards: another process makes its folder before it adds the place, so that one of both sees the other.
   */
  async sweep(sweepRoot: (root: string) => Promise<number>): Promise<void> {
    await sweepRoot(this.#usual);
    const files = await readdir(this.#folder).catch(() => []);
    for (const file of files) {
      const root = await readFile(join(this.#folder, file), "utf8").catch(() => "");
      if (root === "" || this.#fileOf(root) !== join(this.#folder, file)) continue;
      await sweepRoot(root);
      await rm(join(this.#folder, file), { force: true });
      if ((await sweepRoot(root)) > 0) await this.add(root);
    }
    if (files.length > 0) await rmdir(this.#folder).catch(() => undefined);
  }

  #fileOf(root: string): string {
    return join(this.#folder, createHash("sha256").update(root).digest("hex").slice(0, 32));
  }
}

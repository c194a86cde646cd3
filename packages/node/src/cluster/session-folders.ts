// The places of sessions in a share, as their leader makes and removes them. A place belongs to the leader's process that made it, which
// holds a lock on a file in the node's own folder; what a killed process left is removed at the next start.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { FileLock } from "../store/file-lock.ts";
import type { Share } from "./share.ts";

const SESSION_BYTES = 16;
const LOCK = /^([0-9a-f]{32})\.lock$/;

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
      await this.#share.make(session);
      return session;
    }
  }

  /** Removes one that `make` made. What cannot be removed now is removed at the next start. */
  async remove(session: string): Promise<void> {
    await this.#share.removeAll(session);
    rmSync(this.#lockOf(session), { force: true });
    this.#held.get(session)?.release();
    this.#held.delete(session);
  }

  /** Removes what processes that are gone have left. Returns how many sessions. */
  async sweep(): Promise<number> {
    const locked = readdirSync(this.#locks).flatMap((name) => LOCK.exec(name)?.[1] ?? []);
    let swept = 0;
    for (const session of new Set([...locked, ...(await this.#share.sessions())]))
      if (await this.#sweepOne(session)) swept++;
    return swept;
  }

  async #sweepOne(session: string): Promise<boolean> {
    const file = this.#lockOf(session);
    const isLocked = existsSync(file);
    const lock = isLocked ? FileLock.take(file) : undefined;
    if (isLocked && lock === undefined) return false;
    try {
      await this.#share.removeAll(session);
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

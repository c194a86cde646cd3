// Small files of a node, each on disk whole or not at all, whatever ends the process or the machine: written to a draft in the same
// folder, flushed, then given its name, and the folder flushed.
import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { statSync, writeSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { codeOf } from "../errors.ts";

const DRAFT_BYTES = 8;
const DRAFT = /\.[0-9a-f]{16}\.tmp$/;
/** A draft that nothing was written to for so long is what a killed process left. */
const ABANDONED_MS = 600_000;
/** What systems say that have no hard links. */
const WITHOUT_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"];

/** Writes the file over an earlier one, for its owner alone. Errors: those of the system; the file is then as it was. */
export function replaceWhole(path: string, content: string | Uint8Array): void {
  // Named by randomness: two processes in two containers can have one pid.
  throughDraft(draftOf(path), "wx", content, (draft) => renameSync(draft, path));
  flushFolderOf(path);
}

/**
 * As `replaceWhole`, through a draft of this name: for whoever holds a lock meanwhile, so that one draft is left behind at most.
 */
export function replaceWholeLocked(path: string, draft: string, content: string): void {
  throughDraft(draft, "w", content, (whole) => renameSync(whole, path));
  flushFolderOf(path);
}

/** Writes a file that is not there yet, for its owner alone. Errors: those of the system, `EEXIST` among them. */
export function createWhole(path: string, content: string | Uint8Array): void {
  throughDraft(draftOf(path), "wx", content, (draft) => nameNew(draft, path));
  flushFolderOf(path);
}

/** As `createWhole`, for what comes in pieces and need not fit into memory. */
export async function createWholeFrom(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const draft = draftOf(path);
  try {
    const handle = await open(draft, "wx", 0o600);
    try {
      for await (const piece of pieces) await writeAll(handle, piece);
      await handle.sync();
    } finally {
      await handle.close();
    }
    nameNew(draft, path);
  } catch (error) {
    removeIfPossible(draft);
    throw error;
  }
  flushFolderOf(path);
}

/** A call of the system may write less than it was given. */
async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;)
    written += (await handle.write(bytes, written, bytes.length - written)).bytesWritten;
}

/** Flushes a file that is written, and the folder that it is in. */
export function flush(path: string): void {
  for (const each of [path, dirname(path)]) flushOne(each);
}

/** Removes what processes that were killed left in the folder. */
export function removeAbandoned(folder: string, now: number): void {
  const drafts = existsSync(folder) ? readdirSync(folder).filter((name) => DRAFT.test(name)) : [];
  for (const draft of drafts.map((name) => join(folder, name))) {
    const entry = statSync(draft, { throwIfNoEntry: false });
    if (entry !== undefined && now - entry.mtimeMs > ABANDONED_MS) rmSync(draft, { force: true });
  }
}

function draftOf(path: string): string {
  return `${path}.${randomBytes(DRAFT_BYTES).toString("hex")}.tmp`;
}

function throughDraft(
  draft: string,
  flags: "w" | "wx",
  content: string | Uint8Array,
  name: (draft: string) => void,
): void {
  try {
    writeFlushed(draft, flags, content);
    name(draft);
  } catch (error) {
    removeIfPossible(draft);
    throw error;
  }
}

function writeFlushed(draft: string, flags: "w" | "wx", content: string | Uint8Array): void {
  const handle = openSync(draft, flags, 0o600);
  try {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    for (let written = 0; written < bytes.length;)
      written += writeSync(handle, bytes, written, bytes.length - written);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** A rename would replace what is there; a second name for the draft does not. */
function nameNew(draft: string, path: string): void {
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!WITHOUT_LINKS.includes(codeOf(error))) throw error;
    if (existsSync(path)) throw Object.assign(new Error("the file is there"), { code: "EEXIST" });
    return renameSync(draft, path);
  }
  rmSync(draft);
}

/** What is left of the draft is in nobody's way, and no reason to hide what went wrong. */
function removeIfPossible(draft: string): void {
  try {
    rmSync(draft, { force: true });
  } catch {
    // As above.
  }
}

function flushFolderOf(path: string): void {
  flushOne(dirname(path));
}

function flushOne(path: string): void {
  const handle = openSync(path, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

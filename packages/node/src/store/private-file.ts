// Files for the node's owner alone: mode 0600, checked whenever they are read.
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { codeOf, OperatorError, unwritable } from "../errors.ts";
import { createWhole, replaceWhole } from "./whole-file.ts";

/** The bits of a file's mode that give rights to the group or others. */
const OTHERS = 0o077;

/** Writes a new file, whole and flushed to disk; `contents` says what it holds. Errors: `folder`, if it exists or cannot be written. */
export function writePrivateFile(path: string, contents: string, text: string | Uint8Array): void {
  orUnwritable(path, contents, () => createWhole(path, text));
}

/** As `writePrivateFile`, over an earlier file, which stays as it was if this fails. Errors: `folder`. */
export function replacePrivateFile(path: string, contents: string, text: string): void {
  orUnwritable(path, contents, () => replaceWhole(path, text));
}

function orUnwritable(path: string, contents: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    throw unwritable(path, contents, cause);
  }
}

/** The same in one go, for what a transaction of the store reads; undefined if there is no such file. Errors: `open-to-others`, `folder`. */
export function readPrivateFileAtOnce(path: string): string | undefined {
  try {
    const file = openSync(path, "r");
    try {
      assertPrivate(path, fstatSync(file).mode);
      return readFileSync(file, "utf8");
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    if (cause instanceof OperatorError) throw cause;
    if (codeOf(cause) === "ENOENT") return undefined;
    throw new OperatorError("folder", `Cannot read ${path} (${codeOf(cause)}).`, { cause });
  }
}

/** Reads a file that only its owner may read or write. Errors: `open-to-others`, `folder`. */
export async function readPrivateFile(path: string): Promise<string> {
  try {
    const file = await open(path, "r");
    try {
      assertPrivate(path, (await file.stat()).mode);
      return await file.readFile("utf8");
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof OperatorError) throw cause;
    throw new OperatorError("folder", `Cannot read ${path} (${codeOf(cause)}).`, { cause });
  }
}

/** Errors: `open-to-others`, if `mode` gives the group or others any right. */
function assertPrivate(path: string, mode: number): void {
  if ((mode & OTHERS) === 0) return;
  const rights = (mode & 0o777).toString(8).padStart(4, "0");
  throw new OperatorError(
    "open-to-others",
    `${path} is open to others (mode ${rights}); close it with: chmod 600 ${path}`,
  );
}

// The number and hash of the last entry, in a file of their own, so that a truncated log or a restored database no longer
// matches.
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { codeOf, OperatorError, unwritable } from "../errors.ts";

export interface Head {
  readonly number: number;
  readonly hash: string;
}

const FILE = "audit.head";

/** Undefined if there is none; a file that holds no head is reported as number -1, which matches no log. Errors: `folder`. */
export function readHead(folder: string): Head | undefined {
  const file = join(folder, FILE);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return undefined;
    throw new OperatorError("folder", `Cannot read ${file} (${codeOf(cause)}).`, { cause });
  }
  const [, number, hash] = /^(\d{1,15}) ([0-9a-f]{64})\n$/.exec(text) ?? [];
  return number === undefined || hash === undefined
    ? { number: -1, hash: "" }
    : { number: Number(number), hash };
}

/** Replaces the whole file; once this returns, it survives a crash. Errors: `folder`; the file is then as it was. */
export function writeHead(folder: string, head: Head): void {
  const file = join(folder, FILE);
  try {
    replaceHead(file, head);
  } catch (cause) {
    throw unwritable(file, "the head of the audit log", cause);
  }
}

function replaceHead(file: string, { number, hash }: Head): void {
  const next = `${file}.new`;
  const handle = openSync(next, "w", 0o600);
  try {
    writeSync(handle, `${number} ${hash}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(next, file);
  const parent = openSync(dirname(file), "r");
  try {
    fsyncSync(parent);
  } finally {
    closeSync(parent);
  }
}

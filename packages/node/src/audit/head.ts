// The number and hash of the last entry, in a file of their own, so that a truncated log or a restored database no longer
// matches.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { codeOf, OperatorError, unwritable } from "../errors.ts";
import { replaceWholeLocked } from "../store/whole-file.ts";

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
export function writeHead(folder: string, { number, hash }: Head): void {
  const file = join(folder, FILE);
  try {
    // Under the lock of the store: one process at a time.
    replaceWholeLocked(file, `${file}.new`, `${number} ${hash}\n`);
  } catch (cause) {
    throw unwritable(file, "the head of the audit log", cause);
  }
}

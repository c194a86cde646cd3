// Heads of the audit log in a file elsewhere than the node: a line for each time that one was saved, with the moment, the number and
// hash of the last entry, and the number of the last one that says that something was spent. After a restore the newest line says
// whether the node has spent anything that the backup does not know of.
import { open, readFile } from "node:fs/promises";
import type { Audit, AuditKind } from "../audit/audit.ts";
import { codeOf, OperatorError } from "../errors.ts";
import type { About } from "./contents.ts";

export interface SavedHead {
  /** Milliseconds since 1970; undefined in a line of the form that `audit.head` has. */
  readonly at: number | undefined;
  readonly number: number;
  readonly hash: string;
  /** Number of the last entry that says that something was spent; 0 if there is none, undefined as `at`. */
  readonly spent: number | undefined;
  /** Of the node's first certificate; undefined as `at`. */
  readonly fingerprint: string | undefined;
}

/** Each says that something was spent, or that it is not known what was. */
const SPENDING = [
  "budget-taken",
  "evaluations-granted",
  "session-missed",
  "restored",
] as const satisfies AuditKind[];

/** Of a log that has entries, as each node's has. */
export function headOf(audit: Audit, fingerprint: string, at: number): SavedHead {
  const { number, hash } = audit.entries({ limit: 1 })[0]!;
  const spent = Math.max(...SPENDING.map((kind) => audit.lastOf(kind)?.number ?? 0));
  return { at, number, hash, spent, fingerprint };
}

/** Appends a line, and returns once it is on the disk. Errors: `file`. */
export async function appendHead(file: string, head: SavedHead): Promise<void> {
  try {
    const handle = await open(file, "a", 0o600);
    try {
      await handle.write(headLine(head));
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new OperatorError("file", `Cannot write to ${file} (${codeOf(cause)}); name another file.`, {
      cause,
    });
  }
}

/** With its end; of a head that has all of its parts. */
export function headLine({ at, number, hash, spent, fingerprint }: SavedHead): string {
  return `${new Date(at!).toISOString()} ${number} ${hash} ${spent} ${fingerprint}\n`;
}

/** The newest line. Errors: `file`. */
export async function newestHead(file: string): Promise<SavedHead> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new OperatorError("file", `Cannot read ${file} (${codeOf(cause)}).`, { cause });
  });
  const line = text.split("\n").at(-2) ?? "";
  const [, at, number, hash, spent, fingerprint] =
    /^(?:(\d{4}-\d\d-\d\dT[\d:.]+Z) )?(\d{1,15}) ([0-9a-f]{64})(?: (\d{1,15}) ([0-9a-f]{64}))?$/.exec(line) ??
    [];
  const isWhole = text.endsWith("\n") && (at === undefined) === (spent === undefined);
  if (number === undefined || hash === undefined || !isWhole) {
    const remedy =
      "its last line has to be one that `halfroom backup --heads` wrote, or that of an audit.head";
    throw new OperatorError("file", `${file} has no head of an audit log: ${remedy}.`);
  }
  return {
    at: at === undefined ? undefined : Date.parse(at),
    number: Number(number),
    hash,
    spent: spent === undefined ? undefined : Number(spent),
    fingerprint,
  };
}

/** Whether the head proves that nothing was spent between the backup and the moment when it was saved. */
export function provesNothingSpent(head: SavedHead, about: About): boolean {
  if (head.number === about.entries) return head.hash === about.head;
  return head.number > about.entries && head.spent !== undefined && head.spent <= about.entries;
}

/** A head from before the backup says nothing of what came after it. Errors: `backup`. */
export function assertNewer(head: SavedHead, about: About, file: string): void {
  const isOlder = head.number < about.entries || (head.at !== undefined && head.at <= about.createdAt);
  const isOther =
    (head.number === about.entries && head.hash !== about.head) ||
    (head.fingerprint !== undefined && head.fingerprint !== about.fingerprint);
  if (!isOlder && !isOther) return;
  const why = isOther ? "is of another log" : "was saved before the backup was made";
  const remedy = "restore with a newer one, or without: then all budgets count as spent for a period";
  throw new OperatorError("backup", `The last head in ${file} ${why}: it proves nothing. ${remedy}.`);
}

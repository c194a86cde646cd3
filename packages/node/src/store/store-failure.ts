// What SQLite says of a call that failed, in words for the operator: which file, what was being written, and the remedy. Only the
// tables that a statement names are told, never a value.
import { OperatorError, type OperatorErrorCode } from "../errors.ts";

/** Primary result codes (https://www.sqlite.org/rescode.html); the low byte of an extended one. */
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

const BACKUP = "restore the node's folder from a backup";
const KINDS: Readonly<Record<number, readonly [OperatorErrorCode, string, string]>> = {
  [BUSY]: [
    "store-busy",
    "another process holds it",
    "wait until that process, for example a backup, is done, and try again",
  ],
  [LOCKED]: ["store-busy", "it is in use", "try again"],
  [READONLY]: [
    "folder",
    "it is read-only",
    "make its folder and its file system writable for this account, and try again",
  ],
  [IOERR]: [
    "folder",
    "the disk reports an error",
    "look at the disk and at what its file system allows, and try again",
  ],
  [FULL]: ["folder", "the disk is full", "free space on it and try again"],
  [CANTOPEN]: ["folder", "it cannot be opened", "look at its folder, which this account must own"],
  [CORRUPT]: ["damaged", "it is damaged", BACKUP],
  [NOTADB]: ["damaged", "it is no database any more", BACKUP],
};

/** Tables, as an operator would call what is in them. */
const CONTENTS: Readonly<Record<string, string>> = {
  session: "a session",
  agreement: "an agreement",
  ledger: "what was spent",
  report: "a report",
  audit: "the audit log",
  receipt: "a receipt",
  opening: "what opens a receipt",
  replay: "what a replay needs",
  epoch: "the key of an epoch",
  evaluation: "granted evaluations",
  cache: "pseudonyms",
  pseudonyms: "pseudonyms",
  suppressed: "people who opted out",
  partner: "a partner",
  invitation: "an invitation",
  rate: "how often a partner has asked",
  missed: "that a session is missing",
};

/** What a statement writes, by its table; undefined for one that writes no table of ours. */
export function contentsOf(sql: string): string | undefined {
  const [, table] =
    /^\s*(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM)\s+(\w+)/i.exec(sql) ?? [];
  return table === undefined ? undefined : CONTENTS[table];
}

/** The error as an operator is to read it; one that says nothing of file or disk stays as it is. `contents`: what was being written. */
export function storeFailure(error: unknown, file: string, contents: string | undefined): unknown {
  const { errcode } = error as { readonly errcode?: unknown };
  const kind = typeof errcode === "number" ? KINDS[errcode & 0xff] : undefined;
  if (kind === undefined) return error;
  const [code, why, remedy] = kind;
  const what = contents === undefined ? `Cannot use ${file}` : `Cannot write ${contents} to ${file}`;
  return new OperatorError(code, `${what}: ${why}; ${remedy}.`, { cause: error });
}

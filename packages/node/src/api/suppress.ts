import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { releaseOptOuts, suppressOptOuts } from "../datasets/change-list.ts";
import type { Changed, UnreadRows } from "../datasets/opt-outs.ts";
import { subjectOf, type HeldOfSubject } from "../datasets/subject.ts";
import type { Addition } from "../datasets/suppress-list.ts";
import type { NodeState } from "../node-state.ts";
import { writePrivateFile } from "../store/private-file.ts";
import { withState, type HalfroomNode } from "./node.ts";

/** A file (CSV, NDJSON or Parquet, told by its ending), the text of one, or one person by the identifier of a match key. */
export type OptOutSource =
  | { readonly file: string }
  | { readonly text: string; readonly kind: "csv" | "ndjson" }
  | { readonly person: { readonly key: string; readonly identifier: string } };

export type OptOutFile = OptOutSource & {
  /** The columns of each match key in the file; if none is named, columns are found by the names of the keys. */
  readonly columns?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Whether the file holds SHA-256 digests instead of e-mail addresses and phone numbers. */
  readonly hashed?: boolean | undefined;
};

/** What a file held. */
export interface OptOutsRead {
  /** Identifiers in the file, by key. */
  readonly found: Readonly<Record<string, number>>;
  /** Rows with something in a key's columns that is no identifier: the people whom they mean were not found. */
  readonly unread: readonly UnreadRows[];
}

export interface Suppressed extends OptOutsRead {
  /** Of these, how many were not on the list before. */
  readonly added: number;
  /** Kept pseudonyms of these people that were deleted, under whichever of their identifiers. */
  readonly pseudonyms: number;
  /** Sessions with their data that were kept for a replay and were deleted. */
  readonly keptSessions: number;
  /** Datasets that could not be read: what is left of these people there was not looked for. Adding the file again does. */
  readonly unreadable: readonly string[];
}

/**
 * Leaves the people of a file out of every later session, and deletes them from the caches. A person who has one of the
 * identifiers is out with all others. Rejects with OperatorError `no-column`, `no-key`, `flags`, `data-` codes for the file, and
 * `identifier` for one person whose identifier cannot be read, with nothing done.
 */
export async function suppress(node: HalfroomNode, file: OptOutFile): Promise<Suppressed> {
  const { changed, ...read } = await changeList(node, file, suppressOptOuts);
  return { ...read, added: changed };
}

export type SubjectRecord = HeldOfSubject;

/**
 * What this node holds of the people in a file: rows of its datasets, counted, the suppress list, kept pseudonyms and sessions. Written into
 * the audit log without any of their identifiers. Rejects with OperatorError as `suppress`.
 */
export async function readSubject(node: HalfroomNode, file: OptOutFile): Promise<SubjectRecord> {
  return await withState(node, (state) => withList(state, file, (list) => subjectOf(state, list)));
}

/**
 * Takes the people of a file off the list: they enter sessions again. Only the identifiers that the file has come off, so it should
 * have all that were added. Rejects with OperatorError as `suppress`.
 */
export async function unsuppress(
  node: HalfroomNode,
  file: OptOutFile,
): Promise<OptOutsRead & { readonly removed: number }> {
  const { changed, ...read } = await changeList(node, file, releaseOptOuts);
  return { ...read, removed: changed };
}

async function changeList<Change extends Changed>(
  node: HalfroomNode,
  file: OptOutFile,
  change: (state: NodeState, list: List) => Promise<Change>,
): Promise<Omit<Change, "found"> & OptOutsRead> {
  return await withState(node, async (state) => {
    const { found, ...rest } = await withList(state, file, (list) => change(state, list));
    return { found: Object.fromEntries(found), ...rest };
  });
}

type List = Parameters<typeof suppressOptOuts>[1];

/** A text lies in the scratch folder for as long as it is read. */
async function withList<T>(
  { scratch }: NodeState,
  { columns = {}, hashed = false, ...source }: OptOutFile,
  read: (list: List) => Promise<T>,
): Promise<T> {
  const named = new Map(Object.entries(columns));
  if ("file" in source) return await read({ file: source.file, columns: named, hashed });
  const { text, kind } = "person" in source ? textOf(source.person) : source;
  const file = join(await scratch.open(), `opt-outs-${randomUUID()}.${kind}`);
  try {
    writePrivateFile(file, "the list", text);
    if (!("person" in source)) return await read({ file, columns: named, hashed });
    const { key } = source.person;
    return await read({ file, columns: new Map([[key, [key]]]), hashed, isOne: true });
  } finally {
    rmSync(file, { force: true });
  }
}

/** RFC 4180: a list of one. */
function textOf({ key, identifier }: { readonly key: string; readonly identifier: string }) {
  const field = (text: string) => `"${text.replaceAll('"', '""')}"`;
  return { text: `${field(key)}\n${field(identifier.trim())}\n`, kind: "csv" } as const;
}

export type { UnreadRows } from "../datasets/opt-outs.ts";
export type SuppressAddition = Addition;

/** What the list holds, by the moment at which it was added, the oldest first. It has keyed hashes and nobody's identifier. */
export async function listSuppressed(node: HalfroomNode): Promise<SuppressAddition[]> {
  return await withState(node, ({ suppressed }) => suppressed.additions());
}

/**
 * Leaves the people on the list of `owner` out of the sessions of `node` too, while both are open. Neither list changes. A
 * rehearsal does this for a dataset that the owner declares.
 */
export async function adoptSuppressList(node: HalfroomNode, owner: HalfroomNode): Promise<void> {
  await withState(node, ({ suppressed }) => withState(owner, (state) => suppressed.adopt(state.suppressed)));
}

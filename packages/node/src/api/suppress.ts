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

/** A file (CSV, NDJSON or Parquet, told by its ending), or the text of one. */
export type OptOutSource =
  { readonly file: string } | { readonly text: string; readonly kind: "csv" | "ndjson" };

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
 * identifiers is out with all others. Rejects with OperatorError `no-column`, `no-key`, `flags`, and `data-` codes for the file.
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
export async function readSubject(
  node: HalfroomNode,
  { columns = {}, hashed = false, ...source }: OptOutFile,
): Promise<SubjectRecord> {
  const list = { columns: new Map(Object.entries(columns)), hashed };
  return await withState(node, (state) =>
    withFile(state, source, (file) => subjectOf(state, { file, ...list })),
  );
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
  { columns = {}, hashed = false, ...source }: OptOutFile,
  change: (state: NodeState, list: Parameters<typeof suppressOptOuts>[1]) => Promise<Change>,
): Promise<Omit<Change, "found"> & OptOutsRead> {
  return await withState(node, async (state) => {
    const list = { columns: new Map(Object.entries(columns)), hashed };
    const { found, ...rest } = await withFile(state, source, (file) => change(state, { file, ...list }));
    return { found: Object.fromEntries(found), ...rest };
  });
}

/** A text lies in the scratch folder for as long as it is read. */
async function withFile<T>(
  { scratch }: NodeState,
  source: OptOutSource,
  read: (file: string) => Promise<T>,
): Promise<T> {
  if ("file" in source) return await read(source.file);
  const file = join(await scratch.open(), `opt-outs-${randomUUID()}.${source.kind}`);
  try {
    writePrivateFile(file, "the list", source.text);
    return await read(file);
  } finally {
    rmSync(file, { force: true });
  }
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

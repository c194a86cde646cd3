import { releaseOptOuts, suppressOptOuts } from "../datasets/change-list.ts";
import type { Changed, UnreadRows } from "../datasets/opt-outs.ts";
import { subjectOf, type HeldOfSubject } from "../datasets/subject.ts";
import type { Addition } from "../datasets/suppress-list.ts";
import type { NodeState } from "../node-state.ts";
import { withState, type HalfroomNode } from "./node.ts";

export interface OptOutFile {
  /** CSV, NDJSON or Parquet, told by its ending. */
  readonly file: string;
  /** The columns of each match key in the file; if none is named, columns are found by the names of the keys. */
  readonly columns?: Readonly<Record<string, readonly string[]>>;
  /** Whether the file holds SHA-256 digests instead of e-mail addresses and phone numbers. */
  readonly hashed?: boolean;
}

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
  { file, columns = {}, hashed = false }: OptOutFile,
): Promise<SubjectRecord> {
  return await withState(node, (state) =>
    subjectOf(state, { file, columns: new Map(Object.entries(columns)), hashed }),
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
  { file, columns = {}, hashed = false }: OptOutFile,
  change: (state: NodeState, list: Parameters<typeof suppressOptOuts>[1]) => Promise<Change>,
): Promise<Omit<Change, "found"> & OptOutsRead> {
  return await withState(node, async (state) => {
    const { found, ...rest } = await change(state, {
      file,
      columns: new Map(Object.entries(columns)),
      hashed,
    });
    return { found: Object.fromEntries(found), ...rest };
  });
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

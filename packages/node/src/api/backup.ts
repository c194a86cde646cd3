import { appendHead, headOf } from "../backup/heads.ts";
import type { BackupKeys } from "../backup/keys.ts";
import type { MadeBackup, OnBackup } from "../backup/make-backup.ts";
import type { RestoredNode, RestoreOptions } from "../backup/restore.ts";
import { nodeFolder } from "../store/folder.ts";
import { inWords, withState, type HalfroomNode } from "./node.ts";

export type { BackupKeys, RestoreKeys } from "../backup/keys.ts";
export type { BackupProgress, MadeBackup, OnBackup } from "../backup/make-backup.ts";
export type { RestoredNode } from "../backup/restore.ts";

/**
 * Writes a backup of the node, which may serve meanwhile, to a new file, whole or not at all: settings, keys, store and log, encrypted so
 * that `age` opens it too. Rejects with OperatorError `file`, `flags`, `backup-key`, `audit`, `folder`, `store-busy`, `damaged`.
 */
export async function backup(
  node: HalfroomNode,
  file: string,
  keys: BackupKeys,
  onProgress: OnBackup = () => undefined,
): Promise<MadeBackup> {
  return await withState(node, async (state) => {
    // Slow to load, and no other verb needs the libraries behind it.
    const { makeBackup } = await import("../backup/make-backup.ts");
    return await makeBackup(state, file, keys, onProgress);
  });
}

/** A head of the audit log, as it was saved. */
export interface HeadRecord {
  readonly at: number;
  /** Of the last entry. */
  readonly number: number;
  readonly hash: string;
  /** Number of the last entry that says that something was spent; 0 if there is none. */
  readonly spent: number;
}

/**
 * Appends the head of the audit log to a file, which belongs on another disk: with it a node that is restored from a backup can know that
 * it has spent nothing since. Rejects with OperatorError `file`; `audit`, if the log does not have what its head names.
 */
export async function saveHead(node: HalfroomNode, file: string): Promise<HeadRecord> {
  return await withState(node, async ({ audit, own, clock }) => {
    audit.assertReachesHead();
    const { at, number, hash, spent, ...rest } = headOf(audit, own.nodeId!, clock.now());
    await appendHead(file, { at, number, hash, spent, ...rest });
    return { at: at!, number, hash, spent: spent! };
  });
}

/**
 * Puts the node of a backup into `folder` (by default $HALFROOM_HOME, else ~/.halfroom), which must be new or empty. What the node
 * spent after the backup is not known then, and counts as all that there was, unless `heads` proves that it is nothing.
 * Rejects with OperatorError `node-exists`, `folder`, `file`, `flags`, `backup`, `backup-key`, `newer-store`, `damaged`, `settings`, `audit`,
 * `ledger`; the folder is as it was then.
 */
export async function restore(
  file: string,
  { folder, ...options }: Omit<RestoreOptions, "now"> & { readonly folder?: string | undefined },
): Promise<RestoredNode> {
  return await inWords(async () => {
    const { restoreBackup } = await import("../backup/restore.ts");
    return await restoreBackup(nodeFolder(folder), file, { ...options, now: Date.now() });
  });
}

import { appendHead, headLine, headOf, type SavedHead } from "../backup/heads.ts";
import type { BackupKeys } from "../backup/keys.ts";
import type { MadeBackup, OnBackup } from "../backup/make-backup.ts";
import { backupsFolder, newBackup, ownBackups, type OwnBackup } from "../backup/own-backups.ts";
import type { RestoredNode, RestoreOptions } from "../backup/restore.ts";
import type { NodeState } from "../node-state.ts";
import { nodeFolder } from "../store/folder.ts";
import { inWords, withState, type HalfroomNode } from "./node.ts";

export type { BackupKeys, RestoreKeys } from "../backup/keys.ts";
export type { BackupProgress, MadeBackup, OnBackup } from "../backup/make-backup.ts";
export type { OwnBackup } from "../backup/own-backups.ts";
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

/**
 * Says which file in the node's own folder a backup of that name is to be, and looks at all that can be looked at before it is made: `backup`
 * makes it. Rejects with OperatorError `name`, `file`, `folder`, `flags`, `backup-key`.
 */
export async function planOwnBackup(
  node: HalfroomNode,
  { name, ...keys }: BackupKeys & { readonly name?: string | undefined },
): Promise<{ readonly name: string; readonly file: string }> {
  return await withState(node, async ({ folder, store, clock }) => {
    store.assertWritable();
    const { encrypterFor } = await import("../backup/keys.ts");
    encrypterFor(keys);
    return await newBackup(folder, name, clock.now());
  });
}

/** What lies in the node's own folder of backups, and where that is. Rejects with OperatorError `folder`. */
export async function listOwnBackups(
  node: HalfroomNode,
): Promise<{ readonly folder: string; readonly backups: readonly OwnBackup[] }> {
  return await withState(node, async ({ folder }) => ({
    folder: backupsFolder(folder),
    backups: await ownBackups(folder),
  }));
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
  return await withState(node, async (state) => {
    const head = currentHead(state);
    await appendHead(file, head);
    const { at, number, hash, spent } = head;
    return { at: at!, number, hash, spent: spent! };
  });
}

/** The line that `saveHead` would append, for whoever keeps it on another machine. Rejects with OperatorError `audit`. */
export async function readHeadLine(node: HalfroomNode): Promise<string> {
  return await withState(node, (state) => headLine(currentHead(state)));
}

function currentHead({ audit, own, clock }: NodeState): SavedHead {
  audit.assertReachesHead();
  return headOf(audit, own.nodeId!, clock.now());
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

// Puts a node from a backup into a folder that has none. All of it is decrypted into the folder's scratch, looked at and given its entry
// in the audit log there, and only then moved to its place, the signing key last: a folder with that file holds a node. A mark
// says that a restore is under way, and is locked meanwhile, so that the next one begins anew where this one was killed.
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { Audit } from "../audit/audit.ts";
import { loadSettings } from "../config/load.ts";
import { Epochs } from "../epochs/epochs.ts";
import { codeOf, OperatorError, unwritable } from "../errors.ts";
import { loadIdentity } from "../identity/identity.ts";
import { OwnIdentities } from "../identity/own-identities.ts";
import { ledgerGaps } from "../ledger/against-log.ts";
import { Ledger } from "../ledger/ledger.ts";
import { Missed } from "../ledger/missed.ts";
import { ApiTokens } from "../console/tokens.ts";
import { Invitations } from "../partners/invitations.ts";
import { SignIns } from "../people/sign-ins.ts";
import { Users } from "../people/users.ts";
import { openVault } from "../node-state.ts";
import { defaultPolicy } from "../policy/schema.ts";
import { closeFolder, nodeFolder, type NodeFolder } from "../store/folder.ts";
import { Approvals } from "../sessions/approvals.ts";
import { suspendTemplates } from "../templates/publish.ts";
import { TemplateStore } from "../templates/template-store.ts";
import { FileLock } from "../store/file-lock.ts";
import { Scratch, scratchPath } from "../store/scratch.ts";
import { Store } from "../store/store.ts";
import { flush } from "../store/whole-file.ts";
import { NODE_FILES, type About } from "./contents.ts";
import { assertNewer, newestHead, provesNothingSpent, type SavedHead } from "./heads.ts";
import { decrypterFor, type RestoreKeys } from "./keys.ts";
import type { OnBackup } from "./make-backup.ts";
import { readBackup } from "./read-backup.ts";

const MARK = "restore.unfinished";
/** The folder of a file system of its own may have this. */
const NOBODYS = "lost+found";
/** What SQLite may have put beside the store. */
const BESIDE = ["node.sqlite-wal", "node.sqlite-shm", "node.sqlite-journal"];

export interface RestoredNode {
  readonly folder: string;
  readonly fingerprint: string;
  /** When the backup was made, in milliseconds since 1970. */
  readonly createdAt: number;
  /** Entries of the audit log in it. */
  readonly entries: number;
  /** Whether it is proven that nothing was spent between the backup and `provenTo`. */
  readonly lost: "nothing" | "unknown";
  /** When the head that proves it was saved; left out where nothing is proven, or where the head does not say. */
  readonly provenTo?: number;
  /** How many entries the log had after the backup; left out without heads. */
  readonly later?: number;
}

export interface RestoreOptions {
  readonly keys: RestoreKeys;
  /** A file of heads; see heads.ts. */
  readonly heads?: string | undefined;
  readonly onProgress?: OnBackup | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Errors: `node-exists`, `folder`; `file`, `flags`; `backup`, `backup-key`, `newer-store`; `damaged`, `settings`, `audit` or `ledger`, if what
 * the backup holds does not agree with itself. The folder is then as it was.
 */
export async function restoreBackup(
  folder: NodeFolder,
  file: string,
  options: RestoreOptions,
): Promise<RestoredNode> {
  const decrypter = decrypterFor(options.keys);
  const head = options.heads === undefined ? undefined : await newestHead(options.heads);
  const wasThere = existsSync(folder.path);
  const lock = begin(folder);
  const scratch = new Scratch(scratchPath(folder.path));
  let copy: string | undefined;
  try {
    await scratch.sweep();
    copy = join(await scratch.open(), "restore");
    mkdirSync(copy, { mode: 0o700 });
    const about = await readBackup(file, copy, decrypter, options.onProgress ?? (() => undefined));
    if (head !== undefined) assertNewer(head, about, options.heads!);
    const fingerprint = await account(nodeFolder(copy, {}), about, head, options.now);
    putInPlace(copy, folder);
    return resultOf(folder, fingerprint, about, head);
  } catch (error) {
    removeParts(folder);
    throw error;
  } finally {
    if (copy !== undefined) rmSync(copy, { recursive: true, force: true });
    scratch.close();
    rmSync(join(folder.path, MARK), { force: true });
    lock.release();
    if (!wasThere) removeIfEmpty(folder.path);
  }
}

/** Errors: `node-exists`; `folder`, if something else is in it, or another restore is under way. */
function begin(folder: NodeFolder): FileLock {
  const mark = join(folder.path, MARK);
  if (existsSync(folder.signingKeyFile)) {
    const words = `${folder.path} already holds a node; choose another --home.`;
    throw new OperatorError("node-exists", words);
  }
  try {
    mkdirSync(folder.path, { recursive: true, mode: 0o700 });
    const others = readdirSync(folder.path).filter((name) => name !== NOBODYS);
    const isUnfinished = others.includes(MARK);
    if (others.length > 0 && !isUnfinished)
      throw new OperatorError(
        "folder",
        `${folder.path} is not empty; choose another --home, or an empty folder.`,
      );
    const lock = isUnfinished ? FileLock.take(mark) : FileLock.make(mark);
    if (lock === undefined)
      throw new OperatorError("folder", `Another restore of ${folder.path} is under way; wait for it.`);
    removeParts(folder);
    return lock;
  } catch (cause) {
    if (cause instanceof OperatorError) throw cause;
    throw unwritable(mark, "the beginning of a restore", cause);
  }
}

/** What a restore that was not done has put in place. */
function removeParts({ path }: NodeFolder): void {
  for (const name of [...NODE_FILES, ...BESIDE]) rmSync(join(path, name), { force: true });
  removeIfEmpty(join(path, "keys"));
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // There is none, or something is in it.
  }
}

/** Looks whether all of the node belongs together, and writes into its log that it was restored. Returns its certificate's fingerprint. */
async function account(
  copy: NodeFolder,
  about: About,
  head: SavedHead | undefined,
  now: number,
): Promise<string> {
  const { policies } = await loadSettings(copy, {});
  const store = Store.open(copy.path);
  try {
    const audit = new Audit(store);
    const vault = await openVault(copy, store, now);
    const own = new OwnIdentities(copy, store, vault);
    own.finishSwitch();
    const identity = await loadIdentity(copy);
    own.begin(identity, now);
    const books = {
      audit,
      ledger: new Ledger(store, vault),
      epochs: new Epochs(store, vault),
      missed: new Missed(store),
    };
    const isOfNode = own.nodeId === about.fingerprint && own.fingerprint === identity.fingerprint;
    if (!store.isWhole() || !isOfNode) throw disagrees("damaged", "its files are not of one node");
    const { faults } = audit.verify();
    if (faults[0] !== undefined) throw disagrees("audit", faults[0].words);
    if (audit.entries({ limit: 1 })[0]?.hash !== about.head)
      throw disagrees("audit", "its end is another one");
    if (ledgerGaps(books).length > 0) throw disagrees("ledger", "it has spent more than its ledger says");
    const lost = lostOf(about, head);
    const lifetime = [defaultPolicy("any", "any"), ...policies].map(
      ({ lifetimeMicroEpsilon }) => lifetimeMicroEpsilon,
    );
    store.transaction(() => {
      // One that was used after the backup would be open again.
      if (lost === "unknown") new Invitations(store).forgetExpired(Number.MAX_SAFE_INTEGER);
      // One that was revoked after the backup would hold again.
      new ApiTokens(store).revokeAll(now);
      // So would a password that was changed, and a user who was removed.
      new Users(store, vault).lockAll();
      new SignIns(store).endAll();
      audit.append(
        "restored",
        {
          entries: about.entries,
          from: new Date(about.createdAt).toISOString(),
          lost,
          ...(lost === "unknown" && { lifetimeMicroEpsilon: Math.max(...lifetime) }),
        },
        now,
      );
      suspendTemplates({ templates: new TemplateStore(store), audit }, now);
      new Approvals(store).voidAll();
    });
    store.becomeOneFile();
    return identity.fingerprint;
  } finally {
    store.close();
  }
}

function lostOf(about: About, head: SavedHead | undefined): RestoredNode["lost"] {
  return head !== undefined && provesNothingSpent(head, about) ? "nothing" : "unknown";
}

function disagrees(code: "damaged" | "audit" | "ledger", why: string): OperatorError {
  return new OperatorError(
    code,
    `The node in the backup does not agree with itself: ${why}. Take an earlier backup.`,
  );
}

/** Errors: `folder`. */
function putInPlace(copy: string, { path, signingKeyFile }: NodeFolder): void {
  try {
    closeFolder(path);
    mkdirSync(dirname(signingKeyFile), { recursive: true, mode: 0o700 });
    for (const name of NODE_FILES) {
      renameSync(join(copy, name), join(path, name));
      // All others are in place, on the disk, before the last is.
      flush(join(path, name));
    }
  } catch (cause) {
    throw unwritable(path, `the restored node (${codeOf(cause)})`, cause);
  }
}

function resultOf(
  { path }: NodeFolder,
  fingerprint: string,
  about: About,
  head: SavedHead | undefined,
): RestoredNode {
  const lost = lostOf(about, head);
  const { createdAt, entries } = about;
  return {
    folder: path,
    fingerprint,
    createdAt,
    entries,
    lost,
    ...(lost === "nothing" && head?.at !== undefined && { provenTo: head.at }),
    ...(head !== undefined && { later: head.number - about.entries }),
  };
}

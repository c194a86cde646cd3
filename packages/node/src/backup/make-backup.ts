// Makes a backup of a node, which may serve meanwhile. The copy of the store lies in the clear in the node's own folder alone, where
// the next start removes what a killed process left of it; nothing else ever leaves the folder but encrypted.
import { existsSync } from "node:fs";
import { copyFile, mkdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Readable } from "node:stream";
import { create } from "tar";
import { Audit } from "../audit/audit.ts";
import { readHead, writeHead } from "../audit/head.ts";
import { codeOf, OperatorError } from "../errors.ts";
import { loadIdentity } from "../identity/identity.ts";
import { OwnIdentities } from "../identity/own-identities.ts";
import type { NodeState } from "../node-state.ts";
import { nodeFolder, type NodeFolder } from "../store/folder.ts";
import { writePrivateFile } from "../store/private-file.ts";
import { Scratch, scratchPath } from "../store/scratch.ts";
import { snapshot } from "../store/snapshot.ts";
import { Store } from "../store/store.ts";
import { createWholeFrom, removeAbandoned } from "../store/whole-file.ts";
import type { NodeVault } from "../vault/node-vault.ts";
import { ABOUT, aboutText, NODE_FILES } from "./contents.ts";
import { encrypterFor, type BackupKeys } from "./keys.ts";

/** Bytes done of about how many. */
export interface BackupProgress {
  readonly step: "copy" | "encrypt" | "decrypt";
  readonly done: number;
  readonly total: number;
}

export type OnBackup = (progress: BackupProgress) => void;

export interface MadeBackup {
  readonly file: string;
  readonly bytes: number;
  /** The last entry of the audit log that is in it. */
  readonly entries: number;
  readonly head: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/**
 * Writes a backup of the node to a new file, whole or not at all. Errors: `file`, also if the file is there; `flags`, `backup-key`;
 * `folder`, `store-busy`, `damaged`; `audit`, if the log and its head do not agree.
 */
export async function makeBackup(
  node: NodeState,
  path: string,
  keys: BackupKeys,
  onProgress: OnBackup,
): Promise<MadeBackup> {
  const file = resolve(path);
  node.store.assertWritable();
  const encrypter = encrypterFor(keys);
  assertNew(file);
  removeAbandoned(dirname(file), Date.now());
  const { audit, clock } = node;
  audit.append(
    "backed-up",
    { for: keys.passphrase === undefined ? "recipients" : "passphrase" },
    clock.now(),
  );
  const createdAt = clock.now();
  // Never where the setting `scratch` says: that may be a disk that others read.
  const scratch = new Scratch(scratchPath(node.folder.path));
  const copy = join(await scratch.open(), "backup");
  try {
    await mkdir(copy, { mode: 0o700 });
    const last = await copyNode(node, copy, onProgress);
    const about = { fingerprint: node.own.nodeId!, createdAt, ...last };
    await writeFile(join(copy, ABOUT), aboutText(about), { mode: 0o600 });
    const plain = Readable.toWeb(Readable.from(await archiveOf(copy, onProgress)));
    const sealed = await encrypter.encrypt(plain as unknown as ReadableStream<Uint8Array>);
    await createWholeFrom(file, sealed as unknown as AsyncIterable<Uint8Array>);
    return { file, bytes: (await stat(file)).size, createdAt, ...last };
  } catch (cause) {
    throw cause instanceof OperatorError ? cause : unwritten(file, cause);
  } finally {
    await rm(copy, { recursive: true, force: true });
    scratch.close();
    // What was deleted while the copy was made could not leave the store's log.
    node.store.forgetDeleted();
  }
}

/** What lies beside the store, and is copied as it is. */
const PLAIN_FILES = NODE_FILES.filter(
  (name) => !["node.sqlite", "audit.head", "keys/vault.key"].includes(name),
);

/** The node's files at one moment. Returns the last entry of the log at that moment. */
async function copyNode(
  { folder, vault }: NodeState,
  copy: string,
  onProgress: OnBackup,
): Promise<{ readonly entries: number; readonly head: string }> {
  await mkdir(join(copy, "keys"), { mode: 0o700 });
  for (const name of PLAIN_FILES.filter((each) => existsSync(join(folder.path, each))))
    await copyFile(join(folder.path, name), join(copy, name));
  // Before the store, which so has at least the entry that the head names.
  const head = readHead(folder.path);
  await snapshot(folder.path, copy, (done, total) => onProgress({ step: "copy", done, total }));
  if (head !== undefined) writeHead(copy, head);
  const store = Store.open(copy);
  try {
    if (!store.isWhole())
      throw new OperatorError("damaged", "node.sqlite is damaged; restore an earlier backup.");
    writePrivateFile(join(copy, "keys/vault.key"), "the vault's root", vault.rootOf(store));
    await assertOfOneMoment(nodeFolder(copy, {}), store, vault);
    const audit = new Audit(store);
    audit.assertReachesHead();
    audit.seal();
    store.becomeOneFile();
    const last = audit.entries({ limit: 1 })[0]!;
    return { entries: last.number, head: last.hash };
  } finally {
    store.close();
  }
}

/** Errors: `store-busy`, if the node's identity was replaced while it was copied. */
async function assertOfOneMoment(copy: NodeFolder, store: Store, vault: NodeVault): Promise<void> {
  const own = new OwnIdentities(copy, store, vault);
  // What was decided and not done yet is done by whoever opens the restored node.
  const { fingerprint } = own;
  if (fingerprint === undefined) return;
  const files = await loadIdentity(copy).catch(() => undefined);
  if (files?.fingerprint === fingerprint) return;
  throw new OperatorError(
    "store-busy",
    "The node's certificate was replaced meanwhile; make the backup again.",
  );
}

/** The tar's bytes as they are made. */
async function archiveOf(copy: string, onProgress: OnBackup): Promise<AsyncIterable<Uint8Array>> {
  const names = [ABOUT, ...NODE_FILES];
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(copy, name))).size));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const archive = create({ cwd: copy, portable: true, noDirRecurse: true, strict: true }, names);
  return counted(archive, (done) => onProgress({ step: "encrypt", done: Math.min(done, total), total }));
}

/** The same bytes; `onBytes` is told how many have gone by. */
export async function* counted(
  pieces: AsyncIterable<Uint8Array>,
  onBytes: (done: number) => void,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const piece of pieces) {
    done += piece.length;
    onBytes(done);
    yield piece;
  }
}

function assertNew(file: string): void {
  if (!existsSync(file)) return;
  throw new OperatorError("file", `${file} is there already: name another file, or move that one away.`);
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: "free space on its disk",
  EDQUOT: "free space in this account's quota",
  EEXIST: "it is there already: name another file",
};

function unwritten(file: string, cause: unknown): unknown {
  const code = codeOf(cause);
  if (code === "unknown") return cause;
  const remedy = REMEDIES[code] ?? "name a file where this account may write";
  return new OperatorError("file", `Cannot write the backup to ${file} (${code}); ${remedy}.`, { cause });
}

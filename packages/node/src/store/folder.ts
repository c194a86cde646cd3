// The node's folder: all of a node, in one place that its owner can back up or delete.
import { accessSync, chmodSync, constants, statSync, type Stats } from "node:fs";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { codeOf, OperatorError } from "../errors.ts";

export interface NodeFolder {
  readonly path: string;
  readonly configFile: string;
  readonly databaseFile: string;
  /** Ed25519, PKCS #8 in PEM. */
  readonly signingKeyFile: string;
  /** EC P-256, PKCS #8 in PEM. */
  readonly tlsKeyFile: string;
  readonly certificateFile: string;
  /** What the vault's keys come from, in base64; and, while another one takes its place, that one. */
  readonly vaultKeyFile: string;
  readonly nextVaultKeyFile: string;
}

/** The folder that `--home` names, else HALFROOM_HOME, else ~/.halfroom; it need not exist. */
export function nodeFolder(home?: string, env: NodeJS.ProcessEnv = process.env): NodeFolder {
  const path = resolve(home ?? env["HALFROOM_HOME"] ?? join(homedir(), ".halfroom"));
  return {
    path,
    configFile: join(path, "config.yaml"),
    databaseFile: join(path, "node.sqlite"),
    signingKeyFile: join(path, "keys", "signing.pem"),
    tlsKeyFile: join(path, "keys", "tls.pem"),
    certificateFile: join(path, "keys", "certificate.pem"),
    vaultKeyFile: join(path, "keys", "vault.key"),
    nextVaultKeyFile: join(path, "keys", "vault-next.key"),
  };
}

/**
 * Makes the folder, for its owner alone; one that is there and empty becomes so. Keys that an `init` left there which was ended before its last one are removed: nobody has
 * seen their fingerprint yet. Errors: `folder`; `node-exists`; `damaged`, if a node's database is there without the key.
 */
export async function createFolder(folder: NodeFolder): Promise<void> {
  if (await isFile(folder.signingKeyFile)) {
    throw new OperatorError(
      "node-exists",
      `${folder.path} already holds a node; choose another --home, or use that node.`,
    );
  }
  if (await isFile(folder.databaseFile)) {
    throw new OperatorError(
      "damaged",
      `${folder.path} holds the database of a node whose ${folder.signingKeyFile} is missing; restore the folder from one backup, or choose another --home.`,
    );
  }
  try {
    await makeFolder(folder.path);
    await mkdir(join(folder.path, "keys"), { recursive: true, mode: 0o700 });
    for (const left of [folder.tlsKeyFile, folder.certificateFile, folder.vaultKeyFile])
      await rm(left, { force: true });
  } catch (cause) {
    throw new OperatorError(
      "folder",
      `Cannot make ${folder.path} (${codeOf(cause)}); choose another --home.`,
      { cause },
    );
  }
}

/** Makes a folder for its owner alone. One that is there and empty becomes so: the volume of a container is made open to others. */
export async function makeFolder(path: string): Promise<void> {
  const isNew = (await mkdir(path, { recursive: true, mode: 0o700 })) !== undefined;
  // What holds something already may be shared on purpose.
  if (!isNew && (await readdir(path)).length === 0) closeFolder(path);
}

/** A folder of this account is its alone from now on. */
export function closeFolder(path: string): void {
  if (statSync(path).uid === process.getuid?.()) chmodSync(path, 0o700);
}

type Access = Pick<Stats, "mode" | "uid" | "gid">;

/** Undefined on systems without accounts of this kind. */
interface Account {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/**
 * Whether nobody but `account` and root can enter a folder. A volume of Kubernetes is root's and lets one group in, which is the account's
 * own.
 */
export function isPrivate(
  { mode, uid, gid }: Access,
  account: Account = { uid: process.getuid?.(), gid: process.getgid?.() },
): boolean {
  const isRoots = uid === 0 && account.uid !== 0;
  return (mode & (isRoots && gid === account.gid ? 0o007 : 0o077)) === 0;
}

/** Errors: `no-node`, unless there is a node in the folder. */
export async function assertNode(folder: NodeFolder): Promise<void> {
  if (await isFile(folder.signingKeyFile)) return;
  throw new OperatorError(
    "no-node",
    `There is no node in ${folder.path}; make one with: halfroom init --home ${folder.path}`,
  );
}

/** Whether the folder is on a file system that takes no writes: a job of a container often gets a node's folder so. */
export function isReadOnly(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return false;
  } catch (error) {
    return codeOf(error) === "EROFS";
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

// A worker's credential: an X25519 key of its own (RFC 7748), in a folder of its own, by which a leader seals to it the keys of sessions.
// The leader learns of it from a request, text that a person carries from one machine to the other:
//
//     halfroomw1_ and base64url of: public key, 32 bytes | name, the rest (UTF-8) | check, 4
//
// The check is the first bytes of SHA-256 over everything before it. A request is not secret; but who could put another in its place
// would get the sessions' keys, so both commands show the fingerprint for people to compare.
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { systemRng } from "@halfroom/crypto";
import { quoted } from "@halfroom/wire/words";
import { nameSchema } from "../config/names.ts";
import { codeOf, OperatorError } from "../errors.ts";
import { makeFolder, type NodeFolder } from "../store/folder.ts";
import { readPrivateFile, writePrivateFile } from "../store/private-file.ts";
import { HPKE_KEY_BYTES, hpkePublicKey } from "../vault/hpke.ts";

/** Hexadecimal digits of a worker's id, by which Redis and the share know it. */
const ID_DIGITS = 32;
const PREFIX = "halfroomw1_";
const CHECK_BYTES = 4;
const MARK = "halfroom-worker-1";
const WORDS =
  "# Credential of a Halfroom worker. Whoever has it can open the keys of sessions that this worker takes part in.";

/** What a leader knows of a worker. */
export interface WorkerIdentity {
  readonly name: string;
  /** X25519, 32 bytes. */
  readonly publicKey: Uint8Array;
}

export interface Credential extends WorkerIdentity {
  readonly privateKey: Uint8Array;
}

/** SHA-256 of its public key, 64 hexadecimal digits. */
export function workerFingerprint(publicKey: Uint8Array): string {
  return createHash("sha256").update("halfroom/v1/worker").update(publicKey).digest("hex");
}

export function workerId(publicKey: Uint8Array): string {
  return workerFingerprint(publicKey).slice(0, ID_DIGITS);
}

/** Errors: `name`. */
export function assertWorkerName(name: string): void {
  const fault = nameSchema.safeParse(name).error?.issues[0]?.message;
  if (fault !== undefined) throw new OperatorError("name", `The worker's name: ${fault}.`);
}

/**
 * Makes the worker's folder and credential, or reads the one that is there. Errors: `name`; `name-taken`, if the folder's worker has
 * another name; `node-exists`, if it is a node's folder; `folder`, `open-to-others`.
 */
export async function makeCredential(folder: NodeFolder, name: string): Promise<Credential> {
  assertWorkerName(name);
  if (await exists(folder.signingKeyFile))
    throw new OperatorError(
      "node-exists",
      `${folder.path} holds a node; a worker has a folder of its own: choose another --home.`,
    );
  if (await exists(fileOf(folder))) {
    const credential = await readCredential(folder);
    if (credential.name === name) return credential;
    throw new OperatorError("name-taken", `${folder.path} holds the worker ${quoted(credential.name)}.`);
  }
  const privateKey = systemRng.bytes(HPKE_KEY_BYTES);
  try {
    await makeFolder(folder.path);
  } catch (cause) {
    throw new OperatorError(
      "folder",
      `Cannot make ${folder.path} (${codeOf(cause)}); choose another --home.`,
      {
        cause,
      },
    );
  }
  const text = `${WORDS}\n${MARK} ${Buffer.from(privateKey).toString("hex")} ${name}\n`;
  writePrivateFile(fileOf(folder), "the worker's credential", text);
  return { name, privateKey, publicKey: hpkePublicKey(privateKey) };
}

/** Errors: `no-worker`, `damaged`, `open-to-others`, `folder`. */
export async function readCredential(folder: NodeFolder): Promise<Credential> {
  const file = fileOf(folder);
  if (!(await exists(file))) {
    const remedy = `halfroom worker enrol --name NAME --home ${folder.path}`;
    throw new OperatorError("no-worker", `There is no worker in ${folder.path}; make one with: ${remedy}`);
  }
  const text = await readPrivateFile(file);
  const found = new RegExp(`^${MARK} ([0-9a-f]{${2 * HPKE_KEY_BYTES}}) (\\S+)$`, "m").exec(text);
  if (found === null)
    throw new OperatorError(
      "damaged",
      `${file} is no worker's credential; remove it and enrol the worker again.`,
    );
  const privateKey = new Uint8Array(Buffer.from(found[1]!, "hex"));
  return { name: found[2]!, privateKey, publicKey: hpkePublicKey(privateKey) };
}

export function encodeRequest({ name, publicKey }: WorkerIdentity): string {
  const body = Buffer.concat([publicKey, Buffer.from(name)]);
  return `${PREFIX}${Buffer.concat([body, check(body)]).toString("base64url")}`;
}

/** Errors: `token`, for anything but a whole request. */
export function decodeRequest(request: string): WorkerIdentity {
  const text = request.trim();
  const bytes = Buffer.from(text.slice(PREFIX.length), "base64url");
  const body = bytes.subarray(0, -CHECK_BYTES);
  const name = body.subarray(HPKE_KEY_BYTES).toString();
  const isWhole =
    text === `${PREFIX}${bytes.toString("base64url")}` &&
    bytes.subarray(-CHECK_BYTES).equals(check(body)) &&
    body.length > HPKE_KEY_BYTES &&
    nameSchema.safeParse(name).success;
  if (!isWhole)
    throw new OperatorError(
      "token",
      "The worker's request is damaged; copy the whole line that `halfroom worker enrol` printed.",
    );
  return { name, publicKey: new Uint8Array(body.subarray(0, HPKE_KEY_BYTES)) };
}

function check(body: Uint8Array): Buffer {
  return createHash("sha256")
    .update("halfroom/v1/worker-request")
    .update(body)
    .digest()
    .subarray(0, CHECK_BYTES);
}

const fileOf = ({ path }: NodeFolder) => join(path, "worker.key");

async function exists(file: string): Promise<boolean> {
  return await stat(file).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

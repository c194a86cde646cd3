// Makes keys and a certificate for them: those of a new node, and those that take the place of others.
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import {
  certificateStatement,
  keyDigest,
  namesOf,
  successorStatement,
  SUCCESSORS_MAX,
  type Successor,
} from "./succession.ts";

/** Nobody checks the date: the partner pins this very certificate until one side unpins it, or another one takes its place. */
const NOT_AFTER = new Date("2099-12-31T00:00:00Z");

/** What lies in the three files of a node's keys, in PEM. */
export interface IdentityFiles {
  readonly signing: string;
  readonly tls: string;
  readonly certificate: string;
}

export function newSigningKey(): KeyObject {
  return generateKeyPairSync("ed25519").privateKey;
}

/** A certificate with a TLS key of its own. `number`: greater than that of every one before. */
export async function makeIdentity(
  signingKey: KeyObject,
  successors: readonly Successor[],
  number: number,
): Promise<IdentityFiles> {
  // Slow to load, and only new keys need it.
  const { generate } = await import("selfsigned");
  const pair = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const tlsKey = keyDigest(createPrivateKey(pair.privateKey));
  const signature = signWith(signingKey, certificateStatement(number, tlsKey));
  const names = namesOf({ number, signature, successors: successors.slice(-SUCCESSORS_MAX) });
  const { private: tls, cert } = await generate(
    [{ name: "commonName", value: rawKey(createPublicKey(signingKey)).base64url }],
    {
      keyType: "ec",
      curve: "P-256",
      algorithm: "sha256",
      notAfterDate: NOT_AFTER,
      keyPair: pair,
      extensions: [{ name: "subjectAltName", altNames: names.map((value) => ({ type: 6, value })) }],
    },
  );
  const signing = signingKey.export({ type: "pkcs8", format: "pem" }) as string;
  return { signing, tls, certificate: `${cert}\n` };
}

/** The statement that `newKey` succeeds `oldKey`, signed by both. */
export function succeed(oldKey: KeyObject, newKey: KeyObject, number: number): Successor {
  const [old, next] = [oldKey, newKey].map((key) => rawKey(createPublicKey(key)).bytes);
  const said = successorStatement(number, old!, next!);
  return {
    number,
    oldKey: old!,
    newKey: next!,
    byOld: signWith(oldKey, said),
    byNew: signWith(newKey, said),
  };
}

/** Of an Ed25519 key. */
export function rawKey(key: KeyObject): { readonly base64url: string; readonly bytes: Uint8Array } {
  const base64url = key.export({ format: "jwk" }).x!;
  return { base64url, bytes: new Uint8Array(Buffer.from(base64url, "base64url")) };
}

function signWith(key: KeyObject, bytes: Uint8Array): Uint8Array {
  return new Uint8Array(sign(null, bytes, key));
}

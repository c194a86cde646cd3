// The node's own keys: an Ed25519 key that signs agreements, an EC P-256 key for TLS, and a self-signed certificate.
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  X509Certificate,
  type KeyObject,
} from "node:crypto";
import { readPrivateFile, writePrivateFile } from "../store/private-file.ts";
import type { NodeFolder } from "../store/folder.ts";
import { fingerprintOf, signingKeyOf } from "./fingerprint.ts";
import { OperatorError } from "../errors.ts";

/** Nobody checks the date: the partner pins this very certificate until one side unpins it. */
const NOT_AFTER = new Date("2099-12-31T00:00:00Z");

export interface Identity {
  /** SHA-256 of the certificate, 64 hexadecimal digits; pins the TLS key and the signing key. */
  readonly fingerprint: string;
  /** The Ed25519 public key, 32 bytes. */
  readonly signingKey: Uint8Array;
  /** Key and certificate for TLS, in PEM. */
  readonly tls: { readonly key: string; readonly certificate: string };
  /** An Ed25519 signature, 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array;
  /** The Ed25519 private key, to sign with and to derive keys from. */
  readonly privateKey: KeyObject;
}

/** Makes the node's keys, in files in its folder. Errors: `folder`, if one of the files exists. */
export async function createIdentity(folder: NodeFolder): Promise<Identity> {
  // Slow to load, and only a new node needs it.
  const { generate } = await import("selfsigned");
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const { private: tlsKey, cert } = await generate(
    [{ name: "commonName", value: rawKey(publicKey).base64url }],
    {
      keyType: "ec",
      curve: "P-256",
      algorithm: "sha256",
      notAfterDate: NOT_AFTER,
    },
  );
  writePrivateFile(folder.tlsKeyFile, "a private key", tlsKey);
  writePrivateFile(folder.certificateFile, "the certificate", `${cert}\n`);
  // Last: a folder with this file holds a node.
  writePrivateFile(
    folder.signingKeyFile,
    "a private key",
    privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  );
  return await loadIdentity(folder);
}

/** Reads the node's keys. Errors: `folder`, `open-to-others`; `damaged`, also if the keys and the certificate do not belong together. */
export async function loadIdentity(folder: NodeFolder): Promise<Identity> {
  const signingPem = await readPrivateFile(folder.signingKeyFile);
  const tlsPem = await readPrivateFile(folder.tlsKeyFile);
  const certificatePem = await readPrivateFile(folder.certificateFile);
  const signingPrivate = parse(folder.signingKeyFile, () => createPrivateKey(signingPem));
  const tlsPrivate = parse(folder.tlsKeyFile, () => createPrivateKey(tlsPem));
  const certificate = parse(folder.certificateFile, () => new X509Certificate(certificatePem));
  if (signingPrivate.asymmetricKeyType !== "ed25519") throw damaged(folder.signingKeyFile);
  const { bytes: signingKey } = rawKey(createPublicKey(signingPrivate));
  const named = signingKeyOf(certificate);
  if (
    named === undefined ||
    Buffer.compare(named, signingKey) !== 0 ||
    !certificate.checkPrivateKey(tlsPrivate)
  ) {
    throw new OperatorError(
      "damaged",
      `${folder.certificateFile} belongs to other keys; restore the node's folder from one backup.`,
    );
  }
  return {
    fingerprint: fingerprintOf(certificate),
    signingKey,
    tls: { key: tlsPem, certificate: certificatePem },
    sign: (bytes) => new Uint8Array(sign(null, bytes, signingPrivate)),
    privateKey: signingPrivate,
  };
}

function rawKey(key: KeyObject): { base64url: string; bytes: Uint8Array } {
  const base64url = key.export({ format: "jwk" }).x!;
  return { base64url, bytes: new Uint8Array(Buffer.from(base64url, "base64url")) };
}

function parse<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch {
    // The library's error may quote what it could not read.
    throw damaged(file);
  }
}

function damaged(file: string): OperatorError {
  return new OperatorError("damaged", `${file} is damaged; restore the node's folder from a backup.`);
}

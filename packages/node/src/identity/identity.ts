// The node's own keys: an Ed25519 key that signs agreements, an EC P-256 key for TLS, and a self-signed certificate.
import { createPrivateKey, createPublicKey, sign, X509Certificate, type KeyObject } from "node:crypto";
import { readPrivateFile, replacePrivateFile, writePrivateFile } from "../store/private-file.ts";
import type { NodeFolder } from "../store/folder.ts";
import { fingerprintOf, signingKeyOf } from "./fingerprint.ts";
import { makeIdentity, newSigningKey, rawKey, type IdentityFiles } from "./make-identity.ts";
import { claimOf, type Successor } from "./succession.ts";
import { OperatorError } from "../errors.ts";

export interface Identity {
  /** SHA-256 of the certificate, 64 hexadecimal digits; pins the TLS key and the signing key. */
  readonly fingerprint: string;
  /** The Ed25519 public key, 32 bytes. */
  readonly signingKey: Uint8Array;
  /** Key and certificate for TLS, in PEM. */
  readonly tls: { readonly key: string; readonly certificate: string };
  /** The certificate's number: each that takes the place of another has a greater one. 0 for one of an earlier version. */
  readonly number: number;
  /** The identities that led to this one, the oldest first. */
  readonly successors: readonly Successor[];
  /** An Ed25519 signature, 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array;
  /** The Ed25519 private key. */
  readonly privateKey: KeyObject;
}

/** Makes the node's keys, in files in its folder. `now` in milliseconds since 1970. Errors: `folder`, if one of the files exists. */
export async function createIdentity(folder: NodeFolder, now: number): Promise<Identity> {
  const { signing, tls, certificate } = await makeIdentity(newSigningKey(), [], now);
  writePrivateFile(folder.tlsKeyFile, "a private key", tls);
  writePrivateFile(folder.certificateFile, "the certificate", certificate);
  // Last: a folder with this file holds a node.
  writePrivateFile(folder.signingKeyFile, "a private key", signing);
  return await loadIdentity(folder);
}

/** Puts other keys in the place of the node's. Killed in between it has to be done again. Errors: `folder`. */
export function replaceIdentity(folder: NodeFolder, { signing, tls, certificate }: IdentityFiles): void {
  replacePrivateFile(folder.tlsKeyFile, "a private key", tls);
  replacePrivateFile(folder.certificateFile, "the certificate", certificate);
  replacePrivateFile(folder.signingKeyFile, "a private key", signing);
}

/** Reads the node's keys. Errors: `folder`, `open-to-others`; `damaged`, also if the keys and the certificate do not belong together. */
export async function loadIdentity(folder: NodeFolder): Promise<Identity> {
  return identityOf(folder, {
    signing: await readPrivateFile(folder.signingKeyFile),
    tls: await readPrivateFile(folder.tlsKeyFile),
    certificate: await readPrivateFile(folder.certificateFile),
  });
}

/** What the files of keys hold. Errors: `damaged`. */
export function identityOf(folder: NodeFolder, files: IdentityFiles): Identity {
  const signingPrivate = parse(folder.signingKeyFile, () => createPrivateKey(files.signing));
  const tlsPrivate = parse(folder.tlsKeyFile, () => createPrivateKey(files.tls));
  const certificate = parse(folder.certificateFile, () => new X509Certificate(files.certificate));
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
  const claim = claimOf(certificate);
  return {
    fingerprint: fingerprintOf(certificate),
    signingKey,
    tls: { key: files.tls, certificate: files.certificate },
    number: claim?.number ?? 0,
    successors: claim?.successors ?? [],
    sign: (bytes) => new Uint8Array(sign(null, bytes, signingPrivate)),
    privateKey: signingPrivate,
  };
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

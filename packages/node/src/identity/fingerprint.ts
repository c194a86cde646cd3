// What identifies a node: its certificate, which names its signing key, so that one fingerprint pins both.
import { createHash, createPublicKey, verify } from "node:crypto";
import type { KeyObject, X509Certificate } from "node:crypto";

/** Bytes of an Ed25519 public key (RFC 8032). */
const SIGNING_KEY_BYTES = 32;

/** SHA-256 of the certificate's DER as 64 lower-case hexadecimal digits. */
export function fingerprintOf(certificate: X509Certificate): string {
  return createHash("sha256").update(certificate.raw).digest("hex");
}

/**
 * The Ed25519 public key, 32 bytes, that a node's certificate names as its subject's common name in base64url; undefined
 * for any other certificate.
 */
export function signingKeyOf(certificate: X509Certificate): Uint8Array | undefined {
  const name = /^CN=([\w-]{43})$/.exec(certificate.subject)?.[1];
  if (name === undefined) return undefined;
  const key = new Uint8Array(Buffer.from(name, "base64url"));
  return key.length === SIGNING_KEY_BYTES && Buffer.from(key).toString("base64url") === name
    ? key
    : undefined;
}

/** The Ed25519 public key of 32 raw bytes (RFC 8032). */
export function publicKeyOf(signingKey: Uint8Array): KeyObject {
  const x = Buffer.from(signingKey).toString("base64url");
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
}

/** What agreements name a side by: SHA-256 of its Ed25519 public key as SPKI in DER, 32 bytes. */
export function keyFingerprint(signingKey: Uint8Array): Uint8Array {
  const spki = publicKeyOf(signingKey).export({ format: "der", type: "spki" });
  return new Uint8Array(createHash("sha256").update(spki).digest());
}

/** Whether `signature` is one of Ed25519 (RFC 8032) over `bytes` under the 32-byte public key; never throws. */
export function verifySignature(signingKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(null, bytes, publicKeyOf(signingKey), signature);
  } catch {
    return false;
  }
}

/** A fingerprint as people compare it: groups of four digits. */
export function groupedFingerprint(fingerprint: string): string {
  return fingerprint.replace(/(.{4})(?=.)/g, "$1 ");
}

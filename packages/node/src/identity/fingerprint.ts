// What identifies a node: its certificate, which names its signing key, so that one fingerprint pins both.
import { createHash, type X509Certificate } from "node:crypto";

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

/** A fingerprint in groups of four digits, for people to compare. */
export function groupedFingerprint(fingerprint: string): string {
  return fingerprint.replace(/(.{4})(?=.)/g, "$1 ");
}

// Ed25519 keys (RFC 8032) as agreements and receipts name and use them.
import { createHash, createPublicKey, sign, verify, type KeyObject } from "node:crypto";

/** The Ed25519 public key of 32 raw bytes (RFC 8032). */
export function publicKeyOf(signingKey: Uint8Array): KeyObject {
  const x = Buffer.from(signingKey).toString("base64url");
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
}

/** Ed25519 signatures (RFC 8032), 64 bytes each, by the holder of a key. */
export type Signer = (bytes: Uint8Array) => Uint8Array;

export function signerOf(privateKey: KeyObject): Signer {
  return (bytes) => new Uint8Array(sign(null, bytes, privateKey));
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

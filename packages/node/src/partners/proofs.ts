// What the two sides of a first contact prove to each other: that each knows the invitation's secret and holds the signing key
// that its certificate names. TLS itself proves the TLS keys.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** The two sides of a first contact; both see the same. */
export interface Contact {
  /** 64 hexadecimal digits; names certificate and, in it, the signing key. */
  readonly inviter: string;
  readonly joiner: string;
  /** The joiner's, 32 fresh random bytes. */
  readonly nonce: Uint8Array;
  /** Where the joiner says that it can be reached; may be empty. */
  readonly address: string;
}

export type Side = "inviter" | "joiner";

/** HMAC-SHA256 (RFC 2104) under the secret over label, side and contact: 32 bytes. */
export function proofOf(secret: Uint8Array, side: Side, contact: Contact): Uint8Array {
  return createHmac("sha256", secret).update(statementOf(side, contact)).digest();
}

/** In constant time. */
export function isProof(proof: Uint8Array, secret: Uint8Array, side: Side, contact: Contact): boolean {
  return timingSafeEqual(proof, proofOf(secret, side, contact));
}

/** What a side signs with its Ed25519 key: label, side and contact, each prefixed with its length. */
export function statementOf(side: Side, { inviter, joiner, nonce, address }: Contact): Uint8Array {
  const parts = [
    Buffer.from("halfroom/v1/join"),
    Buffer.from(side),
    Buffer.from(inviter, "hex"),
    Buffer.from(joiner, "hex"),
    nonce,
    Buffer.from(address, "utf8"),
  ];
  return Buffer.concat(parts.flatMap((part) => [Uint8Array.of(part.length >> 8, part.length & 0xff), part]));
}

/** Identifies an invitation on the wire and in the store without revealing its secret: 16 bytes. */
export function invitationId(secret: Uint8Array): Uint8Array {
  return createHash("sha256").update("halfroom/v1/invitation").update(secret).digest().subarray(0, 16);
}

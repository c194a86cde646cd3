// RFC 9497, mode VOPRF (0x01), suite ristretto255-SHA512: what its steps and its proofs share.

/** Mode and suite in one name: pseudonyms of another one are other pseudonyms, also under the same key. */
export const OPRF_SUITE = "voprf-ristretto255-SHA512";

/** CreateContextString(0x01, "ristretto255-SHA512"), section 3.1 */
export const CONTEXT = "OPRFV1-\x01-ristretto255-SHA512";

export const LENGTH_BYTES = 2;

/** A secret key, a scalar, and its public key, a point: 32 bytes each. */
export interface KeyPair {
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** I2OSP(length, 2) */
export function lengthPrefix(length: number): Buffer {
  const prefix = Buffer.alloc(LENGTH_BYTES);
  prefix.writeUInt16BE(length);
  return prefix;
}

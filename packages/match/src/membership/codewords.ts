// Codewords of the per-bin OPRF: c(F) = SHA-512(label, session, shard, F). Pseudorandom, so any two differ in far more
// than 128 of 512 places (Kolesnikov et al., eprint 2016/799, section 3, asks for a pseudorandom code).
import { RowHasher } from "@halfroom/crypto";

/** Width of the code, and of the matrix of the per-bin OPRF. */
export const CODE_BITS = 512;
export const CODE_WORDS = CODE_BITS / 32;
const PSEUDONYM_BYTES = 64;

/** Codeword of each pseudonym: n x 64 bytes to n x 16 words. */
export function codewords(pseudonyms: Uint8Array, session: Uint8Array, shard: number): Uint32Array {
  const hasher = new RowHasher("sha512", "match/codeword", session, [shard], [PSEUDONYM_BYTES]);
  return new Uint32Array(hasher.digests(pseudonyms).buffer);
}

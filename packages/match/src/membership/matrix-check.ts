// The check that every row of the matrix of the per-bin OPRF is a codeword (protocol-spec.md, section 11.3.2): that of
// SoftSpokenOT (Roy, eprint 2022/192, section 4: subspace VOLE for any linear code), which generalises that of Orru, Orsini
// and Scholl (eprint 2016/933, section 4). Non-interactive, by Fiat and Shamir, with sums in GF(2^128); in place of its
// hashed columns t the receiver sends their digest, since the sender can compute what they must be.
//
// Let R be the row hash, applied to each of the 512 columns of a piece, and u the columns of the receiver's corrections
// without the streams: those of its codewords, if it is honest, plus an error. The receiver sends what should be R of the
// columns of its information words; C of that, on 512 columns, is what R(u) should be. q = t + s u column by column, so the
// sender expects R(t) = R(q) + s C(sent). Where R(u) differs from C(sent), in the places E, the receiver has to guess the bit
// of s: it passes with 2^-|E|, and then knows these bits and no others.
//
// What is left outside E is a word of the code in every row, but for an error of 2^-127: let r be the rank of the errors
// modulo the code, over all rows, and g the loss of rank by R. E has at least r - g places (or 128, the distance), and R maps
// any one vector to zero with 2^-128, so that the expected 2^g - 1 is at most 2^(r - 128); hence the expected 2^(g - r) of all
// R that lose rank is at most 2 x 2^-128. Whoever tries many matrices for a good R pays a hash of the matrix for each.
import { timingSafeEqual } from "node:crypto";
import { arrayKernels, bitMask, bytesOf, hash256, RowHash, xorMasked } from "@halfroom/crypto";
import { ProtocolError } from "@halfroom/wire";
import { CODE_BITS, encode, INFORMATION_BITS, INFORMATION_WORDS } from "./code.ts";

/** Rows of a piece that belong to no bin, at least: their random codewords mask the sums that the receiver sends. */
export const SACRIFICED_ROWS = 128;
const SUM_WORDS = 4;
const SUM_BITS = SUM_WORDS * 32;

/** What a check is bound to. */
export interface PieceOfMatrix {
  readonly session: Uint8Array;
  readonly shard: number;
  readonly piece: number;
  /** As they went over the wire: 512 columns. */
  readonly corrections: Uint8Array;
}

/** The receiver's proof for a piece. */
export interface CodewordProof {
  /** Sums of the columns of the information words: 108 x 16 bytes. */
  readonly sums: Uint8Array;
  /** Digest of the sums of the columns t: 32 bytes. */
  readonly digest: Uint8Array;
}

/** `information`: rows x 4 words; `columns`: t, 512 x rows bits; rows a multiple of 128. */
export function proveCodewords(
  piece: PieceOfMatrix,
  information: Uint32Array,
  columns: Uint32Array,
): CodewordProof {
  const rows = information.length / INFORMATION_WORDS;
  const informationColumns = arrayKernels.transposeBits(information, rows, INFORMATION_WORDS * 32);
  const challenge = challengeOf(piece);
  const sums = bytesOf(sumColumns(challenge, informationColumns, INFORMATION_BITS, rows));
  return { sums, digest: digestOf(piece, sumColumns(challenge, columns, CODE_BITS, rows)) };
}

/** `columns`: q, 512 x rows bits; `secret`: s, 16 words. Errors: `check`. */
export function assertCodewords(
  piece: PieceOfMatrix,
  secret: Uint32Array,
  columns: Uint32Array,
  { sums, digest }: CodewordProof,
): void {
  const rows = (columns.length * 32) / CODE_BITS;
  const expected = sumColumns(challengeOf(piece), columns, CODE_BITS, rows);
  const encoded = encodeSums(sums);
  for (let i = 0; i < CODE_BITS; i++) {
    const [from, to] = [i * SUM_WORDS, (i + 1) * SUM_WORDS];
    xorMasked(expected.subarray(from, to), encoded.subarray(from, to), bitMask(secret, i));
  }
  if (!timingSafeEqual(digestOf(piece, expected), digest)) throw new ProtocolError("check");
}

/** The code on columns of 128 bits: 108 of them to 512 x 4 words. */
function encodeSums(sums: Uint8Array): Uint32Array {
  const columns = new Uint32Array(INFORMATION_WORDS * 32 * SUM_WORDS);
  new Uint8Array(columns.buffer).set(sums);
  const words = arrayKernels.transposeBits(columns, INFORMATION_WORDS * 32, SUM_BITS);
  return arrayKernels.transposeBits(encode(words), SUM_BITS, CODE_BITS);
}

/** R of the first `count` columns of `rows` bits: count x 4 words. */
function sumColumns(challenge: Uint8Array, columns: Uint32Array, count: number, rows: number): Uint32Array {
  const sums = new Uint32Array(count * SUM_WORDS);
  new RowHash(challenge).add(columns, count, rows / 32, sums);
  return sums;
}

function challengeOf({ session, shard, piece, corrections }: PieceOfMatrix): Uint8Array {
  return hash256("match/matrix-challenge", session, shard, piece, corrections);
}

function digestOf({ session, shard, piece }: PieceOfMatrix, sums: Uint32Array): Uint8Array {
  return hash256("match/matrix-sums", session, shard, piece, bytesOf(sums));
}

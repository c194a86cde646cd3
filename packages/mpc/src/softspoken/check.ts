// The consistency checks of SoftSpokenOT (Roy, eprint 2022/192): of a piece of transfers (section 4, subspace VOLE) and of the
// trees (section 6). Both are non-interactive, so what a cheater tries it can try beforehand as often as it can compute: every
// error probability here is 2^-128 for one try.
import { timingSafeEqual } from "node:crypto";
import { BLOCK_WORDS, bytesOf, hash256, RowHash, TRANSFER_ROWS, xorMasked } from "@halfroom/crypto";
import { ProtocolError } from "@halfroom/wire";
import type { SupplyParameters } from "./supply.ts";

/** Transfers of a piece that are made for the check alone and thrown away: they mask what it shows of the choices. */
export const SACRIFICED = 128;
const HASH_BYTES = 16;
const DIGEST_BYTES = 32;
/** What follows the corrections of a piece: the hash of the choices, and a digest of the hashes of the rows. */
export const PIECE_CHECK_BYTES = HASH_BYTES + DIGEST_BYTES;

/** The piece that is checked: where its supply stands before it, and its corrections as they are sent. */
export interface Piece {
  readonly parameters: SupplyParameters;
  readonly position: number;
  readonly corrections: Uint8Array;
}

/**
 * What proves a piece. `rows`: the 128 rows of the matrix and behind them the choices, `words` words each.
 *
 * h is `RowHash` under a seed that hashes the leaves and the corrections (Fiat and Shamir's transform of the paper's challenge), and the proof is
 * h(choices) with a digest of h(row) for each row (the digest in place of the rows is from FAEST's use of the check). The last block
 * of each row, from the sacrificed transfers, is random and so masks h(choices).
 */
export function provePiece(piece: Piece, rows: Uint32Array, words: number): Uint8Array {
  const seed = challenge(piece);
  const sums = new Uint32Array((TRANSFER_ROWS + 1) * BLOCK_WORDS);
  new RowHash(seed).add(rows, TRANSFER_ROWS + 1, words, sums);
  const ofRows = sums.subarray(0, TRANSFER_ROWS * BLOCK_WORDS);
  const ofChoices = sums.subarray(TRANSFER_ROWS * BLOCK_WORDS);
  return Buffer.concat([bytesOf(ofChoices), digest(piece, seed, ofRows)]);
}

/**
 * Whether `proof` fits the rows of the end that holds Delta, 128 rows of `words` words. `delta`: 4 words.
 *
 * An honest row here is the chooser's, plus the choices where Delta has a one; so its hash is that of the chooser's row, plus
 * h(choices) there. A chooser that corrects trees with different choices passes only if it guesses the pieces Delta_i of all trees that
 * it treats otherwise than the rest, k bits each: a cheat that touches c bits of Delta passes with probability 2^-c, has then
 * learned these c bits, and ends the session otherwise. Everything else needs a collision of h (2^-128) or of SHA-256.
 */
export function verifyPiece(
  piece: Piece,
  rows: Uint32Array,
  words: number,
  delta: Uint32Array,
  proof: Uint8Array,
): boolean {
  const seed = challenge(piece);
  const sums = new Uint32Array(TRANSFER_ROWS * BLOCK_WORDS);
  new RowHash(seed).add(rows, TRANSFER_ROWS, words, sums);
  const ofChoices = new Uint32Array(proof.slice(0, HASH_BYTES).buffer);
  for (let row = 0; row < TRANSFER_ROWS; row++) {
    const mask = -((delta[row >>> 5]! >>> (row & 31)) & 1);
    xorMasked(sums.subarray(row * BLOCK_WORDS, (row + 1) * BLOCK_WORDS), ofChoices, mask);
  }
  return timingSafeEqual(digest(piece, seed, sums), proof.subarray(HASH_BYTES));
}

/** Refuses a piece whose proof does not fit. Errors: `check`. */
export function checkPiece(...piece: Parameters<typeof verifyPiece>): void {
  if (!verifyPiece(...piece)) throw new ProtocolError("check");
}

export type PieceCheck = typeof checkPiece;

/**
 * The digest of the leaves is part of it, so that trees and corrections are both settled before the seed. With corrections alone, a
 * chooser could settle these first and then, knowing h, choose leaves whose streams sum to an error with hash zero: with c bits of a
 * tree's hole guessed, c + 1 of its nodes are free, and the generalised birthday attack (Wagner, CRYPTO 2002) needs 2^64 steps for two of
 * them, 2^43 for four, 2^32 for eight.
 */
function challenge({ parameters, position, corrections }: Piece): Uint8Array {
  const { session, direction, purpose, shard, leavesDigest } = parameters;
  const place = [direction, purpose, shard, position] as const;
  return hash256("softspoken/challenge", session, leavesDigest, ...place, corrections);
}

function digest({ parameters, position }: Piece, seed: Uint8Array, sums: Uint32Array): Uint8Array {
  const { session, direction, purpose, shard } = parameters;
  return hash256("softspoken/rows", session, direction, purpose, shard, position, seed, bytesOf(sums));
}

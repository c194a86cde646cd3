// Random oblivious transfers from SoftSpokenOT's seeds (Roy, eprint 2022/192, figures 7 and 9, repetition code): the
// receiver ends with a choice c and string m_c, the sender with m_0 and m_1, all random. The receiver's row t_j and the
// sender's q_j = t_j xor c_j Delta are hashed with the tweakable hash of `FixedKeyAes.tweakedHash`; the tweak is the index
// of the transfer, and the hash's key is bound to session, direction, purpose and shard.
//
// Each piece carries the proof of check.ts. The sender hashes no row, and so makes no string, before the proof of its piece
// has passed.
import {
  arrayKernels,
  bitWords,
  BLOCK_WORDS,
  ColumnHash,
  FixedKeyAes,
  leafStreams,
  TRANSFER_ROWS,
  type LeafStreams,
} from "@halfroom/crypto";
import { recvBulk, sendBulk } from "@halfroom/wire";
import type {
  OtReceiver,
  OtReceiverChannel,
  OtSender,
  OtSenderChannel,
  ReceiverBits,
  ReceiverRows,
  SenderBits,
  SenderRows,
} from "../ot/source.ts";
import type { Role } from "../parties.ts";
import { checkPiece, PIECE_CHECK_BYTES, provePiece, SACRIFICED, type PieceCheck } from "./check.ts";

/** Rows of the correlation: the width of Delta. */
const ROWS = TRANSFER_ROWS;
/** Transfers worked on at a time: half a MiB of corrections with k = 4. */
const PIECE = 1 << 17;
const BLOCK_BITS = 128;

/** What a supply is derived from, besides the seeds. */
export interface SupplyParameters {
  readonly session: Uint8Array;
  readonly direction: Role;
  readonly purpose: string;
  readonly shard: number;
  readonly k: number;
  /** Digest of the trees' leaves, 32 bytes: part of each challenge. */
  readonly leavesDigest: Uint8Array;
}

interface PieceRows {
  readonly all: Uint32Array;
  readonly matrix: Uint32Array;
  readonly choices: Uint32Array;
}

/** Streams and hash that both ends share. The position only moves forward. */
class SupplyStreams {
  readonly trees: number;
  readonly leaves: LeafStreams;
  readonly hash: ColumnHash;
  position = 0;
  #memory = new Uint32Array(0);

  constructor({ session, direction, purpose, shard, k }: SupplyParameters, keys: Uint8Array) {
    this.trees = ROWS / k;
    this.leaves = leafStreams(keys, k);
    this.hash = new ColumnHash(new FixedKeyAes("softspoken/hash", session, direction, purpose, shard));
  }

  /**
   * Memory for the matrix of one piece and a vector of choices behind it, `words` words a row: the same for all pieces, which
   * come one after the other.
   */
  rows(words: number): PieceRows {
    const length = (ROWS + 1) * words;
    if (this.#memory.length < length) this.#memory = new Uint32Array(length);
    const all = this.#memory.subarray(0, length);
    return { all, matrix: all.subarray(0, ROWS * words), choices: all.subarray(ROWS * words) };
  }
}

/** The end that learns both strings. */
export class SoftSpokenSender implements OtSender {
  readonly #parameters: SupplyParameters;
  readonly #streams: SupplyStreams;
  readonly #delta: Uint32Array;
  readonly #deltaBlock: Uint32Array;
  readonly #check: PieceCheck;

  /** `check`: refuses what does not fit; replaced only by tests that show what it prevents. */
  constructor(
    parameters: SupplyParameters,
    keys: Uint8Array,
    delta: Uint32Array,
    check: PieceCheck = checkPiece,
  ) {
    this.#parameters = parameters;
    this.#check = check;
    this.#streams = new SupplyStreams(parameters, keys);
    this.#delta = delta;
    this.#deltaBlock = new Uint32Array(BLOCK_WORDS);
    for (let row = 0; row < ROWS; row++) {
      const bit = (delta[Math.floor(row / parameters.k)]! >>> (row % parameters.k)) & 1;
      this.#deltaBlock[row >>> 5]! |= bit << (row & 31);
    }
  }

  /** `count` transfers of 128-bit strings: count x 4 words each. */
  async blocks(ch: OtSenderChannel, count: number): Promise<{ zero: Uint32Array; one: Uint32Array }> {
    const zero = new Uint32Array(count * BLOCK_WORDS);
    const one = new Uint32Array(count * BLOCK_WORDS);
    await this.#run(ch, count, (matrix, start, size) => {
      const { hash, position } = this.#streams;
      const strings = hash.strings(matrix, size, position, this.#deltaBlock);
      zero.set(strings.zero, start * BLOCK_WORDS);
      one.set(strings.one, start * BLOCK_WORDS);
    });
    return { zero, one };
  }

  /** `count` transfers of single bits. */
  async bits(ch: OtSenderChannel, count: number): Promise<SenderBits> {
    const zero = new Uint32Array(bitWords(count));
    const one = new Uint32Array(zero.length);
    await this.#run(ch, count, (matrix, start, size) => {
      const { hash, position } = this.#streams;
      const bits = hash.bits(matrix, position, this.#deltaBlock);
      zero.set(bits.zero.subarray(0, bitWords(size)), start >>> 5);
      one.set(bits.one.subarray(0, bitWords(size)), start >>> 5);
    });
    return { zero, one };
  }

  /** q_j of `count` transfers before they are hashed, count x 4 words, and Delta. */
  async correlated(ch: OtSenderChannel, count: number): Promise<SenderRows> {
    const rows = new Uint32Array(count * BLOCK_WORDS);
    await this.#run(ch, count, (matrix, start, size) => putColumns(rows, matrix, start, size));
    return { rows, delta: this.#deltaBlock };
  }

  /** Calls `use` with the matrix of each piece, whose columns are q_j. */
  async #run(ch: OtSenderChannel, count: number, use: UseMatrix): Promise<void> {
    const { k } = this.#parameters;
    const { trees } = this.#streams;
    for (let start = 0; start < count; start += PIECE) {
      const words = pieceWords(count - start);
      const correctionBytes = (trees - 1) * words * 4;
      const message = await recvBulk(ch, "otCorrections", correctionBytes + PIECE_CHECK_BYTES);
      const corrections = message.subarray(0, correctionBytes);
      const correction = new Uint32Array(message.buffer, 0, (trees - 1) * words);
      const { matrix } = this.#streams.rows(words);
      const sum = new Uint32Array(words);
      for (let tree = 0; tree < trees; tree++) {
        const rows = matrix.subarray(tree * k * words, (tree + 1) * k * words);
        // The correction belongs to the rows in which Delta has a one: those of the hole's place.
        const d = tree === 0 ? undefined : correction.subarray((tree - 1) * words, tree * words);
        this.#streams.leaves.fold(tree, this.#delta[tree]!, rows, sum, d);
      }
      const piece = { parameters: this.#parameters, position: this.#streams.position, corrections };
      this.#check(piece, matrix, words, this.#deltaBlock, message.subarray(correctionBytes));
      use(matrix, start, Math.min(PIECE, count - start));
      this.#streams.position += words * 32;
    }
  }
}

/** The end that learns one string of each pair, by a random choice. */
export class SoftSpokenReceiver implements OtReceiver {
  readonly #parameters: SupplyParameters;
  readonly #streams: SupplyStreams;

  constructor(parameters: SupplyParameters, keys: Uint8Array) {
    this.#parameters = parameters;
    this.#streams = new SupplyStreams(parameters, keys);
  }

  /** `count` transfers of 128-bit strings: choice bits, and the chosen strings, count x 4 words. */
  async blocks(ch: OtReceiverChannel, count: number): Promise<{ choices: Uint32Array; chosen: Uint32Array }> {
    const choices = new Uint32Array(bitWords(count));
    const chosen = new Uint32Array(count * BLOCK_WORDS);
    await this.#run(ch, count, choices, (matrix, start, size) => {
      const { hash, position } = this.#streams;
      chosen.set(hash.strings(matrix, size, position).zero, start * BLOCK_WORDS);
    });
    return { choices, chosen };
  }

  /** `count` transfers of single bits. */
  async bits(ch: OtReceiverChannel, count: number): Promise<ReceiverBits> {
    const choices = new Uint32Array(bitWords(count));
    const chosen = new Uint32Array(choices.length);
    await this.#run(ch, count, choices, (matrix, start, size) => {
      const { hash, position } = this.#streams;
      chosen.set(hash.bits(matrix, position).zero.subarray(0, bitWords(size)), start >>> 5);
    });
    return { choices, chosen };
  }

  /** Choices of `count` transfers, and their t_j before they are hashed, count x 4 words. */
  async correlated(ch: OtReceiverChannel, count: number): Promise<ReceiverRows> {
    const choices = new Uint32Array(bitWords(count));
    const rows = new Uint32Array(count * BLOCK_WORDS);
    await this.#run(ch, count, choices, (matrix, start, size) => putColumns(rows, matrix, start, size));
    return { choices, rows };
  }

  async #run(ch: OtReceiverChannel, count: number, choices: Uint32Array, use: UseMatrix): Promise<void> {
    const { k } = this.#parameters;
    const { trees } = this.#streams;
    for (let start = 0; start < count; start += PIECE) {
      const words = pieceWords(count - start);
      const { all, matrix, choices: choice } = this.#streams.rows(words);
      const correctionBytes = (trees - 1) * words * 4;
      const message = new Uint8Array(correctionBytes + PIECE_CHECK_BYTES);
      const corrections = new Uint32Array(message.buffer, 0, (trees - 1) * words);
      this.#streams.leaves.fold(0, 0, matrix.subarray(0, k * words), choice);
      const size = Math.min(PIECE, count - start);
      choices.set(choice.subarray(0, bitWords(size)), start >>> 5);
      for (let tree = 1; tree < trees; tree++) {
        const rows = matrix.subarray(tree * k * words, (tree + 1) * k * words);
        const d = corrections.subarray((tree - 1) * words, tree * words);
        // Added to leaf 0, the choice bits change the sum alone: d_tree = u_tree xor u_0.
        this.#streams.leaves.fold(tree, 0, rows, d, choice);
      }
      const piece = {
        parameters: this.#parameters,
        position: this.#streams.position,
        corrections: message.subarray(0, correctionBytes),
      };
      message.set(provePiece(piece, all, words), correctionBytes);
      await sendBulk(ch, "otCorrections", message);
      use(matrix, start, size);
      this.#streams.position += words * 32;
    }
  }
}

/** Puts the first `size` columns of the matrix behind the first `start` rows. */
function putColumns(rows: Uint32Array, matrix: Uint32Array, start: number, size: number): void {
  const columns = arrayKernels.transposeBits(matrix, ROWS, (matrix.length / ROWS) * 32);
  rows.set(columns.subarray(0, size * BLOCK_WORDS), start * BLOCK_WORDS);
}

/** `matrix`: 128 rows, whose columns are the transfers from number `start` of the call on, `size` of them asked for. */
type UseMatrix = (matrix: Uint32Array, start: number, size: number) => void;

/** Bytes of `otCorrections` for `count` transfers that are drawn at once. */
export function correctionBytes(k: number, count: number): number {
  let bytes = 0;
  for (let start = 0; start < count; start += PIECE)
    bytes += (ROWS / k - 1) * pieceWords(count - start) * 4 + PIECE_CHECK_BYTES;
  return bytes;
}

/** Words of the next piece's vectors: whole blocks, so up to 127 transfers more than asked, and the sacrificed ones. */
function pieceWords(left: number): number {
  return BLOCK_WORDS * (Math.ceil(Math.min(PIECE, left) / BLOCK_BITS) + SACRIFICED / BLOCK_BITS);
}

// Random oblivious transfers from SoftSpokenOT's seeds (Roy, eprint 2022/192, figures 7 and 9, repetition code): the
// receiver ends with a choice c and string m_c, the sender with m_0 and m_1, all random. The receiver's row t_j and the
// sender's q_j = t_j xor c_j Delta are hashed with the tweakable hash of `FixedKeyAes.tweakedHash`; the tweak is the index
// of the transfer, and the hash's key is bound to session, direction, purpose and shard.
import { AesStream, arrayKernels, BLOCK_WORDS, FixedKeyAes, xorInto, xorMasked } from "@halfroom/crypto";
import { recvBulk, sendBulk, type Channel } from "@halfroom/wire";
import type { Role } from "../parties.ts";

/** Rows of the correlation: the width of Delta. */
const ROWS = 128;
/** Transfers worked on at a time: the corrections of one piece fit one message for k >= 4. */
const PIECE = 1 << 17;

/** Strings as single bits, as vectors of ceil(n / 32) words; bits past n are random. */
export interface SenderBits {
  readonly zero: Uint32Array;
  readonly one: Uint32Array;
}
export interface ReceiverBits {
  readonly choices: Uint32Array;
  readonly chosen: Uint32Array;
}

export interface RotParameters {
  readonly session: Uint8Array;
  readonly direction: Role;
  readonly purpose: string;
  readonly shard: number;
  readonly k: number;
}

/** Streams, folding and hashing that both ends share. The position only moves forward. */
class RotStreams {
  readonly trees: number;
  readonly #k: number;
  readonly #hash: FixedKeyAes;
  readonly #streams: AesStream[] = [];
  #position = 0;

  constructor({ session, direction, purpose, shard, k }: RotParameters, keys: Uint8Array) {
    this.#k = k;
    this.trees = ROWS / k;
    this.#hash = new FixedKeyAes("softspoken/hash", session, direction, purpose, shard);
    for (let at = 0; at < keys.length; at += 16)
      this.#streams.push(new AesStream(keys.subarray(at, at + 16)));
  }

  /** Folds the next `words` words of tree `tree`, leaf x standing at place x xor `hole`; row b of `rows` gets v_b. */
  fold(tree: number, hole: number, words: number, rows: Uint32Array): Uint32Array {
    const first = tree << this.#k;
    const fill = (place: number, out: Uint32Array) => this.#streams[first + (place ^ hole)]!.fill(out);
    return arrayKernels.foldStreams(this.#k, words, fill, rows);
  }

  hash(blocks: Uint32Array, offset: number): Uint32Array {
    return this.#hash.tweakedHash(blocks, this.#position + offset);
  }

  /** The lowest bit of each hash, to bits `start`, `start + 1`, ... (a multiple of 32) of `out`. */
  hashToBits(blocks: Uint32Array, offset: number, out: Uint32Array, start: number): void {
    arrayKernels.packLowBits(this.hash(blocks, offset), out.subarray(start >>> 5));
  }

  advance(transfers: number): void {
    this.#position += transfers;
  }
}

/** The end that learns both strings. */
export class RotSender {
  readonly #parameters: RotParameters;
  readonly #streams: RotStreams;
  readonly #delta: Uint32Array;
  readonly #deltaBlock: Uint32Array;

  constructor(parameters: RotParameters, keys: Uint8Array, delta: Uint32Array) {
    this.#parameters = parameters;
    this.#streams = new RotStreams(parameters, keys);
    this.#delta = delta;
    this.#deltaBlock = new Uint32Array(BLOCK_WORDS);
    for (let row = 0; row < ROWS; row++) {
      const bit = (delta[Math.floor(row / parameters.k)]! >>> (row % parameters.k)) & 1;
      this.#deltaBlock[row >>> 5]! |= bit << (row & 31);
    }
  }

  /** `count` transfers of 128-bit strings: count x 4 words each. */
  async blocks(
    ch: Channel<never, "otCorrections">,
    count: number,
  ): Promise<{ zero: Uint32Array; one: Uint32Array }> {
    const zero = new Uint32Array(count * BLOCK_WORDS);
    const one = new Uint32Array(count * BLOCK_WORDS);
    await this.#run(ch, count, (rows, start, offset) => {
      const piece = rows.subarray(0, Math.min(rows.length, (count - start) * BLOCK_WORDS));
      zero.set(this.#streams.hash(piece, offset), start * BLOCK_WORDS);
      this.#shift(piece);
      one.set(this.#streams.hash(piece, offset), start * BLOCK_WORDS);
    });
    return { zero, one };
  }

  /** `count` transfers of single bits. */
  async bits(ch: Channel<never, "otCorrections">, count: number): Promise<SenderBits> {
    const zero = new Uint32Array((count + 31) >>> 5);
    const one = new Uint32Array(zero.length);
    await this.#run(ch, count, (rows, start, offset) => {
      this.#streams.hashToBits(rows, offset, zero, start);
      this.#shift(rows);
      this.#streams.hashToBits(rows, offset, one, start);
    });
    return { zero, one };
  }

  #shift(rows: Uint32Array): void {
    const [d0, d1, d2, d3] = this.#deltaBlock as unknown as [number, number, number, number];
    for (let at = 0; at < rows.length; at += BLOCK_WORDS) {
      rows[at]! ^= d0;
      rows[at + 1]! ^= d1;
      rows[at + 2]! ^= d2;
      rows[at + 3]! ^= d3;
    }
  }

  /** Calls `use` with the rows q_j of each piece, a slice at a time. */
  async #run(ch: Channel<never, "otCorrections">, count: number, use: UseRows): Promise<void> {
    const { k } = this.#parameters;
    const { trees } = this.#streams;
    for (let start = 0; start < count; start += PIECE) {
      const words = pieceWords(count - start);
      const corrections = await recvBulk(ch, "otCorrections", (trees - 1) * words * 4);
      const correction = new Uint32Array(corrections.buffer);
      const matrix = new Uint32Array(ROWS * words);
      for (let tree = 0; tree < trees; tree++) {
        const rows = matrix.subarray(tree * k * words, (tree + 1) * k * words);
        this.#streams.fold(tree, this.#delta[tree]!, words, rows);
        if (tree === 0) continue;
        const d = correction.subarray((tree - 1) * words, tree * words);
        for (let bit = 0; bit < k; bit++) {
          const mask = -((this.#delta[tree]! >>> bit) & 1);
          xorMasked(rows.subarray(bit * words, (bit + 1) * words), d, mask);
        }
      }
      useInSlices(matrix, words, start, use);
      this.#streams.advance(words * 32);
    }
  }
}

/** The end that learns one string of each pair, by a random choice. */
export class RotReceiver {
  readonly #parameters: RotParameters;
  readonly #streams: RotStreams;

  constructor(parameters: RotParameters, keys: Uint8Array) {
    this.#parameters = parameters;
    this.#streams = new RotStreams(parameters, keys);
  }

  /** `count` transfers of 128-bit strings: choice bits, and the chosen strings, count x 4 words. */
  async blocks(
    ch: Channel<"otCorrections", never>,
    count: number,
  ): Promise<{ choices: Uint32Array; chosen: Uint32Array }> {
    const choices = new Uint32Array((count + 31) >>> 5);
    const chosen = new Uint32Array(count * BLOCK_WORDS);
    await this.#run(ch, count, choices, (rows, start, offset) => {
      const piece = rows.subarray(0, Math.min(rows.length, (count - start) * BLOCK_WORDS));
      chosen.set(this.#streams.hash(piece, offset), start * BLOCK_WORDS);
    });
    return { choices, chosen };
  }

  /** `count` transfers of single bits. */
  async bits(ch: Channel<"otCorrections", never>, count: number): Promise<ReceiverBits> {
    const choices = new Uint32Array((count + 31) >>> 5);
    const chosen = new Uint32Array(choices.length);
    await this.#run(ch, count, choices, (rows, start, offset) => {
      this.#streams.hashToBits(rows, offset, chosen, start);
    });
    return { choices, chosen };
  }

  async #run(
    ch: Channel<"otCorrections", never>,
    count: number,
    choices: Uint32Array,
    use: UseRows,
  ): Promise<void> {
    const { k } = this.#parameters;
    const { trees } = this.#streams;
    for (let start = 0; start < count; start += PIECE) {
      const words = pieceWords(count - start);
      const matrix = new Uint32Array(ROWS * words);
      const corrections = new Uint32Array((trees - 1) * words);
      const choice = this.#streams.fold(0, 0, words, matrix.subarray(0, k * words));
      choices.set(choice.subarray(0, Math.min(words, choices.length - (start >>> 5))), start >>> 5);
      for (let tree = 1; tree < trees; tree++) {
        const u = this.#streams.fold(
          tree,
          0,
          words,
          matrix.subarray(tree * k * words, (tree + 1) * k * words),
        );
        const d = corrections.subarray((tree - 1) * words, tree * words);
        d.set(u);
        xorInto(d, choice);
      }
      await sendBulk(ch, "otCorrections", new Uint8Array(corrections.buffer));
      useInSlices(matrix, words, start, use);
      this.#streams.advance(words * 32);
    }
  }
}

/** `rows`: n x 4 words; `start`: the first one's index in this call; `offset`: its index in the piece. */
type UseRows = (rows: Uint32Array, start: number, offset: number) => void;

/** Words of the next piece's vectors: whole words, so up to 31 transfers more than asked. */
function pieceWords(left: number): number {
  return (Math.min(PIECE, left) + 31) >>> 5;
}

/** Words of a vector transposed and hashed at a time: 2^14 transfers, whose rows stay in the cache. */
const SLICE_WORDS = 1 << 9;

function useInSlices(matrix: Uint32Array, words: number, start: number, use: UseRows): void {
  for (let from = 0; from < words; from += SLICE_WORDS) {
    const width = Math.min(SLICE_WORDS, words - from);
    use(arrayKernels.transposeBits(matrix, ROWS, width * 32, words, from), start + from * 32, from * 32);
  }
}

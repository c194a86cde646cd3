// One-item-per-bin OPRF (design 2.3, step 2), after Kolesnikov, Kumaresan, Rosulek and Trieu (eprint 2016/799): an OT
// extension matrix of width 512. For bin j with codeword c_j the receiver gets t_j and the sender q_j = t_j xor (c_j and s).
// The bin's key is H(j, t_j) on one side and H(j, q_j xor (c(f) and s)) on the other: equal just when c(f) = c_j, and
// pseudorandom to the receiver otherwise, since the codewords differ in about 256 secret places of s.
// This is what keeps a receiver from decoding one bin with two of its own pseudonyms.
import { AesStream, RowHasher, arrayKernels, bitWords, getBit, hash256, xorInto } from "@halfroom/crypto";
import { recvBulk, sendBulk } from "@halfroom/wire";
import type { OtReceiver, OtReceiverChannel, OtSender, OtSenderChannel } from "@halfroom/mpc";
import { CODE_BITS, CODE_WORDS } from "./codewords.ts";

/** A key: SHA-256 over (shard, bin, row). */
export const KEY_WORDS = 8;
const ROW_BYTES = CODE_BITS / 8;
const NUMBER_BYTES = 8;
/** Bins worked on at a time: their 512 corrections of 1 KiB fill one message. */
const PIECE = 8192;

export interface BinContext {
  readonly session: Uint8Array;
  readonly shard: number;
}

/** The sender's end: the key of bin `bins[i]` for the codeword in row `codes[i]` of `codeRows`. */
interface BinKeys {
  keys(bins: Uint32Array, codes: Uint32Array, codeRows: Uint32Array): Uint32Array;
}

/** How both sides come by bin keys; a parameter, so that a test can show what this step protects. */
export interface BinOprf {
  /** `codes`: bins x 16 words, a random row for an empty bin. Returns bins x 8 words. */
  receiver(
    ch: OtSenderChannel<"binMatrix">,
    context: BinContext,
    codes: Uint32Array,
    supply: OtSender,
  ): Promise<Uint32Array>;
  sender(
    ch: OtReceiverChannel<never, "binMatrix">,
    context: BinContext,
    bins: number,
    supply: OtReceiver,
  ): Promise<BinKeys>;
}

export const binOprf: BinOprf = {
  async receiver(ch, context, codes, supply) {
    const bins = codes.length / CODE_WORDS;
    const seeds = await supply.blocks(ch, CODE_BITS);
    const zero = matrixStreams(context, seeds.zero);
    const one = matrixStreams(context, seeds.one);
    const keyOf = new BinKeyHasher(context);
    const keys = new Uint32Array(bins * KEY_WORDS);
    for (let start = 0; start < bins; start += PIECE) {
      const size = Math.min(PIECE, bins - start);
      const words = bitWords(size);
      const padded = new Uint32Array(words * 32 * CODE_WORDS);
      padded.set(codes.subarray(start * CODE_WORDS, (start + size) * CODE_WORDS));
      // Column i of the correction is G(k_i^0) xor G(k_i^1) xor c^i; t^i is G(k_i^0).
      const corrections = arrayKernels.transposeBits(padded, words * 32, CODE_BITS);
      const columns = new Uint32Array(CODE_BITS * words);
      const other = new Uint32Array(words);
      for (let i = 0; i < CODE_BITS; i++) {
        const column = columns.subarray(i * words, (i + 1) * words);
        const correction = corrections.subarray(i * words, (i + 1) * words);
        zero[i]!.fill(column);
        one[i]!.fill(other);
        xorInto(correction, column);
        xorInto(correction, other);
      }
      await sendBulk(ch, "binMatrix", new Uint8Array(corrections.buffer));
      const rows = arrayKernels.transposeBits(columns, CODE_BITS, words * 32);
      const piece = keyOf.keys(size, (row, at, j) => {
        row[at] = start + j;
        for (let w = 0; w < CODE_WORDS; w++) row[at + ROW_AT + w] = rows[j * CODE_WORDS + w]!;
      });
      keys.set(piece, start * KEY_WORDS);
    }
    return keys;
  },

  async sender(ch, context, bins, supply) {
    const { choices: secret, chosen } = await supply.blocks(ch, CODE_BITS);
    const streams = matrixStreams(context, chosen);
    const rows = new Uint32Array(bins * CODE_WORDS);
    for (let start = 0; start < bins; start += PIECE) {
      const size = Math.min(PIECE, bins - start);
      const words = bitWords(size);
      const corrections = new Uint32Array((await recvBulk(ch, "binMatrix", CODE_BITS * words * 4)).buffer);
      const columns = new Uint32Array(CODE_BITS * words);
      for (let i = 0; i < CODE_BITS; i++) {
        const column = columns.subarray(i * words, (i + 1) * words);
        streams[i]!.fill(column);
        const mask = -getBit(secret, i);
        for (let w = 0; w < words; w++) column[w]! ^= corrections[i * words + w]! & mask;
      }
      const q = arrayKernels.transposeBits(columns, CODE_BITS, words * 32);
      rows.set(q.subarray(0, size * CODE_WORDS), start * CODE_WORDS);
    }
    const keyOf = new BinKeyHasher(context);
    return {
      keys(entryBins, codes, codeRows) {
        const out = new Uint32Array(entryBins.length * KEY_WORDS);
        for (let start = 0; start < entryBins.length; start += PIECE) {
          const size = Math.min(PIECE, entryBins.length - start);
          const piece = keyOf.keys(size, (row, at, e) => {
            const bin = entryBins[start + e]!;
            const code = codeRows[start + e]! * CODE_WORDS;
            row[at] = bin;
            for (let w = 0; w < CODE_WORDS; w++) {
              row[at + ROW_AT + w] = rows[bin * CODE_WORDS + w]! ^ (codes[code + w]! & secret[w]!);
            }
          });
          out.set(piece, start * KEY_WORDS);
        }
        return out;
      },
    };
  },
};

/** Words of a hashed row: the bin in two, the length of what follows in one, then the row of the matrix. */
const ROW_AT = 3;
const HASHED_WORDS = ROW_AT + CODE_WORDS;

/** H: SHA-256 over label, session, shard, bin and a row of 64 bytes. */
class BinKeyHasher {
  readonly #hasher: RowHasher;

  constructor({ session, shard }: BinContext) {
    this.#hasher = new RowHasher("sha256", "match/bin-key", session, [shard], [NUMBER_BYTES, ROW_BYTES]);
  }

  /** `count` keys; `write(words, at, i)` puts the bin at word `at` and its row `ROW_AT` words further. */
  keys(count: number, write: (words: Uint32Array, at: number, i: number) => void): Uint32Array {
    const rows = this.#hasher.rows(count);
    const words = new Uint32Array(rows.buffer);
    for (let i = 0; i < count; i++) write(words, i * HASHED_WORDS, i);
    return new Uint32Array(this.#hasher.digests(rows).buffer);
  }
}

/** One key stream per column of the matrix, from blocks of 4 words. */
function matrixStreams({ session, shard }: BinContext, seeds: Uint32Array): AesStream[] {
  const bytes = new Uint8Array(seeds.buffer);
  return Array.from({ length: CODE_BITS }, (_, i) => {
    const seed = bytes.subarray(i * 16, (i + 1) * 16);
    return new AesStream(hash256("match/matrix-stream", session, shard, i, seed));
  });
}

// One-item-per-bin OPRF (design 2.3, step 2), after Kolesnikov, Kumaresan, Rosulek and Trieu (eprint 2016/799), with a linear
// code and a check as Orru, Orsini and Scholl have them (eprint 2016/933): an OT extension matrix of width 512. For bin j with
// codeword c_j the receiver gets t_j and the sender q_j = t_j xor (c_j and s). The bin's key for pseudonym f is H(j, q_j xor
// (c(f) and s), f), which for the receiver's own one is H(j, t_j, f). It is pseudorandom to the receiver for each f with another
// codeword, which differs in at least 128 secret places of s: this is what keeps a receiver from decoding one bin with two of
// its own pseudonyms. The check keeps it from rows that are no codewords, which would tell it s, and f in the key keeps any
// key from fitting two people.
import { AesStream, RowHasher, arrayKernels, bitMask, hash256, randomWords, xorInto } from "@halfroom/crypto";
import type { Rng } from "@halfroom/crypto";
import { recvBulk, sendBulk, type Channel } from "@halfroom/wire";
import type { OtReceiver, OtSender } from "@halfroom/mpc";
import { CODE_BITS, CODE_WORDS, encode, INFORMATION_WORDS, truncate } from "./code.ts";
import {
  BinKeyHasher,
  digestsOf,
  KEY_WORDS,
  numbersFrom,
  PSEUDONYM_BYTES,
  type BinContext,
} from "./key-hash.ts";
import { assertCodewords, proveCodewords, SACRIFICED_ROWS } from "./matrix-check.ts";

/** Rows are checked in blocks of 128 bits of each column. */
const BLOCK_ROWS = 128;
/** Bins worked on at a time: with the sacrificed rows 8,192, whose 512 corrections of 1 KiB fill whole messages. */
const PIECE = 8192 - SACRIFICED_ROWS;

/** The sender's end: the key of bin `bins[i]` for pseudonym number `owners[i]` of `pseudonyms`, people x 64 bytes. */
export interface BinKeys {
  keys(bins: Uint32Array, owners: Uint32Array, pseudonyms: Uint8Array): Uint32Array;
}

/** What the columns of the matrix are made from: 512 transfers, of which the sender chose one string each. */
interface BinColumns {
  readonly sender: Awaited<ReturnType<OtReceiver["blocks"]>>;
  readonly receiver: Awaited<ReturnType<OtSender["blocks"]>>;
}

/** How both sides come by bin keys; a parameter, so that a test can show what this step protects. */
export interface BinOprf {
  /** `pseudonyms`: bins x 64 bytes, random ones for empty bins. `rng` draws the sacrificed rows. Returns bins x 8 words. */
  receiver(
    ch: Channel<"binMatrix" | "binCheck", never>,
    context: BinContext,
    pseudonyms: Uint8Array,
    columns: BinColumns["receiver"],
    rng: Rng,
  ): Promise<Uint32Array>;
  /** Resolves once the rows of all bins are checked. Errors: `count`, `check`. */
  sender(
    ch: Channel<never, "binMatrix" | "binCheck">,
    context: BinContext,
    bins: number,
    columns: BinColumns["sender"],
  ): Promise<BinKeys>;
}

/** What a test replaces, to show what a party that deviates would gain. */
export interface BinOprfSteps {
  /** The receiver's rows of 16 words, from the codewords, the first of them for bin `firstBin`. */
  readonly rowsOf: (codewords: Uint32Array, firstBin: number) => Uint32Array;
  /** The sender's check. */
  readonly assertCodewords: typeof assertCodewords;
}

const STEPS: BinOprfSteps = { rowsOf: (codewords) => codewords, assertCodewords };

export const binOprf: BinOprf = binOprfWith(STEPS);

export function binOprfWith(replaced: Partial<BinOprfSteps>): BinOprf {
  const steps = { ...STEPS, ...replaced };
  return {
    async receiver(ch, context, pseudonyms, seeds, rng) {
      const bins = pseudonyms.length / PSEUDONYM_BYTES;
      const zero = matrixStreams(context, seeds.zero);
      const one = matrixStreams(context, seeds.one);
      const hasher = new BinKeyHasher(context, CODE_WORDS);
      const keys = new Uint32Array(bins * KEY_WORDS);
      for (let piece = 0, start = 0; start < bins; piece++, start += PIECE) {
        const size = Math.min(PIECE, bins - start);
        const own = pseudonyms.subarray(start * PSEUDONYM_BYTES, (start + size) * PSEUDONYM_BYTES);
        const information = informationOfPiece(own, context, rng);
        const words = pieceRows(size) / 32;
        // Column i of the correction is G(k_i^0) xor G(k_i^1) xor c^i; t^i is G(k_i^0).
        const corrections = arrayKernels.transposeBits(
          steps.rowsOf(encode(information), start),
          words * 32,
          CODE_BITS,
        );
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
        const sent = new Uint8Array(corrections.buffer);
        await sendBulk(ch, "binMatrix", sent);
        const proof = proveCodewords({ ...context, piece, corrections: sent }, information, columns);
        await ch.send({ type: "binCheck", ...proof });
        const rows = arrayKernels.transposeBits(columns, CODE_BITS, words * 32);
        const pieceKeys = hasher.keys(numbersFrom(start, size), numbersFrom(0, size), own, (words, at, j) => {
          for (let w = 0; w < CODE_WORDS; w++) words[at + w] = rows[j * CODE_WORDS + w]!;
        });
        keys.set(pieceKeys, start * KEY_WORDS);
      }
      return keys;
    },

    async sender(ch, context, bins, { choices: secret, chosen }) {
      const streams = matrixStreams(context, chosen);
      const rows = new Uint32Array(bins * CODE_WORDS);
      for (let piece = 0, start = 0; start < bins; piece++, start += PIECE) {
        const size = Math.min(PIECE, bins - start);
        const words = pieceRows(size) / 32;
        const received = await recvBulk(ch, "binMatrix", CODE_BITS * words * 4);
        const proof = await ch.recv("binCheck");
        const corrections = new Uint32Array(received.buffer);
        const columns = new Uint32Array(CODE_BITS * words);
        for (let i = 0; i < CODE_BITS; i++) {
          const column = columns.subarray(i * words, (i + 1) * words);
          streams[i]!.fill(column);
          const mask = bitMask(secret, i);
          for (let w = 0; w < words; w++) column[w]! ^= corrections[i * words + w]! & mask;
        }
        steps.assertCodewords({ ...context, piece, corrections: received }, secret, columns, proof);
        const q = arrayKernels.transposeBits(columns, CODE_BITS, words * 32);
        rows.set(q.subarray(0, size * CODE_WORDS), start * CODE_WORDS);
      }
      const hasher = new BinKeyHasher(context, CODE_WORDS);
      return {
        keys(entryBins, owners, pseudonyms) {
          const codes = encode(informationWords(pseudonyms, context));
          return hasher.keys(entryBins, owners, pseudonyms, (words, at, e) => {
            const row = entryBins[e]! * CODE_WORDS;
            const code = owners[e]! * CODE_WORDS;
            for (let w = 0; w < CODE_WORDS; w++)
              words[at + w] = rows[row + w]! ^ (codes[code + w]! & secret[w]!);
          });
        },
      };
    },
  };
}

/** What the code encodes, of each pseudonym (people x 64 bytes), people x 4 words. */
function informationWords(pseudonyms: Uint8Array, { session, shard }: BinContext): Uint32Array {
  const hasher = new RowHasher("sha256", "match/information", session, [shard], [PSEUDONYM_BYTES]);
  return truncate(digestsOf(hasher, pseudonyms));
}

/** Of the matrix for so many bins: its columns, a transfer each; bytes of `binMatrix`; and pieces, each of which has a `binCheck`. */
export function matrixBytes(bins: number): {
  readonly columns: number;
  readonly bytes: number;
  readonly pieces: number;
} {
  const pieces = Math.ceil(bins / PIECE);
  const rows = (pieces - 1) * pieceRows(PIECE) + pieceRows(bins - (pieces - 1) * PIECE);
  return { columns: CODE_BITS, bytes: rows * CODE_WORDS * 4, pieces };
}

/** Rows of a piece of `bins` bins: whole blocks, at least 128 of the rows belong to no bin. */
function pieceRows(bins: number): number {
  return Math.ceil(bins / BLOCK_ROWS) * BLOCK_ROWS + SACRIFICED_ROWS;
}

/** The information words of a piece's bins, and behind them random ones. */
function informationOfPiece(pseudonyms: Uint8Array, context: BinContext, rng: Rng): Uint32Array {
  const own = informationWords(pseudonyms, context);
  const out = new Uint32Array(pieceRows(pseudonyms.length / PSEUDONYM_BYTES) * INFORMATION_WORDS);
  out.set(own);
  out.set(truncate(randomWords(rng, out.length - own.length)), own.length);
  return out;
}

/** One key stream per column of the matrix, from blocks of 4 words. */
function matrixStreams({ session, shard }: BinContext, seeds: Uint32Array): AesStream[] {
  const bytes = new Uint8Array(seeds.buffer);
  return Array.from({ length: CODE_BITS }, (_, i) => {
    const seed = bytes.subarray(i * 16, (i + 1) * 16);
    return new AesStream(hash256("match/matrix-stream", session, shard, i, seed));
  });
}

// The inner loops of SoftSpokenOT (Roy, eprint 2022/192) and the hash of all transfers over whole arrays: in the native add-on where AES is, else with
// the array kernels. Both give the same; protocol-spec.md, section "Random transfers", says what.
import { AesStream, FixedKeyAes } from "./aes.ts";
import { nativeAes } from "./aes-cipher.ts";
import { BLOCK_WORDS } from "./block.ts";
import { bytesOf, xorInto, xorMasked } from "./bits.ts";
import { arrayKernels } from "./kernels/index.ts";
import type { TweakedBlocks } from "./kernels/kernels.ts";
import type { NativeAes } from "@halfroom/crypto-native";

const KEY_BYTES = 16;
const NOTHING = new Uint8Array(0);
/** Rows of the matrix whose columns are hashed. */
export const TRANSFER_ROWS = 128;

/** The streams of all leaves of a set of trees of depth k. Each tree's streams only move forward, together. */
export interface LeafStreams {
  /**
   * Folds the next words of tree `tree`, as many as `sum` has, leaf x standing at place x xor `hole`: row b of `rows` (k x
   * words) gets the sum of the streams whose place has bit b, `sum` the sum of all. `leaf`, if given, is added to leaf 0.
   */
  fold(tree: number, hole: number, rows: Uint32Array, sum: Uint32Array, leaf?: Uint32Array): void;
}

/** What computes; a parameter for tests alone. `null` is the array kernels. */
type Engine = NativeAes | null;
const ENGINE: Engine = nativeAes ?? null;

/** `keys`: trees x 2^k keys of 16 bytes. */
export function leafStreams(keys: Uint8Array, k: number, native = ENGINE): LeafStreams {
  return native === null ? new PlainStreams(keys, k) : new NativeStreams(native, keys, k);
}

class PlainStreams implements LeafStreams {
  readonly #k: number;
  readonly #streams: AesStream[] = [];

  constructor(keys: Uint8Array, k: number) {
    this.#k = k;
    for (let at = 0; at < keys.length; at += KEY_BYTES)
      this.#streams.push(new AesStream(keys.subarray(at, at + KEY_BYTES)));
  }

  fold(tree: number, hole: number, rows: Uint32Array, sum: Uint32Array, leaf?: Uint32Array): void {
    const first = tree << this.#k;
    const words = sum.length;
    const fill = (place: number, out: Uint32Array) => this.#streams[first + (place ^ hole)]!.fill(out);
    sum.set(arrayKernels.foldStreams(this.#k, words, fill, rows));
    if (leaf === undefined) return;
    xorInto(sum, leaf);
    for (let bit = 0; bit < this.#k; bit++)
      xorMasked(rows.subarray(bit * words, (bit + 1) * words), leaf, -((hole >>> bit) & 1));
  }
}

class NativeStreams implements LeafStreams {
  readonly #native: NativeAes;
  readonly #k: number;
  /** For each tree its 2^k schedules, one after the other. */
  readonly #schedules: Uint8Array[] = [];
  /** Bytes that each tree has given. */
  readonly #positions: Float64Array;

  constructor(native: NativeAes, keys: Uint8Array, k: number) {
    this.#native = native;
    this.#k = k;
    const treeBytes = KEY_BYTES << k;
    for (let from = 0; from < keys.length; from += treeBytes) {
      const schedules: Uint8Array[] = [];
      for (let at = from; at < from + treeBytes; at += KEY_BYTES)
        schedules.push(native.schedule(keys.subarray(at, at + KEY_BYTES)));
      this.#schedules.push(new Uint8Array(Buffer.concat(schedules)));
    }
    this.#positions = new Float64Array(this.#schedules.length);
  }

  fold(tree: number, hole: number, rows: Uint32Array, sum: Uint32Array, leaf?: Uint32Array): void {
    const position = this.#positions[tree]!;
    const added = leaf === undefined ? NOTHING : bytesOf(leaf);
    this.#native.fold(this.#schedules[tree]!, bytesOf(rows), bytesOf(sum), this.#k, hole, position, added);
    this.#positions[tree] = position + sum.byteLength;
  }
}

export interface HashedColumns {
  /** The hash of each column: a string of 4 words, or one bit. */
  readonly zero: Uint32Array<ArrayBuffer>;
  /** The same of each column xor delta; empty without a delta. */
  readonly one: Uint32Array<ArrayBuffer>;
}

/** Hashes the columns of a bit matrix of 128 rows x `words` words with `FixedKeyAes.tweakedHash`. */
export class ColumnHash {
  readonly #hash: FixedKeyAes;
  readonly #native: Engine;

  constructor(hash: FixedKeyAes, native = ENGINE) {
    this.#hash = hash;
    this.#native = native;
  }

  /** Strings of the first `count` columns; column j has the tweak `firstTweak` + j. `delta`: 4 words. */
  strings(matrix: Uint32Array, count: number, firstTweak: number, delta?: Uint32Array): HashedColumns {
    const columns = newColumns(count * BLOCK_WORDS, delta);
    if (this.#hashNatively(matrix, columns, firstTweak, delta, false)) return columns;
    inSlices(matrix, (rows, from) => {
      const blocks = rows.subarray(0, Math.max(0, Math.min(rows.length, (count - from) * BLOCK_WORDS)));
      const at = from * BLOCK_WORDS;
      hashInto(this.#hash, { blocks, delta, firstTweak: firstTweak + from, bits: false }, columns, at);
    });
    return columns;
  }

  /** The lowest bit of each column's string, of all columns. */
  bits(matrix: Uint32Array, firstTweak: number, delta?: Uint32Array): HashedColumns {
    const columns = newColumns(matrix.length / TRANSFER_ROWS, delta);
    if (this.#hashNatively(matrix, columns, firstTweak, delta, true)) return columns;
    inSlices(matrix, (blocks, from) =>
      hashInto(this.#hash, { blocks, delta, firstTweak: firstTweak + from, bits: true }, columns, from >>> 5),
    );
    return columns;
  }

  #hashNatively(
    matrix: Uint32Array,
    columns: HashedColumns,
    tweak: number,
    delta: Uint32Array | undefined,
    bits: boolean,
  ): boolean {
    const { schedule } = this.#hash;
    if (this.#native === null || schedule === undefined) return false;
    this.#native.hashColumns({ matrix: bytesOf(matrix), ...inBytes(schedule, columns, tweak, delta, bits) });
    return true;
  }
}

/** Hashes blocks of 4 words with `FixedKeyAes.tweakedHash`, one behind the other. */
export class BlockHash {
  readonly #hash: FixedKeyAes;
  readonly #native: Engine;

  /** `native`: a parameter for tests alone. */
  constructor(hash: FixedKeyAes, native = ENGINE) {
    this.#hash = hash;
    this.#native = native;
  }

  /** The string of each block; block j has the tweak `firstTweak` + j. `delta`: 4 words. */
  strings(blocks: Uint32Array, firstTweak: number, delta?: Uint32Array): HashedColumns {
    const hashed = newColumns(blocks.length, delta);
    if (this.#hashNatively(blocks, hashed, firstTweak, delta, false)) return hashed;
    hashInto(this.#hash, { blocks, delta, firstTweak, bits: false }, hashed, 0);
    return hashed;
  }

  /** The lowest bit of each block's string, of a multiple of 32 blocks. */
  bits(blocks: Uint32Array, firstTweak: number, delta?: Uint32Array): HashedColumns {
    const hashed = newColumns(blocks.length / BLOCK_WORDS / 32, delta);
    if (this.#hashNatively(blocks, hashed, firstTweak, delta, true)) return hashed;
    hashInto(this.#hash, { blocks, delta, firstTweak, bits: true }, hashed, 0);
    return hashed;
  }

  #hashNatively(
    blocks: Uint32Array,
    columns: HashedColumns,
    tweak: number,
    delta: Uint32Array | undefined,
    bits: boolean,
  ): boolean {
    const { schedule } = this.#hash;
    if (this.#native?.hashBlocks === undefined || schedule === undefined) return false;
    this.#native.hashBlocks({ blocks: bytesOf(blocks), ...inBytes(schedule, columns, tweak, delta, bits) });
    return true;
  }
}

/** Hashes blocks with the array kernels, as they are and xor delta if there is one, to `columns` from word `at` on. */
function hashInto(hash: FixedKeyAes, of: TweakedBlocks, { zero, one }: HashedColumns, at: number): void {
  hash.tweakedHashInto({ ...of, delta: undefined }, zero.subarray(at));
  if (of.delta !== undefined) hash.tweakedHashInto(of, one.subarray(at));
}

/** What both ways of hashing natively take besides what is hashed. */
function inBytes(
  schedule: Uint8Array,
  { zero, one }: HashedColumns,
  tweak: number,
  delta: Uint32Array | undefined,
  bits: boolean,
) {
  const shifted = delta === undefined ? NOTHING : bytesOf(delta);
  return { schedule, delta: shifted, zero: bytesOf(zero), one: bytesOf(one), tweak, bits };
}

function newColumns(words: number, delta: Uint32Array | undefined): HashedColumns {
  return { zero: new Uint32Array(words), one: new Uint32Array(delta === undefined ? 0 : words) };
}

/** Words of a row transposed and hashed at a time: 2^14 columns, which stay in the cache. */
const SLICE_WORDS = 1 << 9;
/** Calls `use` with the columns of each slice, n x 4 words, and the number of its first column. */
function inSlices(matrix: Uint32Array, use: (rows: Uint32Array, from: number) => void): void {
  const words = matrix.length / TRANSFER_ROWS;
  for (let from = 0; from < words; from += SLICE_WORDS) {
    const width = Math.min(SLICE_WORDS, words - from);
    use(arrayKernels.transposeBits(matrix, TRANSFER_ROWS, width * 32, words, from), from * 32);
  }
}

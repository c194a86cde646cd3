// AES-128 and what is made of it: key streams, transfers, trees.
import { loadAddon, type Addon, type AddProducts, type GrowHalf } from "./addon.ts";

const SCHEDULE_BYTES = 11 * 16;

/** AES-128 (FIPS 197), and products in GF(2^128), with the processor's instructions, into memory of the caller. */
export interface NativeAes {
  /** The round keys of a key of 16 bytes. */
  schedule(key: Uint8Array): Uint8Array;
  /** The permutation on each block of 16 bytes, from `blocks` to `out`, which are equally long or the same. */
  blocks(schedule: Uint8Array, out: Uint8Array, blocks: Uint8Array): void;
  /** Counter mode (NIST SP 800-38A) from counter 0: bytes `position` and following of the key stream. */
  stream(schedule: Uint8Array, out: Uint8Array, position: number): void;
  /**
   * One tree of SoftSpokenOT (eprint 2022/192): of 2^k streams, number x ^ hole standing at place x, the bytes from `position`
   * on. Row b of `rows`, k x `sum`'s bytes, gets the sum of those whose place has bit b, `sum` the sum of all. `leaf`, unless
   * it is empty, is added to the stream at place `hole` first.
   */
  fold(
    schedules: Uint8Array,
    rows: Uint8Array,
    sum: Uint8Array,
    k: number,
    hole: number,
    position: number,
    leaf: Uint8Array,
  ): void;
  /**
   * pi(pi(x) xor i) xor pi(x) of the columns x of a bit matrix of 128 rows, i = `tweak` + the column's number: to `zero`, and
   * of the columns xor `delta` to `one`; the latter two may be empty. As many columns as `zero` has room for, 16 bytes each,
   * or with `bits` the lowest bit of each.
   */
  hashColumns(columns: {
    readonly schedule: Uint8Array;
    readonly matrix: Uint8Array;
    readonly delta: Uint8Array;
    readonly zero: Uint8Array;
    readonly one: Uint8Array;
    readonly tweak: number;
    readonly bits: boolean;
  }): void;
  /**
   * sums[r] += sum over b of coefficients[b] * block b of row r in GF(2)[x] / (x^128 + x^7 + x^2 + x + 1), 16 bytes each. Rows are
   * `rowBytes` apart; of each as many blocks are taken, from `firstByte` on, as there are coefficients. An
   * older build lacks it.
   */
  readonly addProducts: AddProducts | undefined;
  /**
   * One level of half-trees (eprint 2022/1431), side by side: `nodes` holds width x trees blocks and room for twice as many, which they
   * become; `sums` gets, for each tree, the sum of its left children. An older build lacks it.
   */
  readonly growHalf: GrowHalf | undefined;
  /** As `hashColumns`, of blocks that lie one after the other: all of them. An older build lacks it. */
  readonly hashBlocks:
    | ((blocks: {
        readonly schedule: Uint8Array;
        readonly blocks: Uint8Array;
        readonly delta: Uint8Array;
        readonly zero: Uint8Array;
        readonly one: Uint8Array;
        readonly tweak: number;
        readonly bits: boolean;
      }) => void)
    | undefined;
  /** An older build lacks it. */
  readonly trees: NativeTrees | undefined;
  /** An older build lacks it. */
  readonly slots: NativeSlots | undefined;
}

/** GGM trees of one depth, 1 to 16, and a table with a row of numbers mod 2^64 for each leaf of a tree. */
export interface TreesOfDepth {
  /** Of the children on the left, of those on the right, of the stretching: one after the other. */
  readonly schedules: Uint8Array;
  readonly depth: number;
  /** Two blocks of 16 bytes for each level but the first of each tree. */
  readonly corrections: Uint8Array;
  readonly table: Uint8Array;
}

/** Trees whose leaves are stretched to numbers and added up as they grow, tree after tree. RangeError if lengths do not fit each other. */
export interface NativeTrees {
  /**
   * Writes the corrections, and to `sums` the sum of each tree's leaves by column; takes every leaf off the table. `zero`, `one`: the
   * strings of both branches of each level, a block each, tree after tree.
   */
  takeOff(trees: TreesOfDepth, zero: Uint8Array, one: Uint8Array, sums: Uint8Array): void;
  /**
   * Adds every leaf to the table but those in the holes, from which it takes the sum of their tree's other leaves. `known`: for each level
   * the string of the branch that leaves the path to the hole. `holes`: words, one for each tree.
   */
  addPunctured(trees: TreesOfDepth, known: Uint8Array, holes: Uint8Array): void;
}

/** One-hot slots, and a table with a row of numbers mod 2^64 for each leaf of a slot. */
export interface SlotsOfCells {
  /** Of the hash that makes leaves of keys, of the stretching: one after the other. */
  readonly schedules: Uint8Array;
  /** Leaves of a slot, at least 2. */
  readonly cells: number;
  /** Of the first leaf of all; the others follow one by one. */
  readonly tweak: number;
  readonly table: Uint8Array;
}

/** Slots whose leaves are hashed, stretched to numbers and added up, slot after slot. RangeError if lengths do not fit each other. */
export interface NativeSlots {
  /**
   * `rows`: slots x (cells - 1) blocks, to each of which `delta` is added where its bit of `flips` is 1: all keys of a slot but the last, which
   * is their sum and delta. Takes every leaf off the table, and writes to `sums` the sum of each slot's leaves by column.
   */
  takeOff(
    slots: SlotsOfCells,
    rows: Uint8Array,
    delta: Uint8Array,
    flips: Uint8Array,
    sums: Uint8Array,
  ): void;
  /**
   * The same keys without delta. Adds every leaf to the table but those in the holes, from which it takes the sum of their slot's other
   * leaves. `holes`: words, one for each slot.
   */
  addPunctured(slots: SlotsOfCells, rows: Uint8Array, holes: Uint8Array): void;
}

/** How the add-on computes AES, fastest first: four blocks to a register (VAES with AVX-512), or one (x86-64 or arm64). */
export const AES_PATHS = ["vaes", "aes"] as const;
export type AesPath = (typeof AES_PATHS)[number];

/** By default the fastest path; undefined where the add-on was not built, or the processor lacks the instructions. */
export function loadNativeAes(path?: AesPath): NativeAes | undefined {
  const addon = loadAddon();
  // A build that is older than this file does not say whether it has the wide functions.
  if (addon?.aesRunsHere !== true || addon.wideAesRunsHere === undefined) return undefined;
  if (path === "vaes" && !addon.wideAesRunsHere) return undefined;
  const wide = addon.wideAesRunsHere && path !== "aes" ? 1 : 0;
  return {
    schedule(key) {
      const schedule = new Uint8Array(SCHEDULE_BYTES);
      addon.aesSchedule(schedule, key);
      return schedule;
    },
    blocks: (schedule, out, blocks) => addon.aesBlocks(schedule, out, blocks, wide),
    stream: (schedule, out, position) => addon.aesStream(schedule, out, position, wide),
    fold: (schedules, rows, sum, k, hole, position, leaf) =>
      addon.foldStreams(schedules, rows, sum, k, hole, position, leaf, wide),
    hashColumns: ({ schedule, matrix, delta, zero, one, tweak, bits }) =>
      addon.hashTransfers(schedule, matrix, delta, zero, one, tweak, bits ? 1 : 0, wide),
    addProducts: addon.addProducts,
    growHalf: addon.growHalf,
    hashBlocks: hashBlocksOf(addon),
    trees: treesOf(addon),
    slots: slotsOf(addon),
  };
}

function hashBlocksOf({ hashBlocks }: Addon): NativeAes["hashBlocks"] {
  return (
    hashBlocks &&
    (({ schedule, blocks, delta, zero, one, tweak, bits }) =>
      hashBlocks(schedule, blocks, delta, zero, one, tweak, bits ? 1 : 0))
  );
}

function treesOf({ treesScratch, takeTreesOff, addPuncturedTrees }: Addon): NativeTrees | undefined {
  if (treesScratch === undefined || takeTreesOff === undefined || addPuncturedTrees === undefined)
    return undefined;
  let scratch = new Uint8Array(0);
  const scratchOf = ({ depth, table }: TreesOfDepth): Uint8Array => {
    const bytes = treesScratch(depth, table.length / 8 / 2 ** depth);
    if (scratch.length < bytes) scratch = new Uint8Array(bytes);
    return scratch;
  };
  return {
    takeOff(trees, zero, one, sums) {
      const { schedules, depth, corrections, table } = trees;
      takeTreesOff(schedules, zero, one, corrections, table, sums, scratchOf(trees), depth);
    },
    addPunctured(trees, known, holes) {
      const { schedules, depth, corrections, table } = trees;
      addPuncturedTrees(schedules, known, corrections, holes, table, scratchOf(trees), depth);
    },
  };
}

function slotsOf({ takeSlotsOff, addPuncturedSlots }: Addon): NativeSlots | undefined {
  if (takeSlotsOff === undefined || addPuncturedSlots === undefined) return undefined;
  return {
    takeOff: ({ schedules, cells, tweak, table }, rows, delta, flips, sums) =>
      takeSlotsOff(schedules, rows, delta, flips, table, sums, cells, tweak),
    addPunctured({ schedules, cells, tweak, table }, rows, holes) {
      const row = new Uint8Array(table.length / cells);
      addPuncturedSlots(schedules, rows, holes, table, row, cells, tweak);
    },
  };
}

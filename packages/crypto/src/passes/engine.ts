// Who makes the leaves of trees and slots, and adds them up: the native add-on, WebAssembly with Node's OpenSSL, or plain TypeScript, held
// against each other and against their definition by tests. Nobody writes all leaves out: a group of them is made, stretched to numbers
// and added to the table before the next.
import type { FixedKeyAes } from "../aes.ts";
import type { RingArray } from "../ring.ts";

export interface TreeTable {
  /** 1 to 16: a tree has 2^depth leaves. */
  readonly depth: number;
  /** Trees x (depth - 1) x 2 blocks. */
  readonly corrections: Uint32Array;
  /** 2^depth rows of numbers mod 2^64: leaf g of a tree, stretched, belongs to row g. */
  readonly table: RingArray;
}

/** GGM trees, see `mpc/src/ggm`. Numbers and blocks as words. */
export interface TreePass {
  /**
   * Trees of which all is known. `zero`, `one`: the strings of both branches, trees x depth blocks. Writes the corrections, and to `sums` the
   * sum of each tree's leaves by column; takes every leaf off the table.
   */
  takeOff(trees: TreeTable, zero: Uint32Array, one: Uint32Array, sums: RingArray): void;
  /**
   * Trees of which the leaves in `holes` are unknown. `known`: for each level the string of the branch that leaves the path to the hole.
   * Adds every other leaf to the table, and takes their sum off the row of the hole.
   */
  addPunctured(trees: TreeTable, known: Uint32Array, holes: Uint32Array): void;
}

/** Slots side by side, and where their leaves go. */
export interface SlotTable {
  /** Leaves of a slot: 2 to 2^14. */
  readonly cells: number;
  /** The number of the first slot among all under these permutations. */
  readonly first: number;
  /** Cells x columns numbers. */
  readonly table: RingArray;
}

/** One-hot slots, see `mpc/src/slots`. Numbers and blocks as words. */
export interface SlotPass {
  /**
   * `rows`: slots x (cells - 1) blocks, to each of which `delta` is added where its bit of `flips` is 1: all keys of a slot but the last,
   * which is their sum and delta. Takes every leaf off the table, and writes to `sums` the sum of each slot's leaves by column.
   */
  takeOff(of: SlotTable, rows: Uint32Array, delta: Uint32Array, flips: Uint32Array, sums: RingArray): void;
  /**
   * The same keys without delta. Adds every leaf to the table but those in the holes, from which it takes the sum of their slot's other
   * leaves.
   */
  addPunctured(of: SlotTable, rows: Uint32Array, holes: Uint32Array): void;
}

/** The permutations of trees, and the one that makes numbers of a leaf. */
export interface TreeKeys {
  readonly left: FixedKeyAes;
  readonly right: FixedKeyAes;
  readonly stretch: FixedKeyAes;
}

/** The permutation that makes leaves of keys, and the one that makes numbers of a leaf. */
export interface SlotKeys {
  readonly hash: FixedKeyAes;
  readonly stretch: FixedKeyAes;
}

export interface PassEngine {
  readonly name: "native" | "wasm" | "typescript";
  trees(keys: TreeKeys): TreePass;
  slots(keys: SlotKeys): SlotPass;
  /** See `growHalf`. */
  growHalf(pi: FixedKeyAes, nodes: Uint32Array, width: number, trees: number, sums: Uint32Array): void;
}

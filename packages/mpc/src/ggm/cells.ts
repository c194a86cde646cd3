// GGM trees whose leaves are numbers, one row of a table for each leaf (protocol-spec.md, sections 10.2 and 12): in one pass of the
// native add-on where it is, else level after level with the array kernels. Both give the same.
import {
  arrayKernels,
  BLOCK_WORDS,
  nativeTreesOf,
  type FixedKeyAes,
  type FusedTrees,
  type RingArray,
} from "@halfroom/crypto";
import { correctionWords, growPunctured, growTrees, type TreePrg } from "./trees.ts";

/** Leaves that the array kernels work on at a time, at most, unless one tree has more: they stay in the cache. */
const LEAVES = 1 << 14;

export class CellTrees {
  readonly #prg: TreePrg;
  readonly #stretch: FixedKeyAes;
  readonly #native: FusedTrees | null;

  /** `stretch`: the permutation that makes numbers of a leaf. `native` is a parameter for tests alone; null is the array kernels. */
  constructor(prg: TreePrg, stretch: FixedKeyAes, native = nativeTreesOf({ ...prg, stretch }) ?? null) {
    this.#prg = prg;
    this.#stretch = stretch;
    this.#native = native;
  }

  /**
   * Trees of which all is known. `zero` and `one`: the strings of branch 0 and 1, trees x depth blocks, the top level first. Takes leaf g
   * of every tree off row g of `table`, 2^depth rows of numbers. Returns the corrections, trees x (depth - 1) x 2 blocks, and the sum
   * of the leaves of each tree, trees x columns numbers.
   */
  takeOff(
    zero: Uint32Array,
    one: Uint32Array,
    depth: number,
    table: RingArray,
  ): { corrections: Uint32Array<ArrayBuffer>; sums: RingArray<ArrayBuffer> } {
    const trees = zero.length / (depth * BLOCK_WORDS);
    const columns = columnsOf(table, depth);
    const corrections = new Uint32Array(correctionWords(trees, depth));
    const sums = new Uint32Array(trees * columns * 2);
    if (this.#native !== null) {
      this.#native.takeOff({ depth, corrections, table }, zero, one, sums);
      return { corrections, sums };
    }
    for (const { start, count } of groupsOf(trees, depth)) {
      const strings = [zero, one].map((blocks) => rowsOf(blocks, trees, start, count));
      const grown = growTrees(this.#prg, strings[0]!, strings[1]!, count, depth);
      const words = this.#stretch.columnWords(grown.leaves, columns);
      corrections.set(grown.corrections, correctionWords(start, depth));
      sums.set(arrayKernels.sumLeaves(words, columns, table), start * columns * 2);
    }
    return { corrections, sums };
  }

  /**
   * Trees of which leaf `holes[tree]` is unknown. `known`: for each level the string of the branch that leaves the path to the hole. Adds
   * every other leaf to its row of `table`, and takes their sum off the row of the hole.
   */
  addPunctured(
    known: Uint32Array,
    corrections: Uint32Array,
    holes: Uint32Array,
    depth: number,
    table: RingArray,
  ): void {
    const trees = holes.length;
    const columns = columnsOf(table, depth);
    if (this.#native !== null) {
      this.#native.addPunctured({ depth, corrections, table }, known, holes);
      return;
    }
    for (const { start, count } of groupsOf(trees, depth)) {
      const strings = rowsOf(known, trees, start, count);
      const corrected = rowsOf(corrections, trees, start, count);
      const open = holes.subarray(start, start + count);
      const leaves = growPunctured(this.#prg, strings, corrected, open, count, depth);
      arrayKernels.addPuncturedLeaves(this.#stretch.columnWords(leaves, columns), open, columns, table);
    }
  }
}

function columnsOf(table: RingArray, depth: number): number {
  return table.length / 2 / 2 ** depth;
}

function groupsOf(trees: number, depth: number): { start: number; count: number }[] {
  const most = Math.max(1, LEAVES >>> depth);
  return Array.from({ length: Math.ceil(trees / most) }, (_, i) => ({
    start: i * most,
    count: Math.min(most, trees - i * most),
  }));
}

/** What belongs to trees `start` and following of an array of `trees` equal parts. */
function rowsOf(array: Uint32Array, trees: number, start: number, count: number): Uint32Array {
  const each = array.length / trees;
  return array.subarray(start * each, (start + count) * each);
}

// GGM trees whose leaves are numbers, one row of a table for each leaf (protocol-spec.md, sections 10.2 and 12).
import { BLOCK_WORDS, passes, type FixedKeyAes, type RingArray, type TreePass } from "@halfroom/crypto";
import { correctionWords, type TreePrg } from "./trees.ts";

export class CellTrees {
  readonly #pass: TreePass;

  /** `stretch`: the permutation that makes numbers of a leaf. `engine`: a parameter for tests alone. */
  constructor(prg: TreePrg, stretch: FixedKeyAes, engine = passes) {
    this.#pass = engine.trees({ ...prg, stretch });
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
    const corrections = new Uint32Array(correctionWords(trees, depth));
    const sums = new Uint32Array((trees * table.length) / 2 ** depth);
    this.#pass.takeOff({ depth, corrections, table }, zero, one, sums);
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
    this.#pass.addPunctured({ depth, corrections, table }, known, holes);
  }
}

// GGM trees (Goldreich, Goldwasser, Micali) as puncturable pseudorandom functions, many of one depth at a time, after
// Boyle et al. (eprint 2019/1159) and Roy (eprint 2022/192, section 6): one party knows every leaf, the other every leaf
// but one of its choice. Children are pi_0(x) xor x and pi_1(x) xor x. Blocks lie tree after tree, node after node.
//
// For level l the two parties hold one random oblivious transfer: strings m_0, m_1 on one side, the choice's string on
// the other. The strings of the first level are its two nodes; each later level costs two corrections of 16 bytes.
import { arrayKernels, BLOCK_WORDS, FixedKeyAes } from "@halfroom/crypto";

/** The two public permutations of a set of trees, bound to label and session. */
export interface TreePrg {
  readonly left: FixedKeyAes;
  readonly right: FixedKeyAes;
}

export function treePrg(session: Uint8Array, purpose: string): TreePrg {
  return {
    left: new FixedKeyAes("ggm/left", session, purpose),
    right: new FixedKeyAes("ggm/right", session, purpose),
  };
}

/** Words of corrections of `trees` trees: two blocks for each level but the first. */
export function correctionWords(trees: number, depth: number): number {
  return trees * (depth - 1) * 2 * BLOCK_WORDS;
}

/**
 * All leaves of `trees` trees and the corrections that let the other party follow.
 * `zero` and `one`: the strings of branch 0 and 1, trees x depth blocks, the top level first.
 * Returns leaves, trees x 2^depth blocks, and corrections, trees x (depth - 1) x 2 blocks.
 */
export function growTrees(
  prg: TreePrg,
  zero: Uint32Array,
  one: Uint32Array,
  trees: number,
  depth: number,
): { leaves: Uint32Array; corrections: Uint32Array } {
  const corrections = new Uint32Array(correctionWords(trees, depth));
  let nodes = new Uint32Array(trees * 2 * BLOCK_WORDS);
  for (let tree = 0; tree < trees; tree++) {
    copyBlock(nodes, tree * 2, zero, tree * depth);
    copyBlock(nodes, tree * 2 + 1, one, tree * depth);
  }
  for (let level = 1; level < depth; level++) {
    const { children, sums } = growLevel(prg, nodes, trees);
    nodes = children;
    for (let tree = 0; tree < trees; tree++) {
      const at = (tree * (depth - 1) + level - 1) * 2;
      for (let branch = 0; branch < 2; branch++) {
        copyBlock(corrections, at + branch, sums, tree * 2 + branch);
        xorBlock(corrections, at + branch, branch === 0 ? zero : one, tree * depth + level);
      }
    }
  }
  return { leaves: nodes, corrections };
}

/**
 * All leaves but number `holes[tree]` of each tree, which is left as zero.
 * `known`: for each level the string of the branch that leaves the path to the hole, trees x depth blocks.
 */
export function growPunctured(
  prg: TreePrg,
  known: Uint32Array,
  corrections: Uint32Array,
  holes: Uint32Array,
  trees: number,
  depth: number,
): Uint32Array {
  let nodes = new Uint32Array(trees * 2 * BLOCK_WORDS);
  for (let tree = 0; tree < trees; tree++) {
    copyBlock(nodes, tree * 2 + branchOff(holes[tree]!, depth, 0), known, tree * depth);
  }
  for (let level = 1; level < depth; level++) {
    const { children, sums } = growLevel(prg, nodes, trees);
    nodes = children;
    const width = 2 << level;
    for (let tree = 0; tree < trees; tree++) {
      const branch = branchOff(holes[tree]!, depth, level);
      const onPath = tree * width + (holes[tree]! >>> (depth - 1 - level));
      // The parent is a hole, so both of its children are void: the sum of their branch without this one, the
      // correction and the known string give the sibling of the path.
      const sibling = onPath ^ 1;
      clearBlock(nodes, onPath);
      xorBlock(nodes, sibling, sums, tree * 2 + branch);
      xorBlock(nodes, sibling, corrections, (tree * (depth - 1) + level - 1) * 2 + branch);
      xorBlock(nodes, sibling, known, tree * depth + level);
    }
  }
  return nodes;
}

/** The branch at `level` (0 = top) that leaves the path to `hole`: the complement of the hole's bit. */
export function branchOff(hole: number, depth: number, level: number): number {
  return ((hole >>> (depth - 1 - level)) & 1) ^ 1;
}

function growLevel({ left, right }: TreePrg, nodes: Uint32Array, trees: number) {
  return arrayKernels.growLevel(left.permute, right.permute, nodes, trees);
}

function copyBlock(to: Uint32Array, toBlock: number, from: Uint32Array, fromBlock: number): void {
  for (let w = 0; w < BLOCK_WORDS; w++) to[toBlock * BLOCK_WORDS + w] = from[fromBlock * BLOCK_WORDS + w]!;
}

function xorBlock(to: Uint32Array, toBlock: number, from: Uint32Array, fromBlock: number): void {
  for (let w = 0; w < BLOCK_WORDS; w++) to[toBlock * BLOCK_WORDS + w]! ^= from[fromBlock * BLOCK_WORDS + w]!;
}

function clearBlock(blocks: Uint32Array, block: number): void {
  blocks.fill(0, block * BLOCK_WORDS, (block + 1) * BLOCK_WORDS);
}

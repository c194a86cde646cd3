// GGM trees (Goldreich, Goldwasser, Micali) as puncturable pseudorandom functions, many of one depth at a time, after
// Boyle et al. (eprint 2019/1159) and Roy (eprint 2022/192, section 6): one party knows every leaf, the other every leaf
// but one of its choice. Children are pi_0(x) xor x and pi_1(x) xor x. Blocks lie tree after tree, node after node.
//
// For level l the two parties hold one random oblivious transfer: strings m_0, m_1 on one side, the choice's string on
// the other. The strings of the first level are its two nodes; each later level costs two corrections of 16 bytes.
import { BLOCK_WORDS, FixedKeyAes } from "@halfroom/crypto";

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
    nodes = expandLevel(prg, nodes);
    const width = 2 << level;
    for (let tree = 0; tree < trees; tree++) {
      const at = (tree * (depth - 1) + level - 1) * 2;
      copyBlock(corrections, at, zero, tree * depth + level);
      copyBlock(corrections, at + 1, one, tree * depth + level);
      for (let node = 0; node < width; node++)
        xorBlock(corrections, at + (node & 1), nodes, tree * width + node);
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
    nodes = expandLevel(prg, nodes);
    const width = 2 << level;
    for (let tree = 0; tree < trees; tree++) {
      const branch = branchOff(holes[tree]!, depth, level);
      const onPath = holes[tree]! >>> (depth - 1 - level);
      const sibling = onPath ^ 1;
      const at = tree * width;
      clearBlock(nodes, at + onPath);
      clearBlock(nodes, at + sibling);
      let sum0 = 0;
      let sum1 = 0;
      let sum2 = 0;
      let sum3 = 0;
      for (
        let node = branch, from = (at + branch) * BLOCK_WORDS;
        node < width;
        node += 2, from += 2 * BLOCK_WORDS
      ) {
        sum0 ^= nodes[from]!;
        sum1 ^= nodes[from + 1]!;
        sum2 ^= nodes[from + 2]!;
        sum3 ^= nodes[from + 3]!;
      }
      const to = (at + sibling) * BLOCK_WORDS;
      nodes[to] = sum0;
      nodes[to + 1] = sum1;
      nodes[to + 2] = sum2;
      nodes[to + 3] = sum3;
      xorBlock(nodes, at + sibling, corrections, (tree * (depth - 1) + level - 1) * 2 + branch);
      xorBlock(nodes, at + sibling, known, tree * depth + level);
    }
  }
  return nodes;
}

/** The branch at `level` (0 = top) that leaves the path to `hole`: the complement of the hole's bit. */
export function branchOff(hole: number, depth: number, level: number): number {
  return ((hole >>> (depth - 1 - level)) & 1) ^ 1;
}

function expandLevel(prg: TreePrg, nodes: Uint32Array): Uint32Array<ArrayBuffer> {
  const left = prg.left.oneWay(nodes);
  const right = prg.right.oneWay(nodes);
  const children = new Uint32Array(nodes.length * 2);
  for (let from = 0, to = 0; from < nodes.length; from += BLOCK_WORDS, to += 2 * BLOCK_WORDS) {
    children[to] = left[from]!;
    children[to + 1] = left[from + 1]!;
    children[to + 2] = left[from + 2]!;
    children[to + 3] = left[from + 3]!;
    children[to + 4] = right[from]!;
    children[to + 5] = right[from + 1]!;
    children[to + 6] = right[from + 2]!;
    children[to + 7] = right[from + 3]!;
  }
  return children;
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

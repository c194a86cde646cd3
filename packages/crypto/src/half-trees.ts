// One level of correlated GGM trees (half-trees: Guo, Yang, Wang, Zhang, Xie, Liu, Zhao, eprint 2022/1431), many trees side by side. A
// node x has the children h(x) and h(x) ^ x, so that the nodes of every level have one sum. h(x) = pi(s(x)) ^ s(x) with
// s(a || b) = (a ^ b) || a is circular correlation robust (eprint 2019/074, section 7.3, in the random-permutation model).
import type { FixedKeyAes } from "./aes.ts";
import { BLOCK_WORDS } from "./block.ts";
import { passes } from "./passes/choose.ts";

/**
 * Turns nodes into their children, in place: row n of `nodes` has node n of each tree, `width` rows of `trees` blocks, and becomes rows
 * 2n and 2n + 1; `nodes` has room for them. Returns for each tree the sum of its left children. Errors: RangeError where there is
 * none. `engine`: a parameter for tests alone.
 */
export function growHalf(
  pi: FixedKeyAes,
  nodes: Uint32Array,
  width: number,
  trees: number,
  engine = passes,
): Uint32Array<ArrayBuffer> {
  if (width < 1 || trees < 1) throw new RangeError("no nodes");
  const sums = new Uint32Array(trees * BLOCK_WORDS);
  engine.growHalf(pi, nodes, width, trees, sums);
  return sums;
}

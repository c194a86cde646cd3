// One level of correlated GGM trees (half-trees: Guo, Yang, Wang, Zhang, Xie, Liu, Zhao, eprint 2022/1431), many trees side by side: in
// the native add-on where AES is, else with the array kernels. A node x has the children h(x) and h(x) ^ x, so that the nodes of
// every level have one sum. h(x) = pi(s(x)) ^ s(x) with s(a || b) = (a ^ b) || a is circular correlation robust (eprint 2019/074,
// section 7.3, in the random-permutation model).
import type { NativeAes } from "@halfroom/crypto-native";
import { nativeAes } from "./aes-cipher.ts";
import type { FixedKeyAes } from "./aes.ts";
import { bytesOf, xorInto } from "./bits.ts";
import { BLOCK_WORDS } from "./block.ts";

/** Blocks worked on at a time without the add-on. */
const BLOCKS_AT_ONCE = 1 << 14;

/**
 * Turns nodes into their children, in place: row n of `nodes` has node n of each tree, `width` rows of `trees` blocks, and becomes rows
 * 2n and 2n + 1; `nodes` has room for them. Returns for each tree the sum of its left children. `native`: a parameter for tests alone.
 */
export function growHalf(
  pi: FixedKeyAes,
  nodes: Uint32Array,
  width: number,
  trees: number,
  native: NativeAes | null = nativeAes ?? null,
): Uint32Array<ArrayBuffer> {
  const row = trees * BLOCK_WORDS;
  const sums = new Uint32Array(row);
  if (native?.growHalf !== undefined && pi.schedule !== undefined) {
    native.growHalf(pi.schedule, bytesOf(nodes.subarray(0, 2 * width * row)), width, bytesOf(sums));
    return sums;
  }
  const rows = Math.max(1, Math.floor(BLOCKS_AT_ONCE / trees));
  // From the last row to the first: children never lie where a node is still to be read.
  for (let end = width; end > 0; end -= rows) {
    const start = Math.max(0, end - rows);
    const parents = nodes.slice(start * row, end * row);
    const left = pi.oneWay(orthomorphism(parents));
    for (let n = start, from = 0; n < end; n++, from += row) {
      const ofRow = left.subarray(from, from + row);
      xorInto(sums, ofRow);
      nodes.set(ofRow, 2 * n * row);
      xorInto(ofRow, parents.subarray(from, from + row));
      nodes.set(ofRow, (2 * n + 1) * row);
    }
  }
  return sums;
}

/** The sum of both halves, then the first half, of each block. */
function orthomorphism(blocks: Uint32Array): Uint32Array<ArrayBuffer> {
  const out = new Uint32Array(blocks.length);
  for (let at = 0; at < out.length; at += BLOCK_WORDS) {
    out[at] = blocks[at]! ^ blocks[at + 2]!;
    out[at + 1] = blocks[at + 1]! ^ blocks[at + 3]!;
    out[at + 2] = blocks[at]!;
    out[at + 3] = blocks[at + 1]!;
  }
  return out;
}

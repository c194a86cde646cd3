// Half-trees, a few rows of nodes at a time in linear memory.
import type { FixedKeyAes } from "../aes.ts";
import { BLOCK_WORDS } from "../block.ts";
import { layOut, wordsAt, type Instance } from "../wasm-module.ts";
import { BLOCK_BYTES, permuteAt, PIECE } from "./wasm-leaves.ts";

export interface HalfFunctions extends Instance {
  orthomorphism(blocks: number, out: number, count: number): void;
  halfChildren(
    made: number,
    turned: number,
    nodes: number,
    rows: number,
    trees: number,
    children: number,
    sums: number,
  ): void;
}

export const HALF_FUNCTIONS = ["orthomorphism", "halfChildren"] as const;

/** See `PassEngine.growHalf`. */
export function growHalfRows(
  wasm: HalfFunctions,
  pi: FixedKeyAes,
  nodes: Uint32Array,
  width: number,
  trees: number,
  sums: Uint32Array,
): void {
  const row = trees * BLOCK_WORDS;
  const most = Math.max(1, Math.floor(PIECE / trees));
  const bytes = most * trees * BLOCK_BYTES;
  const [parents, turned, made, children, total] = layOut(
    wasm,
    bytes,
    bytes,
    bytes,
    2 * bytes,
    trees * BLOCK_BYTES,
  ) as [number, number, number, number, number];
  wordsAt(wasm, total, row).fill(0);
  // From the last row to the first: children never lie where a node is still to be read.
  for (let end = width; end > 0; end -= most) {
    const start = Math.max(0, end - most);
    const rows = end - start;
    wordsAt(wasm, parents, rows * row).set(nodes.subarray(start * row, end * row));
    wasm.orthomorphism(parents, turned, rows * trees);
    permuteAt(wasm, pi, turned, made, rows * trees);
    wasm.halfChildren(made, turned, parents, rows, trees, children, total);
    nodes.set(wordsAt(wasm, children, 2 * rows * row), 2 * start * row);
  }
  sums.set(wordsAt(wasm, total, row));
}

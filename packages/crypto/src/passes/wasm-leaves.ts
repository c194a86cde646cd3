// Leaves in linear memory that become rows of numbers in a table.
import type { FixedKeyAes } from "../aes.ts";
import { BLOCK_WORDS } from "../block.ts";
import { wordsAt, type Instance } from "../wasm-module.ts";

export const BLOCK_BYTES = BLOCK_WORDS * 4;
/** Blocks that OpenSSL is given at a time: see aes-cipher.ts. */
export const PIECE = 1 << 10;
export const PIECE_BYTES = PIECE * BLOCK_BYTES;
/** Leaves made at a time, at most, unless one tree or slot has more. */
const GROUP = 1 << 13;

export interface LeafFunctions extends Instance {
  numberBlocks(out: number, blocks: number, count: number, number: number): void;
  addNumbers(
    made: number,
    from: number,
    first: number,
    count: number,
    cells: number,
    columns: number,
    pair: number,
    negative: number,
    table: number,
    sums: number,
  ): void;
  takeSumsOff(sums: number, holes: number, trees: number, columns: number, table: number): void;
}

export const LEAF_FUNCTIONS = ["numberBlocks", "addNumbers", "takeSumsOff"] as const;

/** Where a group of trees or slots lies in linear memory. */
export interface Leaves {
  readonly address: number;
  readonly count: number;
  readonly cells: number;
  readonly columns: number;
  readonly table: number;
  /** A row of numbers for each tree or slot, which the sums of its leaves are added to. */
  readonly sums: number;
  /** Room for two pieces. */
  readonly room: number;
}

/** Adds leaves, stretched to numbers, to their rows of the table, or takes them off. */
export function addLeaves(
  wasm: LeafFunctions,
  stretch: FixedKeyAes,
  leaves: Leaves,
  negative: boolean,
): void {
  const { address, count, cells, columns, table, sums, room } = leaves;
  const made = room + PIECE_BYTES;
  for (let first = 0; first < count; first += PIECE) {
    const blocks = Math.min(PIECE, count - first);
    const piece = address + first * BLOCK_BYTES;
    for (let pair = 0; 2 * pair < columns; pair++) {
      // The first pair of columns is made of the leaf itself.
      const from = pair === 0 ? piece : room;
      if (pair > 0) wasm.numberBlocks(room, piece, blocks, pair);
      permuteAt(wasm, stretch, from, made, blocks);
      wasm.addNumbers(made, from, first, blocks, cells, columns, pair, negative ? 1 : 0, table, sums);
    }
  }
}

/** Writes the permutation of `count` blocks at one address to another. */
export function permuteAt(
  wasm: Instance,
  permutation: FixedKeyAes,
  from: number,
  to: number,
  count: number,
): void {
  const words = count * BLOCK_WORDS;
  permutation.permute(wordsAt(wasm, from, words), wordsAt(wasm, to, words));
}

/** How many trees or slots of so many cells are worked on at a time. */
export function groupSize(cells: number): number {
  return Math.max(1, Math.floor(GROUP / cells));
}

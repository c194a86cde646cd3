// GGM trees in linear memory: level by level, a group of trees at a time.
import { BLOCK_WORDS } from "../block.ts";
import type { RingArray } from "../ring.ts";
import { layOut, wordsAt } from "../wasm-module.ts";
import type { TreeKeys, TreePass, TreeTable } from "./engine.ts";
import { addLeaves, BLOCK_BYTES, groupSize, permuteAt, PIECE, PIECE_BYTES } from "./wasm-leaves.ts";
import type { LeafFunctions } from "./wasm-leaves.ts";

export interface TreeFunctions extends LeafFunctions {
  treeRoots(zero: number, one: number, trees: number, depth: number, nodes: number): void;
  puncturedRoots(known: number, holes: number, trees: number, depth: number, nodes: number): void;
  growPiece(
    left: number,
    right: number,
    nodes: number,
    count: number,
    width: number,
    children: number,
    sums: number,
  ): void;
  correctBranches(
    sums: number,
    zero: number,
    one: number,
    trees: number,
    depth: number,
    level: number,
    corrections: number,
  ): void;
  setSiblings(
    sums: number,
    known: number,
    corrections: number,
    holes: number,
    trees: number,
    depth: number,
    level: number,
    nodes: number,
  ): void;
}

export const TREE_FUNCTIONS = [
  "treeRoots",
  "puncturedRoots",
  "growPiece",
  "correctBranches",
  "setSiblings",
] as const;

/** Where a group of trees lies. */
interface Room {
  readonly table: number;
  /** Strings of either branch, or the known ones alone. */
  readonly zero: number;
  readonly one: number;
  readonly corrections: number;
  readonly holes: number;
  readonly sums: number;
  /** Sums of both branches of a level, a pair of blocks for each tree. */
  readonly branches: number;
  /** A level, and the next one. */
  readonly nodes: number;
  readonly children: number;
  /** Room for two pieces. */
  readonly room: number;
}

export class WasmTrees implements TreePass {
  readonly #wasm: TreeFunctions;
  readonly #keys: TreeKeys;

  constructor(wasm: TreeFunctions, keys: TreeKeys) {
    this.#wasm = wasm;
    this.#keys = keys;
  }

  takeOff(of: TreeTable, zero: Uint32Array, one: Uint32Array, sums: RingArray): void {
    const wasm = this.#wasm;
    const { depth, corrections } = of;
    const trees = zero.length / (depth * BLOCK_WORDS);
    this.#each(of, trees, (first, count, at, ofGroup) => {
      this.#put(at.zero, ofGroup(zero));
      this.#put(at.one, ofGroup(one));
      wasm.treeRoots(at.zero, at.one, count, depth, at.nodes);
      const leaves = this.#grow(at, count, depth, (level) =>
        wasm.correctBranches(at.branches, at.zero, at.one, count, depth, level, at.corrections),
      );
      this.#take(ofGroup(corrections), at.corrections);
      this.#add(of, at, leaves, count, true);
      this.#take(ofGroup(sums), at.sums);
    });
  }

  addPunctured(of: TreeTable, known: Uint32Array, holes: Uint32Array): void {
    const wasm = this.#wasm;
    const { depth, corrections, table } = of;
    this.#each(of, holes.length, (first, count, at, ofGroup) => {
      this.#put(at.zero, ofGroup(known));
      this.#put(at.holes, ofGroup(holes));
      this.#put(at.corrections, ofGroup(corrections));
      wasm.puncturedRoots(at.zero, at.holes, count, depth, at.nodes);
      const leaves = this.#grow(at, count, depth, (level, nodes) =>
        wasm.setSiblings(at.branches, at.zero, at.corrections, at.holes, count, depth, level, nodes),
      );
      this.#add(of, at, leaves, count, false);
      // What the zero in the hole became goes with it: its cell had those numbers added, and loses them in the sum.
      wasm.takeSumsOff(at.sums, at.holes, count, columnsOf({ depth, table }), at.table);
    });
  }

  /** Calls `use` for each group, with the number of its first tree, with the table in linear memory meanwhile. */
  #each(
    { depth, table }: TreeTable,
    trees: number,
    use: (
      first: number,
      count: number,
      at: Room,
      /** What belongs to the trees of the group, of an array of equal parts for all. */
      ofGroup: (array: Uint32Array) => Uint32Array,
    ) => void,
  ): void {
    const most = Math.min(groupSize(2 ** depth), trees);
    const at = this.#room(table, depth, most);
    this.#put(at.table, table);
    for (let first = 0; first < trees; first += most) {
      const count = Math.min(most, trees - first);
      use(first, count, at, (array) => {
        const each = array.length / trees;
        return array.subarray(first * each, (first + count) * each);
      });
    }
    this.#take(table, at.table);
  }

  #room(table: RingArray, depth: number, trees: number): Room {
    const strings = trees * depth * BLOCK_BYTES;
    const level = (trees * BLOCK_BYTES) << depth;
    const sums = trees * columnsOf({ depth, table }) * 8;
    const sizes = [
      table.byteLength,
      strings,
      strings,
      2 * strings,
      trees * 4,
      sums,
      trees * 2 * BLOCK_BYTES,
      level,
      level,
      2 * PIECE_BYTES,
    ];
    const [at, zero, one, corrections, holes, total, branches, nodes, children, room] = layOut(
      this.#wasm,
      ...sizes,
    ) as [number, number, number, number, number, number, number, number, number, number];
    return { table: at, zero, one, corrections, holes, sums: total, branches, nodes, children, room };
  }

  /** All levels of `trees` trees, of which the first lies at `nodes`; `grown` is called for each, with its nodes. Returns where leaves are. */
  #grow(
    { branches, nodes, children, room }: Room,
    trees: number,
    depth: number,
    grown: (level: number, nodes: number) => void,
  ): number {
    for (let level = 1; level < depth; level++) {
      this.#words(branches, trees * 2 * BLOCK_WORDS).fill(0);
      this.#growLevel(nodes, trees << level, 1 << level, children, branches, room);
      [nodes, children] = [children, nodes];
      grown(level, nodes);
    }
    return nodes;
  }

  /** The children of `count` nodes, `width` to a tree, a piece at a time. */
  #growLevel(
    nodes: number,
    count: number,
    width: number,
    children: number,
    branches: number,
    room: number,
  ): void {
    const { left, right } = this.#keys;
    for (let done = 0; done < count; done += PIECE) {
      const blocks = Math.min(PIECE, count - done);
      const piece = nodes + done * BLOCK_BYTES;
      permuteAt(this.#wasm, left, piece, room, blocks);
      permuteAt(this.#wasm, right, piece, room + PIECE_BYTES, blocks);
      // Both are powers of two: a piece is of one tree, or of whole trees.
      const sums = branches + Math.floor(done / width) * 2 * BLOCK_BYTES;
      const to = children + 2 * done * BLOCK_BYTES;
      this.#wasm.growPiece(room, room + PIECE_BYTES, piece, blocks, width, to, sums);
    }
  }

  #add({ depth, table }: TreeTable, at: Room, address: number, trees: number, negative: boolean): void {
    const columns = columnsOf({ depth, table });
    this.#words(at.sums, trees * columns * 2).fill(0);
    const leaves = { ...at, address, count: trees << depth, cells: 1 << depth, columns };
    addLeaves(this.#wasm, this.#keys.stretch, leaves, negative);
  }

  #words(address: number, words: number): Uint32Array {
    return wordsAt(this.#wasm, address, words);
  }

  #put(address: number, words: Uint32Array): void {
    this.#words(address, words.length).set(words);
  }

  #take(words: Uint32Array, address: number): void {
    words.set(this.#words(address, words.length));
  }
}

function columnsOf({ depth, table }: Pick<TreeTable, "depth" | "table">): number {
  return table.length / 2 / 2 ** depth;
}

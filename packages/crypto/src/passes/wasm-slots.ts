// One-hot slots in linear memory, a group at a time.
import { BLOCK_WORDS } from "../block.ts";
import type { RingArray } from "../ring.ts";
import { layOut, wordsAt } from "../wasm-module.ts";
import type { SlotKeys, SlotPass, SlotTable } from "./engine.ts";
import { addLeaves, BLOCK_BYTES, groupSize, permuteAt, PIECE, PIECE_BYTES } from "./wasm-leaves.ts";
import type { LeafFunctions } from "./wasm-leaves.ts";

export interface SlotFunctions extends LeafFunctions {
  slotKeys(
    rows: number,
    flips: number,
    first: number,
    delta: number,
    slots: number,
    cells: number,
    keys: number,
  ): void;
  xorTweaks(out: number, blocks: number, count: number, first: number): void;
  xorInto(target: number, source: number, bytes: number): void;
}

export const SLOT_FUNCTIONS = ["slotKeys", "xorTweaks", "xorInto"] as const;

/** Where a group of slots lies. */
interface Room {
  readonly table: number;
  readonly delta: number;
  readonly flips: number;
  readonly rows: number;
  readonly holes: number;
  readonly sums: number;
  readonly keys: number;
  /** Room for two pieces. */
  readonly room: number;
}

export class WasmSlots implements SlotPass {
  readonly #wasm: SlotFunctions;
  readonly #keys: SlotKeys;

  constructor(wasm: SlotFunctions, keys: SlotKeys) {
    this.#wasm = wasm;
    this.#keys = keys;
  }

  takeOff(of: SlotTable, rows: Uint32Array, delta: Uint32Array, flips: Uint32Array, sums: RingArray): void {
    const { cells } = of;
    const columns = columnsOf(of);
    const slots = rows.length / BLOCK_WORDS / (cells - 1);
    this.#each(of, slots, rows, (at, first, count) => {
      const bit = first * (cells - 1);
      const end = bit + count * (cells - 1);
      this.#put(at.delta, delta);
      this.#put(at.flips, flips.subarray(bit >>> 5, (end + 31) >>> 5));
      this.#wasm.slotKeys(at.rows, at.flips, bit & 31, at.delta, count, cells, at.keys);
      this.#hashAndAdd(of, at, first, count, true);
      sums.set(this.#words(at.sums, count * columns * 2), first * columns * 2);
    });
  }

  addPunctured(of: SlotTable, rows: Uint32Array, holes: Uint32Array): void {
    const { cells } = of;
    this.#each(of, holes.length, rows, (at, first, count) => {
      this.#put(at.holes, holes.subarray(first, first + count));
      this.#wasm.slotKeys(at.rows, 0, 0, 0, count, cells, at.keys);
      this.#hashAndAdd(of, at, first, count, false);
      // What came of the key that is not known goes with it: the cell of the hole had that leaf added, and loses it in the sum.
      this.#wasm.takeSumsOff(at.sums, at.holes, count, columnsOf(of), at.table);
    });
  }

  /** Calls `use` for each group, with its rows and the table in linear memory. */
  #each(
    of: SlotTable,
    slots: number,
    rows: Uint32Array,
    use: (at: Room, first: number, count: number) => void,
  ): void {
    const most = Math.min(groupSize(of.cells), slots);
    const at = this.#room(of, most);
    const rowWords = (of.cells - 1) * BLOCK_WORDS;
    this.#put(at.table, of.table);
    for (let first = 0; first < slots; first += most) {
      const count = Math.min(most, slots - first);
      this.#put(at.rows, rows.subarray(first * rowWords, (first + count) * rowWords));
      use(at, first, count);
    }
    of.table.set(this.#words(at.table, of.table.length));
  }

  #room(of: SlotTable, slots: number): Room {
    const leaves = slots * of.cells;
    const sizes = [
      of.table.byteLength,
      BLOCK_BYTES,
      leaves / 8 + 8,
      leaves * BLOCK_BYTES,
      slots * 4,
      slots * columnsOf(of) * 8,
      leaves * BLOCK_BYTES,
      2 * PIECE_BYTES,
    ];
    const [table, delta, flips, rows, holes, sums, keys, room] = layOut(this.#wasm, ...sizes) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    return { table, delta, flips, rows, holes, sums, keys, room };
  }

  /** The tweak of a leaf is its number among all. */
  #hashAndAdd(of: SlotTable, at: Room, first: number, slots: number, negative: boolean): void {
    const { cells } = of;
    const columns = columnsOf(of);
    const count = slots * cells;
    this.#hashKeys(at, count, (of.first + first) * cells);
    this.#words(at.sums, slots * columns * 2).fill(0);
    const leaves = { ...at, address: at.keys, count, cells, columns };
    addLeaves(this.#wasm, this.#keys.stretch, leaves, negative);
  }

  /** Turns keys into leaves: pi(pi(x) ^ i) ^ pi(x), i = `tweak` and following. */
  #hashKeys({ keys, room }: Room, count: number, tweak: number): void {
    const wasm = this.#wasm;
    const tweaked = room + PIECE_BYTES;
    for (let done = 0; done < count; done += PIECE) {
      const blocks = Math.min(PIECE, count - done);
      const piece = keys + done * BLOCK_BYTES;
      permuteAt(wasm, this.#keys.hash, piece, room, blocks);
      wasm.xorTweaks(tweaked, room, blocks, tweak + done);
      permuteAt(wasm, this.#keys.hash, tweaked, piece, blocks);
      wasm.xorInto(piece, room, blocks * BLOCK_BYTES);
    }
  }

  #words(address: number, words: number): Uint32Array {
    return wordsAt(this.#wasm, address, words);
  }

  #put(address: number, words: Uint32Array): void {
    this.#words(address, words.length).set(words);
  }
}

function columnsOf({ cells, table }: SlotTable): number {
  return table.length / 2 / cells;
}

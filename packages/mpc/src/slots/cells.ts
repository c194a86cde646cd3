// One-hot slots whose leaves are numbers, one row of a table for each leaf (protocol-spec.md, section 12): what a punctured tree gives,
// from correlated transfers alone (keys.ts). In one pass of the native add-on where it is, else with the array kernels. Both give the same.
import {
  arrayKernels,
  BlockHash,
  BLOCK_WORDS,
  nativeSlotsOf,
  type FixedKeyAes,
  type FusedSlots,
  type RingArray,
  type SlotTable,
} from "@halfroom/crypto";
import { slotKeys } from "./keys.ts";

/** Leaves that the array kernels work on at a time, at most: they stay in the cache. */
const LEAVES = 1 << 14;

export class CellSlots {
  readonly #hash: BlockHash;
  readonly #stretch: FixedKeyAes;
  readonly #native: FusedSlots | null;

  /**
   * `hash`: the permutation that makes leaves of keys; `stretch`: the one that makes numbers of a leaf. `native` is a parameter for tests
   * alone; null is the array kernels.
   */
  constructor(hash: FixedKeyAes, stretch: FixedKeyAes, native = nativeSlotsOf({ hash, stretch }) ?? null) {
    this.#hash = new BlockHash(hash);
    this.#stretch = stretch;
    this.#native = native;
  }

  /**
   * Slots of which all is known. `rows`: slots x (cells - 1) blocks, and `delta`, of the transfers; `flips`: a bit for each. Takes leaf g of
   * every slot off row g of the table. Returns the sum of the leaves of each slot, slots x columns numbers.
   */
  takeOff(
    { rows, delta }: { readonly rows: Uint32Array; readonly delta: Uint32Array },
    flips: Uint32Array,
    of: SlotTable,
  ): RingArray<ArrayBuffer> {
    const { cells, table } = of;
    const columns = columnsOf(of);
    const slots = slotsOf(rows, cells);
    const sums = new Uint32Array(slots * columns * 2);
    if (this.#native !== null) {
      this.#native.takeOff(of, rows, delta, flips, sums);
      return sums;
    }
    for (const { start, count } of groupsOf(slots, cells)) {
      const keys = slotKeys(rows, start, count, cells, { flips, delta });
      const numbers = this.#numbers(keys, of, start, columns);
      sums.set(arrayKernels.sumLeaves(numbers, columns, table), start * columns * 2);
    }
    return sums;
  }

  /**
   * Slots of which leaf `holes[slot]` is unknown. `rows`: the chosen strings of the transfers. Adds every other leaf to its row of the
   * table, and takes their sum off the row of the hole.
   */
  addPunctured(rows: Uint32Array, holes: Uint32Array, of: SlotTable): void {
    const { cells, table } = of;
    const columns = columnsOf(of);
    if (this.#native !== null) {
      this.#native.addPunctured(of, rows, holes);
      return;
    }
    for (const { start, count } of groupsOf(holes.length, cells)) {
      const numbers = this.#numbers(slotKeys(rows, start, count, cells), of, start, columns);
      arrayKernels.addPuncturedLeaves(numbers, holes.subarray(start, start + count), columns, table);
    }
  }

  /** The tweak of a leaf is its number among all. */
  #numbers(keys: Uint32Array, { cells, first }: SlotTable, start: number, columns: number): Uint32Array {
    const leaves = this.#hash.strings(keys, (first + start) * cells).zero;
    return this.#stretch.columnWords(leaves, columns);
  }
}

function columnsOf({ cells, table }: SlotTable): number {
  return table.length / 2 / cells;
}

function slotsOf(rows: Uint32Array, cells: number): number {
  return rows.length / BLOCK_WORDS / (cells - 1);
}

function groupsOf(slots: number, cells: number): { start: number; count: number }[] {
  const most = Math.max(1, Math.floor(LEAVES / cells));
  return Array.from({ length: Math.ceil(slots / most) }, (_, i) => ({
    start: i * most,
    count: Math.min(most, slots - i * most),
  }));
}

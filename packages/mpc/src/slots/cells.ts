// One-hot slots whose leaves are numbers, one row of a table for each leaf (protocol-spec.md, section 12): what a punctured tree gives,
// from correlated transfers alone, one less than there are leaves. The chooser of the transfers has flipped its choices into a vector that
// is 1 in its hole; so it knows the key of every place but of the hole, where it knows the key xor Delta. The key of the last place is the
// xor of the others, and Delta: whatever the flips are, an odd number of keys is unknown, and so never none.
import { BLOCK_WORDS, passes } from "@halfroom/crypto";
import type { FixedKeyAes, RingArray, SlotPass, SlotTable } from "@halfroom/crypto";

export class CellSlots {
  readonly #pass: SlotPass;

  /**
   * `hash`: the permutation that makes leaves of keys; `stretch`: the one that makes numbers of a leaf. `engine`: a parameter for tests alone.
   */
  constructor(hash: FixedKeyAes, stretch: FixedKeyAes, engine = passes) {
    this.#pass = engine.slots({ hash, stretch });
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
    const slots = rows.length / BLOCK_WORDS / (of.cells - 1);
    const sums = new Uint32Array((slots * of.table.length) / of.cells);
    this.#pass.takeOff(of, rows, delta, flips, sums);
    return sums;
  }

  /**
   * Slots of which leaf `holes[slot]` is unknown. `rows`: the chosen strings of the transfers. Adds every other leaf to its row of the
   * table, and takes their sum off the row of the hole.
   */
  addPunctured(rows: Uint32Array, holes: Uint32Array, of: SlotTable): void {
    this.#pass.addPunctured(of, rows, holes);
  }
}

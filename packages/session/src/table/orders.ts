// Secret orders of cells and categories, new in each session: a number that passed says nothing of its label's rank.
import type { Rng } from "@halfroom/crypto";
import { NO_CELL, type ReceiverPeople } from "@halfroom/prepare";
import { permutation } from "../permutation.ts";
import { ItemNumbers } from "./item-numbers.ts";
import type { Layout } from "./layout.ts";

/** For each partition the row in the table of each of its cells; spare cells stay first. */
export function cellOrders(
  cells: readonly number[],
  { firstCells, spareCells }: Layout,
  rng: Rng,
): Uint32Array[] {
  const spare = spareCells ? 1 : 0;
  return cells.map((count, partition) => {
    const order = permutation(count - spare, rng);
    return order.map((place) => firstCells[partition]! + spare + place);
  });
}

/** What of the receiver's people enters the match: the cell of each entry of theirs in each partition, and its moment where events are credited. */
export class PlacedItems extends ItemNumbers {
  readonly #layout: Layout;

  constructor({ partitions, times = [] }: ReceiverPeople, layout: Layout) {
    const cells = layout.groupings.map(({ partition, entry }) => {
      const { cells: first, entries = [first] } = partitions[partition]!;
      return entries[entry]!;
    });
    super(partitions[0]!.cells.length, { longs: [], shorts: [...cells, ...times] });
    this.#layout = layout;
  }

  /**
   * From the records of so many items, for each grouping the cell of each within its partition, those in no cell in the spare one; and for
   * each entry their moments.
   */
  cellsAndTimes(
    records: Uint32Array,
    items: number,
    orders: readonly Uint32Array[],
  ): { readonly cellsOf: readonly Uint32Array[]; readonly times: readonly Uint32Array[] } {
    const { groupings } = this.#layout;
    const { shorts } = this.columnsOf(records, items);
    const cellsOf = groupings.map(({ partition, firstCell }, grouping) => {
      const order = orders[partition]!;
      return shorts[grouping]!.map((cell) => (cell === NO_CELL ? 0 : order[cell]! - firstCell));
    });
    return { cellsOf, times: shorts.slice(groupings.length) };
  }
}

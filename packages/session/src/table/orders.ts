// Secret orders of cells and categories, new in each session: a number that passed says nothing of its label's rank.
import type { Rng } from "@halfroom/crypto";
import { NO_CELL, type ReceiverPeople } from "@halfroom/prepare";
import { permutation } from "../permutation.ts";
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

/** For each grouping the cell of each of these items within its partition; what is in no cell is in the spare one. */
export function receiverCells(
  { partitions }: ReceiverPeople,
  rows: Uint32Array,
  { groupings }: Layout,
  orders: readonly Uint32Array[],
): Uint32Array[] {
  return groupings.map(({ partition, entry, firstCell }) => {
    const { cells, entries = [cells] } = partitions[partition]!;
    const order = orders[partition]!;
    const ofAll = entries[entry]!;
    return rows.map((row) => (ofAll[row] === NO_CELL ? 0 : order[ofAll[row]!]! - firstCell));
  });
}

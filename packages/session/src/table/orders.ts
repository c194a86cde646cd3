// Secret orders of cells and categories, new in each session: a number that passed says nothing of its label's rank.
import type { Rng } from "@halfroom/crypto";
import { NO_CELL, type ReceiverPeople } from "@halfroom/prepare";
import type { Layout } from "./layout.ts";

/** A uniform permutation of 0 .. count - 1 (Fisher and Yates), each step drawn by rejection, without bias. */
export function permutation(count: number, rng: Rng): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = uniform(i + 1, rng);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** A uniform number below `bound`, at most 2^32. */
function uniform(bound: number, rng: Rng): number {
  const limit = 2 ** 32 - (2 ** 32 % bound);
  for (;;) {
    const drawn = new DataView(rng.bytes(4).buffer).getUint32(0, true);
    if (drawn < limit) return drawn % bound;
  }
}

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

/** For each grouping the cell of each item within its partition; an entry that a person does not have is in the spare cell. */
export function receiverCells(
  { partitions }: ReceiverPeople,
  { groupings }: Layout,
  orders: readonly Uint32Array[],
): Uint32Array[] {
  return groupings.map(({ partition, entry, firstCell }) => {
    const { cells, entries = [cells] } = partitions[partition]!;
    const order = orders[partition]!;
    return Uint32Array.from(entries[entry]!, (cell) => (cell === NO_CELL ? 0 : order[cell]! - firstCell));
  });
}

// The labels of what was opened: each side names its own cells or categories to a side that receives the result, and only
// those of which something passed.
import type { Role } from "@halfroom/mpc";
import type { ReceiverPeople, SenderPeople } from "@halfroom/prepare";
import { recvLabels, sendLabels } from "@halfroom/release";
import type { OpenChannel } from "@halfroom/wire";
import type { Terms } from "../terms/terms.ts";
import type { Layout } from "./layout.ts";
import type { OpenedTable } from "./open-table.ts";

/** The labels of the rows and of the categories' places of which something was opened, and of all own ones. */
export interface Labels {
  readonly cells: ReadonlyMap<number, readonly string[]>;
  readonly categories: ReadonlyMap<number, readonly string[]>;
}

interface Named {
  readonly terms: Terms;
  readonly layout: Layout;
}

/** Sends the sender's labels and takes the receiver's. `order`: the place of each category. */
export async function exchangeAsSender(
  ch: OpenChannel,
  opened: OpenedTable,
  { terms, layout }: Named,
  { categoryLabels }: SenderPeople,
  order: Uint32Array,
): Promise<Labels> {
  const categories = byPlace(order, categoryLabels);
  if (gets(terms, "receiver") && terms.senderGroupBy.length > 0) {
    await sendLabels(
      ch,
      shownPlaces(opened).map((place) => labelsAt(categories, place)),
    );
  }
  const cells = new Map<number, readonly string[]>();
  if (!gets(terms, "sender")) return { cells, categories };
  for (const [partition, groupBy] of terms.partitions.entries()) {
    const rows = openedRows(opened, layout, partition);
    const labels = groupBy.length === 0 ? [] : await recvLabels(ch, rows.length, groupBy.length);
    rows.forEach((row, i) => cells.set(row, labels[i] ?? []));
  }
  return { cells, categories };
}

/** Takes the sender's labels and sends the receiver's. `orders`: for each partition the row of each cell. */
export async function exchangeAsReceiver(
  ch: OpenChannel,
  opened: OpenedTable,
  { terms, layout }: Named,
  { partitions }: Pick<ReceiverPeople, "partitions">,
  orders: readonly Uint32Array[],
): Promise<Labels> {
  const places = shownPlaces(opened);
  const hears = gets(terms, "receiver") && terms.senderGroupBy.length > 0;
  const words = hears ? await recvLabels(ch, places.length, terms.senderGroupBy.length) : [];
  const categories = new Map(places.map((place, i) => [place, words[i] ?? []]));
  const cells = new Map<number, readonly string[]>();
  for (const [partition, groupBy] of terms.partitions.entries()) {
    for (const [row, labels] of byPlace(orders[partition]!, partitions[partition]!.labels)) {
      cells.set(row, labels);
    }
    if (!gets(terms, "sender") || groupBy.length === 0) continue;
    await sendLabels(
      ch,
      openedRows(opened, layout, partition).map((row) => labelsAt(cells, row)),
    );
  }
  return { cells, categories };
}

/** Whether a side receives the result. */
export function gets({ resultTo }: Pick<Terms, "resultTo">, role: Role): boolean {
  return resultTo === "both" || resultTo === role;
}

/** The partition that a row of the table belongs to. */
export function partitionOf(row: number, { firstCells }: Layout): number {
  return firstCells.findLastIndex((first) => first <= row);
}

/** Places of the categories of which something was opened, ascending. */
function shownPlaces({ blocks, totalPlaces }: OpenedTable): number[] {
  const places = new Set([...blocks.map(({ category }) => category), ...totalPlaces]);
  return [...places].sort(ascending);
}

/** Padding has none, and the release lets none of it pass. */
function labelsAt(labels: ReadonlyMap<number, readonly string[]>, place: number): readonly string[] {
  const found = labels.get(place);
  if (found === undefined) throw new RangeError("an opened place without labels");
  return found;
}

/** The labels of each place that has some; the other places are padding. */
function byPlace(order: Uint32Array, labels: readonly (readonly string[])[]): Map<number, readonly string[]> {
  return new Map(labels.map((label, i) => [order[i]!, label]));
}

/** The rows of a partition of which something was opened, ascending. */
function openedRows({ blocks }: OpenedTable, layout: Layout, partition: number): number[] {
  const rows = new Set(
    blocks.map(({ cell }) => cell).filter((cell) => partitionOf(cell, layout) === partition),
  );
  return [...rows].sort(ascending);
}

function ascending(a: number, b: number): number {
  return a - b;
}

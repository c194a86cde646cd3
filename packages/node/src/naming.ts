// The labels of what was opened: each side names its own cells or categories to a side that receives the result, and only
// those of which something passed.
import type { ReceiverPeople, SenderPeople } from "@halfroom/prepare";
import { recvLabels, sendLabels } from "@halfroom/release";
import type { OpenChannel } from "@halfroom/wire";
import type { ReportTerms, Role } from "./half.types.ts";
import type { Layout } from "./layout.ts";
import type { OpenedBlock, OpenedTable } from "./release-table.ts";

/** An opened block under its labels: the receiver's, then the sender's. */
export interface NamedBlock {
  readonly partition: number;
  readonly labels: readonly string[];
  readonly numbers: OpenedBlock["numbers"];
  readonly overPair: boolean;
}

export interface NamedTable {
  readonly blocks: readonly NamedBlock[];
  /** Totals over all cells, under the sender's labels. */
  readonly totals: readonly Omit<NamedBlock, "partition" | "overPair">[] | undefined;
}

interface Common {
  readonly terms: ReportTerms;
  readonly layout: Layout;
}

/** Undefined if the sender gets no result. */
export async function nameAsSender(
  ch: OpenChannel,
  { blocks: opened, totals }: OpenedTable,
  context: Common & { readonly data: SenderPeople; readonly order: Uint32Array },
): Promise<NamedTable | undefined> {
  const { terms, layout, data, order } = context;
  const categories = byPlace(order, data.categoryLabels);
  const shown = shownPlaces(opened, totals);
  if (gets(terms, "receiver") && terms.senderGroupBy.length > 0) {
    await sendLabels(
      ch,
      shown.map((place) => categories.get(place)!),
    );
  }
  if (!gets(terms, "sender")) return undefined;
  const cells = new Map<number, readonly string[]>();
  for (const [partition, groupBy] of terms.partitions.entries()) {
    const rows = openedRows(opened, layout, partition);
    const labels = groupBy.length === 0 ? [] : await recvLabels(ch, rows.length, groupBy.length);
    rows.forEach((row, i) => cells.set(row, labels[i] ?? []));
  }
  return namedTable({ blocks: opened, totals }, layout, cells, categories);
}

/** Undefined if the receiver gets no result. */
export async function nameAsReceiver(
  ch: OpenChannel,
  { blocks: opened, totals }: OpenedTable,
  context: Common & { readonly data: ReceiverPeople; readonly orders: readonly Uint32Array[] },
): Promise<NamedTable | undefined> {
  const { terms, layout, data, orders } = context;
  const places = shownPlaces(opened, totals);
  const hears = gets(terms, "receiver") && terms.senderGroupBy.length > 0;
  const words = hears ? await recvLabels(ch, places.length, terms.senderGroupBy.length) : [];
  const categories = new Map(places.map((place, i) => [place, words[i] ?? []]));
  const cells = new Map<number, readonly string[]>();
  for (const [partition, groupBy] of terms.partitions.entries()) {
    for (const [row, labels] of byPlace(orders[partition]!, data.partitions[partition]!.labels)) {
      cells.set(row, labels);
    }
    if (!gets(terms, "sender") || groupBy.length === 0) continue;
    await sendLabels(
      ch,
      openedRows(opened, layout, partition).map((row) => cells.get(row)!),
    );
  }
  if (!gets(terms, "receiver")) return undefined;
  return namedTable({ blocks: opened, totals }, layout, cells, categories);
}

/** Places of the categories of which something was opened. */
function shownPlaces(blocks: readonly OpenedBlock[], totals: OpenedTable["totals"]): number[] {
  const places = new Set(blocks.map(({ category }) => category));
  totals?.forEach((numbers, place) => {
    if (numbers.some((number) => number !== undefined)) places.add(place);
  });
  return [...places].sort(ascending);
}

function gets({ resultTo }: Pick<ReportTerms, "resultTo">, role: Role): boolean {
  return resultTo === "both" || resultTo === role;
}

/** The labels of each place that has some; the other places are padding. */
function byPlace(order: Uint32Array, labels: readonly (readonly string[])[]): Map<number, readonly string[]> {
  return new Map(labels.map((label, i) => [order[i]!, label]));
}

/** The rows of a partition of which something was opened, ascending. */
function openedRows(opened: readonly OpenedBlock[], layout: Layout, partition: number): number[] {
  const rows = new Set(
    opened.map(({ cell }) => cell).filter((cell) => partitionOf(cell, layout) === partition),
  );
  return [...rows].sort(ascending);
}

function partitionOf(cell: number, { firstCells }: Layout): number {
  return firstCells.findLastIndex((first) => first <= cell);
}

function namedTable(
  { blocks, totals }: OpenedTable,
  layout: Layout,
  cells: ReadonlyMap<number, readonly string[]>,
  categories: ReadonlyMap<number, readonly string[]>,
): NamedTable {
  return {
    blocks: blocks.map((block) => named(block, layout, cells, categories)),
    totals: totals?.flatMap((numbers, place) => {
      const labels = categories.get(place);
      const opened = numbers.some((number) => number !== undefined);
      return opened && labels !== undefined ? [{ labels, numbers }] : [];
    }),
  };
}

function named(
  { cell, category, numbers, overPair }: OpenedBlock,
  layout: Layout,
  cells: ReadonlyMap<number, readonly string[]>,
  categories: ReadonlyMap<number, readonly string[]>,
): NamedBlock {
  const labels = [...(cells.get(cell) ?? []), ...(categories.get(category) ?? [])];
  return { partition: partitionOf(cell, layout), labels, numbers, overPair };
}

function ascending(a: number, b: number): number {
  return a - b;
}

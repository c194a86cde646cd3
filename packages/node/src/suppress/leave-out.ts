// Prepared people without those who opted out. Whoever opted out under one of several match keys leaves with all items.
import { packRows, rowAt, rowCount, type ByteRows } from "@halfroom/crypto";
import type { PreparedReceiver, PreparedSender } from "@halfroom/prepare";
import type { SuppressList } from "./suppress-list.ts";

/** The sender's people with their measures and categories; a category that nobody is left in stays, as an empty one. */
export function withoutSuppressedSender(data: PreparedSender, list: SuppressList): PreparedSender {
  const kept = remainingItems(data, list);
  if (kept === undefined) return data;
  const { items, people } = kept;
  const signs = data.peoplePayload;
  return {
    ...data,
    people,
    identifiers: rowsOf(data.identifiers, items),
    measures: data.measures.map((values) => BigInt64Array.from(items, (item) => values[item]!)),
    peoplePayload: signs && BigInt64Array.from(items, (item) => signs[item]!),
    categories: items.map((item) => data.categories[item]!),
  };
}

/** The receiver's people with their cells; a cell that nobody is left in stays, as an empty one. */
export function withoutSuppressedReceiver(data: PreparedReceiver, list: SuppressList): PreparedReceiver {
  const kept = remainingItems(data, list);
  if (kept === undefined) return data;
  const { items, people, each } = kept;
  const partitions = data.partitions.map((partition) => {
    const cells = items.map((item) => partition.cells[item]!);
    const base = new Uint32Array(partition.labels.length);
    for (let item = 0; item < cells.length; item += each) base[cells[item]!]!++;
    return { ...partition, cells, base };
  });
  return { ...data, people, identifiers: rowsOf(data.identifiers, items), partitions };
}

interface Remaining {
  /** Numbers of the items that stay, ascending. */
  readonly items: Uint32Array;
  readonly people: number;
  /** Items of one person. */
  readonly each: number;
}

/** Undefined if nobody has to leave. */
function remainingItems(
  { identifiers, people }: { readonly identifiers: ByteRows; readonly people: number },
  list: SuppressList,
): Remaining | undefined {
  const all = rowCount(identifiers);
  const remaining = list.remaining(identifiers);
  if (remaining.length === all) return undefined;
  const each = all / people;
  const stays = new Uint8Array(people);
  for (const item of remaining) stays[Math.floor(item / each)]!++;
  const items = remaining.filter((item) => stays[Math.floor(item / each)] === each);
  return { items, people: items.length / each, each };
}

function rowsOf(rows: ByteRows, keep: Uint32Array): ByteRows {
  return packRows(Array.from(keep, (item) => rowAt(rows, item)));
}

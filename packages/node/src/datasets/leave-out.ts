// Removes people who opted out from prepared data. With several match keys a person has several consecutive items; if one of
// them is on the list, all of them go.
import { changedColumn, type Column, type NumberArray } from "@halfroom/crypto";
import {
  LACKING,
  peopleOfCells,
  type EncodedItems,
  type PreparedReceiver,
  type PreparedSender,
} from "@halfroom/prepare";
import { pickedRows, Staying, stayingNumbers, stayingRows } from "./picked-rows.ts";
import { rowsOfPeople } from "./rows-of-people.ts";
import type { SuppressList } from "./suppress-list.ts";

/** For the sender: people with their measures and categories. */
export async function withoutSuppressedSender(
  data: PreparedSender,
  list: SuppressList,
  keys: number,
): Promise<PreparedSender> {
  const each = 2 ** keys - 1;
  const stay = await remaining(data, list, each);
  if (stay === undefined) return data;
  const { items, left } = stay;
  const kept = <T extends NumberArray>(column: Column<T>) => stayingNumbers(column, items);
  const categories = kept(data.categories);
  return {
    ...data,
    ...left,
    measures: data.measures.map(kept),
    events: data.events && {
      ...data.events,
      counts: kept(data.events.counts),
      times: data.events.times.map(kept),
      values: data.events.values.map((slots) => slots.map(kept)),
    },
    peoplePayload: data.peoplePayload === undefined ? undefined : kept(data.peoplePayload),
    categories,
    base: await peopleOfCells([categories], data.base.length, each),
  };
}

/** For the receiver: people with their cells. A cell that nobody is left in stays, empty. */
export async function withoutSuppressedReceiver(
  data: PreparedReceiver,
  list: SuppressList,
  keys: number,
): Promise<PreparedReceiver> {
  const each = 2 ** keys - 1;
  const stay = await remaining(data, list, each);
  if (stay === undefined) return data;
  const { items, left } = stay;
  const kept = (column: Column<Uint32Array>) => stayingNumbers(column, items);
  const partitions = data.partitions.map(async (partition) => {
    const entries = partition.entries?.map(kept);
    const cells = kept(partition.cells);
    const base = await peopleOfCells(entries ?? [cells], partition.base.length, each);
    return { ...partition, cells, base, entries };
  });
  return { ...data, ...left, partitions: await Promise.all(partitions), times: data.times?.map(kept) };
}

/** How many of the first `people` people are on the list, under whichever of their items. Nothing is changed. */
export async function countSuppressed(
  data: EncodedItems,
  list: SuppressList,
  each: number,
  people: number,
): Promise<number> {
  const isListed = flagsOf(await list.listedRows(data.identifiers), data.identifiers.count);
  let listed = 0;
  for await (const { rows } of rowsOfPeople(data, each, people))
    for (let item = 0; item < rows.length; item += each)
      if (rows.subarray(item, item + each).some((row) => isListed[row] === 1)) listed++;
  return listed;
}

function flagsOf(rows: Uint32Array, count: number): Uint8Array {
  const flags = new Uint8Array(count);
  for (const row of rows) flags[row] = 1;
  return flags;
}

type Items = Pick<PreparedSender | PreparedReceiver, "identifiers" | "items" | "people">;

/** Who stays of a dataset, and which of the report's items are theirs. */
interface Remaining {
  readonly left: Items;
  readonly items: Staying;
}

/** Undefined if everybody stays. */
async function remaining(data: Items, list: SuppressList, each: number): Promise<Remaining | undefined> {
  const { identifiers, people } = data;
  const listed = await list.listedRows(identifiers);
  if (listed.length === 0) return undefined;
  const isListed = flagsOf(listed, identifiers.count);
  const isGone = new Uint8Array(identifiers.count);
  const areGone = new Uint8Array((data.items?.length ?? identifiers.count) / each);
  for await (const { first, rows } of rowsOfPeople(data, each)) {
    for (let item = 0; item < rows.length; item += each) {
      const own = rows.subarray(item, item + each);
      if (!own.some((row) => isListed[row] === 1)) continue;
      areGone[first + item / each] = 1;
      for (const row of own) if (row !== LACKING) isGone[row] = 1;
    }
  }
  // Items under a person's other keys may still be cached.
  if (each > 1) list.forget(await pickedRows(identifiers, isGone));
  const items = new Staying(areGone.subarray(0, people), each);
  return { left: { ...itemsOf(data, areGone, isGone, each), people: items.count / each }, items };
}

/** The items of people who stay: the rows that are not gone, under new numbers. */
function itemsOf(data: Items, areGone: Uint8Array, isGone: Uint8Array, each: number): EncodedItems {
  const rows = new Staying(isGone);
  const identifiers = stayingRows(data.identifiers, rows);
  if (data.items === undefined) return { identifiers };
  const items = changedColumn(stayingNumbers(data.items, new Staying(areGone, each)), (old) =>
    old.map((row) => (row === LACKING ? LACKING : rows.numberOf(row))),
  );
  return { identifiers, items };
}

// Removes people who opted out from prepared data. With several match keys a person has several consecutive items; if one of
// them is on the list, all of them go.
import type { RowSource } from "@halfroom/crypto";
import {
  LACKING,
  NO_CELL,
  type EncodedItems,
  type PreparedReceiver,
  type PreparedSender,
} from "@halfroom/prepare";
import { pickedRows, withoutRows } from "./picked-rows.ts";
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
  const kept = (values: BigInt64Array) => BigInt64Array.from(items, (item) => values[item]!);
  return {
    ...data,
    ...left,
    measures: data.measures.map(kept),
    events: data.events && {
      ...data.events,
      counts: Uint8Array.from(items, (item) => data.events!.counts[item]!),
      times: data.events.times.map((times) => items.map((item) => times[item]!)),
      values: data.events.values.map((slots) => slots.map(kept)),
    },
    peoplePayload: data.peoplePayload === undefined ? undefined : kept(data.peoplePayload),
    categories: items.map((item) => data.categories[item]!),
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
  const partitions = data.partitions.map((partition) => {
    const kept = (cells: Uint32Array) => items.map((item) => cells[item]!);
    const entries = partition.entries?.map(kept);
    const cells = kept(partition.cells);
    const base = new Uint32Array(partition.base.length);
    for (let item = 0; item < cells.length; item += each) {
      const ofPerson = new Set((entries ?? [cells]).map((slot) => slot[item]!));
      for (const cell of ofPerson) if (cell !== NO_CELL) base[cell]!++;
    }
    return { ...partition, cells, base, entries };
  });
  const times = data.times?.map((moments) => items.map((item) => moments[item]!));
  return { ...data, ...left, partitions, times };
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
  for (let person = 0; person < people; person++) if (hasRow(data, each, person, isListed)) listed++;
  return listed;
}

/** Whether one of a person's items is among the rows with a flag. */
function hasRow({ items }: EncodedItems, each: number, person: number, flags: Uint8Array): boolean {
  for (let item = person * each; item < (person + 1) * each; item++) {
    const row = items?.[item] ?? item;
    if (row !== LACKING && flags[row] === 1) return true;
  }
  return false;
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
  /** Numbers of items of the report, ascending. */
  readonly items: Uint32Array;
}

/** Undefined if everybody stays. */
async function remaining(data: Items, list: SuppressList, each: number): Promise<Remaining | undefined> {
  const { identifiers, people } = data;
  const listed = await list.listedRows(identifiers);
  if (listed.length === 0) return undefined;
  const isListed = flagsOf(listed, identifiers.count);
  const isGone = new Uint8Array(identifiers.count);
  const everybody = (data.items?.length ?? identifiers.count) / each;
  const persons = Uint32Array.from({ length: everybody }, (_, person) => person);
  const staying = persons.filter((person) => !hasRow(data, each, person, isListed));
  for (const person of persons) {
    if (!hasRow(data, each, person, isListed)) continue;
    for (let item = person * each; item < (person + 1) * each; item++) {
      const row = data.items?.[item] ?? item;
      if (row !== LACKING) isGone[row] = 1;
    }
  }
  // Items under a person's other keys may still be cached.
  if (each > 1) list.forget(await pickedRows(identifiers, isGone));
  const inReport = staying.filter((person) => person < people);
  return {
    left: { ...itemsOf(data, staying, isGone, each), people: inReport.length },
    items: numbersOf(inReport, each),
  };
}

/** The items of people who stay: the rows that are not gone, under new numbers. */
function itemsOf(data: Items, staying: Uint32Array, isGone: Uint8Array, each: number): EncodedItems {
  const identifiers: RowSource = withoutRows(data.identifiers, isGone);
  if (data.items === undefined) return { identifiers };
  const newRow = new Uint32Array(isGone.length);
  let next = 0;
  for (let row = 0; row < isGone.length; row++) if (isGone[row] === 0) newRow[row] = next++;
  const items = numbersOf(staying, each).map((item) => {
    const row = data.items![item]!;
    return row === LACKING ? LACKING : newRow[row]!;
  });
  return { identifiers, items };
}

/** The numbers of their items. */
function numbersOf(people: Uint32Array, each: number): Uint32Array<ArrayBuffer> {
  return Uint32Array.from(
    { length: people.length * each },
    (_, i) => people[Math.floor(i / each)]! * each + (i % each),
  );
}

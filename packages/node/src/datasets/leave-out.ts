// Removes people who opted out from prepared data. With several match keys a person has several consecutive items; if one of
// them is on the list, all of them go.
import { packRows, rowAt, rowCount, type ByteRows } from "@halfroom/crypto";
import {
  LACKING,
  NO_CELL,
  type EncodedItems,
  type PreparedReceiver,
  type PreparedSender,
} from "@halfroom/prepare";
import type { SuppressList } from "./suppress-list.ts";

/** For the sender: people with their measures and categories. */
export function withoutSuppressedSender(
  data: PreparedSender,
  list: SuppressList,
  keys: number,
): PreparedSender {
  const each = 2 ** keys - 1;
  const stay = remaining(data, list, each);
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
export function withoutSuppressedReceiver(
  data: PreparedReceiver,
  list: SuppressList,
  keys: number,
): PreparedReceiver {
  const each = 2 ** keys - 1;
  const stay = remaining(data, list, each);
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
export function countSuppressed(
  data: EncodedItems,
  list: SuppressList,
  each: number,
  people: number,
): number {
  const free = list.remaining(data.identifiers);
  const isFree = new Uint8Array(rowCount(data.identifiers));
  for (const row of free) isFree[row] = 1;
  const rowOf = (item: number) => data.items?.[item] ?? item;
  let listed = 0;
  for (let person = 0; person < people; person++) {
    const rows = Array.from({ length: each }, (_, i) => rowOf(person * each + i));
    if (rows.some((row) => row !== LACKING && isFree[row] === 0)) listed++;
  }
  return listed;
}

type Items = Pick<PreparedSender | PreparedReceiver, "identifiers" | "items" | "people">;

/** Who stays of a dataset, and which of the report's items are theirs. */
interface Remaining {
  readonly left: Items;
  /** Numbers of items of the report, ascending. */
  readonly items: Uint32Array;
}

/** Undefined if everybody stays. */
function remaining(data: Items, list: SuppressList, each: number): Remaining | undefined {
  const { identifiers, people } = data;
  const free = list.remaining(identifiers);
  if (free.length === rowCount(identifiers)) return undefined;
  const isFree = new Uint8Array(rowCount(identifiers));
  for (const row of free) isFree[row] = 1;
  const rows = data.items ?? Uint32Array.from(isFree, (_, row) => row);
  const persons = Uint32Array.from({ length: rows.length / each }, (_, person) => person);
  const rowsOfPerson = (person: number) => rows.subarray(person * each, (person + 1) * each);
  const goes = (person: number) => rowsOfPerson(person).some((row) => row !== LACKING && isFree[row] === 0);
  const staying = persons.filter((person) => !goes(person));
  for (const person of persons) if (goes(person)) for (const row of rowsOfPerson(person)) isFree[row] = 0;
  const allRows = Uint32Array.from(isFree, (_, row) => row);
  // Items under a person's other keys may still be cached.
  if (each > 1)
    list.forget(
      rowsAt(
        identifiers,
        allRows.filter((row) => isFree[row] === 0),
      ),
    );
  const inReport = staying.filter((person) => person < people);
  return {
    left: { ...itemsOf(data, staying, isFree, each), people: inReport.length },
    items: numbersOf(inReport, each),
  };
}

/** The items of people who stay: the rows that are free, under new numbers. */
function itemsOf(data: Items, staying: Uint32Array, isFree: Uint8Array, each: number): EncodedItems {
  const kept = Uint32Array.from(isFree, (_, row) => row).filter((row) => isFree[row] === 1);
  const identifiers = rowsAt(data.identifiers, kept);
  if (data.items === undefined) return { identifiers };
  const newRow = new Uint32Array(isFree.length);
  kept.forEach((row, i) => (newRow[row] = i));
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

function rowsAt(identifiers: ByteRows, rows: Uint32Array): ByteRows {
  return packRows(Array.from(rows, (row) => rowAt(identifiers, row)));
}

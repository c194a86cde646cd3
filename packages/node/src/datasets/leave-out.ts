// Removes people who opted out from prepared data. With several match keys a person has several consecutive items; if one of
// them is on the list, all of them go.
import { packRows, rowAt, rowCount, type ByteRows } from "@halfroom/crypto";
import { NO_CELL, type PreparedReceiver, type PreparedSender } from "@halfroom/prepare";
import type { SuppressList } from "./suppress-list.ts";

/** For the sender: people with their measures and categories. */
export function withoutSuppressedSender(data: PreparedSender, list: SuppressList): PreparedSender {
  const items = remainingItems(data, list);
  if (items === undefined) return data;
  const kept = (values: BigInt64Array) => BigInt64Array.from(items, (item) => values[item]!);
  return {
    ...data,
    ...keptPeople(data, items),
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
export function withoutSuppressedReceiver(data: PreparedReceiver, list: SuppressList): PreparedReceiver {
  const items = remainingItems(data, list);
  if (items === undefined) return data;
  const each = itemsPerPerson(data);
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
  return { ...data, ...keptPeople(data, items), partitions, times };
}

type Items = Pick<PreparedSender | PreparedReceiver, "identifiers" | "people">;

/** Indices of the items of people who stay; undefined if everybody does. */
function remainingItems(data: Items, list: SuppressList): Uint32Array | undefined {
  const free = list.remaining(data.identifiers);
  if (free.length === rowCount(data.identifiers)) return undefined;
  const each = itemsPerPerson(data);
  const freeOf = new Uint8Array(data.people);
  for (const item of free) freeOf[Math.floor(item / each)]!++;
  const stays = (item: number) => freeOf[Math.floor(item / each)] === each;
  const items = Uint32Array.from({ length: rowCount(data.identifiers) }, (_, item) => item);
  const gone = items.filter((item) => !stays(item));
  // Items under a person's other keys may still be cached.
  if (each > 1) list.forget(rowsOf(data, gone));
  return free.filter(stays);
}

function itemsPerPerson({ identifiers, people }: Items): number {
  return people === 0 ? 1 : rowCount(identifiers) / people;
}

function keptPeople(data: Items, items: Uint32Array): Items {
  return { identifiers: rowsOf(data, items), people: items.length / itemsPerPerson(data) };
}

function rowsOf({ identifiers }: Items, items: Uint32Array): ByteRows {
  return packRows(Array.from(items, (item) => rowAt(identifiers, item)));
}

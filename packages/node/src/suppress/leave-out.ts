// Prepared people without those who opted out. A person of several match keys has several items, one after the other, and
// is gone with all of them if one is on the list.
import { packRows, rowAt, rowCount } from "@halfroom/crypto";
import type { PreparedReceiver, PreparedSender } from "@halfroom/prepare";
import type { SuppressList } from "./suppress-list.ts";

/** The sender's people with their measures and categories. */
export function withoutSuppressedSender(data: PreparedSender, list: SuppressList): PreparedSender {
  const items = remainingItems(data, list);
  if (items === undefined) return data;
  const kept = (values: BigInt64Array) => BigInt64Array.from(items, (item) => values[item]!);
  return {
    ...data,
    ...keptPeople(data, items),
    measures: data.measures.map(kept),
    peoplePayload: data.peoplePayload === undefined ? undefined : kept(data.peoplePayload),
    categories: items.map((item) => data.categories[item]!),
  };
}

/** The receiver's people with their cells; a cell that nobody is left in stays, as an empty one. */
export function withoutSuppressedReceiver(data: PreparedReceiver, list: SuppressList): PreparedReceiver {
  const items = remainingItems(data, list);
  if (items === undefined) return data;
  const each = itemsPerPerson(data);
  const partitions = data.partitions.map((partition) => {
    const cells = items.map((item) => partition.cells[item]!);
    const base = new Uint32Array(partition.base.length);
    for (let item = 0; item < cells.length; item += each) base[cells[item]!]!++;
    return { ...partition, cells, base };
  });
  return { ...data, ...keptPeople(data, items), partitions };
}

type Items = Pick<PreparedSender | PreparedReceiver, "identifiers" | "people">;

/** The items of the people who stay, by number; undefined if all do. */
function remainingItems(data: Items, list: SuppressList): Uint32Array | undefined {
  const free = list.remaining(data.identifiers);
  if (free.length === rowCount(data.identifiers)) return undefined;
  const each = itemsPerPerson(data);
  const freeOf = new Uint8Array(data.people);
  for (const item of free) freeOf[Math.floor(item / each)]!++;
  return free.filter((item) => freeOf[Math.floor(item / each)] === each);
}

function itemsPerPerson({ identifiers, people }: Items): number {
  return people === 0 ? 1 : rowCount(identifiers) / people;
}

function keptPeople(data: Items, items: Uint32Array): Items {
  const identifiers = packRows(Array.from(items, (item) => rowAt(data.identifiers, item)));
  return { identifiers, people: items.length / itemsPerPerson(data) };
}

// What travels with each item of the sender: the layout's numbers, in the block of the item's category and zero in others,
// or what is credited of its events.
import { inputColumns, squareParts, type CreditTerms } from "@halfroom/aggregate";
import type { SenderPeople } from "@halfroom/prepare";
import type { BlockColumn, Layout } from "./layout.ts";

/** What of the sender's people travels. */
type Payers = Pick<SenderPeople, "measures" | "peoplePayload" | "categories" | "events">;

/** Of these items alone. */
export function payersAt({ measures, peoplePayload, categories, events }: Payers, rows: Uint32Array): Payers {
  const values = (column: BigInt64Array) => BigInt64Array.from(rows, (row) => column[row]!);
  return {
    measures: measures.map(values),
    peoplePayload: peoplePayload && values(peoplePayload),
    categories: rows.map((row) => categories[row]!),
    events: events && {
      ...events,
      counts: Uint8Array.from(rows, (row) => events.counts[row]!),
      times: events.times.map((times) => rows.map((row) => times[row]!)),
      values: events.values.map((slots) => slots.map(values)),
    },
  };
}

/**
 * The layout's payload columns, a number per item mod 2^64. `categoryOrder`: the place of each category in the table; it is
 * secret, so that a number that passed says nothing of its category's rank among the labels.
 */
export function senderPayloads(
  data: Payers,
  { block, categories, countsMembers, credit }: Layout,
  categoryOrder: Uint32Array,
): BigInt64Array[] {
  if (credit !== undefined) return eventPayloads(data, credit, countsMembers);
  // The first column counts people, which with one key and one category the membership bit does.
  const values = (countsMembers ? block.slice(1) : block).map((column) => valuesOf(data, column));
  if (categories === 1) return values;
  const items = data.categories.length;
  const columns = Array.from({ length: block.length * categories }, () => new BigInt64Array(items));
  for (const [at, ofItems] of values.entries()) {
    data.categories.forEach((category, item) => {
      columns[categoryOrder[category]! * block.length + at]![item] = ofItems[item]!;
    });
  }
  return columns;
}

/** The credit's input. Values have the item's sign already; times and whether values are 0 have none. */
function eventPayloads(data: Payers, credit: CreditTerms, countsMembers: boolean): BigInt64Array[] {
  const items = data.categories.length;
  const { times, values } = data.events!;
  const at = inputColumns(credit);
  const columns: BigInt64Array[] = [];
  columns[at.people] = data.peoplePayload ?? new BigInt64Array(items).fill(1n);
  times.forEach((moments, event) => (columns[at.time(event)] = BigInt64Array.from(moments, BigInt)));
  for (const [measure, slots] of values.entries()) {
    slots.forEach((amounts, event) => {
      columns[at.value(measure, event)] = amounts;
      if (credit.contributors)
        columns[at.notZero(measure, event)] = amounts.map((amount) => (amount === 0n ? 0n : 1n));
    });
  }
  const signs = columns[at.people]!;
  for (const [i, measure] of credit.squares.entries()) {
    squarePayloads(values[measure]!, signs, credit).forEach((part, p) => (columns[at.square(i, p)] = part));
  }
  return countsMembers ? columns.slice(1) : columns;
}

/**
 * What each of `squareParts` adds to the square of a person's credited total, of each item. `slots`: the values of one measure,
 * event after event in the order of time, with their signs, which products have lost.
 */
function squarePayloads(
  slots: readonly BigInt64Array[],
  signs: BigInt64Array,
  credit: CreditTerms,
): BigInt64Array[] {
  return squareParts(credit).map(({ event, later }) => {
    const twice =
      credit.windowSeconds === 0 ? slots.slice(event + 1) : event === later ? [] : [slots[later]!];
    return signs.map((sign, item) => {
      const value = slots[event]![item]!;
      const once = event === later ? value : 0n;
      return sign * value * twice.reduce((sum, other) => sum + 2n * other[item]!, once);
    });
  });
}

/** A column's number of each item. Measures have the item's sign already; squares and counts are given it here. */
function valuesOf({ peoplePayload, measures, categories }: Payers, column: BlockColumn): BigInt64Array {
  const signs = () => peoplePayload ?? new BigInt64Array(categories.length).fill(1n);
  if (column.kind === "people") return signs();
  const values = measures[column.measure]!;
  switch (column.kind) {
    case "sum":
      return values;
    case "squares":
      return signs().map((sign, item) => sign * values[item]! * values[item]!);
    case "contributors":
      return signs().map((sign, item) => (values[item] === 0n ? 0n : sign));
  }
}

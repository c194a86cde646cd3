// What travels with each item of the sender: the layout's numbers, in the block of the item's category and zero in others,
// or what is credited of its events.
import { inputColumns, squareParts, type CreditTerms } from "@halfroom/aggregate";
import type { SenderPeople } from "@halfroom/prepare";
import { ItemNumbers } from "./item-numbers.ts";
import type { BlockColumn, Layout } from "./layout.ts";

/** What travels with some of the sender's items. */
interface Payers {
  readonly items: number;
  readonly measures: readonly BigInt64Array[];
  readonly peoplePayload: BigInt64Array | undefined;
  /** Undefined with one category. */
  readonly categories: Uint32Array | undefined;
  readonly events: Events | undefined;
}

interface Events {
  readonly times: readonly Uint32Array[];
  readonly values: readonly (readonly BigInt64Array[])[];
}

/** What of the sender's people travels: their measures and category, or their events. */
export class PayingItems extends ItemNumbers {
  readonly #people: SenderPeople;
  readonly #layout: Layout;

  constructor(people: SenderPeople, layout: Layout) {
    const { measures, peoplePayload, categories, events } = people;
    const signs = peoplePayload === undefined ? [] : [peoplePayload];
    super(
      categories.length,
      layout.credit === undefined
        ? { longs: [...signs, ...measures], shorts: layout.categories > 1 ? [categories] : [] }
        : { longs: [...signs, ...events!.values.flat()], shorts: events!.times },
    );
    this.#people = people;
    this.#layout = layout;
  }

  /** The payloads of so many items, from their records; see `senderPayloads`. */
  payloads(records: Uint32Array, items: number, categoryOrder: Uint32Array): BigInt64Array[] {
    const { longs, shorts } = this.columnsOf(records, items);
    const peoplePayload = this.#people.peoplePayload === undefined ? undefined : longs.shift();
    const payers = { items, peoplePayload, measures: longs, categories: shorts[0], events: undefined };
    if (this.#layout.credit === undefined) return senderPayloads(payers, this.#layout, categoryOrder);
    const slots = shorts.length;
    const values = this.#people.measures.map((_, m) => longs.slice(m * slots, (m + 1) * slots));
    return senderPayloads({ ...payers, events: { times: shorts, values } }, this.#layout, categoryOrder);
  }
}

/**
 * The layout's payload columns, a number per item mod 2^64. `categoryOrder`: the place of each category in the table; it is
 * secret, so that a number that passed says nothing of its category's rank among the labels.
 */
function senderPayloads(
  data: Payers,
  { block, categories, countsMembers, credit }: Layout,
  categoryOrder: Uint32Array,
): BigInt64Array[] {
  if (credit !== undefined) return eventPayloads(data, credit, countsMembers);
  // The first column counts people, which with one key and one category the membership bit does.
  const values = (countsMembers ? block.slice(1) : block).map((column) => valuesOf(data, column));
  if (categories === 1) return values;
  const columns = Array.from({ length: block.length * categories }, () => new BigInt64Array(data.items));
  for (const [at, ofItems] of values.entries()) {
    data.categories!.forEach((category, item) => {
      columns[categoryOrder[category]! * block.length + at]![item] = ofItems[item]!;
    });
  }
  return columns;
}

/** The credit's input. Values have the item's sign already; times and whether values are 0 have none. */
function eventPayloads(data: Payers, credit: CreditTerms, countsMembers: boolean): BigInt64Array[] {
  const { times, values } = data.events!;
  const at = inputColumns(credit);
  const columns: BigInt64Array[] = [];
  columns[at.people] = signsOf(data);
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
function valuesOf(data: Payers, column: BlockColumn): BigInt64Array {
  if (column.kind === "people") return signsOf(data);
  const values = data.measures[column.measure]!;
  switch (column.kind) {
    case "sum":
      return values;
    case "squares":
      return signsOf(data).map((sign, item) => sign * values[item]! * values[item]!);
    case "contributors":
      return signsOf(data).map((sign, item) => (values[item] === 0n ? 0n : sign));
  }
}

function signsOf({ peoplePayload, items }: Payers): BigInt64Array {
  return peoplePayload ?? new BigInt64Array(items).fill(1n);
}

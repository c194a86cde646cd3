// What travels with each item of the sender: the layout's numbers, in the block of the item's category and zero in others,
// or what is credited of its events.
import { inputColumns, type CreditTerms } from "@halfroom/aggregate";
import { rowCount } from "@halfroom/crypto";
import type { PreparedSender } from "@halfroom/prepare";
import type { BlockColumn, Layout } from "./layout.ts";

/**
 * The layout's payload columns, a number per item mod 2^64. `categoryOrder`: the place of each category in the table; it is
 * secret, so that a number that passed says nothing of its category's rank among the labels.
 */
export function senderPayloads(
  data: PreparedSender,
  { block, categories, countsMembers, credit }: Layout,
  categoryOrder: Uint32Array,
): BigInt64Array[] {
  if (credit !== undefined) return eventPayloads(data, credit, countsMembers);
  const items = rowCount(data.identifiers);
  const columns = Array.from({ length: block.length * categories }, () => new BigInt64Array(items));
  for (const [at, column] of block.entries()) {
    const valueOf = valuesOf(data, column);
    for (let item = 0; item < items; item++) {
      const place = categories === 1 ? 0 : categoryOrder[data.categories[item]!]!;
      columns[place * block.length + at]![item] = valueOf(item);
    }
  }
  return countsMembers ? columns.slice(1) : columns;
}

/** The credit's input. Values have the item's sign already; times and whether values are 0 have none. */
function eventPayloads(data: PreparedSender, credit: CreditTerms, countsMembers: boolean): BigInt64Array[] {
  const items = rowCount(data.identifiers);
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
  return countsMembers ? columns.slice(1) : columns;
}

/** An item's number for a column. Measures have the item's sign already; squares and counts are given it here. */
function valuesOf(data: PreparedSender, { kind, measure }: BlockColumn): (item: number) => bigint {
  const signs = data.peoplePayload;
  const sign = (item: number) => (signs === undefined ? 1n : signs[item]!);
  if (kind === "people") return sign;
  const values = data.measures[measure]!;
  switch (kind) {
    case "sum":
      return (item) => values[item]!;
    case "squares":
      return (item) => sign(item) * values[item]! * values[item]!;
    case "contributors":
      return (item) => (values[item] === 0n ? 0n : sign(item));
  }
}

// Whether prepared data is what the terms allow (design section 2.1): a node that prepares its own data sees to it, a changed one
// may not. Whatever the digest of the data leaves out, because it follows from the rest, is checked against the rest.
import {
  AFTER_ALL,
  BEFORE_ALL,
  LACKING,
  NO_CELL,
  type HeldReceiver,
  type HeldSender,
} from "@halfroom/prepare";
import { quoted } from "@halfroom/wire/words";
import { itemsPerPerson } from "../terms/bounds.ts";
import type { Terms } from "../terms/terms.ts";
import { itemsComplaint } from "./check-items.ts";
import type { ReplaySide } from "./side.ts";

type Column<T> = { readonly [item: number]: T; readonly length: number };

const OTHERWISE = "the data counts a person otherwise than once";

/** Words for what is wrong, without a value; undefined if nothing is. The data has the shape of the terms (`shapeComplaint`). */
export function dataComplaint(terms: Terms, { data, items }: ReplaySide): string | undefined {
  const wrong = itemsComplaint(terms, items);
  if (wrong !== undefined) return wrong;
  return data.role === "sender" ? senderComplaint(terms, data.people) : receiverComplaint(terms, data.people);
}

/** Words for what does not fit the terms at all; undefined if the session can be computed from it. */
export function shapeComplaint(terms: Terms, { data, items, secrets }: ReplaySide): string | undefined {
  const each = itemsPerPerson(terms);
  const rows = items.identifiers.offsets.length - 1;
  const fits =
    (items.items ?? { length: rows }).length % each === 0 &&
    (items.items === undefined || items.items.every((row) => row === LACKING || row < rows)) &&
    secrets.missing.every((row, i) => row < rows && (i === 0 || row > secrets.missing[i - 1]!)) &&
    (data.role === "sender" ? isSenders(terms, data.people) : isReceivers(terms, data.people));
  return fits ? undefined : "its data is not of the shape of the terms";
}

function isSenders(terms: Terms, people: HeldSender): boolean {
  const { measures, events, peoplePayload, categories, categoryLabels } = people;
  const count = people.people * itemsPerPerson(terms);
  const columns = [
    ...measures,
    categories,
    ...(peoplePayload ? [peoplePayload] : []),
    ...(events ? [events.counts, ...events.times, ...events.values.flat()] : []),
  ];
  const slots = terms.events?.perPerson;
  return (
    columns.every(({ length }) => length === count) &&
    measures.length === terms.measures.length &&
    (peoplePayload !== undefined) === terms.match.length > 1 &&
    categoryLabels.every((labels) => labels.length === terms.senderGroupBy.length) &&
    events?.times.length === slots &&
    events?.values.length === (slots && measures.length) &&
    (events?.values ?? []).every((values) => values.length === slots)
  );
}

function isReceivers(terms: Terms, { people, partitions, times }: HeldReceiver): boolean {
  const count = people * itemsPerPerson(terms);
  const touches = terms.events && terms.entriesMax;
  const entriesMax = touches ?? (terms.entriesMax > 1 ? terms.entriesMax : undefined);
  return (
    partitions.length === terms.partitions.length &&
    times?.length === touches &&
    (times ?? []).every(({ length }) => length === count) &&
    partitions.every(
      ({ cells, labels, base, entries }, p) =>
        [cells, ...(entries ?? [])].every(({ length }) => length === count) &&
        entries?.length === entriesMax &&
        base.length === labels.length &&
        labels.every((label) => label.length === terms.partitions[p]!.length),
    )
  );
}

function senderComplaint(terms: Terms, people: HeldSender): string | undefined {
  const { measures, peoplePayload: signs, categories, categoryLabels, events } = people;
  const each = itemsPerPerson(terms);
  if (signs?.some((sign, item) => sign !== signOf(item % each))) return OTHERWISE;
  const signed = [...measures, ...(events?.values.flat() ?? [])];
  const unsigned = [categories, ...(events ? [events.counts, ...events.times] : [])];
  const own = (values: BigInt64Array, item: number) => values[item]! * (signs?.[item] ?? 1n);
  if (!signed.every((values) => isOfPeople(values, each, own))) return OTHERWISE;
  if (!unsigned.every((column: Column<number>) => isOfPeople(column, each))) return OTHERWISE;
  for (const [m, { name, low, high }] of terms.measures.entries()) {
    const isWithin = (_: bigint, item: number) => {
      const value = own(measures[m]!, item);
      return value === 0n || (value >= low && value <= high);
    };
    const slots = events?.values[m] ?? [];
    if (!measures[m]!.every(isWithin) || !areSumsWithin(slots, own, { low, high }))
      return `the data has a value of ${quoted(name)} beyond its bounds`;
  }
  if (categories.some((category) => category >= Math.max(1, categoryLabels.length)))
    return "the data has a person in a category that there is not";
  if (!areDistinct(categoryLabels)) return "the data has a category twice";
  return events && eventsComplaint(events);
}

/** Whichever of a person's events are added up. */
function areSumsWithin(
  slots: readonly BigInt64Array[],
  own: (values: BigInt64Array, item: number) => bigint,
  { low, high }: { readonly low: bigint; readonly high: bigint },
): boolean {
  return (slots[0] ?? new BigInt64Array(0)).every((_, item) => {
    let [up, down] = [0n, 0n];
    for (const values of slots) {
      const value = own(values, item);
      if (value > 0n) up += value;
      else down += value;
    }
    return up <= (high > 0n ? high : 0n) && down >= (low < 0n ? low : 0n);
  });
}

/** Moments ascend, and an event that is not there has no values. */
function eventsComplaint({ counts, times, values }: NonNullable<HeldSender["events"]>): string | undefined {
  const isWrong = counts.some((count, item) => {
    const moments = times.map((slot) => slot[item]!).filter((moment) => moment !== BEFORE_ALL);
    const isPaid = times.some(
      (slot, s) => slot[item] === BEFORE_ALL && values.some((slots) => slots[s]![item] !== 0n),
    );
    return moments.length !== count || isPaid || !isAscending(moments);
  });
  return isWrong ? "the data has events out of order, or values of none" : undefined;
}

function receiverComplaint(terms: Terms, { partitions, times }: HeldReceiver): string | undefined {
  const each = itemsPerPerson(terms);
  for (const { cells, labels, base, entries = [cells] } of partitions) {
    if (entries.some((slot) => slot.some((cell) => cell !== NO_CELL && cell >= labels.length)))
      return "the data has a person in a cell that there is not";
    if (!areDistinct(labels)) return "the data has a cell twice";
    if (![cells, ...entries].every((column) => isOfPeople(column, each))) return OTHERWISE;
    if (cells.some((cell, item) => cell !== entries[0]![item] || cell === NO_CELL)) return OTHERWISE;
    if (times === undefined && !areOneEach(entries)) return OTHERWISE;
    if (Buffer.compare(bytesOf(base), bytesOf(peopleOfCells(entries, labels.length, each))) !== 0)
      return "the data has other numbers of people in its cells than it says";
    const isMatching = (slot: Uint32Array, s: number) =>
      slot.every((moment, item) => (moment === AFTER_ALL) === (entries[s]![item] === NO_CELL));
    if (times && !times.every(isMatching)) return "the data has touches without a moment, or moments of none";
  }
  if (times === undefined) return undefined;
  if (!times.every((column) => isOfPeople(column, each))) return OTHERWISE;
  const isWrong = times[0]!.some((_, item) => !isAscending(times.map((slot) => slot[item]!)));
  return isWrong ? "the data has touches out of order" : undefined;
}

/** + for an odd number of keys, - for an even one; the keys of a person's item number i are the bits of i + 1. */
function signOf(item: number): bigint {
  let odd = false;
  for (let set = item + 1; set > 0; set &= set - 1) odd = !odd;
  return odd ? 1n : -1n;
}

/** Whether all items of a person have the same value. */
function isOfPeople<C extends Column<unknown>>(
  column: C,
  each: number,
  valueOf: (column: C, item: number) => unknown = (of, item) => of[item],
): boolean {
  for (let item = 0; each > 1 && item < column.length; item++)
    if (valueOf(column, item) !== valueOf(column, item - (item % each))) return false;
  return true;
}

/** Whether nobody is in one cell by two entries. */
function areOneEach(entries: readonly Uint32Array[]): boolean {
  return entries.every((slot, s) =>
    slot.every(
      (cell, item) => cell === NO_CELL || !entries.slice(0, s).some((earlier) => earlier[item] === cell),
    ),
  );
}

/** How many people have at least one entry in each cell. */
function peopleOfCells(entries: readonly Uint32Array[], cells: number, each: number): Uint32Array {
  const people = new Uint32Array(cells);
  for (let item = 0; item < entries[0]!.length; item += each)
    for (const cell of new Set(entries.map((slot) => slot[item]!))) if (cell !== NO_CELL) people[cell]!++;
  return people;
}

function areDistinct(labels: readonly (readonly string[])[]): boolean {
  return new Set(labels.map((label) => JSON.stringify(label))).size === labels.length;
}

const isAscending = (numbers: readonly number[]) => numbers.every((n, i) => i === 0 || numbers[i - 1]! <= n);

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);

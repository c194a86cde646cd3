// Whether what opened is what two honest sides can have (protocol-spec.md, section 13.5 C). The tests of 13.3 run on shares, and a partner
// that alters its share of their results undoes them; here each side holds the opened numbers against the same bounds in the
// clear, and against its own people, which only it knows. Honest numbers leave these limits only where the noise leaves its reach.
import type { Role } from "@halfroom/mpc";
import type { PartitionLayout, TableLayout } from "./layout.ts";
import { perPerson, reachesOf, type Extent } from "./limits.ts";
import type { Column, OpenedNumbers, ReleaseRules, TableShape } from "./table.ts";
import { thresholdOverRows } from "./tests.ts";
import { numberAt } from "./totals.ts";
import type { PairFacts } from "./verdict.ts";
import { PartitionTests } from "./widths.ts";

/** What one side sees of a release, beside what it knows itself. */
export interface Seen {
  readonly layout: TableLayout;
  readonly shape: TableShape;
  readonly rules: ReleaseRules;
  /** As in `OwnTable`. */
  readonly own: { readonly role: Role; readonly bases: Uint32Array };
  readonly table: OpenedNumbers;
  readonly totals: OpenedNumbers | undefined;
  readonly pair: PairFacts | undefined;
}

/** Why no two honest sides can have opened this, in words without a value; undefined if they can. */
export function impossibility(seen: Seen): string | undefined {
  const reaches = reachesOf(seen.shape, seen.rules);
  for (const [partition, part] of seen.layout.partitions.entries()) {
    const numbers = new PartitionNumbers(seen, part, partition, reaches);
    const why = bitsFault(seen, numbers) ?? (seen.table.values && valuesFault(seen, numbers));
    if (why !== undefined) return why;
  }
  return undefined;
}

const NOBODY = "a cell opened in which this side has nobody";
const ALONE = "sums of a cell opened whose people did not";
const OVER = "numbers of a base opened of which more than 85 % match";
const FEW = "a cell opened with fewer people than the threshold";
const RANGE = "a number opened that its people cannot make, whatever their values within the bounds";
const MANY = "numbers opened for more people than this side has there";
const REST = "a total opened of which the closed rest is not of enough people, or is no sum of theirs";

/** What opened of one partition. */
class PartitionNumbers {
  readonly part: PartitionLayout;
  readonly tests: PartitionTests;
  readonly reaches: readonly bigint[];
  readonly #seen: Seen;

  constructor(seen: Seen, part: PartitionLayout, partition: number, reaches: readonly bigint[][]) {
    this.part = part;
    this.tests = new PartitionTests(seen.shape, seen.rules, partition, reaches);
    this.reaches = reaches[partition]!;
    this.#seen = seen;
  }

  isOpen(pair: number, column: number): boolean {
    return this.#seen.table.opened[this.#at(pair, column)] === 1;
  }

  /** Undefined if it did not open. */
  value(pair: number, column: number): bigint | undefined {
    return this.isOpen(pair, column) ? this.#seen.table.values![this.#at(pair, column)] : undefined;
  }

  /** Of a category over all rows; undefined if it did not open. */
  total(category: number, column: number): bigint | undefined {
    const { totals, shape } = this.#seen;
    const at = numberAt(shape, 0, category, column);
    return totals?.opened[at] === 1 ? totals.values?.[at] : undefined;
  }

  /** Row after row, in each the categories. */
  get pairs(): number[] {
    return Array.from({ length: this.part.pairs }, (_, pair) => pair);
  }

  #at(pair: number, column: number): number {
    const { categories } = this.part;
    return numberAt(
      this.#seen.shape,
      this.part.firstRow + Math.floor(pair / categories),
      pair % categories,
      column,
    );
  }
}

/** What the published bits say is public, but for whose rows are padding. */
function bitsFault({ shape, own, pair: facts }: Seen, numbers: PartitionNumbers): string | undefined {
  const { part } = numbers;
  for (const pair of numbers.pairs) {
    const row = part.firstRow + Math.floor(pair / part.categories);
    const open = shape.columns.map((_, column) => numbers.isOpen(pair, column));
    const ofTable = part.firstRow * part.categories + pair;
    const isShown = open.includes(true) || facts?.cells[ofTable] === 1;
    if (isShown && own.role === "receiver" && own.bases[row] === 0) return NOBODY;
    if (open.includes(true) && open[0] !== true) return ALONE;
    if (open.includes(true) && facts?.pairs[ofTable] === 1) return OVER;
  }
  return undefined;
}

function valuesFault(seen: Seen, numbers: PartitionNumbers): string | undefined {
  const { role } = seen.own;
  const { part } = numbers;
  for (const pair of numbers.pairs) {
    const why = pairFault(seen, numbers, pair);
    if (why !== undefined) return why;
  }
  if (basesOf(role, part).some((base) => isBeyondBase(seen, numbers, base))) return MANY;
  return restFault(seen, numbers);
}

/** The tests of a pair's bits, which ran on shares of the same numbers, and how many of this side's people are in the pair. */
function pairFault(seen: Seen, numbers: PartitionNumbers, pair: number): string | undefined {
  const { shape, rules } = seen;
  const people = numbers.value(pair, 0);
  if (people === undefined) return undefined;
  if (people < rules.threshold) return FEW;
  const cap = ownPeopleOfPair(seen, numbers.part, pair);
  for (const [index, column] of shape.columns.entries()) {
    const value = numbers.value(pair, index);
    if (value === undefined) continue;
    const ranges = column.kind === "people" ? (["most"] as const) : (["least", "most"] as const);
    for (const range of ranges) {
      const { sign, perPerson: each, bound } = numbers.tests.range(range, index);
      if (BigInt(sign) * value + each * people < bound) return RANGE;
    }
    if (!isWithin(value, extentOf(column, rules, cap), numbers.reaches[index]!)) return MANY;
  }
  return undefined;
}

/** The most matches that this side's people of a pair can have. */
function ownPeopleOfPair({ rules, own }: Seen, part: PartitionLayout, pair: number): bigint {
  const { keys, peopleMax } = rules.limits;
  const place =
    own.role === "receiver" ? part.firstRow + Math.floor(pair / part.categories) : pair % part.categories;
  const size = BigInt(own.bases[place]!);
  const matches = keys * size;
  const unmatched = rules.mode === "exact" ? size - rules.threshold : matches;
  return least(matches, peopleMax, unmatched);
}

/** People of this side whose number it knows: of a row, of a category, or all of them. */
interface OwnBase {
  readonly row: number | undefined;
  /** The sender's; undefined for all. */
  readonly category: number | undefined;
}

const WHOLE: OwnBase = { row: undefined, category: undefined };

function basesOf(role: Role, { rows, categories }: PartitionLayout): OwnBase[] {
  if (role === "receiver")
    return [...Array.from({ length: rows }, (_, row) => ({ row, category: undefined })), WHOLE];
  return [...Array.from({ length: categories }, (_, category) => ({ row: undefined, category })), WHOLE];
}

/** Whether more opened of a base than this side's people of it can make. */
function isBeyondBase(seen: Seen, numbers: PartitionNumbers, base: OwnBase): boolean {
  const { shape, rules } = seen;
  const pairs = pairsOf(numbers, base);
  const open = pairs.filter((pair) => numbers.isOpen(pair, 0));
  const sums = shape.columns.map((_, column) => sumOf(numbers, open, column, base));
  if (open.length === 0 && sums[0] === undefined) return false;
  const size = sizeOf(seen, numbers.part, base);
  const cap = least(rules.limits.keys * size, BigInt(rules.entriesMax ?? 1) * rules.limits.peopleMax);
  const isOut = (sum = 0n, i: number) =>
    !isWithin(sum, extentOf(shape.columns[i]!, rules, cap), BigInt(open.length) * numbers.reaches[i]!);
  if (sums.some(isOut)) return true;
  const people = sums[0] ?? 0n;
  const unmatched = base.row === undefined ? thresholdOverRows(rules) : rules.threshold;
  if (rules.mode === "exact" && size - people < unmatched) return true;
  // What is closed may be less than nobody by its noise alone.
  const closed = BigInt(pairs.length) * numbers.reaches[0]!;
  return rules.pair && 17n * size < 20n * (people - closed);
}

function pairsOf({ part: { rows, categories } }: PartitionNumbers, { row, category }: OwnBase): number[] {
  const ofRow = (at: number) =>
    category === undefined
      ? Array.from({ length: categories }, (_, each) => at * categories + each)
      : [at * categories + category];
  return row === undefined ? Array.from({ length: rows }, (_, at) => ofRow(at)).flat() : ofRow(row);
}

/** The opened numbers of a column, of a category its total instead if that opened; undefined if nothing did. */
function sumOf(
  numbers: PartitionNumbers,
  open: readonly number[],
  column: number,
  { row, category }: OwnBase,
): bigint | undefined {
  const { categories } = numbers.part;
  const sums = new Map<number, bigint>();
  for (const pair of open) {
    const of = pair % categories;
    sums.set(of, (sums.get(of) ?? 0n) + (numbers.value(pair, column) ?? 0n));
  }
  if (row === undefined)
    for (let of = category ?? 0; of < (category === undefined ? categories : category + 1); of++) {
      const total = numbers.total(of, column);
      if (total !== undefined) sums.set(of, total);
    }
  return sums.size === 0 ? undefined : sum([...sums.values()]);
}

/** This side's people of the base, with the entries that each may have. */
function sizeOf(
  { rules, own }: Seen,
  { firstRow, rows }: PartitionLayout,
  { row, category }: OwnBase,
): bigint {
  if (own.role === "receiver")
    return row === undefined
      ? total(own.bases.subarray(firstRow, firstRow + rows))
      : BigInt(own.bases[firstRow + row]!);
  const people = category === undefined ? total(own.bases) : BigInt(own.bases[category]!);
  return people * BigInt(rules.entriesMax ?? 1);
}

/** Of a total, what everybody computes: the rows that did not open, taken together. */
function restFault(seen: Seen, numbers: PartitionNumbers): string | undefined {
  for (let category = 0; category < numbers.part.categories; category++) {
    const people = numbers.total(category, 0);
    if (people === undefined) continue;
    const isFault = seen.shape.columns.some((column, index) =>
      column.kind === "people"
        ? isRestOfFew(seen, numbers, category, people)
        : isRestBeyond(seen, numbers, category, index),
    );
    if (isFault) return REST;
  }
  return undefined;
}

function rowsOf({ part }: PartitionNumbers, category: number): number[] {
  return Array.from({ length: part.rows }, (_, row) => row * part.categories + category);
}

function isRestOfFew(
  { rules, own }: Seen,
  numbers: PartitionNumbers,
  category: number,
  people: bigint,
): boolean {
  const pairs = rowsOf(numbers, category);
  const rest = people - sum(pairs.map((pair) => numbers.value(pair, 0) ?? 0n));
  const least = thresholdOverRows(rules);
  if (own.role === "sender") return rest !== 0n && rest < least;
  const { firstRow } = numbers.part;
  const closed = pairs.flatMap((pair, row) => (numbers.isOpen(pair, 0) ? [] : [own.bases[firstRow + row]!]));
  const size = total(Uint32Array.from(closed));
  return size === 0n ? rest !== 0n : rest < least || size - rest < least;
}

function isRestBeyond(
  { shape, rules }: Seen,
  numbers: PartitionNumbers,
  category: number,
  index: number,
): boolean {
  const total = numbers.total(category, index);
  if (total === undefined) return false;
  const open = rowsOf(numbers, category).filter((pair) => numbers.isOpen(pair, index));
  const of = (column: number) => sum(open.map((pair) => numbers.value(pair, column) ?? 0n));
  const { sumsFollowPeople, peopleMax } = rules.limits;
  const people = sumsFollowPeople ? numbers.total(category, 0)! - of(0) : peopleMax;
  return !isWithin(total - of(index), extentOf(shape.columns[index]!, rules, people), 0n);
}

/** What so many matches add up to in a column. */
function extentOf(column: Column, { limits }: ReleaseRules, people: bigint): Extent {
  const { low, high } = perPerson(column, limits);
  return { low: low * people, high: high * people };
}

function isWithin(value: bigint, { low, high }: Extent, reach: bigint): boolean {
  return low - reach <= value && value <= high + reach;
}

function least(...values: readonly bigint[]): bigint {
  return values.reduce((smallest, value) => (value < smallest ? value : smallest));
}

function total(sizes: Uint32Array): bigint {
  return BigInt(sizes.reduce((all, size) => all + size, 0));
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((all, value) => all + value, 0n);
}

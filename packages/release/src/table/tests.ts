// This side's addends of all numbers that a table's release tests, with their public bounds.
import { addAt, asBigInt64, bitWords, ringArray, setBit, subtractAt, type RingArray } from "@halfroom/crypto";
import type { Role } from "@halfroom/mpc";
import { matchedOf, receiverSizes, senderSizes, unmatched, withinPair, type Bases } from "./bases.ts";
import { rowOfBase, type PartitionLayout, type TableLayout } from "./layout.ts";
import type { TestRun } from "./runs.ts";
import type { TableShape, ReleaseRules } from "./table.ts";
import { PartitionTests } from "./widths.ts";

/** Test i: the sum of both sides' number i of `shares` is at least `bounds[i]`. */
export interface Tests {
  readonly shares: RingArray<ArrayBuffer>;
  readonly bounds: BigInt64Array<ArrayBuffer>;
  /** One after the other, how many tests are compared in how many bits. */
  readonly runs: readonly { readonly count: number; readonly width: number }[];
}

/** What one side brings: its addends of all numbers, noise included, and its bases as in `OwnTable`. */
export interface OwnNumbers {
  readonly role: Role;
  readonly numbers: RingArray<ArrayBuffer>;
  readonly bases: Uint32Array;
}

/** The threshold for sums over several rows, in which a person may have several entries. */
export function thresholdOverRows({ threshold, entriesMax = 1 }: ReleaseRules): bigint {
  return threshold * BigInt(entriesMax);
}

export function tableTests(
  layout: TableLayout,
  shape: TableShape,
  rules: ReleaseRules,
  own: OwnNumbers,
  runs: readonly TestRun[],
): Tests {
  const shares = ringArray(layout.tests);
  const bounds = new BigInt64Array(layout.tests).fill(rules.threshold);
  for (const part of layout.partitions) {
    const { tests } = part;
    const set = (first: number, numbers: RingArray) => shares.set(numbers, first * 2);
    const people = column(part, shape, own, 0);
    set(tests.people, people);
    const bases = partitionBases(part, shape, rules, own);
    const exact = rules.mode === "exact";
    if (exact) set(tests.unmatched, unmatched(bases));
    if (exact) set(tests.contributors, contributorsOf(part, shape, own));
    if (rules.pair) {
      const within = withinPair(bases);
      set(tests.within, within);
      for (let base = 0; base < part.bases; base++)
        subtractAt(shares, (tests.over + base) * 2, within, base * 2);
      set(tests.matched, bases.matched);
      bounds.fill(0n, tests.within, tests.within + part.bases);
      bounds.fill(1n, tests.over, tests.over + part.bases);
    }
    boundsOverRows(part, rules, bounds);
  }
  setRanges(layout, shape, rules, own, { shares, bounds, runs });
  return { shares, bounds, runs };
}

/** Writes the tests of ranges into `tests`. */
function setRanges(
  layout: TableLayout,
  shape: TableShape,
  rules: ReleaseRules,
  own: OwnNumbers,
  { shares, bounds, runs }: Tests & { readonly runs: readonly TestRun[] },
): void {
  const tested = asBigInt64(shares);
  layout.partitions.forEach((part, partition) => {
    const ranges = new PartitionTests(shape, rules, partition);
    const numbersOf = (index: number) => asBigInt64(column(part, shape, own, index));
    const people = numbersOf(0);
    for (const { kind, partition: of, first, count } of runs) {
      if (of !== partition || typeof kind !== "object") continue;
      const { sign, perPerson, bound } = ranges.range(kind.range, kind.column);
      const numbers = numbersOf(kind.column);
      for (let pair = 0; pair < count; pair++)
        tested[first + pair] = BigInt(sign) * numbers[pair]! + perPerson * people[pair]!;
      bounds.fill(bound, first, first + count);
    }
  });
}

/** Bases that no single row holds ask for more people. */
function boundsOverRows(part: PartitionLayout, rules: ReleaseRules, bounds: BigInt64Array): void {
  const least = thresholdOverRows(rules);
  for (let base = 0; base < part.bases; base++) {
    if (rowOfBase(part, base) !== undefined) continue;
    if (rules.mode === "exact") bounds[part.tests.unmatched + base] = least;
    if (rules.pair) bounds[part.tests.matched + base] = least;
  }
}

/**
 * Shares of whether the receiver has people where a published bit is about: its own secret, which keeps padding and empty rows from
 * passing by noise. The sender's share is 0.
 */
export function filledBits(
  { partitions, bits, measures }: TableLayout,
  { mode, pair: rule }: ReleaseRules,
  { role, bases }: OwnNumbers,
): Uint32Array {
  const filled = new Uint32Array(bitWords(bits));
  if (role === "sender") return filled;
  for (const part of partitions) {
    const isFilled = (row: number) => Number(bases[part.firstRow + row] !== 0);
    for (let pair = 0; pair < part.pairs; pair++) {
      const bit = isFilled(Math.floor(pair / part.categories));
      setBit(filled, part.bits.people + pair, bit);
      if (mode === "noise") continue;
      for (let m = 0; m < measures; m++) setBit(filled, part.bits.measures + pair * measures + m, bit);
    }
    if (!rule) continue;
    for (let base = 0; base < part.bases; base++) {
      const row = rowOfBase(part, base);
      setBit(filled, part.bits.facts + base, row === undefined ? 1 : isFilled(row));
    }
  }
  return filled;
}

/** This side's addends of the partition's bases. */
export function partitionBases(
  part: PartitionLayout,
  shape: TableShape,
  { entriesMax = 1 }: ReleaseRules,
  own: OwnNumbers,
): Bases {
  const { role, bases } = own;
  const sizes =
    role === "sender"
      ? senderSizes(part, bases, entriesMax)
      : receiverSizes(part, bases.subarray(part.firstRow, part.firstRow + part.rows));
  return { matched: matchedOf(part, column(part, shape, own, 0)), sizes };
}

/** One column of a partition: rows x categories. */
export function column(
  part: PartitionLayout,
  { categories, columns }: TableShape,
  { numbers }: OwnNumbers,
  index: number,
): RingArray {
  const first = part.firstRow * categories;
  const out = ringArray(part.pairs);
  for (let pair = 0; pair < part.pairs; pair++)
    addAt(out, pair * 2, numbers, ((first + pair) * columns.length + index) * 2);
  return out;
}

/** The contributors of each pair and measure. */
function contributorsOf(part: PartitionLayout, shape: TableShape, own: OwnNumbers): RingArray {
  const indices = contributorColumns(shape);
  const out = ringArray(part.pairs * indices.length);
  indices.forEach((index, measure) => {
    const ofMeasure = column(part, shape, own, index);
    for (let pair = 0; pair < part.pairs; pair++)
      addAt(out, (pair * indices.length + measure) * 2, ofMeasure, pair * 2);
  });
  return out;
}

/** Where the columns of contributors stand in a category, measure after measure. */
export function contributorColumns({ columns }: TableShape): number[] {
  return columns.flatMap(({ kind }, index) => (kind === "contributors" ? [index] : []));
}

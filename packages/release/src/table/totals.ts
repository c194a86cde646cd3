// Totals of an exact table (design section 2.5). The cells that are hidden, taken together, are a number that everybody
// computes from the total; so this hidden part must pass the tests of a number too, or the next passing cell in the
// (permuted) order is hidden with it. One segment for each total lists the hidden parts to test: as it is, with the first
// passing cell, with the first two, and so on. Only the first that passes becomes known.
import { addAt, ringArray, subtractAt, type RingArray } from "@halfroom/crypto";
import { unmatched, withinPair } from "./bases.ts";
import type { Factors } from "./factors.ts";
import { basesOfCategory, type PartitionLayout } from "./layout.ts";
import {
  column,
  contributorColumns,
  partitionBases,
  thresholdOverRows,
  type OwnNumbers,
  type Tests,
} from "./tests.ts";
import type { TableShape, ReleaseRules } from "./table.ts";
import { PartitionTests } from "./widths.ts";

/** A total to decide on: people of a category, or one of its measures. */
export interface Segment {
  readonly category: number;
  readonly measure: number | undefined;
  /** The rows whose number passes, in order; all other rows are hidden. */
  readonly passing: readonly number[];
}

/** The segments of the people's totals, or of those of all measures in the categories whose people's total is opened. */
export function segmentsOf(
  part: PartitionLayout,
  shape: TableShape,
  opened: Uint8Array,
  peopleTotals: Uint8Array | undefined,
): Segment[] {
  const segments: Segment[] = [];
  for (let category = 0; category < shape.categories; category++) {
    if (peopleTotals?.[category] === 0) continue;
    shape.columns.forEach((col, index) => {
      if (col.kind !== (peopleTotals === undefined ? "people" : "sum")) return;
      const passing: number[] = [];
      for (let row = 0; row < part.rows; row++)
        if (opened[numberAt(shape, row, category, index)] === 1) passing.push(row);
      segments.push({ category, measure: col.kind === "people" ? undefined : col.measure, passing });
    });
  }
  return segments;
}

/** Place of a number in the table. */
export function numberAt(
  { categories, columns }: TableShape,
  row: number,
  category: number,
  index: number,
): number {
  return (row * categories + category) * columns.length + index;
}

/** Hidden parts of all segments. */
export function hiddenParts(segments: readonly Segment[]): number {
  return segments.reduce((sum, { passing }) => sum + passing.length + 1, 0);
}

/** Tests of a hidden part: people, unmatched people, [with the rule] within 85 %, [of a sum] contributors. */
export function hiddenKinds({ pair }: ReleaseRules, ofSums: boolean): HiddenKind[] {
  const kinds: HiddenKind[] = ["people", "unmatched"];
  if (pair) kinds.push("within");
  if (ofSums) kinds.push("contributors");
  return kinds;
}

type HiddenKind = "people" | "unmatched" | "within" | "contributors";

/** This side's addends of the tests of all hidden parts: one kind of test after the other. */
export function hiddenTests(
  part: PartitionLayout,
  shape: TableShape,
  rules: ReleaseRules,
  own: OwnNumbers,
  segments: readonly Segment[],
): Tests {
  const ofSums = segments.some(({ measure }) => measure !== undefined);
  const byRow = numbersByRow(part, shape, rules, own);
  const kinds = hiddenKinds(rules, ofSums);
  const tests = new PartitionTests(shape, rules, 0);
  const count = hiddenParts(segments);
  const runs = kinds.map((kind) => ({ count, width: tests.width(kind, "several") }));
  const shares = ringArray(kinds.length * count);
  const bounds = new BigInt64Array(kinds.length * count).fill(thresholdOverRows(rules));
  if (rules.pair) bounds.fill(0n, 2 * count, 3 * count);
  let at = 0;
  for (const kind of kinds) {
    for (const segment of segments) {
      const sums = hiddenSums(byRow[kind](segment), segment.passing);
      shares.set(sums, at);
      at += sums.length;
    }
  }
  return { shares, bounds, runs };
}

/** For each kind of test this side's addends in the rows, as a segment tests them. */
function numbersByRow(
  part: PartitionLayout,
  shape: TableShape,
  rules: ReleaseRules,
  own: OwnNumbers,
): Record<HiddenKind, (segment: Segment) => RingArray> {
  const bases = partitionBases(part, shape, rules, own);
  const ofRows = (numbers: RingArray) => numbers.subarray(0, part.rows * 2);
  const contributors = contributorColumns(shape);
  return {
    people: ({ category }) => ofCategory(shape, column(part, shape, own, 0), category),
    unmatched: () => ofRows(unmatched(bases)),
    within: () => ofRows(withinPair(bases)),
    contributors: ({ category, measure }) =>
      ofCategory(shape, column(part, shape, own, contributors[measure!]!), category),
  };
}

/** `byRow` over the rows that do not pass, then with one passing row after the other. */
function hiddenSums(byRow: RingArray, passing: readonly number[]): RingArray {
  const sums = ringArray(passing.length + 1);
  for (let row = 0; row < byRow.length; row += 2) addAt(sums, 0, byRow, row);
  for (const row of passing) subtractAt(sums, 0, byRow, row * 2);
  passing.forEach((row, i) => {
    const at = (i + 1) * 2;
    sums.copyWithin(at, at - 2, at);
    addAt(sums, at, byRow, row * 2);
  });
  return sums;
}

/** A category's number in each row, of rows x categories. */
function ofCategory({ categories }: TableShape, pairs: RingArray, category: number): RingArray {
  const rows = pairs.length / (categories * 2);
  const numbers = ringArray(rows);
  for (let row = 0; row < rows; row++) addAt(numbers, row * 2, pairs, (row * categories + category) * 2);
  return numbers;
}

/** The tests of each hidden part, as factors. */
export function hiddenFactors(parts: number, kinds: number): Factors {
  return Array.from({ length: kinds }, (_, kind) =>
    Uint32Array.from({ length: parts }, (_, i) => kind * parts + i),
  );
}

/**
 * What a people's total asks of the whole table, as factors among the table's tests: of the category, of all people of the
 * receiver and of all of the sender enough must be unmatched, and with the rule no more than 85 % matched.
 */
export function wholeTableFactors(
  part: PartitionLayout,
  { pair }: ReleaseRules,
  segments: readonly Segment[],
): Factors {
  const first = pair ? [part.tests.unmatched, part.tests.within] : [part.tests.unmatched];
  const bySegment = segments.map(({ category }) =>
    first.flatMap((test) => basesOfCategory(part, category).map((base) => test + base)),
  );
  return Array.from({ length: first.length * 3 }, (_, factor) =>
    Uint32Array.from(
      segments.flatMap(({ passing }, i) =>
        Array.from({ length: passing.length + 1 }, () => bySegment[i]![factor]!),
      ),
    ),
  );
}

/** 1 at the first hidden part of each segment of which the receiver knows that it holds nobody: no people of its own. */
export function nobodyHidden(segments: readonly Segment[], rows: number, own: OwnNumbers): Uint8Array {
  const nobody = new Uint8Array(hiddenParts(segments));
  if (own.role === "sender") return nobody;
  let start = 0;
  for (const { passing } of segments) {
    const shown = new Set(passing);
    const hides = own.bases.subarray(0, rows).some((size, row) => size > 0 && !shown.has(row));
    nobody[start] = hides ? 0 : 1;
    start += passing.length + 1;
  }
  return nobody;
}

/** For each segment how many passing rows are hidden too; undefined if its total is not opened. `found`: prefix ORs. */
export function alsoHidden(segments: readonly Segment[], found: Uint8Array): (number | undefined)[] {
  let start = 0;
  return segments.map(({ passing }) => {
    const first = found.subarray(start, start + passing.length + 1).indexOf(1);
    start += passing.length + 1;
    return first === -1 ? undefined : first;
  });
}

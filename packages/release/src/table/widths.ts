// In how many bits each number opens and each test is made (protocol-spec.md, section 13.3): the least that hold whatever an
// honest run can reach. A number so carries no more than its bits, whatever a partner adds to it. Public: they follow from
// shape and rules.
import { extentOf, perPerson, reachesOf, widthOf, type Extent } from "./limits.ts";
import type { Column, ReleaseRules, TableShape } from "./table.ts";

/** Tests of the same kind in one partition; those of a range belong to a column. */
export type TestKind =
  | "people"
  | "unmatched"
  | "contributors"
  | "within"
  | "over"
  | "matched"
  | { readonly range: "least" | "most"; readonly column: number };

/** The test of a range, of a number x with `people` people: x times `sign`, plus `people` times `perPerson`, is at least `bound`. */
export interface RangeTest {
  readonly sign: 1 | -1;
  readonly perPerson: bigint;
  readonly bound: bigint;
}

/**
 * Bits of each column's numbers, partitions x columns: 0 for contributors, which never open. The noise leaves them with
 * probability 2^-40 a session at most.
 */
function numberWidths(shape: TableShape, rules: ReleaseRules): number[][] {
  const reaches = reachesOf(shape, rules);
  return shape.partitions.map((_, partition) =>
    shape.columns.map((column, index) =>
      column.kind === "contributors"
        ? 0
        : widthOf(widened(extentOf(column, rules.limits), reaches[partition]![index]!)),
    ),
  );
}

/** Bits of each column's total over all rows (exact mode); 0 for contributors. */
function totalWidths({ columns }: TableShape, { limits, entriesMax = 1 }: ReleaseRules): number[] {
  return columns.map((column) =>
    column.kind === "contributors" ? 0 : widthOf(extentOf(column, limits, BigInt(entriesMax))),
  );
}

/** The widths of the numbers that are opened, in their order: those of the table, then totals. `opened`, `totals`: 1 where one is. */
export function openedWidths(
  shape: TableShape,
  rules: ReleaseRules,
  opened: Uint8Array,
  totals: Uint8Array,
): Uint8Array {
  const ofPartition = numberWidths(shape, rules);
  const ofTotal = totalWidths(shape, rules);
  const columns = shape.columns.length;
  const widths: number[] = [];
  let first = 0;
  shape.partitions.forEach((rows, partition) => {
    const end = first + rows * shape.categories * columns;
    for (let at = first; at < end; at++)
      if (opened[at] === 1) widths.push(ofPartition[partition]![at % columns]!);
    first = end;
  });
  totals.forEach((is, at) => {
    if (is === 1) widths.push(ofTotal[at % columns]!);
  });
  return Uint8Array.from(widths);
}

/** How many numbers a release may open at most, and how many bits they have together. */
export function openingsAtMost(
  shape: TableShape,
  rules: ReleaseRules,
): { readonly numbers: number; readonly bits: number } {
  const perRow = numberWidths(shape, rules).map(sum);
  const opened = shape.columns.filter(({ kind }) => kind !== "contributors").length * shape.categories;
  const bits = sum(perRow.map((width, partition) => width * shape.categories * shape.partitions[partition]!));
  const ofTotals = rules.totals
    ? { numbers: opened, bits: sum(totalWidths(shape, rules)) * shape.categories }
    : NONE;
  return { numbers: sum(shape.partitions) * opened + ofTotals.numbers, bits: bits + ofTotals.bits };
}

const NONE = { numbers: 0, bits: 0 };

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Tests and widths of one partition. */
export class PartitionTests {
  readonly #columns: readonly Column[];
  readonly #rules: ReleaseRules;
  readonly #reaches: readonly bigint[];
  readonly #pairs: bigint;

  constructor(
    shape: TableShape,
    rules: ReleaseRules,
    partition: number,
    reaches: readonly (readonly bigint[])[] = reachesOf(shape, rules),
  ) {
    this.#columns = shape.columns;
    this.#rules = rules;
    this.#reaches = reaches[partition]!;
    this.#pairs = BigInt(shape.partitions[partition]! * shape.categories);
  }

  /**
   * At most: x <= high people, at least: x >= low people, each with room for the noise of x and for that of the people. Where
   * sums are not of the row's people, and of people themselves, the most people there can be take their place.
   */
  range(range: "least" | "most", index: number): RangeTest {
    const { limits } = this.#rules;
    const column = this.#columns[index]!;
    const each = perPerson(column, limits);
    const factor = range === "least" ? each.low : each.high;
    const sign = range === "least" ? 1 : -1;
    const reach = this.#reaches[index]!;
    if (column.kind === "people" || !limits.sumsFollowPeople)
      return { sign, perPerson: 0n, bound: BigInt(sign) * factor * limits.peopleMax - reach };
    const perNoisyPerson = -BigInt(sign) * factor;
    return { sign, perPerson: perNoisyPerson, bound: -perNoisyPerson * this.#reaches[0]! - reach };
  }

  /**
   * Bits in which tests of this kind are compared: the least that hold every number of theirs less its bound. `rows`: whether
   * people and contributors are of one row, or of several, as in the hidden parts of totals; bases always are of several.
   */
  width(kind: TestKind, rows: "one" | "several" = "one"): number {
    if (typeof kind === "object") return widthOf(this.#rangeExtent(kind.range, kind.column));
    const { low, high } = this.#extent(kind, rows);
    const most = kind === "within" || kind === "over" ? 1n : this.#rules.threshold * this.#entries();
    return widthOf({ low: low - most, high });
  }

  /** Less the bound: 0 in an honest run, but for the noise, and at most the whole range with both reaches. */
  #rangeExtent(range: "least" | "most", index: number): Extent {
    const { perPerson: factor, bound } = this.range(range, index);
    const { low, high } = extentOf(this.#columns[index]!, this.#rules.limits);
    const slack = this.#reaches[index]! + factor * this.#reaches[0]!;
    const people = factor * this.#rules.limits.peopleMax;
    const most = range === "least" ? high + people : people - low;
    return { low: 0n, high: most + slack - bound };
  }

  /** A test's number, of one row or of several, before its bound is taken off. */
  #extent(kind: Exclude<TestKind, object>, rows: "one" | "several"): Extent {
    const base = this.#rules.limits.baseMax;
    const matched = this.#people("several");
    switch (kind) {
      case "people":
      case "contributors":
        return this.#people(rows);
      case "matched":
        return matched;
      case "unmatched":
        return { low: -matched.high, high: base - matched.low };
      case "within":
        return { low: -20n * matched.high, high: 17n * base - 20n * matched.low };
      case "over":
        return { low: 20n * matched.low - 17n * base, high: 20n * matched.high };
    }
  }

  /** People of one row, or of any number of them with the noise of as many. */
  #people(rows: "one" | "several"): Extent {
    const { limits } = this.#rules;
    if (rows === "one") return widened(extentOf({ kind: "people" }, limits), this.#reaches[0]!);
    return widened(extentOf({ kind: "people" }, limits, this.#entries()), this.#pairs * this.#reaches[0]!);
  }

  #entries(): bigint {
    return BigInt(this.#rules.entriesMax ?? 1);
  }
}

/** The widest of all numbers and tests. */
export function widestOf(shape: TableShape, rules: ReleaseRules): number {
  const reaches = reachesOf(shape, rules);
  const ofTests = shape.partitions.flatMap((_, partition) => {
    const tests = new PartitionTests(shape, rules, partition, reaches);
    return testKinds(shape, rules).map((kind) => tests.width(kind));
  });
  return Math.max(...ofTests, ...numberWidths(shape, rules).flat(), ...totalWidths(shape, rules));
}

/** The kinds of tests that a partition has, in order. */
export function testKinds({ columns }: TableShape, { mode, pair }: ReleaseRules): TestKind[] {
  const kinds: TestKind[] = ["people"];
  if (mode === "exact") kinds.push("unmatched", "contributors");
  if (pair) kinds.push("within", "over", "matched");
  columns.forEach(({ kind }, column) => {
    if (kind === "sum" || kind === "squares") kinds.push({ range: "least", column });
    if (kind !== "contributors") kinds.push({ range: "most", column });
  });
  return kinds;
}

function widened({ low, high }: Extent, by: bigint): Extent {
  return { low: low - by, high: high + by };
}

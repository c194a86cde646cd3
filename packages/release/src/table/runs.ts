// The runs of a table's tests: those of one kind in one partition, which are compared in one width.
import type { PartitionLayout, TableLayout } from "./layout.ts";
import type { ReleaseRules, TableShape } from "./table.ts";
import { PartitionTests, testKinds, type TestKind } from "./widths.ts";

export interface TestRun {
  readonly kind: TestKind;
  readonly partition: number;
  /** Number of its first test. */
  readonly first: number;
  readonly count: number;
  /** Bits in which its tests are compared. */
  readonly width: number;
}

/** All runs with tests, in the order of the tests' numbers. */
export function runsOf(layout: TableLayout, shape: TableShape, rules: ReleaseRules): TestRun[] {
  return layout.partitions.flatMap((part, partition) => {
    const tests = new PartitionTests(shape, rules, partition);
    return testKinds(shape, rules)
      .map((kind) => ({ kind, partition, ...placeOf(kind, part, layout.measures), width: tests.width(kind) }))
      .filter(({ count }) => count > 0);
  });
}

/** `people`, .., or `least C` and `most C` for the range of column C. */
export function kindName(kind: TestKind): string {
  return typeof kind === "object" ? `${kind.range} ${kind.column}` : kind;
}

function placeOf(kind: TestKind, part: PartitionLayout, measures: number): { first: number; count: number } {
  const { tests, pairs, bases } = part;
  if (typeof kind === "object") return { first: tests[kind.range][kind.column]!, count: pairs };
  const counts = { people: pairs, contributors: pairs * measures };
  return { first: tests[kind], count: kind === "people" || kind === "contributors" ? counts[kind] : bases };
}

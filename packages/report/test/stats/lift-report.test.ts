import { expect, test } from "vitest";
import { liftsOf, type Estimate, type ReleasedReport } from "../../src/index.ts";
import { asSender, liftReport } from "../reports.ts";

const report = liftReport();

test("the groups of a partition are paired over the receiver's own people", () => {
  const [whole] = liftsOf(report.partitions[0]!, report)!;
  const [test_, control] = ["test", "control"].map((group) =>
    report.partitions[0]!.cells.find(({ labels }) => labels[0] === group)!,
  );
  const people = (group: string) =>
    report.partitions[0]!.base!.find(({ labels }) => labels[0] === group)!.people;
  expect(whole).toMatchObject({
    labels: [],
    testPeople: { value: people("test"), noiseError: 0 },
    controlPeople: { value: people("control"), noiseError: 0 },
  });
  const rates = [
    Number(test_!.people!.value) / people("test"),
    Number(control!.people!.value) / people("control"),
  ];
  expect(whole!.converted!.relative!.value).toBeCloseTo(rates[0]! / rates[1]! - 1, 12);
  const values = [
    Number(test_!.sums[0]!.value) / 100 / people("test"),
    Number(control!.sums[0]!.value) / 100 / people("control"),
  ];
  expect(whole!.measures[0]!.test.value).toBeCloseTo(values[0]!, 9);
  expect(whole!.measures[0]!.incremental.value).toBeCloseTo(people("test") * (values[0]! - values[1]!), 4);
});

test("one entry for each of the other labels", () => {
  const found = liftsOf(report.partitions[1]!, report)!;
  expect(found.map(({ labels }) => labels)).toEqual([
    ["Spring Sale"],
    ["App Launch"],
    ["Brand Film"],
    ["Retargeting"],
  ]);
  expect(found.every(({ converted }) => converted !== undefined)).toBe(true);
});

test("a group under the threshold leaves no lift, and the other entries stand", () => {
  const [, partition] = report.partitions;
  const cells = partition!.cells.filter(({ labels }) => labels.join() !== "App Launch,control");
  const found = liftsOf({ ...partition!, cells }, report)!;
  expect(found.map(({ converted }) => converted === undefined)).toEqual([false, true, false, false]);
  expect(found[1]!.measures).toEqual([undefined]);
});

test("a sender compares over the people that it is told, and their noise is in the intervals", () => {
  const sender = asSender(report);
  const [told, own] = [sender, report].map((copy) => liftsOf(copy.partitions[1]!, copy)!);
  // A sender's cells are in the order of their labels, and hold no group that did not open.
  const labelsOf = (strata: typeof told) => new Set(strata!.map(({ labels }) => labels.join()));
  expect(labelsOf(told)).toEqual(labelsOf(own));
  for (const { labels, testPeople, converted } of told!) {
    const mine = own!.find((stratum) => stratum.labels[0] === labels[0])!;
    expect(testPeople.noiseError).toBeGreaterThan(0);
    expect(mine.testPeople.noiseError).toBe(0);
    expect(Math.abs(testPeople.value - mine.testPeople.value)).toBeLessThan(10 * testPeople.noiseError);
    expect(converted!.relative!.value).toBeCloseTo(mine.converted!.relative!.value, 1);
    const ofRatio = ({ value, noiseError }: Estimate) => noiseError / (1 + value);
    expect(ofRatio(converted!.relative!)).toBeGreaterThan(ofRatio(mine.converted!.relative!));
  }
});

test("a side that knows no group's people has nothing to compare over", () => {
  const sender = asSender({ ...report, kind: "sums" });
  expect(liftsOf(sender.partitions[0]!, sender)).toBeUndefined();
  const { lift: _, ...without } = report;
  expect(liftsOf(without.partitions[0]!, without satisfies ReleasedReport)).toBeUndefined();
});

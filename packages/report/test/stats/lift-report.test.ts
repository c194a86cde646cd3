import { expect, test } from "vitest";
import { liftsOf, type ReleasedReport } from "../../src/index.ts";
import { asSender, liftReport } from "../reports.ts";

const report = liftReport();

test("the groups of a partition are paired over the receiver's own people", () => {
  const [whole] = liftsOf(report.partitions[0]!, report)!;
  const [test_, control] = ["test", "control"].map((group) =>
    report.partitions[0]!.cells.find(({ labels }) => labels[0] === group)!,
  );
  const people = (group: string) =>
    report.partitions[0]!.base!.find(({ labels }) => labels[0] === group)!.people;
  expect(whole).toMatchObject({ labels: [], testPeople: people("test"), controlPeople: people("control") });
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

test("a side that does not own the groups has no base to compare over", () => {
  const sender = asSender(report);
  expect(liftsOf(sender.partitions[0]!, sender)).toBeUndefined();
  const { lift: _, ...without } = report;
  expect(liftsOf(without.partitions[0]!, without satisfies ReleasedReport)).toBeUndefined();
});

import { expect, test } from "vitest";
import { bucketStart, reachCurves, type ReleasedReport } from "../../src/index.ts";
import { uniform } from "../draws.ts";
import { asSender, partitionOf, reachReport } from "../reports.ts";

test.each([
  ["1", 1],
  ["4-5", 4],
  ["11+", 11],
  ["6 to 10", 6],
  ["0", 0],
  ["", undefined],
  ["many", undefined],
  ["-1", undefined],
  ["12345678901", undefined],
])("the bucket %j begins at %s", (label, from) => {
  expect(bucketStart(label)).toBe(from);
});

test("people with at least so many contacts, as counting them one by one gives it", () => {
  const random = uniform(9);
  const contacts = Array.from({ length: 4000 }, () => 1 + Math.floor(14 * random() ** 3));
  const bucketOf = (count: number) =>
    ["1", "2", "3", "4-5", "4-5", "6-10", "6-10", "6-10", "6-10", "6-10"][count - 1] ?? "11+";
  const buckets = ["11+", "6-10", "4-5", "3", "2", "1"];
  const cells = buckets.map((bucket) => ({
    labels: ["x", bucket],
    base: 5000,
    people: contacts.filter((count) => bucketOf(count) === bucket).length,
  }));
  const partition = partitionOf(["campaign", "frequency"], cells, { people: 0 }, random);
  const [curve] = reachCurves(partition, { frequency: "frequency", role: "receiver" });
  expect(curve!.labels).toEqual(["x"]);
  expect(curve!.buckets.map(({ from }) => from)).toEqual([1, 2, 3, 4, 6, 11]);
  for (const { from, atLeast, incomplete } of curve!.buckets) {
    expect(incomplete).toBe(false);
    expect(Number(atLeast!.value)).toBe(contacts.filter((count) => count >= from).length);
  }
});

test("a hidden bucket is missing from all below it, and is said to be", () => {
  const report: ReleasedReport = reachReport();
  const [campaign] = reachCurves(report.partitions[1]!, report).filter(
    ({ labels }) => labels[0] === "Newsletter",
  );
  const hidden = campaign!.buckets.filter(({ people }) => people === undefined).map(({ label }) => label);
  expect(hidden).toEqual(["4-5", "6-10", "11+"]);
  expect(campaign!.buckets.map(({ incomplete }) => incomplete)).toEqual([true, true, true, true, true, true]);
  expect(campaign!.buckets.map(({ atLeast }) => atLeast === undefined)).toEqual([
    false,
    false,
    false,
    true,
    true,
    true,
  ]);
  expect(campaign!.buckets[2]!.atLeast).toEqual(campaign!.buckets[2]!.people);
});

test("noise adds up in squares, and only where the dimension is", () => {
  const report = asSender(reachReport());
  const [curve] = reachCurves(report.partitions[1]!, report);
  expect(curve!.buckets[0]!.atLeast!.variance).toBe(6 * 4 * 36);
  expect(reachCurves(report.partitions[0]!, report)).toEqual([]);
});

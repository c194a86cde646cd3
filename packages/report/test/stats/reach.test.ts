import { expect, test } from "vitest";
import { bucketStart, reachCurves, type ReleasedPartition, type ReleasedReport } from "../../src/index.ts";
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
  const report = { ...exactReach(), partitions: [partition] };
  const [curve] = reachCurves(partition, report);
  expect(curve!.labels).toEqual(["x"]);
  expect(curve!.buckets.map(({ from }) => from)).toEqual([1, 2, 3, 4, 6, 11]);
  for (const { from, atLeast, share } of curve!.buckets) {
    const people = contacts.filter((count) => count >= from).length;
    expect(atLeast).toMatchObject({ value: people, known: "exact", low: people, high: people });
    expect(share!.value).toBeCloseTo((100 * people) / report.partnerPeople, 9);
  }
});

/** Without noise. */
function exactReach(): ReleasedReport {
  const { noise: _, ...report } = reachReport();
  return report;
}

const people = (value: number) => ({ value: BigInt(value), variance: 0 });

/** One campaign of which the publisher has nobody with 3 contacts, and of which the bucket of 2 stays closed. */
function closedBucket(): ReleasedPartition {
  return {
    groupBy: ["campaign", "frequency"],
    senderGroupBy: [],
    cells: [
      { labels: ["x", "1"], people: people(500), sums: [] },
      { labels: ["x", "4-5"], people: people(262), sums: [] },
      { labels: ["y", "3"], people: people(150), sums: [] },
    ],
    hiddenCells: 1,
    cellsTotal: 4,
    base: [
      { labels: ["x", "1"], people: 900 },
      { labels: ["x", "2"], people: 99 },
      { labels: ["x", "4-5"], people: 400 },
      { labels: ["y", "3"], people: 800 },
    ],
  };
}

test("the owner of the buckets tells closed ones from those with nobody, and bounds what is missing", () => {
  const partition = closedBucket();
  const [x, y] = reachCurves(partition, { ...exactReach(), partitions: [partition] });
  expect(x!.buckets.map(({ state }) => state)).toEqual(["opened", "closed", "nobody", "opened"]);
  const [one, two, three, four] = x!.buckets.map(({ atLeast }) => atLeast);
  for (const [found, value] of [
    [one, 762],
    [two, 262],
  ] as const) {
    expect(found).toMatchObject({
      value,
      known: "at-least",
      high: value + 99,
      missing: { cells: 1, most: 99 },
    });
  }
  for (const found of [three, four]) expect(found).toMatchObject({ value: 262, known: "exact" });
  expect(y!.buckets.map(({ state }) => state)).toEqual(["nobody", "nobody", "opened", "nobody"]);
  expect(y!.buckets[0]!.atLeast).toMatchObject({ value: 150, known: "exact" });
});

test("the partner sees no closed bucket, and calls no reach exact", () => {
  const partition = asSender({ ...exactReach(), partitions: [closedBucket()] }).partitions[0]!;
  const report = { ...asSender(exactReach()), partitions: [partition] };
  const [x] = reachCurves(partition, report);
  expect(x!.buckets.map(({ state }) => state)).toEqual(["opened", "unseen", "opened"]);
  for (const { atLeast } of x!.buckets) {
    expect(atLeast).toMatchObject({ known: "at-least", high: Infinity, missing: { cells: undefined } });
  }
});

test("with noise a sum with a closed bucket is an interval of what was shown, and no lower bound", () => {
  const report: ReleasedReport = reachReport();
  const [campaign] = reachCurves(report.partitions[1]!, report).filter(
    ({ labels }) => labels[0] === "Newsletter",
  );
  const closed = campaign!.buckets.filter(({ state }) => state === "closed").map(({ label }) => label);
  expect(closed).toEqual(["4-5", "6-10", "11+"]);
  expect(campaign!.buckets.map(({ atLeast }) => atLeast?.known)).toEqual([
    "interval",
    "interval",
    "interval",
    undefined,
    undefined,
    undefined,
  ]);
  const { atLeast, people: shown } = campaign!.buckets[2]!;
  expect(atLeast).toMatchObject({ value: Number(shown!.value), missing: { cells: 3 } });
});

test("noise adds up in squares, and only where the dimension is", () => {
  const report = asSender(reachReport());
  const [curve] = reachCurves(report.partitions[1]!, report);
  expect(curve!.buckets[0]!.atLeast!.noiseError).toBeCloseTo(Math.sqrt(6 * 4 * 36), 9);
  expect(reachCurves(report.partitions[0]!, report)).toEqual([]);
});

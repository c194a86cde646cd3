import { expect, test } from "vitest";
import {
  matchRate,
  overallPeople,
  peopleEstimate,
  type Missing,
  type ReleasedPartition,
  type ReleasedReport,
} from "../../src/index.ts";
import { asSender, indexReport, LAPLACE, overlapReport, sumsReport } from "../reports.ts";

const exact = (people: number, missing?: Missing) =>
  peopleEstimate({ value: BigInt(people), variance: 0 }, undefined, missing);

test.each([
  [1234, 5000, 25],
  [249, 1000, 25],
  [0, 10, 0],
  [-3, 1000, 0],
  [1000, 1000, 100],
])("%s of %s are %s %%", (people, base, percent) => {
  expect(matchRate(exact(people), base)).toEqual({ percent, known: "exact", low: percent, high: percent });
});

test("a noisy rate has whole bounds around it, rounded outward", () => {
  // 500 of 1,000 with two Laplace draws of scale 5 (standard deviation 10): 50 % and 2.056 of 1 % to each side.
  const noisy = peopleEstimate({ value: 500n, variance: 100 }, LAPLACE);
  expect(matchRate(noisy, 1000)).toEqual({ percent: 50, known: "interval", low: 47, high: 53 });
  expect(matchRate(noisy, 0)).toBeUndefined();
});

test("a rate that is at least something is rounded down, and up where the most is known", () => {
  const missing = { cells: 1, most: 20 };
  expect(matchRate(exact(276, missing), 1000)).toEqual({
    percent: 27,
    known: "at-least",
    low: 27,
    high: 30,
    missing: true,
  });
  expect(matchRate(exact(276, { cells: undefined, most: undefined }), 1000)).toMatchObject({
    high: Infinity,
  });
});

test("the cell of everybody is the overlap", () => {
  const report = overlapReport();
  const { people } = report.partitions[0]!.cells[0]!;
  expect(overallPeople(report)).toEqual({
    kind: "people",
    people: peopleEstimate(people!, LAPLACE),
    source: "opened",
  });
});

test("without it the shown cells add up, and closed ones make that a lower bound", () => {
  const report = sumsReport();
  const [{ totals: _, ...partition }] = report.partitions as [ReleasedPartition];
  const people = partition.cells.reduce((sum, cell) => sum + Number(cell.people!.value), 0);
  const hiding = { ...report, partitions: [partition] };
  // Only our own people of its row, less those shown of it, bound an exact cell: too few of the others may be what closed it.
  const rows = new Map(partition.base!.map(({ labels, people: own }) => [labels[0], own]));
  for (const { labels, people: shown } of partition.cells)
    rows.set(labels[0]!, rows.get(labels[0]!)! - Number(shown!.value));
  const most = [...rows.values()].reduce((sum, left) => sum + left);
  const found = overallPeople(hiding);
  expect(found).toEqual({ kind: "people", people: exact(people, { cells: 1, most }), source: "added" });
  expect(found).toMatchObject({ people: { known: "at-least", low: people, high: people + most } });
  const complete = { ...report, partitions: [{ ...partition, hiddenCells: 0 }] };
  expect(overallPeople(complete)).toMatchObject({ people: { known: "exact", high: people } });
  expect(overallPeople(asSender(complete))).toMatchObject({
    people: { known: "at-least", high: Infinity, missing: { cells: undefined } },
  });
});

test("with noise a closed cell holds less than the threshold, but for the noise, and never more than our own people of it", () => {
  const [ages] = indexReport().partitions as [ReleasedPartition];
  const without = ages.cells.filter(({ labels }) => labels[0] !== "55-64");
  const hiding = { ...indexReport(), partitions: [{ ...ages, cells: without, hiddenCells: 1 }] };
  const found = overallPeople(hiding);
  if (found.kind !== "people") throw new Error("there are people");
  const { known, value, low, high, missing } = found.people;
  // The tail of two Laplace draws of scale 4 at 10^-4 / 6: (1 + t/2) e^-t there gives t = 13.02.
  expect(missing).toEqual({ cells: 1, most: 99 + Math.ceil(13.02 * 4) });
  expect(known).toBe("interval");
  expect(high - value).toBeCloseTo(value - low + missing!.most!, 6);
  const tiny = [{ labels: ["55-64"], people: 30 }];
  const base = ages.base!.map((each) => (each.labels[0] === "55-64" ? tiny[0]! : each));
  const capped = overallPeople({ ...hiding, partitions: [{ ...hiding.partitions[0]!, base }] });
  expect(capped).toMatchObject({ people: { missing: { cells: 1, most: 30 } } });
});

test("totals hold the closed cells too, and are the whole where those of all categories opened", () => {
  const report = sumsReport();
  expect(overallPeople(report)).toMatchObject({ people: { value: 8950, known: "exact" } });
  const [{ totals, ...rest }] = report.partitions as [ReleasedPartition];
  const oneShort = { ...report, partitions: [{ ...rest, cells: [], totals: totals!.slice(0, 1) }] };
  expect(overallPeople(oneShort)).toMatchObject({
    people: { value: 2700, known: "at-least", missing: { cells: 1 } },
  });
  const everybody = [{ labels: [], people: { value: 8950n, variance: 0 }, sums: [] }];
  const plain = { ...rest, senderGroupBy: [], totals: everybody };
  expect(overallPeople({ ...report, partitions: [plain] })).toMatchObject({
    people: { value: 8950, known: "exact" },
    source: "opened",
  });
});

test("over 85 % is all that is said under the rules of pair", () => {
  const { hiddenCells: _, ...everybody } = overlapReport().partitions[0]!;
  const cells = [{ labels: [], people: undefined, sums: [], overPair: true as const }];
  const report: ReleasedReport = { ...overlapReport(), rules: "pair", partitions: [{ ...everybody, cells }] };
  expect(overallPeople(report)).toEqual({ kind: "over-pair" });
});

test("people of several campaigns do not add up to people", () => {
  const [, regions] = overlapReport().partitions;
  expect(overallPeople({ ...overlapReport(), kind: "reach", partitions: [regions!] })).toEqual({
    kind: "unknown",
  });
});

import { expect, test } from "vitest";
import { matchRate, overallPeople, type ReleasedReport } from "../../src/index.ts";
import { asSender, LAPLACE, overlapReport, sumsReport } from "../reports.ts";

test.each([
  [1234, 5000, 25],
  [249, 1000, 25],
  [0, 10, 0],
  [-3, 1000, 0],
  [1000, 1000, 100],
])("%s of %s are %s %%", (people, base, percent) => {
  const rate = matchRate({ value: BigInt(people), variance: 0 }, base, undefined);
  expect(rate).toEqual({ percent, low: percent, high: percent });
});

test("a noisy rate has whole bounds around it, rounded outward", () => {
  // 500 of 1,000 with two Laplace draws of scale 5 (standard deviation 10): 50 % and 2.056 of 1 % to each side.
  expect(matchRate({ value: 500n, variance: 100 }, 1000, LAPLACE)).toEqual({
    percent: 50,
    low: 47,
    high: 53,
  });
  expect(matchRate({ value: 500n, variance: 100 }, 0, LAPLACE)).toBeUndefined();
});

test("the cell of everybody is the overlap", () => {
  const report = overlapReport();
  const { people } = report.partitions[0]!.cells[0]!;
  expect(overallPeople(report)).toEqual({ kind: "people", people, atLeast: false });
});

test("without it the shown cells add up, and hidden ones make that a lower bound", () => {
  const report = sumsReport();
  const people = report.partitions[0]!.cells.reduce((sum, cell) => sum + cell.people!.value, 0n);
  expect(overallPeople(report)).toEqual({
    kind: "people",
    people: { value: people, variance: 0 },
    atLeast: true,
  });
  const [partition] = report.partitions;
  const complete = { ...report, partitions: [{ ...partition!, hiddenCells: 0 }] };
  expect(overallPeople(complete)).toMatchObject({ atLeast: false });
  expect(overallPeople(asSender(complete))).toMatchObject({ atLeast: true });
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

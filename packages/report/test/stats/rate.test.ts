import { expect, test } from "vitest";
import { matchRate, overallPeople, type ReleasedPartition, type ReleasedReport } from "../../src/index.ts";
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
  const [{ totals: _, ...partition }] = report.partitions as [ReleasedPartition];
  const people = partition.cells.reduce((sum, cell) => sum + cell.people!.value, 0n);
  const hiding = { ...report, partitions: [partition] };
  const sum = { kind: "people", people: { value: people, variance: 0 } };
  expect(overallPeople(hiding)).toEqual({ ...sum, atLeast: true });
  const complete = { ...report, partitions: [{ ...partition, hiddenCells: 0 }] };
  expect(overallPeople(complete)).toEqual({ ...sum, atLeast: false });
  expect(overallPeople(asSender(complete))).toEqual({ ...sum, atLeast: true });
});

test("totals hold the hidden cells too: of all people exactly, of categories as far as they were opened", () => {
  const report = sumsReport();
  expect(overallPeople(report)).toMatchObject({ people: { value: 8950n }, atLeast: true });
  const totals = [{ labels: [], people: { value: 8950n, variance: 0 }, sums: [] }];
  const plain = { ...report.partitions[0]!, senderGroupBy: [], totals };
  expect(overallPeople({ ...report, partitions: [plain] })).toMatchObject({
    people: { value: 8950n },
    atLeast: false,
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

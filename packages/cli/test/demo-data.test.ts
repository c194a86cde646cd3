import { describe, expect, test } from "vitest";
import { join } from "node:path";
import type { ReleasedCell, ReleasedPartition, ReleasedReport } from "@halfroom/report";
import { difference, plainJoin, shownCells, type PlainJoin } from "../src/demo/plain-join.ts";
import { inventPeople } from "../src/demo/people.ts";
import { writeLines } from "../src/demo/write-lines.ts";
import { temporaryFolder, writeCsv } from "./halfroom.ts";

const CONVERSIONS = [
  ["email", "amount", "orders"],
  ["Ada@example.com", "400.50", 1],
  ['" ada@EXAMPLE.com "', "100", 2],
  ["ben@example.com", "-3.00", 11],
  ["carla@example.com", "", 1],
  ["carla@example.com", "n/a", 5],
  ["no address", "7.00", 1],
];
const EXPOSURES = [
  ["email", "campaign", "age_band"],
  ["ada@example.com", '"a, ""b"""', "18-24"],
  ["ada@example.com", "other", "18-24"],
  ["BEN@example.com", '"a, ""b"""', "18-24"],
  ["carla@example.com", "c", "55+"],
  ["david@example.com", "d", "55+"],
];
const AB = JSON.stringify(['a, "b"', "18-24"]);
const C = JSON.stringify(["c", "55+"]);
const D = JSON.stringify(["d", "55+"]);

describe("the plain join", () => {
  const folder = temporaryFolder();
  const joined = plainJoin(
    writeCsv(folder, "conversions.csv", CONVERSIONS),
    writeCsv(folder, "exposures.csv", EXPOSURES),
  );

  test("gives what was worked out by hand: 400.50 + 100 clipped to 500.00, -3.00 to 0, 11 orders to 10", async () => {
    expect(await joined).toEqual({
      buyers: 3,
      exposed: 4,
      cells: new Map([
        [AB, { ...cell(2, 2), amountCents: 50_000, orders: 13, amountPeople: 1, ordersPeople: 2 }],
        [C, { ...cell(1, 1), amountCents: 0, orders: 1, amountPeople: 0, ordersPeople: 1 }],
        [D, { ...cell(1, 0), amountCents: 0, orders: 0, amountPeople: 0, ordersPeople: 0 }],
      ]),
    });
  });
});

const cell = (exposed: number, people: number) => ({ exposed, people });

describe("the comparison of report and join", () => {
  const numbers = { amountCents: 50_000, orders: 13, amountPeople: 2, ordersPeople: 2 };
  const join: PlainJoin = {
    buyers: 14,
    exposed: 22,
    cells: new Map([
      [AB, { ...cell(4, 2), ...numbers }],
      [C, { ...cell(12, 10), ...numbers, amountPeople: 1 }],
      [D, { ...cell(6, 0), ...numbers, amountPeople: 0, ordersPeople: 0 }],
    ]),
  };
  const number = (value: bigint | undefined) => (value === undefined ? undefined : { value, variance: 0 });
  const released = (labels: string[], people: bigint, ...sums: (bigint | undefined)[]): ReleasedCell => {
    return { labels, people: number(people), sums: sums.map(number) };
  };
  const first = released(['a, "b"', "18-24"], 2n, 50_000n, 13n);
  const second = released(["c", "55+"], 10n, undefined, 13n);
  const report = (change: Partial<ReleasedPartition>): ReleasedReport => ({
    kind: "sums",
    role: "receiver",
    measures: [
      { name: "amount", decimals: 2, squares: false, low: 0n, high: 50_000n },
      { name: "orders", decimals: 0, squares: false, low: 0n, high: 50_000n },
    ],
    threshold: 2,
    agreed: { datasets: { own: "crm", partner: "buyers" }, match: ["email"], entries: 1 },
    partitions: [
      {
        groupBy: ["campaign", "age_band"],
        senderGroupBy: [],
        cells: [first, second],
        hiddenCells: 1,
        cellsTotal: 3,
        ...change,
      },
    ],
    ownPeople: 22,
    partnerPeople: 14,
  });
  const right = report({});

  test("agrees with the right report", () => {
    expect(difference(right, join)).toBeUndefined();
  });

  test.each([
    ["people", { cells: [{ ...first, people: number(3n) }, second] }],
    ["a sum by one cent", { cells: [{ ...first, sums: [50_001n, 13n].map(number) }, second] }],
    ["a sum of too few people", { cells: [first, { ...second, sums: [50_000n, 13n].map(number) }] }],
    ["a hidden sum", { cells: [{ ...first, sums: [undefined, 13n].map(number) }, second] }],
    ["another label", { cells: [{ ...first, labels: ["a", "18-24"] }, second] }],
    ["a missing cell", { cells: [first] }],
    ["a cell too many", { cells: [first, second, { ...first, labels: ["d", "55+"], people: number(0n) }] }],
    ["hidden cells", { hiddenCells: 2 }],
    ["cellsTotal", { cellsTotal: 4 }],
  ])("sees a difference in %s", (_, change) => {
    expect(difference(report(change), join)).toBeTypeOf("string");
  });

  test.each([
    ["in a cell", { cells: new Map([...join.cells, [AB, { ...cell(3, 2), ...numbers }]]) }],
    ["of all buyers", { buyers: 13 }],
    ["of all who saw anything", { exposed: 13 }],
  ])("expects fewer cells where too few are unmatched, %s", (_, change) => {
    expect(shownCells(join, 2).size).toBe(2);
    expect(shownCells({ ...join, ...change }, 2).size).toBeLessThan(2);
    expect(difference(right, { ...join, ...change })).toBeTypeOf("string");
  });
});

describe("invented people", () => {
  const lines = (seed: string): [string[], string[]] => {
    const { conversions, exposures } = inventPeople(seed, 20_000, 30_000);
    return [[...conversions], [...exposures]];
  };

  test("the same seed writes the same files, another seed others", () => {
    expect(lines("1")).toEqual(lines("1"));
    expect(lines("2")).not.toEqual(lines("1"));
  });

  test("the default files have most of 40 cells over a threshold of 50, a few under it", async () => {
    const folder = temporaryFolder();
    const [conversions, exposures] = lines("1");
    expect([conversions.length, exposures.length]).toEqual([20_001, 30_001]);
    const files = [join(folder, "conversions.csv"), join(folder, "exposures.csv")] as const;
    await writeLines(files[0], conversions);
    await writeLines(files[1], exposures);
    const joined = await plainJoin(...files);
    expect(joined.cells.size).toBe(40);
    const under = 40 - shownCells(joined, 50).size;
    expect(under).toBeGreaterThanOrEqual(2);
    expect(under).toBeLessThanOrEqual(10);
  });

  test("the lists are as messy as real ones, and only in reserved domains", () => {
    for (const list of lines("1")) {
      const rows = list.slice(1);
      expect(rows.some((row) => /[A-Z]@EXAMPLE/.test(row) || /[A-Z]\d+@EXAMPLE/.test(row))).toBe(true);
      expect(rows.some((row) => row.startsWith(" "))).toBe(true);
      expect(rows.some((row) => row.startsWith('"'))).toBe(true);
      expect(rows.some((row) => row.startsWith("n/a,"))).toBe(true);
      expect(rows.some((row) => row.startsWith(","))).toBe(true);
      const addresses = rows.flatMap((row) => row.toLowerCase().match(/[^",\s]+@[^",\s]+/g) ?? []);
      expect(new Set(addresses).size).toBeLessThan(0.9 * rows.length);
      expect(addresses.filter((address) => !/@example\.(com|org|net)$/.test(address))).toEqual([]);
    }
  });
});

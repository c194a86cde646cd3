import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  cellsMembers,
  formatDecimal,
  parseDecimal,
  printable,
  sharedColumnName,
  type ReleasedPartition,
  type ReleasedReport,
} from "../src/index.ts";
import { HOSTILE_LABELS, HUGE, hostileReport, SMALL_REPORT } from "./plain-reports.ts";

describe("decimals", () => {
  test.each([
    [0n, 0, "0"],
    [0n, 2, "0.00"],
    [-5n, 2, "-0.05"],
    [456789n, 2, "4567.89"],
    [HUGE, 2, "46116860184273879.03"],
    [-HUGE, 18, "-4.611686018427387903"],
  ])("%s scaled by 10^%s is written %s", (value, decimals, text) => {
    expect(formatDecimal(value, decimals)).toBe(text);
  });

  test("reading gives back what was written", () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.nat(20), (value, decimals) => {
        expect(parseDecimal(formatDecimal(value, decimals), decimals)).toBe(value);
      }),
    );
  });

  test("extra zeros are exact, extra digits are not", () => {
    expect(parseDecimal("+1.500", 1)).toBe(15n);
    expect(parseDecimal("1.501", 1)).toBeUndefined();
  });

  test.each(["", " 1", "1 ", "1.", ".5", "1e3", "0x10", "--1", "1,5", "٣", "Infinity", "NaN"])(
    "%j is not a decimal",
    (text) => {
      expect(parseDecimal(text, 2)).toBeUndefined();
    },
  );
});

describe("columns", () => {
  test("a name used twice is found, people included", () => {
    const amount = { name: "amount" };
    expect(sharedColumnName({ groupBy: ["campaign"], measures: [amount] })).toBeUndefined();
    expect(sharedColumnName({ groupBy: ["people"], measures: [amount] })).toBe("people");
    expect(sharedColumnName({ groupBy: ["amount"], measures: [amount] })).toBe("amount");
    expect(sharedColumnName({ groupBy: [], measures: [amount, amount] })).toBe("amount");
  });
});

describe("cells as JSON", () => {
  const text = (report: ReleasedReport) => `{ ${cellsMembers(report).join(", ")} }`;

  test("the text, to the letter", () => {
    expect(cellsMembers(SMALL_REPORT)).toEqual([
      '"cells": [\n    { "campaign": "spring", "people": 1234, "amount": -0.05 }\n  ]',
      '"suppressed": 2',
      '"cellsTotal": 3',
    ]);
  });

  test("a number that did not pass and what the sender cannot know are null", () => {
    const [partition] = SMALL_REPORT.partitions as [ReleasedPartition];
    const { hiddenCells: _, cellsTotal: __, ...known } = partition;
    const cells = partition.cells.map((cell) => ({ ...cell, sums: [undefined] }));
    expect(JSON.parse(text({ ...SMALL_REPORT, partitions: [{ ...known, cells }] }))).toEqual({
      cells: [{ campaign: "spring", people: 1234, amount: null }],
      suppressed: null,
      cellsTotal: null,
    });
  });

  test("JSON.parse reads hostile labels and names as they were", () => {
    const report = hostileReport();
    const [{ groupBy, cells: released }] = report.partitions as [ReleasedPartition];
    const { cells } = JSON.parse(text(report));
    cells.forEach((cell: object, i: number) => {
      const values = new Map(Object.entries(cell));
      const names = [...groupBy, "people", ...report.measures.map(({ name }) => name)];
      expect([...values.keys()].sort()).toEqual(names.sort());
      expect(groupBy.map((name) => values.get(name))).toEqual(released[i]!.labels);
      expect(values.get("people")).toBe(50 + i);
    });
  });

  test("numbers are written digit for digit", () => {
    const all = text(hostileReport());
    expect(all).toContain(": 46116860184273879.03,");
    expect(all).toContain(": -46116860184273879.03,");
    expect(all).toContain(": -0.000000000000000015 }");
  });

  test("a terminal that shows the text has nothing to obey", () => {
    expect(text(hostileReport())).not.toMatch(/[^\n\P{C}]/u);
  });
});

test("printable text has one line and shows what it replaced", () => {
  for (const label of HOSTILE_LABELS) expect(printable(label)).not.toMatch(/\p{C}/u);
  expect(printable("a\r\nb")).toBe("a\\u{d}\\u{a}b");
});

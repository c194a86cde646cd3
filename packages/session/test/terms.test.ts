import { CELLS_MAX, MEASURES_MAX, PEOPLE_MAX } from "@halfroom/wire";
import { describe, expect, test } from "vitest";
import type { Terms } from "../src/terms/terms.types.ts";
import { encodeTerms, exactSums, paddedCells, refusal } from "../src/terms/bounds.ts";

const TERMS = exactSums({
  measures: [{ name: "amount", low: -5n, high: 2n ** 61n, decimals: 2 }],
  groupBy: ["campaign", "age_band"],
  threshold: 50,
  otK: 4,
});
const text = (terms: Terms) => Buffer.from(encodeTerms(terms)).toString("utf8");

describe("the encoding of terms", () => {
  test("is the documented JSON, with bounds as exact decimal strings", () => {
    expect(text(TERMS)).toBe(
      '{"report":"sums","match":[{"key":"email","label":"email/iab-1"}],"measures":[{"name":"amount","low":"-5",' +
        '"high":"2305843009213693952","decimals":2,"squares":false}],"senderGroupBy":[],' +
        '"partitions":[["campaign","age_band"]],"entriesMax":1,"events":null,"arms":null,"threshold":50,' +
        '"release":{"mode":"exact"},"totals":false,"rules":"standard","resultTo":"both","otK":4}',
    );
  });

  test("does not depend on the order of an object's members or on members that are no terms", () => {
    const other = Object.fromEntries(Object.entries({ ...TERMS, more: 1 }).reverse()) as unknown as Terms;
    expect(text(other)).toBe(text(TERMS));
  });

  test("keeps names apart that a careless one would mix up", () => {
    const names = [
      "a",
      "a ",
      "A",
      'a"',
      "a\\",
      "a\u0000",
      'a","b',
      "é",
      "e\u0301",
      "\ud800",
      "\ufffd",
      "\ufeffa",
      "1",
      "[]",
    ];
    const encodings = [
      ...names.map((name) => text({ ...TERMS, partitions: [[name]] })),
      ...names.map((name) => text({ ...TERMS, partitions: [["x", name]] })),
      text({ ...TERMS, partitions: [["a", "b"]] }),
      text({ ...TERMS, partitions: [["a"], ["b"]] }),
      text({ ...TERMS, measures: [], partitions: [["a"]] }),
    ];
    expect(new Set(encodings).size).toBe(encodings.length);
  });
});

describe("refusal", () => {
  const withBounds = (low: bigint, high: bigint) => ({
    ...TERMS,
    measures: [{ name: "m", low, high, decimals: 0 }],
  });
  const people = (sender: number, receiver: number) => ({ sender, receiver });

  test.each([
    [0n, 2n ** 52n],
    [-(2n ** 52n), 0n],
    [-(2n ** 52n), 7n],
  ])("of bounds %i to %i from 1,024 people on, who could reach 2^62", (low, high) => {
    expect(refusal(withBounds(low, high), people(1023, 5000))).toBeUndefined();
    expect(refusal(withBounds(low, high), people(5000, 1023))).toBeUndefined();
    expect(refusal(withBounds(low, high), people(1024, 1024))).toContain('narrow the clip bounds of "m"');
  });

  test("of any measure, not only the first", () => {
    const measures = [
      ...withBounds(0n, 1n).measures,
      { ...TERMS.measures[0]!, name: "second", high: 2n ** 60n },
    ];
    expect(refusal({ ...TERMS, measures }, people(3, 3))).toBeUndefined();
    expect(refusal({ ...TERMS, measures }, people(4, 4))).toContain('"second"');
  });

  test("of more measures or people than the wire carries", () => {
    const measures = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ name: `m${i}`, low: 0n, high: 1n, decimals: 0 }));
    expect(refusal({ ...TERMS, measures: measures(MEASURES_MAX) }, people(1, 1))).toBeUndefined();
    expect(refusal({ ...TERMS, measures: measures(MEASURES_MAX + 1) }, people(1, 1))).toContain(
      `${MEASURES_MAX} measures`,
    );
    expect(refusal(withBounds(0n, 1n), people(PEOPLE_MAX, PEOPLE_MAX))).toBeUndefined();
    expect(refusal(withBounds(0n, 1n), people(1, PEOPLE_MAX + 1))).toContain(`${PEOPLE_MAX} people`);
  });
});

describe("paddedCells", () => {
  test.each([
    [0, 1],
    [1, 1],
    [2, 2],
    [3, 4],
    [64, 64],
    [65, 128],
    [CELLS_MAX - 1, CELLS_MAX],
    [CELLS_MAX, CELLS_MAX],
  ])("of %i is %i", (cells, padded) => {
    expect(paddedCells(cells)).toBe(padded);
  });

  test("refuses more than the wire allows", () => {
    expect(() => paddedCells(CELLS_MAX + 1)).toThrow(expect.objectContaining({ code: "refused" }));
  });
});

// What follows from the terms before anything is computed, and what cannot be computed.
import { exactSums, noiseOf } from "@halfroom/testkit";
import { CELLS_MAX, SHARDS_MAX, MEASURES_MAX, PEOPLE_MAX } from "@halfroom/wire";
import { describe, expect, test } from "vitest";
import { paddedCells, refusal } from "../src/terms/bounds.ts";

const TERMS = exactSums({
  measures: [{ name: "amount", low: -5n, high: 2n ** 61n, decimals: 2 }],
  groupBy: ["campaign", "age_band"],
  threshold: 50,
  otK: 4,
});

describe("refusal", () => {
  const withBounds = (low: bigint, high: bigint) => ({
    ...TERMS,
    measures: [{ name: "m", low, high, decimals: 0, squares: false }],
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

  test("of squares that could reach 2^62 where sums could not, and of noise with half the room", () => {
    const squares = (high: bigint) => ({
      ...TERMS,
      measures: [{ name: "m", low: 0n, high, decimals: 0, squares: true }],
    });
    expect(refusal(squares(2n ** 26n - 1n), people(1024, 1024))).toBeUndefined();
    expect(refusal(squares(2n ** 26n), people(1024, 1024))).toContain("sum of squares");
    const noisy = { ...withBounds(0n, 2n ** 52n), release: noiseOf(1_000_000, 1) };
    expect(refusal(noisy, people(511, 511))).toBeUndefined();
    expect(refusal(noisy, people(512, 512))).toContain("2^62");
  });

  test("of more shards than there are lanes, with the remedy", () => {
    const small = { ...TERMS, measures: [], shardPeople: 16 };
    expect(refusal(small, people(1, 16 * SHARDS_MAX))).toBeUndefined();
    expect(refusal(small, people(1, 16 * SHARDS_MAX + 1))).toContain("take more people a shard");
  });

  test("of more measures or people than the wire carries", () => {
    const measures = (count: number) =>
      Array.from({ length: count }, (_, i) => ({
        name: `m${i}`,
        low: 0n,
        high: 1n,
        decimals: 0,
        squares: false,
      }));
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

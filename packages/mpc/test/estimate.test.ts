// The parameters of silent transfers: what the estimator says of every size of the table, and the estimator itself against small cases.
import { describe, expect, test } from "vitest";
import { algebraicBits, informationSetBits, linearTestBits, witnessDegree } from "./estimate/attacks.ts";
import { log2Binomial } from "./estimate/binomials.ts";
import { log2BadWords, log2Words, SHORT_WEIGHTS } from "./estimate/distance.ts";
import {
  fieldAlgebraicBits,
  fieldInformationSetBits,
  linearFieldTestBits,
} from "./estimate/field-attacks.ts";
import { estimates } from "./estimate/table.ts";
import { specTable } from "../../../test/spec/tables.ts";
import { TREES_MIN } from "../src/silent/parameters.ts";

const table = estimates();

test.each(["silent", "vector"] as const)(
  "the table %s of protocol-spec.md is what the estimator says",
  (name) => {
    const numbers = specTable(name).map((row) => row.map((cell) => Number(cell.replaceAll(",", ""))));
    expect(numbers).toEqual(table[name].map((row) => Object.values(row)));
  },
);

test("every size has 144 bits against linear tests, which is 16 more than 128, and far more against the rest", () => {
  for (const { trees } of table.silent) expect(trees).toBeGreaterThanOrEqual(TREES_MIN);
  for (const { informationSets, algebra } of table.silent)
    expect(Math.min(informationSets, algebra)).toBeGreaterThan(400);
  for (const { badWords, linearTests, informationSets, algebra } of [...table.silent, ...table.vector]) {
    expect(badWords).toBeLessThanOrEqual(-56);
    expect(linearTests).toBeGreaterThanOrEqual(144);
    expect(Math.min(informationSets, algebra)).toBeGreaterThan(256);
  }
});

test("fewer trees, or a distance that the code does not have, would not do", () => {
  expect(linearTestBits({ trees: 390, depth: 12 }, 0.1)).toBeLessThan(128);
  expect(log2BadWords(448 * 2 ** 9, 0.12)).toBeGreaterThan(0);
  expect(informationSetBits({ trees: 100, depth: 12 })).toBeLessThan(128);
  expect(algebraicBits({ trees: 100, depth: 12 })).toBeLessThan(160);
});

describe("noise of field elements", () => {
  test("as many trees as bits need are too few, and 947 not enough for 144 bits", () => {
    const few = { trees: 448, depth: 8 };
    expect(linearFieldTestBits(few, 0.1)).toBeLessThan(70);
    expect(fieldInformationSetBits(few)).toBeLessThan(70);
    expect(fieldAlgebraicBits(few)).toBeLessThan(100);
    expect(linearFieldTestBits({ trees: 947, depth: 8 }, 0.1)).toBeLessThan(144);
  });

  test("is worth no more than one map of the field to bits leaves, less all maps", () => {
    const noise = { trees: 960, depth: 8 };
    expect(fieldInformationSetBits(noise)).toBeLessThanOrEqual(960 * Math.log2(4 / 3) - 128 + 18);
    expect(fieldAlgebraicBits(noise)).toBeLessThan(algebraicBits(noise) - 128);
  });

  test("biases a linear test by what is worked out place by place", () => {
    // Three trees of four places; the word has 2, 1 and 0 places that are not zero, and field elements are 2 bits.
    const ofTree = (places: number) => {
      let sum = 0;
      for (let place = 0; place < 4; place++)
        for (let element = 0; element < 4; element++) sum += place < places && element % 2 === 1 ? -1 : 1;
      return sum / 16;
    };
    const bias = [2, 1, 0].reduce((product, places) => product * ofTree(places), 1);
    expect(bias).toBeCloseTo((2 / 4) * (3 / 4), 12);
    expect(-Math.log2(bias)).toBeGreaterThan(linearFieldTestBits({ trees: 3, depth: 2 }, 3 / 12));
  });
});

describe("the enumerator", () => {
  test("has all words of the short code", () => {
    expect([...SHORT_WEIGHTS.values()].reduce((sum, count) => sum + count, 0)).toBe(2 ** 32);
  });

  test("bounds the words of several blocks from above, and not by much", () => {
    const few = Math.log2(3 * 2976);
    expect(log2Words(12, 3)).toBeGreaterThan(few);
    expect(log2Words(12, 3)).toBeLessThan(few + 5);
  });
});

test("binomials: a row of Pascal's triangle", () => {
  const row = Array.from({ length: 41 }, (_, k) => 2 ** log2Binomial(40, k));
  expect(row.reduce((sum, each) => sum + each, 0) / 2 ** 40).toBeCloseTo(1, 9);
  expect(row[3]! / 9880).toBeCloseTo(1, 9);
  expect(log2Binomial(5, 6)).toBe(-Infinity);
});

test("the witness degree is where the series, worked out term by term, stops being positive", () => {
  for (const [p, q, a, b, checks] of [
    [6, 0, 7, 0, 20],
    [5, 4, 7, 3, 18],
    [10, 2, 15, 1, 60],
  ] as const) {
    const factor = (series: bigint[], c: bigint) =>
      [...series, 0n].map((each, d) => each + c * (series[d - 1] ?? 0n));
    let series = [1n];
    for (let i = 0; i < p; i++) series = factor(series, BigInt(a));
    for (let i = 0; i < q; i++) series = factor(series, BigInt(b));
    for (let i = 0; i < checks; i++) series = factor(series, -1n);
    expect(witnessDegree([p, q], [a, b], checks)).toBe(series.findIndex((each) => each <= 0n));
  }
});

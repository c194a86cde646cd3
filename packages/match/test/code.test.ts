// The code's promises: it is linear, 108 bits go in, and no two words are nearer than 128 places.
import { arrayKernels, randomWords } from "@halfroom/crypto";
import { seededRng } from "@halfroom/testkit";
import { describe, expect, test } from "vitest";
import { CODE_WORDS, encode, generatorMatrix, truncate } from "../src/membership/code.ts";

const BITS = 108;
const POINTS = 64;

const randomInformation = (seed: string, count: number) => truncate(randomWords(seededRng(seed), count * 4));
const weightOf = (word: Uint32Array) =>
  Array.from(word).reduce((weight, bits) => weight + bits.toString(2).replaceAll("0", "").length, 0);
const wordAt = (words: Uint32Array, i: number) => words.subarray(i * CODE_WORDS, (i + 1) * CODE_WORDS);

/** A second implementation: the field by logarithms, polynomials by evaluation, the inner code by its list of words. */
const EXP = Array.from({ length: 15 }).reduce<number[]>(
  (powers) => [...powers, next(powers.at(-1)!)].slice(0, 15),
  [1],
);
function next(a: number): number {
  return a >= 8 ? (2 * a) ^ 19 : 2 * a;
}
const times = (a: number, b: number) =>
  a === 0 || b === 0 ? 0 : EXP[(EXP.indexOf(a) + EXP.indexOf(b)) % 15]!;
const power = (a: number, n: number) => (n === 0 ? 1 : a === 0 ? 0 : EXP[(EXP.indexOf(a) * n) % 15]!);
const HAMMING = [
  0x00, 0x71, 0xb2, 0xc3, 0xd4, 0xa5, 0x66, 0x17, 0xe8, 0x99, 0x5a, 0x2b, 0x3c, 0x4d, 0x8e, 0xff,
];
const ORDERS = [
  0, 4, 5, 8, 9, 10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32,
];
const CURVE = Array.from({ length: 256 }, (_, i) => [i >>> 4, i & 15] as const).filter(
  ([x, y]) => (power(y, 4) ^ y) === power(x, 5),
);
function evaluate(symbols: readonly number[], [x, y]: readonly [number, number]): number {
  return symbols.reduce((sum, symbol, i) => {
    const j = [0, 1, 2, 3].find((j) => 5 * j <= ORDERS[i]! && (ORDERS[i]! - 5 * j) % 4 === 0)!;
    return sum ^ times(symbol, times(power(x, (ORDERS[i]! - 5 * j) / 4), power(y, j)));
  }, 0);
}
function fromSymbols(symbols: readonly number[]): Uint32Array {
  const information = new Uint32Array(4);
  symbols.forEach((symbol, i) => (information[i >>> 3]! |= symbol << ((i & 7) * 4)));
  return information;
}

test("a word is the values of its polynomial on the curve, each in the extended Hamming code", () => {
  expect(CURVE).toHaveLength(POINTS);
  for (let n = 0; n < 20; n++) {
    const symbols = [...seededRng(`symbols ${n}`).bytes(27)].map((byte) => byte & 15);
    const expected = Uint8Array.from(CURVE, (point) => HAMMING[evaluate(symbols, point)]!);
    expect(new Uint8Array(encode(fromSymbols(symbols)).buffer)).toEqual(expected);
  }
});

test("the 108 rows of the generator matrix are linearly independent", () => {
  const rows = Array.from({ length: BITS }, (_, bit) => {
    const bytes = new Uint8Array(wordAt(generatorMatrix(), bit).slice().buffer);
    return BigInt("0x" + Buffer.from(bytes).toString("hex"));
  });
  let rank = 0;
  for (let place = 0n; place < 512n; place++) {
    const pivot = rows.findIndex((row, i) => i >= rank && ((row >> place) & 1n) === 1n);
    if (pivot < 0) continue;
    [rows[rank], rows[pivot]] = [rows[pivot]!, rows[rank]!];
    for (let i = 0; i < BITS; i++) {
      if (i !== rank && ((rows[i]! >> place) & 1n) === 1n) rows[i]! ^= rows[rank]!;
    }
    rank++;
  }
  expect(rank).toBe(BITS);
});

test("the sum of two words is the word of the sum", () => {
  const [one, other] = [randomInformation("one", 500), randomInformation("other", 500)];
  const [oneWords, otherWords] = [encode(one), encode(other)];
  expect(encode(one.map((word, i) => word ^ other[i]!))).toEqual(
    oneWords.map((word, i) => word ^ otherWords[i]!),
  );
});

describe("distance", () => {
  test("128 is reached: a polynomial in x with 8 zeros vanishes at 32 points", () => {
    // The product of x - a over a = 0 .. 7 is x^8 + x^4 + x^2 + x times units of GF(16): its zeros are a subspace.
    let coefficients = [1];
    for (let a = 0; a < 8; a++) {
      coefficients = [0, ...coefficients].map((c, i) => c ^ times(a, coefficients[i] ?? 0));
    }
    const symbols = ORDERS.map((order) => (order % 4 === 0 ? coefficients[order / 4]! : 0));
    const values = CURVE.map((point) => evaluate(symbols, point));
    expect(values.filter((value) => value !== 0)).toHaveLength(32);
    const word = encode(fromSymbols(symbols));
    expect(weightOf(word)).toBeGreaterThanOrEqual(128);
    // Of its 15 multiples some have only symbols of weight 4.
    const multiples = EXP.map((unit) => weightOf(encode(fromSymbols(symbols.map((s) => times(unit, s))))));
    expect(Math.min(...multiples)).toBe(128);
  });

  test("no word that can be searched is below it", () => {
    // Words that vanish at as many points as can be asked for: 26 zeros at chosen points leave one symbol free.
    for (let n = 0; n < 40; n++) {
      const order = [...seededRng(`zeros ${n}`).bytes(POINTS)];
      const points = CURVE.map((point, i) => [order[i]!, point] as const)
        .sort(([a], [b]) => a - b)
        .slice(0, 26)
        .map(([, point]) => point);
      const symbols = vanishingAt(points);
      const values = CURVE.map((point) => evaluate(symbols, point));
      expect(values.filter((value) => value === 0).length).toBeGreaterThanOrEqual(26);
      expect(values.filter((value) => value !== 0).length).toBeGreaterThanOrEqual(32);
      expect(weightOf(encode(fromSymbols(symbols)))).toBeGreaterThanOrEqual(128);
    }
    const words = encode(randomInformation("many", 2000));
    for (let i = 0; i < 2000; i++) expect(weightOf(wordAt(words, i))).toBeGreaterThan(128);
  });

  /** Coefficients, not all zero, of a polynomial with these zeros: the kernel of 26 equations in 27 unknowns. */
  function vanishingAt(points: readonly (readonly [number, number])[]): number[] {
    const unit = (i: number) => ORDERS.map((_, k): number => (k === i ? 1 : 0));
    const rows = points.map((point) => ORDERS.map((_, i) => evaluate(unit(i), point)));
    const pivots: number[] = [];
    for (let column = 0; column < 27; column++) {
      const at = rows.findIndex((row, i) => i >= pivots.length && row[column] !== 0);
      if (at < 0) continue;
      const rank = pivots.length;
      [rows[rank], rows[at]] = [rows[at]!, rows[rank]!];
      const inverse = power(rows[rank]![column]!, 14);
      rows[rank] = rows[rank]!.map((value) => times(inverse, value));
      rows.forEach((row, i) => {
        const factor = row[column]!;
        if (i !== rank) rows[i] = row.map((value, k) => value ^ times(factor, rows[rank]![k]!));
      });
      pivots.push(column);
    }
    const free = ORDERS.findIndex((_, column) => !pivots.includes(column));
    const symbols = unit(free);
    pivots.forEach((column, row) => (symbols[column] = rows[row]![free]!));
    return symbols;
  }
});

test("is wider than the BCH code of its length and designed distance, of 85 bits", () => {
  // Cyclotomic cosets of 2 mod 511 that meet 1 .. 126 (MacWilliams and Sloane, chapter 9): the zeros of the narrow-sense code.
  const zeros = new Set<number>();
  for (let i = 1; i <= 126; i++) for (let z = i; !zeros.has(z); z = (2 * z) % 511) zeros.add(z);
  expect(511 - zeros.size).toBe(85);
  expect(BITS).toBeGreaterThan(511 - zeros.size);
});

test("a matrix of words is encoded column by column as it is row by row", () => {
  // What the check rests on: R(code of the columns) = code of R(columns), here with R = the sum of all rows.
  const information = randomInformation("rows", 128);
  const sum = new Uint32Array(4);
  information.forEach((word, i) => (sum[i & 3]! ^= word));
  const columns = arrayKernels.transposeBits(encode(information), 128, 512);
  const sums = new Uint32Array(CODE_WORDS);
  for (let i = 0; i < 512; i++) {
    if (weightOf(columns.subarray(i * 4, i * 4 + 4)) & 1) sums[i >>> 5]! |= 1 << (i & 31);
  }
  expect(encode(sum)).toEqual(sums);
});

// Numbers mod 2^64 as pairs of words, against BigInt.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addAt,
  addInto,
  addTimesAt,
  asBigInt64,
  asBigUint64,
  asRing,
  negateIf,
  ringArray,
  subtractAt,
} from "@halfroom/crypto";

const wrap = (value: bigint) => BigInt.asUintN(64, value);
const toWords = (...values: bigint[]) => new Uint32Array(new BigUint64Array(values.map(wrap)).buffer);
const toValues = (words: Uint32Array) => [...new BigUint64Array(words.slice().buffer)];

const EDGES = [
  0n,
  1n,
  2n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 33n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];
/** A third at the edges, a third with a random low word below a full one, the rest anywhere. */
const number = fc.oneof(
  fc.constantFrom(...EDGES),
  fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }).map((low) => (low << 32n) | 0xffff_ffffn),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);

describe("numbers mod 2^64", () => {
  it("add, subtract and negate as BigInt does", () => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        const sum = toWords(a);
        addAt(sum, 0, toWords(b), 0);
        expect(toValues(sum)).toEqual([wrap(a + b)]);
        const difference = toWords(a);
        subtractAt(difference, 0, toWords(b), 0);
        expect(toValues(difference)).toEqual([wrap(a - b)]);
        const [negated, kept] = [toWords(a), toWords(a)];
        negateIf(negated, 0, -1);
        negateIf(kept, 0, 0);
        expect([...toValues(negated), ...toValues(kept)]).toEqual([wrap(-a), a]);
      }),
      { numRuns: 3_000 },
    );
  });

  it("add multiples by small integers as BigInt does", () => {
    const factor = fc.oneof(
      fc.constantFrom(0, 1, -1, 17, -20, 2 ** 20 - 1, 1 - 2 ** 20),
      fc.integer({ min: 1 - 2 ** 20, max: 2 ** 20 - 1 }),
    );
    fc.assert(
      fc.property(number, number, factor, (a, b, times) => {
        const sum = toWords(7n, a);
        addTimesAt(sum, 2, toWords(b), 0, times);
        expect(toValues(sum)).toEqual([7n, wrap(a + BigInt(times) * b)]);
        addTimesAt(sum, 2, sum, 2, times);
        expect(toValues(sum)[1]).toBe(wrap((a + BigInt(times) * b) * BigInt(1 + times)));
      }),
      { numRuns: 3_000 },
    );
  });

  it("add up whole arrays, the shorter one at the beginning of the longer one", () => {
    const sum = toWords(2n ** 64n - 1n, 5n, 7n);
    addInto(sum, toWords(2n, 2n ** 63n));
    expect(toValues(sum)).toEqual([1n, 5n + 2n ** 63n, 7n]);
  });

  it("are the memory of signed and unsigned 64-bit numbers", () => {
    const signed = BigInt64Array.of(-1n, 2n ** 40n).subarray(1);
    expect(toValues(asRing(signed))).toEqual([2n ** 40n]);
    asRing(signed)[0] = 9;
    expect(signed[0]).toBe(2n ** 40n + 9n);
    expect([...asBigInt64(toWords(2n ** 64n - 3n))]).toEqual([-3n]);
    expect(asRing(asBigInt64(ringArray(3)))).toEqual(new Uint32Array(6));
  });

  it("hold for every pair of edges", () => {
    for (const a of EDGES) {
      for (const b of EDGES) {
        const [sum, difference] = [toWords(a), toWords(a)];
        addAt(sum, 0, toWords(b), 0);
        subtractAt(difference, 0, toWords(b), 0);
        expect([...toValues(sum), ...toValues(difference)]).toEqual([wrap(a + b), wrap(a - b)]);
      }
    }
  });

  it("touch their own place alone", () => {
    const source = toWords(5n, 2n ** 64n - 1n, 7n);
    for (const operation of [addAt, subtractAt]) {
      const target = toWords(1n, 2n, 3n);
      operation(target, 2, source, 2);
      const sign = operation === addAt ? 1n : -1n;
      expect(toValues(target)).toEqual([1n, wrap(2n + sign * (2n ** 64n - 1n)), 3n]);
      expect(toValues(source)).toEqual([5n, 2n ** 64n - 1n, 7n]);
    }
    const target = toWords(1n, 2n, 3n);
    negateIf(target, 2, -1);
    expect(toValues(target)).toEqual([1n, wrap(-2n), 3n]);
  });

  it("add a number to itself", () => {
    const target = toWords(2n ** 63n + 2n ** 31n);
    addAt(target, 0, target, 0);
    expect(toValues(target)).toEqual([2n ** 32n]);
  });

  it("are seen as 64-bit numbers in place", () => {
    const words = toWords(1n, 2n ** 40n, 3n);
    const view = asBigUint64(words.subarray(2));
    expect([...view]).toEqual([2n ** 40n, 3n]);
    view[0] = 9n;
    expect(toValues(words)).toEqual([1n, 9n, 3n]);
  });
});

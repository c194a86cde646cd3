// Comparison of private numbers against its ideal functionality: x > y of the clear values.
import { bitWords, FixedKeyAes, getBit, randomWords } from "@halfroom/crypto";
import {
  comparisonTripleWords,
  digitsOfBounds,
  digitsOfNumbers,
  Gates,
  joinDigits,
  transposeToPlanes,
} from "@halfroom/mpc";
import { seededRng } from "@halfroom/testkit";
import { beforeAll, describe, expect, test } from "vitest";
import { dealTriples } from "./gmw-parties.ts";
import { establish, runPair, SESSION } from "./ot-parties.ts";

let ends: Awaited<ReturnType<typeof establish>>;
let shard = 0;
beforeAll(async () => {
  ends = await establish("comparisons", 4);
});

const PAD = 0x5555_5555;

/** The lowest `width` planes of 64-bit numbers, with garbage beyond the last number. */
function planesOf(numbers: readonly bigint[], width: number): Uint32Array {
  const words = new Uint32Array(new BigUint64Array(numbers).buffer);
  const planeWords = bitWords(numbers.length);
  const planes = transposeToPlanes(words, numbers.length).slice(0, width * planeWords);
  const beyond = numbers.length % 32 === 0 ? 0 : (PAD << (numbers.length % 32)) >>> 0;
  for (let last = planeWords - 1; last < planes.length; last += planeWords) planes[last]! ^= beyond;
  return planes;
}

/** `numbers[list][i]`, `bounds[list][c][i]`. Returns the opened bits and the types of the messages. */
async function compare(numbers: bigint[][], bounds: bigint[][][], width: number) {
  shard++;
  const n = numbers[0]!.length;
  const pads = () => new FixedKeyAes("test/pads", SESSION, shard);
  const counts = { n, numbers: numbers.length, bounds: bounds[0]!.length, width };
  const [choosing, offering] = [ends.otReceiver.fork("digits", shard), ends.otSender.fork("digits", shard)];
  const triples = dealTriples(comparisonTripleWords(counts), seededRng(`triples ${shard}`));
  const run = await runPair(
    async (ch) => {
      const planes = numbers.map((list) => planesOf(list, width));
      const digits = await digitsOfNumbers(ch, choosing, planes, { ...counts, pads: pads() });
      return { digits, bits: await joinDigits(new Gates(ch, "sender", triples.sender), digits, width) };
    },
    async (ch) => {
      const boundsOf = (list: number) => bounds[list]!.map((bound) => planesOf(bound, width));
      const digits = await digitsOfBounds(ch, offering, boundsOf, { ...counts, pads: pads() });
      return { digits, bits: await joinDigits(new Gates(ch, "receiver", triples.receiver), digits, width) };
    },
  );
  const words = bitWords(n);
  const open = (list: number, bound: number, i: number) => {
    const at = (list * counts.bounds + bound) * words * 32 + i;
    return getBit(run.sender.bits, at) ^ getBit(run.receiver.bits, at);
  };
  const bits = numbers.map((list, l) => bounds[l]!.map((_, c) => list.map((__, i) => open(l, c, i))));
  return { bits, run, left: [triples.sender.left, triples.receiver.left] };
}

const expected = (numbers: bigint[][], bounds: bigint[][][]) =>
  numbers.map((list, l) => bounds[l]!.map((bound) => list.map((x, i) => Number(x > bound[i]!))));

/** Numbers and bounds of which a third are equal, a third one bit apart, a third independent. */
function randomCase(n: number, lists: number, bounds: number, width: number) {
  const rng = seededRng(`comparison ${n} ${lists} ${bounds} ${width}`);
  const draw = () =>
    Array.from(new BigUint64Array(randomWords(rng, n * 2).buffer), (word) => BigInt.asUintN(width, word));
  const numbers = Array.from({ length: lists }, draw);
  const near = (x: bigint, i: number, other: bigint) => {
    if (i % 3 === 0) return x;
    return i % 3 === 1 ? x ^ (1n << BigInt(rng.bytes(1)[0]! % width)) : other;
  };
  const boundsOf = (list: bigint[]) =>
    Array.from({ length: bounds }, () => draw().map((other, i) => near(list[i]!, i, other)));
  return { numbers, bounds: numbers.map(boundsOf) };
}

describe("shares of x > y", () => {
  test.each([
    [1, 1, 1, 40],
    [31, 1, 2, 40],
    [33, 3, 1, 40],
    [130, 2, 17, 40],
    [64, 1, 64, 40],
    [100, 1, 3, 4],
    [100, 1, 3, 8],
    [100, 2, 2, 12],
    [100, 1, 2, 64],
    [4097, 1, 1, 36],
  ])("of %i numbers in %i lists against %i bounds, %i bits", async (n, lists, bounds, width) => {
    const { numbers, bounds: all } = randomCase(n, lists, bounds, width);
    const { bits, left } = await compare(numbers, all, width);
    expect(bits).toEqual(expected(numbers, all));
    expect(left).toEqual([0, 0]);
  });

  test("of every pair of two digits", async () => {
    const values = Array.from({ length: 256 }, (_, i) => BigInt(i));
    const numbers = [values.flatMap((x) => values.map(() => x))];
    const bounds = [[values.flatMap(() => values)]];
    const { bits } = await compare(numbers, bounds, 8);
    expect(bits).toEqual(expected(numbers, bounds));
  });

  test("of the extremes", async () => {
    const edges = [0n, 1n, 2n ** 39n, 2n ** 40n - 2n, 2n ** 40n - 1n];
    const numbers = [edges.flatMap((x) => edges.map(() => x))];
    const bounds = [[edges.flatMap(() => edges)]];
    const { bits } = await compare(numbers, bounds, 40);
    expect(bits).toEqual(expected(numbers, bounds));
  });

  test("refuses widths that are not whole digits, and more bounds than a pad has columns", async () => {
    await expect(compare([[1n]], [[[1n]]], 6)).rejects.toThrow(RangeError);
    await expect(compare([[1n]], [[[1n]]], 0)).rejects.toThrow(RangeError);
    await expect(compare([[1n]], [Array.from({ length: 65 }, () => [1n])], 4)).rejects.toThrow(RangeError);
  });
});

describe("what is seen", () => {
  test("lengths follow from counts and widths alone", async () => {
    const { numbers, bounds } = randomCase(70, 2, 3, 40);
    const shape = ({ run }: Awaited<ReturnType<typeof compare>>) => run.sent;
    const zeros = numbers.map((list) => list.map(() => 0n));
    const first = await compare(numbers, bounds, 40);
    const second = await compare(
      zeros,
      bounds.map(() => Array.from({ length: 3 }, () => zeros[0]!)),
      40,
    );
    expect(shape(second)).toEqual(shape(first));
  });

  test("a share of a digit says nothing of it: each of its bits takes both values about as often", async () => {
    // All numbers and bounds are equal, so that every plain digit is equal and none greater.
    const n = 4096;
    const same = [Array.from({ length: n }, () => 0x12_3456_789an)];
    const { run } = await compare(same, [[same[0]!]], 40);
    for (const { digits } of [run.sender, run.receiver]) {
      for (const planes of [digits.greater, digits.equal]) {
        let ones = 0;
        for (let i = 0; i < n * 10; i++) ones += getBit(planes, i);
        // Five standard deviations.
        expect(Math.abs(ones - (n * 10) / 2)).toBeLessThan(2.5 * Math.sqrt(n * 10));
      }
    }
  });
});

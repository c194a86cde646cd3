// GMW against its ideal functionality: the same function on the clear values.
import { getBit, randomWords } from "@halfroom/crypto";
import { atLeast, atLeastTripleWords, equality, equalityTripleWords, Gates, TriplePool } from "@halfroom/mpc";
import { seededRng } from "@halfroom/testkit";
import { describe, expect, test } from "vitest";
import { transposeToPlanes } from "../src/gmw/planes.ts";
import { and, dealTriples, runBoth } from "./gmw-parties.ts";

const SIZES = [1, 31, 33, 1000, 4097];
const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

const toWords = (values: readonly bigint[]) =>
  new Uint32Array(new BigUint64Array(values.map((value) => BigInt.asUintN(64, value))).buffer);
const toValues = (words: Uint32Array) => [...new BigUint64Array(words.slice().buffer)];
const openBits = (x: Uint32Array, y: Uint32Array, n: number) =>
  Array.from({ length: n }, (_, i) => getBit(x, i) ^ getBit(y, i));

describe("transposeToPlanes", () => {
  test.each(SIZES)("of %i values: bit p of value i is bit i of plane p", (n) => {
    const words = randomWords(seededRng(`planes ${n}`), n * 2);
    const planes = transposeToPlanes(words, n);
    const planeWords = Math.ceil(n / 32);
    expect(planes.length).toBe(64 * planeWords);
    const back = toValues(words).map((_, i) => {
      let value = 0n;
      for (let p = 0; p < 64; p++) value |= BigInt(getBit(planes, p * planeWords * 32 + i)) << BigInt(p);
      return value;
    });
    expect(back).toEqual(toValues(words));
  });

  test("refuses another number of words", () => {
    expect(() => transposeToPlanes(new Uint32Array(5), 2)).toThrow(RangeError);
  });
});

describe("TriplePool", () => {
  test("never gives the same words twice and refuses to give more than it has", () => {
    const words = Uint32Array.from({ length: 5 }, (_, i) => i);
    const pool = new TriplePool({ a: words, b: words, c: words });
    expect([...pool.take(2).a, ...pool.take(3).b]).toEqual([0, 1, 2, 3, 4]);
    expect(pool.left).toBe(0);
    expect(() => pool.take(1)).toThrow(RangeError);
  });
});

describe("and", () => {
  // 70,000 words make openings longer than one message.
  test.each([0, 1, 7, 70_000])("of %i words is the AND of what the shares stand for", async (words) => {
    const rng = seededRng(`and ${words}`);
    const x = { sender: randomWords(rng, words), receiver: randomWords(rng, words) };
    const y = { sender: randomWords(rng, words), receiver: randomWords(rng, words) };
    const triples = dealTriples(words, rng);
    const { sender, receiver } = await runBoth((ch, role) =>
      and(new Gates(ch, role, triples[role]), x[role], y[role]),
    );
    const expected = x.sender.map((bits, i) => (bits ^ x.receiver[i]!) & (y.sender[i]! ^ y.receiver[i]!));
    expect(sender.map((share, i) => share ^ receiver[i]!)).toEqual(expected);
  });

  test("refuses inputs of different lengths", async () => {
    const triples = dealTriples(4, seededRng("lengths")).sender;
    const ch = { send: () => Promise.reject(), recv: () => Promise.reject() };
    await expect(
      and(new Gates(ch, "sender", triples), new Uint32Array(2), new Uint32Array(1)),
    ).rejects.toThrow(RangeError);
  });
});

/** Random pairs: a third equal, a third one bit apart (often above `width`), a third independent. */
function pairsToCompare(n: number, seed: string) {
  const rng = seededRng(seed);
  const sender = toValues(randomWords(rng, n * 2));
  const independent = toValues(randomWords(rng, n * 2));
  const receiver = sender.map((value, i) => {
    if (i % 3 === 0) return value;
    return i % 3 === 1 ? value ^ (1n << BigInt(rng.bytes(1)[0]! % 64)) : independent[i]!;
  });
  return { sender, receiver };
}

async function runEquality(values: { sender: bigint[]; receiver: bigint[] }, width: number, seed: string) {
  const n = values.sender.length;
  const triples = dealTriples(equalityTripleWords(n, width), seededRng(seed));
  const { sender, receiver, sent } = await runBoth((ch, role) =>
    equality(new Gates(ch, role, triples[role]), toWords(values[role]), n, width),
  );
  return { bits: openBits(sender, receiver, n), sent, triples, words: [sender.length, receiver.length] };
}

describe("equality", () => {
  const expected = ({ sender, receiver }: { sender: bigint[]; receiver: bigint[] }, width: number) =>
    sender.map((value, i) => Number(BigInt.asUintN(width, value) === BigInt.asUintN(width, receiver[i]!)));

  test.each(Array.from({ length: 64 }, (_, i) => i + 1))("of the lowest %i bits", async (width) => {
    const values = pairsToCompare(130, `equality ${width}`);
    const { bits, sent, triples } = await runEquality(values, width, `triples ${width}`);
    expect(bits).toEqual(expected(values, width));
    expect([triples.sender.left, triples.receiver.left]).toEqual([0, 0]);
    expect(sent.sender).toBe(Math.ceil(Math.log2(width)));
    expect(sent.receiver).toEqual(sent.sender);
  });

  test.each(SIZES)("of %i values", async (n) => {
    const values = pairsToCompare(n, `values ${n}`);
    const { bits, words } = await runEquality(values, 61, `triples of ${n}`);
    expect(bits).toEqual(expected(values, 61));
    expect(words).toEqual([Math.ceil(n / 32), Math.ceil(n / 32)]);
  });

  test("tells the extreme values apart and each from itself", async () => {
    const edges = [0n, 1n, MAX, MIN, -1n];
    const values = { sender: edges.flatMap((x) => edges.map(() => x)), receiver: edges.flatMap(() => edges) };
    const { bits } = await runEquality(values, 64, "edges");
    expect(bits).toEqual(edges.flatMap((x) => edges.map((y) => Number(x === y))));
  });

  test("refuses widths beyond 1 to 64", async () => {
    for (const width of [0, 65, Number.NaN]) {
      await expect(runEquality({ sender: [], receiver: [] }, width, "width")).rejects.toThrow(RangeError);
    }
  });
});

async function runAtLeast(values: readonly bigint[], threshold: bigint, seed: string) {
  const n = values.length;
  const rng = seededRng(seed);
  const sender = toValues(randomWords(rng, n * 2));
  const shares = { sender, receiver: values.map((value, i) => value - sender[i]!) };
  const triples = dealTriples(atLeastTripleWords(n), rng);
  const run = await runBoth((ch, role) =>
    atLeast(new Gates(ch, role, triples[role]), toWords(shares[role]), n, threshold),
  );
  return { bits: openBits(run.sender, run.receiver, n), sent: run.sent, triples };
}

describe("atLeast", () => {
  test.each(SIZES)("of %i random numbers on both sides of the threshold", async (n) => {
    const rng = seededRng(`numbers ${n}`);
    const threshold = 1000n;
    // Magnitudes of 1 to 62 bits, so that the carry runs from every place to every other.
    const values = toValues(randomWords(rng, n * 2)).map(
      (word, i) => BigInt.asIntN(64, word) >> BigInt(1 + (i % 62)),
    );
    const { bits, sent, triples } = await runAtLeast(values, threshold, `shares ${n}`);
    expect(bits).toEqual(values.map((value) => Number(value >= threshold)));
    expect([triples.sender.left, triples.receiver.left]).toEqual([0, 0]);
    expect(sent.sender).toBe(7);
    expect(sent.receiver).toEqual(sent.sender);
  });

  test.each([100n, 0n, 1n, -1n, -12_345n, 2n ** 62n, -(2n ** 62n)])(
    "at and next to threshold %i",
    async (threshold) => {
      const distances = [
        0n,
        1n,
        -1n,
        2n,
        -2n,
        255n,
        -256n,
        2n ** 32n,
        -(2n ** 32n),
        2n ** 63n - 1n,
        1n - 2n ** 63n,
      ];
      const values = distances.map((distance) => threshold + distance).filter((x) => x >= MIN && x <= MAX);
      const { bits } = await runAtLeast(values, threshold, `edges ${threshold}`);
      expect(bits).toEqual(values.map((value) => Number(value >= threshold)));
    },
  );

  test("carries of every length", async () => {
    // Addends 2^k - 1 and 1, and their negatives: the carry runs through k places.
    const lengths = Array.from({ length: 62 }, (_, k) => 2n ** BigInt(k));
    const sender = [...lengths.map((x) => x - 1n), ...lengths.map((x) => -x)];
    const receiver = [...lengths.map(() => 1n), ...lengths.map((x) => x - 1n)];
    const n = sender.length;
    const triples = dealTriples(atLeastTripleWords(n), seededRng("carries"));
    const shares = { sender: toWords(sender), receiver: toWords(receiver) };
    const run = await runBoth((ch, role) => atLeast(new Gates(ch, role, triples[role]), shares[role], n, 0n));
    const expected = sender.map((addend, i) => Number(addend + receiver[i]! >= 0n));
    expect(openBits(run.sender, run.receiver, n)).toEqual(expected);
  });
});

// GMW against its ideal functionality: the same function on the clear values.
import { getBit, randomWords } from "@halfroom/crypto";
import {
  equality,
  equalityTripleWords,
  Gates,
  nonNegative,
  nonNegativeTripleWords,
  TriplePool,
} from "@halfroom/mpc";
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

  test.each([71, 94, 128])("of values of two numbers, the lowest %i bits", async (width) => {
    const low = pairsToCompare(130, `low ${width}`);
    const high = pairsToCompare(130, `high ${width}`);
    const wide = (values: readonly bigint[], above: readonly bigint[]) =>
      values.map((value, i) => value | (above[(i + 1) % above.length]! << 64n));
    const values = {
      sender: wide(low.sender, high.sender),
      receiver: wide(low.receiver, high.receiver),
    };
    const words = (side: readonly bigint[]) => toWords(side.flatMap((value) => [value, value >> 64n]));
    const triples = dealTriples(equalityTripleWords(130, width), seededRng(`wide ${width}`));
    const { sender, receiver } = await runBoth((ch, role) =>
      equality(new Gates(ch, role, triples[role]), words(values[role]), 130, width),
    );
    expect(openBits(sender, receiver, 130)).toEqual(expected(values, width));
    expect(expected(values, width)).not.toEqual(expected(values, 64));
  });

  test("refuses widths that are none, and values of another width", async () => {
    for (const width of [0, Number.NaN]) {
      await expect(runEquality({ sender: [], receiver: [] }, width, "width")).rejects.toThrow(RangeError);
    }
    const triples = dealTriples(equalityTripleWords(3, 65), seededRng("too narrow"));
    const narrow = runBoth((ch, role) =>
      equality(new Gates(ch, role, triples[role]), toWords([1n, 2n, 3n]), 3, 65),
    );
    await expect(narrow).rejects.toThrow(RangeError);
  });
});

interface List {
  readonly values: readonly bigint[];
  readonly width: number;
}

/** The comparison of several lists at once, their addends random in all 64 bits. */
async function runSigns(lists: readonly List[], seed: string, addends?: readonly bigint[]) {
  const rng = seededRng(seed);
  const shared = lists.map(({ values, width }) => {
    const sender = addends ?? toValues(randomWords(rng, values.length * 2));
    const receiver = values.map((value, i) => value - sender[i]!);
    return { shares: { sender: toWords(sender), receiver: toWords(receiver) }, n: values.length, width };
  });
  const words = lists.reduce(
    (sum, { values, width }) => sum + nonNegativeTripleWords(values.length, width),
    0,
  );
  const triples = dealTriples(words, rng);
  const run = await runBoth((ch, role) =>
    nonNegative(
      new Gates(ch, role, triples[role]),
      shared.map((list) => ({ ...list, shares: list.shares[role] })),
    ),
  );
  const bits = lists.map(({ values }, i) => openBits(run.sender[i]!, run.receiver[i]!, values.length));
  return { bits, sent: run.sent, triples };
}

const areNonNegative = ({ values }: List) => values.map((value) => Number(value >= 0n));

describe("nonNegative", () => {
  test.each(SIZES)("of %i random numbers of every width at once", async (n) => {
    const lists = [2, 3, 4, 5, 17, 26, 31, 32, 33, 47, 63, 64].map((width) => ({
      width,
      // Magnitudes of 0 to width - 1 bits, so that the carry runs from every place to every other.
      values: toValues(randomWords(seededRng(`numbers ${n} ${width}`), n * 2)).map(
        (word, i) => BigInt.asIntN(64, word) >> BigInt(64 - width + (i % width)),
      ),
    }));
    const { bits, sent, triples } = await runSigns(lists, `shares ${n}`);
    expect(bits).toEqual(lists.map(areNonNegative));
    expect([triples.sender.left, triples.receiver.left]).toEqual([0, 0]);
    expect(sent.sender).toBeGreaterThanOrEqual(7);
    expect(sent.receiver).toEqual(sent.sender);
  });

  test.each([2, 3, 26, 64])("the extreme numbers of %i bits and those next to 0", async (width) => {
    const top = 2n ** BigInt(width - 1);
    const values = [0n, 1n, -1n, top - 1n, -top, 1n - top];
    const { bits, sent } = await runSigns([{ values, width }], `edges ${width}`);
    expect(bits).toEqual([areNonNegative({ values, width })]);
    expect(sent.sender).toBe(1 + Math.ceil(Math.log2(width - 1)));
  });

  test("looks at no bit above the width", async () => {
    const width = 20;
    const values = Array.from({ length: 40 }, (_, i) => (BigInt(i) << 20n) + (i % 2 === 0 ? 5n : 2n ** 19n));
    const { bits } = await runSigns([{ values, width }], "above");
    expect(bits).toEqual([values.map((_, i) => Number(i % 2 === 0))]);
  });

  test("carries of every length", async () => {
    // Addends 2^k - 1 and 1, and their negatives: the carry runs through k places.
    const lengths = Array.from({ length: 62 }, (_, k) => 2n ** BigInt(k));
    const sender = [...lengths.map((x) => x - 1n), ...lengths.map((x) => -x)];
    const receiver = [...lengths.map(() => 1n), ...lengths.map((x) => x - 1n)];
    const values = sender.map((addend, i) => addend + receiver[i]!);
    const { bits } = await runSigns([{ values, width: 64 }], "carries", sender);
    expect(bits).toEqual([areNonNegative({ values, width: 64 })]);
  });

  test("takes 68 gates for 26 bits and 181 for 64", () => {
    expect([nonNegativeTripleWords(32, 26), nonNegativeTripleWords(33, 64)]).toEqual([68, 2 * 181]);
  });

  test("refuses widths beyond 2 to 64", async () => {
    for (const width of [1, 65, Number.NaN])
      await expect(
        runSigns(
          [
            { values: [0n], width: 26 },
            { values: [0n], width },
          ],
          "width",
        ),
      ).rejects.toThrow(RangeError);
  });
});

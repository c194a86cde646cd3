// Products of shared bits with shared numbers against their ideal functionality.
import { bitWords, FixedKeyAes, getBit, randomWords } from "@halfroom/crypto";
import { sharedProduct, type Role } from "@halfroom/mpc";
import { seededRng } from "@halfroom/testkit";
import { beforeAll, describe, expect, test } from "vitest";
import { establish, runPair, SESSION } from "./ot-parties.ts";

let there: Awaited<ReturnType<typeof establish>>;
let back: Awaited<ReturnType<typeof establish>>;
let shard = 0;
beforeAll(async () => {
  there = await establish("shared products there", 4);
  back = await establish("shared products back", 4, { direction: "receiver" });
});

type Both = Readonly<Record<Role, Uint32Array>>;
const numbersOf = (words: Uint32Array) => [...new BigUint64Array(words.slice().buffer)];
const openNumbers = ({ sender, receiver }: Both) => {
  const theirs = numbersOf(receiver);
  return numbersOf(sender).map((share, i) => BigInt.asUintN(64, share + theirs[i]!));
};

async function multiply(bits: Both, numbers: Both, columns: number) {
  shard++;
  const ends = {
    sender: {
      sending: there.otSender.fork("shared", shard),
      receiving: back.otReceiver.fork("shared", shard),
    },
    receiver: {
      sending: back.otSender.fork("shared", shard),
      receiving: there.otReceiver.fork("shared", shard),
    },
  };
  const stretch = () => ({
    sender: new FixedKeyAes("test/stretch", SESSION, "sender", shard),
    receiver: new FixedKeyAes("test/stretch", SESSION, "receiver", shard),
  });
  return await runPair(
    (ch) => sharedProduct(ch, "sender", ends.sender, stretch(), bits.sender, numbers.sender, columns),
    (ch) => sharedProduct(ch, "receiver", ends.receiver, stretch(), bits.receiver, numbers.receiver, columns),
  );
}

describe("shares of a shared bit times shared numbers", () => {
  test.each([
    [0, 1],
    [1, 1],
    [31, 2],
    [33, 3],
    [1000, 2],
    [1025, 1],
  ])("%i bits, %i columns", async (count, columns) => {
    const rng = seededRng(`shared products ${count} ${columns}`);
    const both = (words: number): Both => ({
      sender: randomWords(rng, words),
      receiver: randomWords(rng, words),
    });
    const [bits, numbers] = [both(bitWords(count)), both(count * columns * 2)];
    const before = { bits: structuredClone(bits), numbers: structuredClone(numbers) };
    const products = await multiply(bits, numbers, columns);
    const expected = openNumbers(numbers).map((number, i) => {
      const at = Math.floor(i / columns);
      return (getBit(bits.sender, at) ^ getBit(bits.receiver, at)) === 1 ? number : 0n;
    });
    expect(openNumbers(products)).toEqual(expected);
    expect({ bits, numbers }).toEqual(before);
  });

  test("of every pair of bit shares, with the extremes as addends", async () => {
    const edges = [0n, 1n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n];
    const cases = edges.flatMap((a) => edges.flatMap((b) => [0, 1, 2, 3].map((pair) => ({ a, b, pair }))));
    const words = (values: bigint[]) => new Uint32Array(new BigUint64Array(values).buffer);
    const vector = (bit: number) => {
      const out = new Uint32Array(bitWords(cases.length));
      cases.forEach(({ pair }, i) => (out[i >>> 5]! |= ((pair >>> bit) & 1) << (i & 31)));
      return out;
    };
    const bits = { sender: vector(0), receiver: vector(1) };
    const numbers = { sender: words(cases.map(({ a }) => a)), receiver: words(cases.map(({ b }) => b)) };
    const products = await multiply(bits, numbers, 1);
    expect(openNumbers(products)).toEqual(
      cases.map(({ a, b, pair }) => (pair === 1 || pair === 2 ? BigInt.asUintN(64, a + b) : 0n)),
    );
  });
});

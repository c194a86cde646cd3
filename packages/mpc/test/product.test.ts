// Products by correlated transfer against their ideal functionality: additive shares of b * alpha mod 2^64.
import { bitWords, FixedKeyAes, getBit, randomWords, setBit } from "@halfroom/crypto";
import { products, swapWhere, type OtReceiver, type OtSender } from "@halfroom/mpc";
import { seededRng } from "@halfroom/testkit";
import type { Channel, Message } from "@halfroom/wire";
import { beforeAll, describe, expect, test } from "vitest";
import { allStrings, establish, runPair, SESSION } from "./ot-parties.ts";

const numbers = (words: Uint32Array) => [...new BigUint64Array(words.slice().buffer)];
const toWords = (values: readonly bigint[]) =>
  new Uint32Array(new BigUint64Array(values.map((value) => BigInt.asUintN(64, value))).buffer);

let ends: Awaited<ReturnType<typeof establish>>;
let shard = 0;
beforeAll(async () => {
  ends = await establish("products", 4);
});

async function multiply(alphas: Uint32Array, bits: Uint32Array, count: number, columns: number) {
  shard++;
  const [sending, receiving] = [ends.otSender.fork("product", shard), ends.otReceiver.fork("product", shard)];
  const stretch = () => new FixedKeyAes("test/stretch", SESSION, shard);
  return await runPair(
    (ch) => ofNumbers(ch, sending, stretch(), alphas, columns),
    (ch) => ofBits(ch, receiving, stretch(), bits, count, columns),
  );
}

/** The side with the numbers. */
async function ofNumbers(
  ch: Channel,
  supply: OtSender,
  stretch: FixedKeyAes,
  alphas: Uint32Array,
  columns: number,
): Promise<Uint32Array> {
  const count = alphas.length / (columns * 2);
  const strings = await supply.blocks(ch, count);
  return (await products(ch, count, { numbers: { strings, stretch, alphas, columns } })).ofNumbers!;
}

/** The side with the bits. */
async function ofBits(
  ch: Channel,
  supply: OtReceiver,
  stretch: FixedKeyAes,
  bits: Uint32Array,
  count: number,
  columns: number,
): Promise<Uint32Array> {
  const strings = await supply.blocks(ch, count);
  return (await products(ch, count, { bits: { strings, stretch, bits, columns } })).ofBits!;
}

/** Index of the first share pair that does not add up to b * alpha, -1 if there is none. */
function firstWrong(
  sender: Uint32Array,
  receiver: Uint32Array,
  alphas: Uint32Array,
  bits: Uint32Array,
  columns: number,
) {
  const [ours, theirs] = [numbers(sender), numbers(receiver)];
  return numbers(alphas).findIndex((alpha, i) => {
    const bit = BigInt(getBit(bits, Math.floor(i / columns)));
    return BigInt.asUintN(64, ours[i]! + theirs[i]!) !== bit * alpha;
  });
}

describe("shares of bit times number", () => {
  const sizes = [0, 1, 2, 31, 33, 127, 129, 1000, 1025].map(
    (count, i) => [count, [1, 2, 3, 5, 17][i % 5]!] as const,
  );

  test.each([...sizes, [1, 40] as const, [33, 16] as const])(
    "%i bits, %i columns",
    async (count, columns) => {
      const rng = seededRng(`products ${count} ${columns}`);
      const alphas = randomWords(rng, count * columns * 2);
      const bits = randomWords(rng, bitWords(count));
      const { sender, receiver } = await multiply(alphas, bits, count, columns);
      expect([sender.length, receiver.length]).toEqual([alphas.length, alphas.length]);
      expect(firstWrong(sender, receiver, alphas, bits, columns)).toBe(-1);
      // No share is used for two numbers.
      expect(new Set(numbers(sender)).size).toBe(count * columns);
      expect(new Set(numbers(receiver)).size).toBe(count * columns);
    },
  );

  test("of the extremes, under both bits", async () => {
    const edges = [
      0n,
      1n,
      -1n,
      2n ** 31n,
      2n ** 32n - 1n,
      2n ** 32n,
      2n ** 63n,
      2n ** 63n - 1n,
      2n ** 64n - 2n,
    ];
    const alphas = toWords(edges.flatMap((edge) => Array.from({ length: 32 }, () => edge)));
    const count = edges.length * 32;
    const bits = new Uint32Array(bitWords(count)).fill(0x5a0f_33c1);
    const { sender, receiver } = await multiply(alphas, bits, count, 1);
    expect(firstWrong(sender, receiver, alphas, bits, 1)).toBe(-1);
  });

  test.each([0, 1])("when all bits are %i", async (bit) => {
    const alphas = randomWords(seededRng("all bits"), 100 * 3 * 2);
    const bits = new Uint32Array(4).fill(-bit);
    const { sender, receiver } = await multiply(alphas, bits, 100, 3);
    expect(firstWrong(sender, receiver, alphas, bits, 3)).toBe(-1);
  });

  test("over more bits than are worked on at a time, and corrections longer than one message", async () => {
    const count = 66_001;
    const columns = 2;
    const rng = seededRng("many products");
    const alphas = randomWords(rng, count * columns * 2);
    const bits = randomWords(rng, bitWords(count));
    const { sender, receiver, sent } = await multiply(alphas, bits, count, columns);
    expect(firstWrong(sender, receiver, alphas, bits, columns)).toBe(-1);
    expect(sent.sender.length).toBeGreaterThan(2);
  });

  test("leave the inputs as they are", async () => {
    const alphas = randomWords(seededRng("inputs"), 66);
    const bits = randomWords(seededRng("input bits"), 2);
    const [alphasBefore, bitsBefore] = [alphas.slice(), bits.slice()];
    await multiply(alphas, bits, 33, 1);
    expect([alphas, bits]).toEqual([alphasBefore, bitsBefore]);
  });
});

test("what the sender sends is masked anew for equal numbers and equal bits", async () => {
  shard++;
  const [sending, receiving] = [ends.otSender.fork("product", shard), ends.otReceiver.fork("product", shard)];
  const count = 129;
  const columns = 3;
  const corrections: bigint[] = [];
  const flips: Uint32Array[] = [];
  const stretch = () => new FixedKeyAes("test/stretch", SESSION, shard);
  await runPair(
    (ch) =>
      ofNumbers(
        {
          recv: async (type: "productFlips") => {
            const message = await ch.recv(type);
            if (message.type === "productFlips") flips.push(new Uint32Array(message.data.slice().buffer));
            return message;
          },
          send: async (message: Message<"productCorrections">) => {
            corrections.push(...numbers(new Uint32Array(message.data.slice().buffer)));
            await ch.send(message);
          },
        } as Channel,
        sending,
        stretch(),
        new Uint32Array(count * columns * 2),
        columns,
      ),
    (ch) => ofBits(ch, receiving, stretch(), new Uint32Array(bitWords(count)), count, columns),
  );
  expect(new Set(corrections).size).toBe(count * columns);
  // All bits were zero: what shows of them is the choice alone, as many ones as zeros.
  let ones = 0;
  for (let i = 0; i < count; i++) ones += getBit(flips[0]!, i);
  expect(Math.abs(ones - count / 2)).toBeLessThan(3 * Math.sqrt(count));
});

test("swapWhere exchanges the strings whose flip is set and no others", () => {
  for (const count of [1, 2, 31, 33, 129]) {
    const rng = seededRng(`swap ${count}`);
    const [zero, one] = [randomWords(rng, count * 4), randomWords(rng, count * 4)];
    const flips = randomWords(rng, bitWords(count));
    setBit(flips, 0, 1);
    const [before, otherBefore] = [allStrings(zero), allStrings(one)];
    swapWhere(zero, one, flips);
    const swapped = (i: number) => getBit(flips, i) === 1;
    expect(allStrings(zero)).toEqual(before.map((string, i) => (swapped(i) ? otherBefore[i] : string)));
    expect(allStrings(one)).toEqual(otherBefore.map((string, i) => (swapped(i) ? before[i] : string)));
  }
});

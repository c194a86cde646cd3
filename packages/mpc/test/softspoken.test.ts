// SoftSpokenOT against its ideal functionality: random pairs of strings, a random choice, and the chosen string.
import { bitWords, getBit } from "@halfroom/crypto";
import { randomTriples, type OtK, type OtReceiver, type OtSender } from "@halfroom/mpc";
import { beforeAll, describe, expect, test } from "vitest";
import type { OtReceiverSeeds, OtSenderSeeds } from "../src/softspoken/setup.ts";
import { allStrings, establish, runPair, stringAt } from "./ot-parties.ts";

const KS: OtK[] = [2, 4, 8];
const SIZES = [0, 1, 2, 31, 32, 33, 127, 129, 1000, 1025];
/** More than the transfers that one message of corrections holds, for every k. */
const MANY = 150_001;

interface Ends {
  readonly otSender: OtSenderSeeds;
  readonly otReceiver: OtReceiverSeeds;
}
/** The part of a fork that a run works with. */
type Run<S, R> = { sender: (rot: OtSender) => Promise<S>; receiver: (rot: OtReceiver) => Promise<R> };

let shard = 0;

async function run<S, R>(
  ends: Ends,
  use: (ch: Parameters<OtSender["bits"]>[0] & Parameters<OtReceiver["bits"]>[0]) => Run<S, R>,
) {
  shard++;
  const sending = ends.otSender.fork("test", shard);
  const receiving = ends.otReceiver.fork("test", shard);
  return await runPair(
    (ch) => use(ch).sender(sending),
    (ch) => use(ch).receiver(receiving),
  );
}

const runBlocks = (ends: Ends, count: number) =>
  run(ends, (ch) => ({ sender: (rot) => rot.blocks(ch, count), receiver: (rot) => rot.blocks(ch, count) }));
const runBits = (ends: Ends, count: number) =>
  run(ends, (ch) => ({ sender: (rot) => rot.bits(ch, count), receiver: (rot) => rot.bits(ch, count) }));

/** Bits set among the first `count`. */
function weight(bits: Uint32Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += getBit(bits, i);
  return sum;
}

/** Within six standard deviations of a half: fair coins fail once in 10^8, and the seeds are fixed. */
function expectFair(ones: number, count: number): void {
  expect(Math.abs(ones - count / 2)).toBeLessThan(3 * Math.sqrt(count) + 1);
}

function wrongStrings(
  sender: { zero: Uint32Array; one: Uint32Array },
  receiver: { choices: Uint32Array; chosen: Uint32Array },
  count: number,
): number {
  let wrong = 0;
  for (let i = 0; i < count; i++) {
    const [wanted, other] =
      getBit(receiver.choices, i) === 1 ? [sender.one, sender.zero] : [sender.zero, sender.one];
    const chosen = stringAt(receiver.chosen, i);
    if (chosen !== stringAt(wanted, i) || chosen === stringAt(other, i)) wrong++;
  }
  return wrong;
}

function wrongBits(
  sender: { zero: Uint32Array; one: Uint32Array },
  receiver: { choices: Uint32Array; chosen: Uint32Array },
  count: number,
): number {
  let wrong = 0;
  for (let i = 0; i < count; i++) {
    const wanted = getBit(receiver.choices, i) === 1 ? sender.one : sender.zero;
    if (getBit(receiver.chosen, i) !== getBit(wanted, i)) wrong++;
  }
  return wrong;
}

describe.each(KS)("k = %i", (k) => {
  let ends: Ends;
  beforeAll(async () => {
    ends = await establish(`softspoken ${k}`, k);
  });

  test.each(SIZES)("%i strings", async (count) => {
    const { sender, receiver } = await runBlocks(ends, count);
    expect([sender.zero.length, sender.one.length, receiver.chosen.length]).toEqual([
      count * 4,
      count * 4,
      count * 4,
    ]);
    expect(receiver.choices.length).toBe(bitWords(count));
    expect(wrongStrings(sender, receiver, count)).toBe(0);
    expect(new Set(allStrings(sender.zero, sender.one)).size).toBe(count * 2);
    expectFair(weight(receiver.choices, count), count);
  });

  test.each(SIZES)("%i bits", async (count) => {
    const { sender, receiver } = await runBits(ends, count);
    const words = bitWords(count);
    expect([sender.zero, sender.one, receiver.chosen, receiver.choices].map((bits) => bits.length)).toEqual([
      words,
      words,
      words,
      words,
    ]);
    expect(wrongBits(sender, receiver, count)).toBe(0);
    for (const bits of [sender.zero, sender.one, receiver.choices]) expectFair(weight(bits, count), count);
    // The two strings are independent of each other and of the choice.
    expectFair(
      weight(
        sender.zero.map((word, i) => word ^ sender.one[i]!),
        count,
      ),
      count,
    );
    expectFair(
      weight(
        sender.zero.map((word, i) => word ^ receiver.choices[i]!),
        count,
      ),
      count,
    );
  });

  test("more strings and bits than one message of corrections serves", async () => {
    const strings = await runBlocks(ends, MANY);
    expect(wrongStrings(strings.sender, strings.receiver, MANY)).toBe(0);
    expect(new Set(allStrings(strings.sender.zero, strings.sender.one)).size).toBe(2 * MANY);
    expect(strings.sent.receiver.length).toBeGreaterThan(1);
    const bits = await runBits(ends, MANY);
    expect(wrongBits(bits.sender, bits.receiver, MANY)).toBe(0);
  });

  test("one call after the other on one fork, of all sizes and both kinds", async () => {
    const calls = [1, 33, 129, 31, 64, 1000, 2];
    const { sender, receiver } = await run(ends, (ch) => ({
      sender: async (rot) => {
        const results = [];
        for (const count of calls)
          results.push({ strings: await rot.blocks(ch, count), bits: await rot.bits(ch, count) });
        return results;
      },
      receiver: async (rot) => {
        const results = [];
        for (const count of calls)
          results.push({ strings: await rot.blocks(ch, count), bits: await rot.bits(ch, count) });
        return results;
      },
    }));
    for (const [i, count] of calls.entries()) {
      expect(wrongStrings(sender[i]!.strings, receiver[i]!.strings, count)).toBe(0);
      expect(wrongBits(sender[i]!.bits, receiver[i]!.bits, count)).toBe(0);
    }
    const strings = sender.flatMap((call) => allStrings(call.strings.zero, call.strings.one));
    expect(new Set(strings).size).toBe(2 * calls.reduce((sum, count) => sum + count, 0));
  });

  test("corrections cost (128 / k - 1) bits a transfer and a check a piece, sent by the end that chooses", async () => {
    const count = 1024;
    let bytes = 0;
    const { sent } = await run(ends, (ch) => ({
      sender: (rot) => rot.bits(ch, count),
      receiver: (rot) =>
        rot.bits(
          {
            send: async (message) => {
              bytes += message.data.length;
              await ch.send(message);
            },
            recv: () => Promise.reject(new Error("the end that chooses receives nothing")),
          },
          count,
        ),
    }));
    expect(bytes).toBe(((128 / k - 1) * (count + 128)) / 8 + 48);
    expect(sent.sender).toEqual([]);
  });
});

describe.each(KS)("triples with k = %i", (k) => {
  let there: Ends;
  let back: Ends;
  beforeAll(async () => {
    there = await establish(`there ${k}`, k, { direction: "sender" });
    back = await establish(`back ${k}`, k, { direction: "receiver" });
  });

  test.each([0, 1, 2, 31, 33, 1000, 4_100])("%i words", async (words) => {
    const { sender, receiver } = await runPair(
      (ch) =>
        randomTriples(
          ch,
          {
            sending: there.otSender.fork("triples", words),
            receiving: back.otReceiver.fork("triples", words),
          },
          words,
        ),
      (ch) =>
        randomTriples(
          ch,
          {
            sending: back.otSender.fork("triples", words),
            receiving: there.otReceiver.fork("triples", words),
          },
          words,
        ),
    );
    const open = (part: "a" | "b" | "c") => sender[part].map((share, i) => share ^ receiver[part][i]!);
    expect([sender.a.length, sender.b.length, sender.c.length]).toEqual([words, words, words]);
    const [a, b, c] = [open("a"), open("b"), open("c")];
    expect(c).toEqual(a.map((word, i) => word & b[i]!));
    const bits = words * 32;
    for (const random of [sender.a, sender.b, sender.c, receiver.a, receiver.b, receiver.c, a, b])
      expectFair(weight(random, bits), bits);
    // Each party's own share of c says nothing about what is multiplied.
    for (const own of [sender, receiver])
      expectFair(
        weight(
          own.c.map((word, i) => word ^ (own.a[i]! & own.b[i]!)),
          bits,
        ),
        bits,
      );
  });
});

test("sender's and receiver's ends need not run in step", async () => {
  // The receiving end never waits for the sending end: it may finish before the other begins.
  const ends = await establish("step", 4);
  const receiving = ends.otReceiver.fork("step", 0);
  const sending = ends.otSender.fork("step", 0);
  let finished: () => void;
  const receiverDone = new Promise<void>((resolve) => (finished = resolve));
  const { sender, receiver } = await runPair(
    async (ch) => {
      await receiverDone;
      return await sending.blocks(ch, 1025);
    },
    async (ch) => {
      const result = await receiving.blocks(ch, 1025);
      finished();
      return result;
    },
  );
  expect(wrongStrings(sender, receiver, 1025)).toBe(0);
});

test("fresh randomness makes a fresh Delta and fresh strings", async () => {
  const runs = await Promise.all(["one", "two"].map((seed) => establish(seed, 4)));
  const strings = [];
  for (const ends of runs) {
    const sending = ends.otSender.fork("fresh", 0);
    const receiving = ends.otReceiver.fork("fresh", 0);
    const { sender } = await runPair(
      (ch) => sending.blocks(ch, 100),
      (ch) => receiving.blocks(ch, 100),
    );
    strings.push(...allStrings(sender.zero, sender.one));
  }
  expect(new Set(strings).size).toBe(400);
});

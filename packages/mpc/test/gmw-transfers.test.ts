// GMW with triples from real transfers, and with openings that take several messages, against the clear values.
import { getBit, randomWords } from "@halfroom/crypto";
import {
  equality,
  equalityTripleWords,
  Gates,
  nonNegative,
  nonNegativeTripleWords,
  randomTriples,
  TriplePool,
  type OtK,
  type Role,
  type TripleSource,
} from "@halfroom/mpc";
import { seededRng } from "@halfroom/testkit";
import type { Channel } from "@halfroom/wire";
import { beforeAll, describe, expect, test } from "vitest";
import { and, dealTriples, runBoth } from "./gmw-parties.ts";
import { establish } from "./ot-parties.ts";

type GateChannel = ConstructorParameters<typeof Gates>[0];

const SIZES = [1, 2, 31, 33, 127, 129, 1000, 1025];
const WIDTHS = [1, 2, 40, 63, 64];

const toValues = (words: Uint32Array) => [...new BigUint64Array(words.slice().buffer)];
const toWords = (values: readonly bigint[]) =>
  new Uint32Array(new BigUint64Array(values.map((value) => BigInt.asUintN(64, value))).buffer);

/** Which of the first n bits stand for another answer than expected. */
function wrongAnswers(x: Uint32Array, y: Uint32Array, expected: readonly boolean[]): number[] {
  return expected.flatMap((answer, i) => ((getBit(x, i) ^ getBit(y, i)) === Number(answer) ? [] : [i]));
}

/** Values of both sides, a third equal and a third one bit apart. */
function pairs(n: number, seed: string): Record<Role, Uint32Array> {
  const rng = seededRng(seed);
  const sender = randomWords(rng, n * 2);
  const receiver = sender.slice();
  const noise = randomWords(rng, n * 2);
  for (let i = 0; i < n; i++) {
    if (i % 3 === 1) receiver[i * 2 + (i & 1)]! ^= 1 << (noise[i]! & 31);
    if (i % 3 === 2) receiver.set(noise.subarray(i * 2, i * 2 + 2), i * 2);
  }
  return { sender, receiver };
}

const areEqual = ({ sender, receiver }: Record<Role, Uint32Array>, width: number) => {
  const theirs = toValues(receiver);
  return toValues(sender).map((value, i) => BigInt.asUintN(width, value ^ theirs[i]!) === 0n);
};

/** Additive shares of signed numbers of every magnitude that the width holds, compared with 0. */
function additive(n: number, width: number, seed: string) {
  const rng = seededRng(seed);
  const values = toValues(randomWords(rng, n * 2)).map(
    (word, i) => BigInt.asIntN(64, word) >> BigInt(64 - width + (i % width)),
  );
  const sender = randomWords(rng, n * 2);
  const receiver = toWords(toValues(sender).map((share, i) => values[i]! - share));
  const lists = (role: Role) => [{ shares: { sender, receiver }[role], n, width }];
  return { lists, expected: values.map((value) => value >= 0n), words: nonNegativeTripleWords(n, width) };
}

describe.each<OtK>([2, 4, 8])("with triples from transfers, k = %i", (k) => {
  let there: Awaited<ReturnType<typeof establish>>;
  let back: Awaited<ReturnType<typeof establish>>;
  let shard = 0;
  beforeAll(async () => {
    there = await establish(`gmw there ${k}`, k);
    back = await establish(`gmw back ${k}`, k, { direction: "receiver" });
  });

  /** Makes the triples and uses them, all on one channel. */
  async function run(
    words: number,
    use: (ch: Channel, role: Role, triples: TripleSource) => Promise<Uint32Array>,
  ) {
    shard++;
    const ends = {
      sender: { sending: there.otSender.fork("gmw", shard), receiving: back.otReceiver.fork("gmw", shard) },
      receiver: { sending: back.otSender.fork("gmw", shard), receiving: there.otReceiver.fork("gmw", shard) },
    };
    return await runBoth(async (ch, role) => {
      const pool = new TriplePool(await randomTriples(ch, ends[role], words));
      const result = await use(ch, role, pool);
      expect(pool.left).toBe(0);
      return result;
    });
  }

  test.each(SIZES)("AND of %i words", async (words) => {
    const rng = seededRng(`and ${words}`);
    const x = { sender: randomWords(rng, words), receiver: randomWords(rng, words) };
    const y = { sender: randomWords(rng, words), receiver: randomWords(rng, words) };
    const { sender, receiver } = await run(words, (ch, role, triples) =>
      and(new Gates(ch, role, triples), x[role], y[role]),
    );
    const expected = x.sender.map((bits, i) => (bits ^ x.receiver[i]!) & (y.sender[i]! ^ y.receiver[i]!));
    expect(sender.map((share, i) => share ^ receiver[i]!)).toEqual(expected);
  });

  test.each(WIDTHS)("equality of %i bits", async (width) => {
    for (const n of [1, 33, 129]) {
      const values = pairs(n, `pairs ${n} ${width}`);
      const { sender, receiver } = await run(equalityTripleWords(n, width), (ch, role, triples) =>
        equality(new Gates(ch, role, triples), values[role], n, width),
      );
      expect(wrongAnswers(sender, receiver, areEqual(values, width))).toEqual([]);
    }
  });

  test.each([1, 2, 33, 129])("comparison of %i numbers", async (n) => {
    for (const width of [2, 3, 26, 64]) {
      const { lists, expected, words } = additive(n, width, `additive ${n} ${width}`);
      const { sender, receiver } = await run(
        words,
        async (ch, role, triples) => (await nonNegative(new Gates(ch, role, triples), lists(role)))[0]!,
      );
      expect(wrongAnswers(sender, receiver, expected)).toEqual([]);
    }
  });
});

describe("openings that take several messages", () => {
  // One message holds the opening of 65,536 words of AND gates.
  test("equality", async () => {
    const n = 70_001;
    const values = pairs(n, "many pairs");
    const triples = dealTriples(equalityTripleWords(n, 64), seededRng("many pairs' triples"));
    const { sender, receiver, sent } = await runBoth((ch, role) =>
      equality(new Gates(ch, role, triples[role]), values[role], n, 64),
    );
    expect(wrongAnswers(sender, receiver, areEqual(values, 64))).toEqual([]);
    expect(sent.sender).toBeGreaterThan(6);
    expect(sent.receiver).toBe(sent.sender);
  });

  test("comparison", async () => {
    const n = 40_001;
    const { lists, expected, words } = additive(n, 64, "many numbers");
    const triples = dealTriples(words, seededRng("many numbers' triples"));
    const { sender, receiver, sent } = await runBoth((ch, role) =>
      nonNegative(new Gates(ch, role, triples[role]), lists(role)),
    );
    expect(wrongAnswers(sender[0]!, receiver[0]!, expected)).toEqual([]);
    expect(sent.sender).toBeGreaterThan(7);
    expect(sent.receiver).toBe(sent.sender);
  });
});

describe("sizes that are not round", () => {
  test.each([...SIZES, 0])("%i values", async (n) => {
    for (const width of WIDTHS) {
      const values = pairs(n, `sizes ${n} ${width}`);
      const triples = dealTriples(equalityTripleWords(n, width), seededRng(`dealt ${n} ${width}`));
      const run = await runBoth((ch, role) =>
        equality(new Gates(ch, role, triples[role]), values[role], n, width),
      );
      expect(wrongAnswers(run.sender, run.receiver, areEqual(values, width))).toEqual([]);
    }
    const { lists, expected, words } = additive(n, 37, `sizes ${n}`);
    const triples = dealTriples(words, seededRng(`dealt ${n}`));
    const run = await runBoth((ch, role) => nonNegative(new Gates(ch, role, triples[role]), lists(role)));
    expect(wrongAnswers(run.sender[0]!, run.receiver[0]!, expected)).toEqual([]);
  });
});

describe("what is sent", () => {
  test("hides the inputs: with fresh triples equal inputs never make the same opening", async () => {
    const values = pairs(33, "hidden");
    const seen = new Set<string>();
    for (const seed of ["a", "b", "c"]) {
      const triples = dealTriples(equalityTripleWords(33, 64), seededRng(`hidden ${seed}`));
      await runBoth((ch, role) => {
        const watched: GateChannel = {
          recv: (type) => ch.recv(type),
          send: async (message) => {
            seen.add(`${role} ${Buffer.from(message.data).toString("hex")}`);
            await ch.send(message);
          },
        };
        return equality(new Gates(watched, role, triples[role]), values[role], 33, 64);
      });
    }
    expect(seen.size).toBe(3 * 2 * 6);
  });

  test("has a length that follows from sizes alone", async () => {
    const lengths = async (values: Record<Role, Uint32Array>) => {
      const log: number[] = [];
      const triples = dealTriples(equalityTripleWords(129, 61), seededRng("lengths"));
      await runBoth((ch, role) => {
        const logged: GateChannel = {
          recv: (type) => ch.recv(type),
          send: async (message) => {
            if (role === "sender") log.push(message.data.length);
            await ch.send(message);
          },
        };
        return equality(new Gates(logged, role, triples[role]), values[role], 129, 61);
      });
      return log;
    };
    const zeros = { sender: new Uint32Array(258), receiver: new Uint32Array(258) };
    expect(await lengths(pairs(129, "lengths"))).toEqual(await lengths(zeros));
  });
});

// No string, word, triple or tree ever serves two purposes, shards, directions, sessions, indexes or columns
// (design section 2.3, step 5): whatever sets two uses apart sets their strings apart, all else being equal.
import { FixedKeyAes, randomWords } from "@halfroom/crypto";
import { randomTriples, TriplePool, type OtK, type Role } from "@halfroom/mpc";
import { seededRng } from "@halfroom/testkit";
import { describe, expect, test } from "vitest";
import { SoftSpokenReceiver, SoftSpokenSender, type SupplyParameters } from "../src/softspoken/supply.ts";
import { allStrings, establish, runPair, SESSION } from "./ot-parties.ts";

const COUNT = 130;

interface Use {
  readonly session: Uint8Array;
  readonly direction: Role;
  readonly purpose: string;
  readonly shard: number;
}
const PLAIN: Use = { session: SESSION, direction: "sender", purpose: "match", shard: 0 };
const OTHERS: [string, Partial<Use>][] = [
  ["session", { session: SESSION.with(31, 1) }],
  ["direction", { direction: "receiver" }],
  ["purpose", { purpose: "match/equality" }],
  ["shard", { shard: 1 }],
  ["shard, above 2^32", { shard: 2 ** 32 }],
];

/** All strings of both ends under this use, always from the same randomness. */
async function stringsOf(use: Use, k: OtK) {
  const { session, direction } = use;
  const ends = await establish("one randomness", k, { session, direction });
  const sending = ends.otSender.fork(use.purpose, use.shard);
  const receiving = ends.otReceiver.fork(use.purpose, use.shard);
  const { sender, receiver } = await runPair(
    (ch) => sending.blocks(ch, COUNT),
    (ch) => receiving.blocks(ch, COUNT),
  );
  return { strings: allStrings(sender.zero, sender.one), choices: receiver.choices.join(" ") };
}

describe.each<OtK>([2, 4, 8])("strings with k = %i", (k) => {
  test("come out the same for the same use and randomness, so that it is the use that sets them apart", async () => {
    expect(await stringsOf(PLAIN, k)).toEqual(await stringsOf(PLAIN, k));
  });

  test.each(OTHERS)("of another %s are others, and so are the choices", async (_name, change) => {
    const [plain, other] = [await stringsOf(PLAIN, k), await stringsOf({ ...PLAIN, ...change }, k)];
    expect(new Set([...plain.strings, ...other.strings]).size).toBe(4 * COUNT);
    expect(other.choices).not.toBe(plain.choices);
  });
});

describe("the tweak", () => {
  // Equal streams cancel out, so that every row is zero: only the tweak can set the strings apart.
  const KEYS = new Uint8Array((128 / 4) * 16 * 16);
  const parameters: SupplyParameters = { ...PLAIN, k: 4, leavesDigest: new Uint8Array(32) };

  async function zeroRows(calls: readonly number[], changes: Partial<SupplyParameters> = {}) {
    const sending = new SoftSpokenSender({ ...parameters, ...changes }, KEYS, new Uint32Array(32));
    const receiving = new SoftSpokenReceiver({ ...parameters, ...changes }, KEYS);
    const { sender } = await runPair(
      async (ch) => {
        const strings = [];
        for (const count of calls) strings.push((await sending.blocks(ch, count)).zero);
        return strings.flatMap((list) => allStrings(list));
      },
      async (ch) => {
        for (const count of calls) await receiving.blocks(ch, count);
      },
    );
    return sender;
  }

  test("is never the same twice, over the pieces of a call and over calls", async () => {
    const calls = [33, 1, 140_000, 31];
    const strings = await zeroRows(calls);
    expect(new Set(strings).size).toBe(calls.reduce((sum, count) => sum + count, 0));
  });

  test.each(OTHERS)("belongs to a hash of its own for another %s", async (_name, change) => {
    const [plain, other] = [await zeroRows([33, 1000]), await zeroRows([33, 1000], change)];
    const seen = new Set(plain);
    expect(other.filter((string) => seen.has(string))).toEqual([]);
  });
});

describe("words of one string", () => {
  const words = (stretch: FixedKeyAes, strings: Uint32Array, columns: number) => [
    ...new BigUint64Array(stretch.columnWords(strings, columns).buffer),
  ];

  test("differ for each column and each string, under each label and session", () => {
    const strings = randomWords(seededRng("stretched"), 129 * 4);
    const columns = 33;
    const all = [
      new FixedKeyAes("match/stretch", SESSION, "receiver", 0),
      new FixedKeyAes("match/stretch", SESSION, "sender", 0),
      new FixedKeyAes("match/stretch", SESSION, "receiver", 1),
      new FixedKeyAes("match/stretch", SESSION.with(0, 0), "receiver", 0),
      new FixedKeyAes("aggregate/stretch", SESSION, "receiver", 0),
    ].flatMap((stretch) => words(stretch, strings, columns));
    expect(new Set(all).size).toBe(5 * 129 * columns);
  });
});

describe("triples", () => {
  test("taken from a pool are each word once, in the order of both parties", () => {
    const count = 1000;
    const numbered = Uint32Array.from({ length: count }, (_, i) => i);
    const pool = new TriplePool({ a: numbered, b: numbered, c: numbered });
    const taken: number[] = [];
    for (let words = 0; words <= pool.left; words++) taken.push(...pool.take(words).a);
    taken.push(...pool.take(pool.left).c);
    expect(taken).toEqual([...numbered]);
  });

  test("of two shards or purposes are others", async () => {
    const there = await establish("triples there", 4);
    const back = await establish("triples back", 4, { direction: "receiver" });
    const make = async (purpose: string, shard: number) => {
      const ends = (sending: typeof there, receiving: typeof there) => ({
        sending: sending.otSender.fork(purpose, shard),
        receiving: receiving.otReceiver.fork(purpose, shard),
      });
      const { sender } = await runPair(
        (ch) => randomTriples(ch, ends(there, back), 100),
        (ch) => randomTriples(ch, ends(back, there), 100),
      );
      return [...sender.a, ...sender.b, ...sender.c];
    };
    const words = [...(await make("a", 0)), ...(await make("a", 1)), ...(await make("b", 0))];
    // 900 random words of 32 bits meet once in ten thousand seeds; this seed does not.
    expect(new Set(words).size).toBe(900);
  });
});

// A receiver that decodes bins with its other pseudonyms learns nothing, and would learn nearly everything without per-bin
// keys. 1,024 people a side, 512 of them shared: the receiver's people fall into 1,362 bins three times each, which makes
// about 3,500 pairs of own people in one bin to compare, in about 870 of which both are shared.
import { randomWords } from "@halfroom/crypto";
import { binOprf, type BinOprf } from "@halfroom/match";
import { testTransfers, seededRng, testSession } from "@halfroom/testkit";
import { beforeAll, describe, expect, test } from "vitest";
import {
  decodeBins,
  flipBits,
  pairsByBin,
  publicKeys,
  SECRET_BITS,
  traced,
  unchecked,
} from "./decode-attack.ts";
import type { OprfTrace, ReceiverView } from "./decode-attack.ts";
import { allRows, hex, openRows, plainRows, randomCase, runMembership } from "./membership-parties.ts";

const SHARED = 512;
const session = testSession("decode attack");
const people = randomCase({ sender: 1024, receiver: 1024, shared: SHARED, measures: 1 }, seededRng("people"));
const senderRows = new Set(allRows(people.sender).map(hex));
const isShared = allRows(people.receiver).map((row) => senderRows.has(hex(row)));

async function viewOf(oprf: BinOprf, imitated: BinOprf, shard: number): Promise<ReceiverView> {
  const transfers = await testTransfers(session);
  const trace: OprfTrace = { seeds: undefined, secret: undefined };
  const setup = { session, transfers, shard, seed: "attack", binOprf: traced(oprf, trace) };
  const run = await runMembership(people, setup);
  // Neither the double nor the trace is in the protocol's way.
  expect(openRows(run, 2)).toEqual(plainRows(people, run.people));
  return { session, shard, people, run, trace, oprf: imitated };
}

/** What the attack says, and what is true: pairs of own people in one bin with equal targets, and with both shared. */
async function attack(view: ReceiverView, guess: Uint32Array) {
  const pairs = pairsByBin(await decodeBins(view, guess));
  const found = pairs.filter(({ a, b }) => a.target === b.target);
  const shared = pairs.filter(({ a, b }) => isShared[a.person] && isShared[b.person]);
  const exposed = new Set(found.flatMap(({ a, b }) => [a.person, b.person]));
  return { pairs, found, shared, exposed };
}

const NOTHING = new Uint32Array(SECRET_BITS / 32);

describe("without per-bin keys", () => {
  test("the attack finds every pair, no other, and with them over 90 % of the shared people", async () => {
    const { pairs, found, shared, exposed } = await attack(await viewOf(publicKeys, publicKeys, 1), NOTHING);
    expect(pairs.length).toBeGreaterThan(3000);
    expect(shared.length).toBeGreaterThan(700);
    expect(found).toEqual(shared);
    expect(exposed.size).toBeGreaterThan(0.9 * SHARED);
    expect([...exposed].every((person) => isShared[person])).toBe(true);
  });
});

describe("with per-bin keys", () => {
  let view: ReceiverView;
  beforeAll(async () => {
    view = await viewOf(binOprf, unchecked, 2);
  });

  test("whoever has the sender's secret finds every pair: the attack is as strong as it can be", async () => {
    const { found, shared } = await attack(view, view.trace.secret!);
    expect(shared.length).toBeGreaterThan(700);
    expect(found).toEqual(shared);
  });

  test("each wrong bit of the secret loses half of the pairs or more", async () => {
    // Two codewords differ in any one place with probability 1/2, and the key is wrong if they differ in a wrong place. So
    // of about 870 pairs 2^-w are left with w wrong bits, or less where neither person was placed in the bin; a guess
    // of all 512 bits has 256 wrong ones on average.
    const { shared } = await attack(view, view.trace.secret!);
    for (const wrong of [1, 2, 3]) {
      const guess = flipBits(view.trace.secret!, wrong, seededRng(`wrong ${wrong}`));
      const { found } = await attack(view, guess);
      expect(found.length).toBeGreaterThan(0);
      // 5 standard deviations above the expectation, pairs taken as independent.
      const expected = shared.length / 2 ** wrong;
      expect(found.length).toBeLessThan(expected + 5 * Math.sqrt(expected));
    }
  });

  // With no bit set all pseudonyms have the one key that the receiver holds, and all decode alike.
  const randomGuess = (seed: string) => randomWords(seededRng(seed), SECRET_BITS / 32);
  const guesses: [string, Uint32Array][] = [
    ["all bits set", NOTHING.map(() => 0xffffffff)],
    ["a random guess of the secret", randomGuess("one")],
    ["another", randomGuess("two")],
    ["a third", randomGuess("three")],
  ];
  test.each(guesses)("with %s it finds nothing", async (_, guess) => {
    const { pairs, found, shared } = await attack(view, guess);
    // Not one equal pair among about 3,500: by chance 2^-52 are expected.
    expect(found).toEqual([]);
    // Nor a trace of one: the lowest 4 bits agree in 1 of 16 pairs, among shared and other people alike.
    const others = pairs.filter((pair) => !shared.includes(pair));
    for (const group of [shared, others]) {
      const agreeing = group.filter(({ a, b }) => ((a.target ^ b.target) & 15n) === 0n).length;
      const expected = group.length / 16;
      expect(Math.abs(agreeing - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  });
});

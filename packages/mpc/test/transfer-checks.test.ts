// The checks of SoftSpokenOT against a chooser that corrects trees with different choices, or grows trees that are none: a cheat
// that touches c bits of Delta passes with probability 2^-c, exactly where its guess of these bits is right.
import { hash256, leafStreams, randomWords, type Rng } from "@halfroom/crypto";
import { growPunctured, growTrees, treePrg, type OtK, type OtReceiver, type OtSender } from "@halfroom/mpc";
import { replaceMessage, seededRng } from "@halfroom/testkit";
import type { Channel, Message } from "@halfroom/wire";
import { beforeAll, describe, expect, test } from "vitest";
import { provePiece } from "../src/softspoken/check.ts";
import type { OtDirection } from "../src/softspoken/setup.ts";
import { expandLeaves, proveTrees, verifyTrees } from "../src/softspoken/tree-check.ts";
import { SoftSpokenSender, type SupplyParameters } from "../src/softspoken/supply.ts";
import {
  baseContext,
  establish,
  establishReceiver,
  establishSender,
  runBroken,
  SESSION,
} from "./ot-parties.ts";

const COUNT = 100;
/** 100 transfers in a block of 128, and the sacrificed ones. */
const WORDS = 8;
const of = (k: OtK): OtDirection => ({ session: SESSION, direction: "sender", k });
const parametersOf = (k: OtK): SupplyParameters => ({
  ...of(k),
  purpose: "cheat",
  shard: 0,
  leavesDigest: new Uint8Array(32),
});

/** Within four standard deviations of the expected number of `trials` at probability 2^-c; the seeds are fixed. */
function expectRate(passed: number, trials: number, c: number): void {
  const p = 2 ** -c;
  expect(Math.abs(passed - trials * p)).toBeLessThan(4 * Math.sqrt(trials * p * (1 - p)));
  expect(passed).toBeGreaterThan(0);
}

function leafKeys({ session, direction, purpose, shard }: SupplyParameters, leaves: Uint32Array): Uint8Array {
  return Buffer.concat(
    Array.from({ length: leaves.length / 4 }, (_, i) => {
      const leaf = new Uint8Array(leaves.slice(i * 4, i * 4 + 4).buffer);
      return hash256("softspoken/stream", session, direction, purpose, shard, i, leaf).subarray(0, 16);
    }),
  );
}

/**
 * The one message of a chooser of 100 transfers that adds `error` to the corrections of some trees and proves it under a guess of their
 * pieces of Delta.
 */
function cheat(
  parameters: SupplyParameters,
  keys: Uint8Array,
  guesses: ReadonlyMap<number, number>,
  error: Uint32Array,
) {
  const { k } = parameters;
  const trees = 128 / k;
  const streams = leafStreams(keys, k);
  const rows = new Uint32Array(129 * WORDS);
  const choices = rows.subarray(128 * WORDS);
  const message = new Uint8Array((trees - 1) * WORDS * 4 + 48);
  const corrections = new Uint32Array(message.buffer, 0, (trees - 1) * WORDS);
  for (let tree = 0; tree < trees; tree++) {
    const own = rows.subarray(tree * k * WORDS, (tree + 1) * k * WORDS);
    if (tree === 0) streams.fold(tree, 0, own, choices);
    else streams.fold(tree, 0, own, corrections.subarray((tree - 1) * WORDS, tree * WORDS), choices);
    const guess = guesses.get(tree);
    if (guess === undefined) continue;
    const correction = corrections.subarray((tree - 1) * WORDS, tree * WORDS);
    error.forEach((word, w) => {
      correction[w]! ^= word;
      for (let b = 0; b < k; b++) if ((guess >>> b) & 1) own[b * WORDS + w]! ^= word;
    });
  }
  const body = message.subarray(0, corrections.byteLength);
  message.set(provePiece({ parameters, position: 0, corrections: body }, rows, WORDS), body.length);
  return message;
}

/** A channel on which `data` is all that ever comes. */
function says(data: Uint8Array): Channel<never, "otCorrections"> {
  return {
    send: () => Promise.reject(new Error("nothing is sent here")),
    recv: () => Promise.resolve({ type: "otCorrections" as const, data: new Uint8Array(data) }),
  } as unknown as Channel<never, "otCorrections">;
}

const deltaOf = (rng: Rng, k: OtK) => randomWords(rng, 128 / k).map((word) => word & ((1 << k) - 1));

describe.each([
  [2, 1],
  [2, 2],
  [4, 1],
] as const)("the chooser, k = %i, corrects %i trees with other choices", (k, touched) => {
  const c = k * touched;

  test(`and passes 1 in ${2 ** c} times: just where it has guessed ${c} bits of Delta`, async () => {
    const rng = seededRng(`cheat ${k} ${touched}`);
    const parameters = parametersOf(k);
    const keys = leafKeys(parameters, randomWords(rng, (128 / k) * 4 * 2 ** k));
    const trees = Array.from({ length: touched }, (_, i) => 3 + 5 * i);
    const guesses = new Map(trees.map((tree) => [tree, deltaOf(rng, k)[0]!]));
    const error = new Uint32Array(WORDS);
    error[1] = 1 << 7;
    const message = cheat(parameters, keys, guesses, error);
    const trials = 20 * 2 ** c;
    let passed = 0;
    for (let i = 0; i < trials; i++) {
      const delta = deltaOf(rng, k);
      const guessed = trees.every((tree) => delta[tree] === guesses.get(tree));
      const sender = new SoftSpokenSender(parameters, keys, delta);
      const ended = sender.bits(says(message), COUNT);
      if (guessed) {
        passed++;
        await expect(ended).resolves.toBeDefined();
      } else {
        await expect(ended).rejects.toMatchObject({ code: "check" });
      }
    }
    expectRate(passed, trials, c);
  });
});

test("a chooser that settles corrections before it grows trees: `check`, for the challenge hashes the leaves too", async () => {
  const rng = seededRng("trees after corrections");
  const parameters = parametersOf(4);
  const keys = leafKeys(parameters, randomWords(rng, 32 * 4 * 16));
  const delta = deltaOf(rng, 4);
  const message = cheat(parameters, keys, new Map(), new Uint32Array(WORDS));
  const endedUnder = (leavesDigest: Uint8Array) =>
    new SoftSpokenSender({ ...parameters, leavesDigest }, keys, delta).bits(says(message), COUNT);
  await expect(endedUnder(parameters.leavesDigest)).resolves.toBeDefined();
  await expect(endedUnder(rng.bytes(32))).rejects.toMatchObject({ code: "check" });
});

describe.each([1, 2, 3])("the grower of trees falsifies %i corrections", (c) => {
  test(`and passes 1 in ${2 ** c} times: just where the holes do not use them, which tells it ${c} bits of Delta`, () => {
    const [k, trees] = [4 as const, 32];
    const rng = seededRng(`trees ${c}`);
    const [zero, one] = [randomWords(rng, 128 * 4), randomWords(rng, 128 * 4)];
    const prg = treePrg(SESSION, "softspoken/sender");
    const { leaves, corrections } = growTrees(prg, zero, one, trees, k);
    const proof = proveTrees(of(k), expandLeaves(of(k), leaves).values);
    // One correction of each of the first c trees: at another level, of another branch.
    const falsified = Array.from({ length: c }, (_, tree) => ({ tree, level: 1 + tree, branch: tree & 1 }));
    for (const { tree, level, branch } of falsified)
      corrections[((tree * 3 + level - 1) * 2 + branch) * 4]! ^= 1;
    const trials = 150;
    let passed = 0;
    for (let i = 0; i < trials; i++) {
      const delta = deltaOf(rng, k);
      const bit = (tree: number, level: number) => (delta[tree]! >>> (k - 1 - level)) & 1;
      const known = new Uint32Array(128 * 4);
      for (let n = 0; n < 128; n++) {
        const strings = bit(Math.floor(n / k), n % k) === 1 ? zero : one;
        known.set(strings.subarray(n * 4, n * 4 + 4), n * 4);
      }
      const grown = growPunctured(prg, known, corrections, delta, trees, k);
      const unused = falsified.every(({ tree, level, branch }) => bit(tree, level) === branch);
      expect(verifyTrees(of(k), expandLeaves(of(k), grown).values, delta, proof)).toBe(unused);
      if (unused) passed++;
    }
    expectRate(passed, trials, c);
  });
});

describe("each field of the messages, changed by one bit", () => {
  let ends: Awaited<ReturnType<typeof establish>>;
  beforeAll(async () => {
    ends = await establish("one bit", 4);
  });

  const flipped = (type: "otCorrections" | "treeCorrections", at: (length: number) => number) =>
    replaceMessage((message) => {
      const data = new Uint8Array((message as Message<typeof type>).data);
      data[at(data.length)]! ^= 0x10;
      return { type, data };
    });

  test.each<[string, (length: number) => number, "blocks" | "bits"]>([
    ["the first correction", () => 0, "blocks"],
    ["the last correction", (length) => length - 49, "bits"],
    ["the first bytes of the hash of the choices", (length) => length - 48, "bits"],
    ["the last bytes of the hash of the choices", (length) => length - 33, "blocks"],
    ["the first bytes of the digest", (length) => length - 32, "blocks"],
    ["the last byte of the digest", (length) => length - 1, "bits"],
  ])("%s of a piece ends the session with `check`", async (_name, at, kind) => {
    // Delta of this seed has a one in the tree of either correction.
    expect([ends.otSender.state.delta[1], ends.otSender.state.delta[31]]).not.toContain(0);
    const fork = ends.otSender.fork(kind, 0);
    const back = ends.otReceiver.fork(kind, 0);
    const parties = {
      sender: (ch: Channel) => (fork as OtSender)[kind](ch, COUNT),
      receiver: (ch: Channel) => (back as OtReceiver)[kind](ch, COUNT),
    };
    const ended = await runBroken(parties, "receiver", "otCorrections", flipped("otCorrections", at));
    expect(ended.sender).toEqual({ code: "check", fromPartner: false });
  });

  test.each<[string, (length: number) => number]>([
    ["the xor of a tree's check values", (length) => length - 64],
    ["the digest", (length) => length - 1],
  ])("%s of the trees ends the session with `check`", async (_name, at) => {
    const context = (side: string) => ({ ...baseContext(side), k: 4 as const });
    const parties = {
      sender: (ch: Channel) => establishSender(ch, context("s")),
      receiver: (ch: Channel) => establishReceiver(ch, context("r")),
    };
    const ended = await runBroken(parties, "receiver", "treeCorrections", flipped("treeCorrections", at));
    expect(ended.sender).toEqual({ code: "check", fromPartner: false });
  });
});

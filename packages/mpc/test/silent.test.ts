// Silent transfers: what an expansion makes, step by step and as a source, and what its check catches.
import { getBit, randomWords, takeLowBits } from "@halfroom/crypto";
import type { Draws, OtSource, ReceiverRows, Role, SenderRows } from "@halfroom/mpc";
import { runParties, seededRng, testTransfers } from "@halfroom/testkit";
import { decodeFrame } from "@halfroom/wire";
import { beforeAll, describe, expect, test } from "vitest";
import {
  checkExpansion,
  growersClaim,
  joined,
  proofOf,
  weightedSum,
  weightsOf,
  type Place,
} from "../src/silent/check.ts";
import { ExpansionMemory, grow, puncture, seedTransfers, type Punctured } from "../src/silent/expansion.ts";
import { expansionsOf, type Expansions } from "../src/silent/parameters.ts";
import { growAll, growPunctured, holesOf, treeShape } from "../src/silent/trees.ts";
import { allStrings, SESSION, stringAt } from "./ot-parties.ts";

const BLOCK = 4;
const block = (blocks: Uint32Array, i: number) => blocks.subarray(i * BLOCK, (i + 1) * BLOCK);

const PLACE: Place = { session: SESSION, direction: "sender", shard: 3, expansion: 0 };

/** Correlated transfers as SoftSpokenOT gives them. */
function dealt(count: number, seed: string) {
  const rng = seededRng(seed);
  const delta = randomWords(rng, BLOCK);
  const correlated = randomWords(rng, count * BLOCK);
  const choices = randomWords(rng, Math.ceil(count / 32));
  const rows = correlated.map((word, i) => word ^ (-getBit(choices, i >>> 2) & delta[i & 3]!));
  return { delta, correlated, chosen: { choices, rows } };
}

describe("trees", () => {
  const shape = treeShape({ ...PLACE, shard: 0 }, { trees: 5, depth: 6 });
  const { delta, correlated, chosen } = dealt(30, "trees");
  const leaves = new Uint32Array(5 * 64 * BLOCK);
  const corrections = growAll(shape, correlated, delta, leaves);
  const holes = holesOf(shape, chosen.choices);
  const punctured = new Uint32Array(leaves.length);
  growPunctured(shape, chosen.rows, corrections, { choices: chosen.choices, holes }, punctured);

  test("the leaves of a tree add up to Delta", () => {
    for (let tree = 0; tree < 5; tree++) {
      const sum = new Uint32Array(BLOCK);
      for (let leaf = 0; leaf < 64; leaf++)
        sum.forEach((_, w) => (sum[w]! ^= block(leaves, leaf * 5 + tree)[w]!));
      expect(sum).toEqual(delta);
    }
    expect(new Set(allStrings(leaves)).size).toBe(5 * 64);
  });

  test("the other side has all but its holes, and there the leaf plus Delta", () => {
    for (let i = 0; i < 5 * 64; i++) {
      const isHole = holes[i % 5] === Math.floor(i / 5);
      const wanted = block(leaves, i).map((word, w) => (isHole ? word ^ delta[w]! : word));
      expect(block(punctured, i)).toEqual(wanted);
    }
  });

  test("a hole lies behind the branches that were not chosen", () => {
    holes.forEach((hole, tree) => {
      for (let level = 0; level < 6; level++)
        expect((hole >>> (5 - level)) & 1).toBe(getBit(chosen.choices, level * 5 + tree) ^ 1);
    });
  });

  // Whoever has guessed a bit of each piece of Delta can choose trees of SoftSpokenOT that give it equal blocks (10.2).
  test.each([
    ["left", "left", 0b1000],
    ["left", "right", 0b1010],
    ["right", "left", 0b1001],
    ["right", "right", 0b1011],
  ])("two that begin with one block, %s and %s, do not add up to Delta", (_first, _second, bits) => {
    const pair = treeShape(PLACE, { trees: 2, depth: 2 });
    const choices = Uint32Array.of(bits);
    const rows = randomWords(seededRng("alike"), 4 * BLOCK);
    rows.copyWithin(BLOCK, 0, BLOCK);
    const grown = rows.map((word, i) => word ^ (-getBit(choices, i >>> 2) & delta[i & 3]!));
    const sent = growAll(pair, grown, delta, new Uint32Array(8 * BLOCK));
    const nodes = new Uint32Array(8 * BLOCK);
    const own = { choices, holes: holesOf(pair, choices) };
    growPunctured(pair, rows, sent, own, nodes);
    const [left, right] = [0, 1].map((tree) => block(nodes, (own.holes[tree]! ^ 1) * 2 + tree));
    expect(left!.map((word, w) => word ^ right![w]! ^ rows[w]!)).not.toEqual(delta);
  });
});

const SIZES: Expansions = { count: 1, transfers: 3000, trees: 7, depth: 10 };

/** One expansion by both sides. */
function expand(seed: string) {
  const { delta, correlated, chosen } = dealt(seedTransfers(SIZES), seed);
  const grown = grow(PLACE, SIZES, correlated, delta, new ExpansionMemory([SIZES]));
  const punctured = puncture(PLACE, SIZES, chosen, grown.corrections, new ExpansionMemory([SIZES]));
  return { delta, grown, punctured, proof: grown.prove(punctured.masked) };
}

describe("an expansion", () => {
  const { delta, grown, punctured, proof } = expand("honest");

  test("gives blocks that differ by Delta where the lowest bit says so, each time", () => {
    for (let j = 0; j < SIZES.transfers; j++) {
      const [theirs, own] = [block(grown.blocks, j), block(punctured.blocks, j)];
      const choice = own[0]! & 1;
      const mask = -choice;
      expect(theirs[0]! & 1).toBe(0);
      expect(own).toEqual(theirs.map((word, w) => word ^ ((w === 0 ? delta[0]! | 1 : delta[w]!) & mask)));
    }
    expect(new Set(allStrings(grown.blocks)).size).toBe(SIZES.transfers);
  });

  test("makes about as many choices of 1 as of 0", () => {
    const ones = Array.from({ length: SIZES.transfers }, (_, j) => block(punctured.blocks, j)[0]! & 1);
    const count = ones.reduce((sum, bit) => sum + bit, 0);
    expect(Math.abs(count - SIZES.transfers / 2)).toBeLessThan(4 * Math.sqrt(SIZES.transfers / 4));
  });

  test("has a proof that both sides agree on, and that depends on the mask", () => {
    expect(Buffer.from(proof)).toEqual(Buffer.from(punctured.proof));
    const masked = punctured.masked.slice();
    masked[2]! ^= 1;
    expect(Buffer.from(grown.prove(masked))).not.toEqual(Buffer.from(punctured.proof));
  });

  test("masks the weight of the holes: other masks for the same holes", () => {
    const { correlated, chosen, delta: same } = dealt(seedTransfers(SIZES), "honest");
    const choices = chosen.choices.slice();
    const last = seedTransfers(SIZES) - 1;
    choices[last >>> 5]! ^= 1 << (last & 31);
    const rows = chosen.rows.map((word, i) => (i >>> 2 === last ? word ^ same[i & 3]! : word));
    const memory = new ExpansionMemory([SIZES]);
    const { corrections } = grow(PLACE, SIZES, correlated, same, memory);
    const other: Punctured = puncture(PLACE, SIZES, { choices, rows }, corrections, memory);
    expect(other.masked.map((word, w) => word ^ punctured.masked[w]!)).toEqual(
      Uint32Array.of(0, 0, 0, 2 ** 31),
    );
  });
});

describe("a grower that sends other corrections than its trees have", () => {
  const shape = { ...SIZES, transfers: 32, trees: 8, depth: 3 };
  const { delta, correlated } = dealt(seedTransfers(shape), "cheat");
  const memory = new ExpansionMemory([shape]);
  const honest = grow(PLACE, shape, correlated, delta, memory);
  const sent = honest.corrections.slice();
  // On the last level but one of the second tree.
  sent[BLOCK + 2]! ^= 1 << 20;

  /** What a chooser with these choices of branches has of the altered trees, and how it masks its holes. */
  function chosen(choices: Uint32Array) {
    const rows = correlated.map((word, i) => word ^ (-getBit(choices, i >>> 2) & delta[i & 3]!));
    return { rows, ...puncture(PLACE, shape, { choices, rows }, sent, memory) };
  }

  /** The proof of a cheater that takes the holes for those of `guess`: of the leaves that such a chooser has, but for its holes. */
  function cheat(guess: Uint32Array, masked: Uint32Array): Uint8Array {
    const { rows } = chosen(guess);
    const leaves = new Uint32Array(8 * 8 * BLOCK);
    const holes = holesOf(shape, guess);
    growPunctured(treeShape(PLACE, shape), rows, sent, { choices: guess, holes }, leaves);
    holes.forEach((leaf, tree) =>
      block(leaves, leaf * 8 + tree).forEach((word, w, hole) => (hole[w] = word ^ delta[w]!)),
    );
    takeLowBits(leaves);
    const sacrificed = correlated.slice(24 * BLOCK);
    takeLowBits(sacrificed);
    const seed = weightsOf(PLACE, sent);
    const sums = { sum: weightedSum(seed, leaves, 8), mask: joined(sacrificed) };
    const odd = delta.map((word, w) => (w === 0 ? word | 1 : word));
    return proofOf(PLACE, seed, growersClaim(sums, odd, masked));
  }

  test("passes 1 in 4 times: just where it has guessed the two branches down to the level that it altered", () => {
    const rng = seededRng("cheat's choosers");
    const guess = randomWords(rng, 5);
    const ofTree = (choices: Uint32Array) => [1, 9].map((i) => getBit(choices, i)).join("");
    let passed = 0;
    for (let i = 0; i < 160; i++) {
      const choices = randomWords(rng, 5);
      const { masked, proof } = chosen(choices);
      const told = cheat(guess, masked);
      const guessed = ofTree(choices) === ofTree(guess);
      if (guessed) passed++;
      const check = () => checkExpansion(proof, told);
      if (guessed) expect(check).not.toThrow();
      else expect(check).toThrow(expect.objectContaining({ code: "check" }));
    }
    expect(passed).toBeGreaterThan(20);
    expect(passed).toBeLessThan(60);
  });

  test("does not pass with the proof of the trees that it grew", () => {
    const { masked, proof } = chosen(randomWords(seededRng("one"), 5));
    expect(() => checkExpansion(proof, honest.prove(masked))).toThrow(
      expect.objectContaining({ code: "check" }),
    );
  });
});

test("a source whose partner sends other corrections ends with `check`", async () => {
  const draw = { purpose: "bits", kind: "bits", transfers: 65_536 } as const;
  const sources = await testTransfers(SESSION, undefined, 4, "silent");
  const altered = runParties(async (ch, role) => {
    const send: typeof ch.send = async (message) => {
      if (role === "sender" && message.type === "treeCorrections") message.data[77]! ^= 1;
      await ch.send(message);
    };
    const through = { recv: ch.recv.bind(ch), send } as typeof ch;
    await sources[role].prepare(through, 0, { sender: [draw], receiver: [draw] });
  });
  await expect(altered).rejects.toMatchObject({ code: "check" });
});

describe("as a source", () => {
  const draws: Draws = {
    sender: [
      { purpose: "few", kind: "blocks", transfers: 1000 },
      { purpose: "bits", kind: "bits", transfers: 65_536 },
      { purpose: "rows", kind: "correlated", transfers: 333 },
    ],
    receiver: [{ purpose: "bits", kind: "bits", transfers: 70_001 }],
  };
  let sources: Readonly<Record<Role, OtSource>>;
  let sent: string[];
  beforeAll(async () => {
    sources = await testTransfers(SESSION, undefined, 4, "silent");
    const { log } = await runParties(async (ch, role) => await sources[role].prepare(ch, 5, draws));
    sent = log.receiver.map(({ direction, frame }) => `${direction} ${decodeFrame(frame).message.type}`);
  });

  test("the receiver sends first, and nothing is sent once transfers are drawn", async () => {
    expect(sent[0]).toBe("sent otCorrections");
    expect([...new Set(sent.filter((each) => each.startsWith("sent")))]).toEqual([
      "sent otCorrections",
      "sent treeCorrections",
      "sent silentMask",
      "sent silentProof",
    ]);
    const { log } = await runParties(async (ch, role) => {
      if (role === "sender") return void (await sources.sender.sending("few", 5).blocks(ch, 10));
      await sources.receiver.receiving("few", 5).blocks(ch, 10);
    });
    expect([log.sender, log.receiver]).toEqual([[], []]);
  });

  test("gives the chosen bit of each pair in several draws, and other ones in each", async () => {
    const counts = [33, 1, 40_000];
    const { sender, receiver } = await runParties(async (ch, role) => {
      const taken = [];
      const supply =
        role === "sender" ? sources.sender.sending("bits", 5) : sources.receiver.receiving("bits", 5);
      for (const count of counts) taken.push(await supply.bits(ch, count));
      return taken;
    });
    counts.forEach((count, draw) => {
      const both = sender[draw] as { zero: Uint32Array; one: Uint32Array };
      const { choices, chosen } = receiver[draw] as { choices: Uint32Array; chosen: Uint32Array };
      expect(chosen.length).toBe(Math.ceil(count / 32));
      expect(chosen).toEqual(both.zero.map((word, w) => word ^ ((word ^ both.one[w]!) & choices[w]!)));
    });
    const [, , many] = sender as { zero: Uint32Array; one: Uint32Array }[];
    const differ = many!.zero.reduce((sum, word, w) => sum + popcount(word ^ many!.one[w]!), 0);
    expect(Math.abs(differ - 20_000)).toBeLessThan(4 * 100);
  });

  test("gives correlated transfers as they are, without the lowest bit, each once", async () => {
    const { sender, receiver } = await runParties(async (ch, role) => {
      const rows = [];
      const supply =
        role === "sender" ? sources.sender.sending("rows", 5) : sources.receiver.receiving("rows", 5);
      for (const count of [33, 256]) rows.push(await supply.correlated(ch, count));
      return rows;
    });
    const all: string[] = [];
    for (const [draw, ofSender] of sender.entries()) {
      const { rows, delta } = ofSender as SenderRows;
      const { choices, rows: chosen } = receiver[draw] as ReceiverRows;
      expect(chosen).toEqual(rows.map((word, i) => word ^ (-getBit(choices, i >>> 2) & delta[i & 3]!)));
      expect(delta.some((word) => word !== 0)).toBe(true);
      for (const words of [rows, chosen, delta])
        expect(words.filter((word, i) => i % 4 === 0 && word % 2 === 1)).toHaveLength(0);
      all.push(...allStrings(rows, chosen));
    }
    // A chosen row is the sender's own where the choice is 0: 289 rows, and one more for each choice of 1.
    const ones = (receiver as ReceiverRows[]).reduce((sum, { choices, rows }) => {
      const bits = Array.from({ length: rows.length / BLOCK }, (_, i) => getBit(choices, i));
      return sum + bits.filter((bit) => bit === 1).length;
    }, 0);
    expect(Math.abs(ones - 289 / 2)).toBeLessThan(4 * Math.sqrt(289 / 4));
    expect(new Set(all).size).toBe(289 + ones);
  });

  test("makes what was not prepared as SoftSpokenOT does", async () => {
    const { sender, receiver } = await runParties(async (ch, role) =>
      role === "sender"
        ? { both: await sources.sender.sending("other", 5).blocks(ch, 100) }
        : { one: await sources.receiver.receiving("other", 5).blocks(ch, 100) },
    );
    const { choices, chosen } = receiver.one!;
    for (let i = 0; i < 100; i++)
      expect(stringAt(chosen, i)).toBe(
        stringAt(getBit(choices, i) === 1 ? sender.both!.one : sender.both!.zero, i),
      );
  });

  test("hands out no more than was prepared, and nothing of another kind", async () => {
    const supply = sources.sender.sending("few", 6);
    await runParties(async (ch, role) => await sources[role].prepare(ch, 7, draws));
    const prepared = sources.sender.sending("few", 7);
    expect(prepared.constructor).not.toBe(supply.constructor);
    const nobody = {} as never;
    expect(() => prepared.bits(nobody, 1)).toThrow(RangeError);
    expect(() => prepared.blocks(nobody, 1025)).toThrow(RangeError);
    expect(() => prepared.correlated(nobody, 1)).toThrow(RangeError);
  });
});

function popcount(word: number): number {
  let count = 0;
  for (let rest = word >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count++;
  return count;
}

test.each([
  [70_176, { count: 1, transfers: 70_176, trees: 549, depth: 8 }],
  [2 ** 18, { count: 1, transfers: 2 ** 18, trees: 512, depth: 10 }],
  [2 ** 18 + 1, { count: 2, transfers: 131_104, trees: 513, depth: 9 }],
  [5_600_000, { count: 22, transfers: 254_560, trees: 498, depth: 10 }],
])("the expansions for %i transfers", (transfers, expected) => {
  expect(expansionsOf(transfers)).toEqual(expected);
});

// Vectors of oblivious linear evaluations: what both sides have, against schoolbook arithmetic, and what the check catches.
import { FixedKeyAes, getBit, randomWords } from "@halfroom/crypto";
import { vectorDraw, type Draw, type Draws, type ReceiverVector, type SenderVector } from "@halfroom/mpc";
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
import { ExpansionMemory } from "../src/silent/expansion.ts";
import { VECTOR, VECTOR_TRANSFERS } from "../src/silent/parameters.ts";
import { correctionWords, growPunctured, holesOf, treeShape } from "../src/silent/trees.ts";
import { growVector, punctureVector } from "../src/silent/vector.ts";
import { allStrings, SESSION } from "./ot-parties.ts";

const BLOCK = 4;
const { trees: TREES, depth: DEPTH } = VECTOR;
const LEVELS = TREES * DEPTH;
const PLACE: Place = { session: SESSION, direction: "sender", shard: 3, expansion: 2 };
const block = (blocks: Uint32Array, i: number) => blocks.subarray(i * BLOCK, (i + 1) * BLOCK);

/** The element whose coefficients are the bits of a block. */
function polynomial(words: Uint32Array): bigint {
  return words.reduceRight((value, word) => (value << 32n) | BigInt(word), 0n);
}

/** Schoolbook multiplication in GF(2)[x] / (x^128 + x^7 + x^2 + x + 1). */
function multiply(a: bigint, b: bigint): bigint {
  let product = 0n;
  for (let i = 0n; i < 128n; i++) if ((a >> i) & 1n) product ^= b << i;
  for (let i = 254n; i >= 128n; i--) if ((product >> i) & 1n) product ^= ((1n << 128n) | 0x87n) << (i - 128n);
  return product;
}

/** Whether the receiver has the sender's row plus Delta times its own factor, in the places of `stride`. */
function expectRelation(sender: SenderVector, receiver: ReceiverVector, stride: number): void {
  const delta = polynomial(sender.delta);
  for (let j = 0; j < VECTOR.transfers; j += stride)
    expect(polynomial(block(receiver.rows, j))).toBe(
      polynomial(block(sender.rows, j)) ^ multiply(polynomial(block(receiver.factors, j)), delta),
    );
}

/** Correlated transfers as expansions make them: without the lowest bits. */
function dealt(seed: string) {
  const rng = seededRng(seed);
  const even = (word: number, i: number) => (i % BLOCK === 0 ? word & ~1 : word);
  const delta = randomWords(rng, BLOCK).map(even);
  const rows = randomWords(rng, VECTOR_TRANSFERS * BLOCK).map(even);
  const choices = randomWords(rng, VECTOR_TRANSFERS / 32);
  return { sender: { rows, delta }, receiver: chosen({ rows, delta }, choices) };
}

function chosen({ rows, delta }: { rows: Uint32Array; delta: Uint32Array }, choices: Uint32Array) {
  return { choices, rows: rows.map((word, i) => word ^ (-getBit(choices, i >>> 2) & delta[i & 3]!)) };
}

const memory = new ExpansionMemory([VECTOR]);

describe("a vector", () => {
  test.each(["one", "two", "three"])("fits schoolbook arithmetic: seed %s", (seed) => {
    const { sender, receiver } = dealt(seed);
    const grown = growVector(PLACE, sender, memory);
    const punctured = punctureVector(PLACE, receiver, grown.corrections, memory);
    expectRelation(grown.vector, punctured.vector, 509);
    expect(Buffer.from(grown.prove(punctured.masked))).toEqual(Buffer.from(punctured.proof));
    expect(new Set(allStrings(grown.vector.rows)).size).toBe(VECTOR.transfers);
    expect(new Set(allStrings(punctured.vector.factors)).size).toBe(VECTOR.transfers);
  });

  test("has factors of which no bit is fixed and half are set", () => {
    const { sender, receiver } = dealt("factors");
    const { corrections } = growVector(PLACE, sender, memory);
    const { factors } = punctureVector(PLACE, receiver, corrections, memory).vector;
    const ones = new Uint32Array(128);
    for (let at = 0; at < factors.length; at++)
      for (let b = 0; b < 32; b++) ones[(at % BLOCK) * 32 + b]! += (factors[at]! >>> b) & 1;
    const deviation = Math.sqrt(VECTOR.transfers / 4);
    for (const count of ones) expect(Math.abs(count - VECTOR.transfers / 2)).toBeLessThan(6 * deviation);
  });

  test("masks the weight of the holes: another choice in the last 128 transfers changes the mask alone", () => {
    const { sender, receiver } = dealt("masks");
    const { corrections } = growVector(PLACE, sender, memory);
    const first = punctureVector(PLACE, receiver, corrections, memory);
    const choices = receiver.choices.slice();
    choices[choices.length - 1]! ^= 2 ** 31;
    const other = punctureVector(PLACE, chosen(sender, choices), corrections, memory);
    expect(other.masked.map((word, w) => word ^ first.masked[w]!)).toEqual(Uint32Array.of(0, 0, 0, 2 ** 31));
    expect(allStrings(other.vector.rows, other.vector.factors)).toEqual(
      allStrings(first.vector.rows, first.vector.factors),
    );
  });

  test("of another number, shard or direction has nothing in common with it", () => {
    const { sender } = dealt("places");
    const rows = [
      PLACE,
      { ...PLACE, expansion: 3 },
      { ...PLACE, shard: 4 },
      { ...PLACE, direction: "receiver" } as const,
    ].flatMap((place) => allStrings(growVector(place, sender, memory).vector.rows.subarray(0, 400)));
    expect(new Set(rows).size).toBe(400);
  });
});

describe("a grower that alters what it sends", () => {
  const { sender } = dealt("cheat");
  const { corrections, prove } = growVector(PLACE, sender, memory);
  const rng = seededRng("cheat's choosers");
  const someChoices = () => randomWords(rng, VECTOR_TRANSFERS / 32);
  const noCheck = expect.objectContaining({ code: "check" });

  test.each([
    ["a correction of a tree", 77],
    ["a sum of leaves", correctionWords(VECTOR) + 41],
  ])("%s does not pass with the proof of what it grew", (_, word) => {
    const sent = corrections.slice();
    sent[word]! ^= 1 << 9;
    const { masked, proof } = punctureVector(PLACE, chosen(sender, someChoices()), sent, memory);
    expect(() => checkExpansion(proof, prove(masked))).toThrow(noCheck);
  });

  test("passes with a wrong sum where it has guessed the hole of the tree, and nowhere else", () => {
    const tree = 5;
    const error = Uint32Array.of(0, 1 << 3, 0, 0);
    const sent = corrections.slice();
    error.forEach((word, w) => (sent[correctionWords(VECTOR) + tree * BLOCK + w]! ^= word));
    const guess = someChoices();
    const guessed = holesOf(VECTOR, guess)[tree]!;
    const seed = weightsOf(PLACE, sent);
    // The leaves that a chooser with this hole takes the grower to have: the error is in the hole.
    const leaves = honestLeaves(guess);
    error.forEach((word, w) => (block(leaves, guessed * TREES + tree)[w]! ^= word));
    const mask = joined(sender.rows.subarray((LEVELS + 128 * TREES) * BLOCK));
    const sums = { sum: weightedSum(seed, leaves, TREES), mask };
    const told = (masked: Uint32Array) => proofOf(PLACE, seed, growersClaim(sums, sender.delta, masked));
    for (const isGuessed of [true, false, true, false]) {
      const choices = someChoices();
      for (let level = 0; level < DEPTH; level++) {
        const i = level * TREES + tree;
        const bit = getBit(guess, i) ^ (level === 6 && !isGuessed ? 1 : 0);
        choices[i >>> 5] = (choices[i >>> 5]! & ~(1 << (i & 31))) | (bit << (i & 31));
      }
      const { masked, proof } = punctureVector(PLACE, chosen(sender, choices), sent, memory);
      const check = () => checkExpansion(proof, told(masked));
      if (isGuessed) expect(check).not.toThrow();
      else expect(check).toThrow(noCheck);
    }
  });

  /** The grower's hashed leaves, put together from what two choosers with different holes everywhere have. */
  function honestLeaves(choices: Uint32Array): Uint32Array {
    const opposite = choices.map((word) => ~word);
    const [first, second] = [choices, opposite].map((each) => {
      return leavesOf(chosen(sender, each).rows, each);
    });
    const holes = holesOf(VECTOR, choices);
    return first!.map((word, at) => {
      const i = at >>> 2;
      return holes[i % TREES] === Math.floor(i / TREES) ? second![at]! : word;
    });
  }

  /** A chooser's leaves, hashed: wrong in its holes. */
  function leavesOf(rows: Uint32Array, choices: Uint32Array): Uint32Array {
    const leaves = new Uint32Array(TREES * 2 ** DEPTH * BLOCK);
    const holes = holesOf(VECTOR, choices);
    growPunctured(treeShape(PLACE, VECTOR), rows, corrections, { choices, holes }, leaves);
    const hash = new FixedKeyAes("silent/leaves", SESSION, "sender", PLACE.shard, PLACE.expansion);
    return hash.tweakedHash(leaves, 0);
  }
});

describe("as a source", () => {
  const bits: Draw = { purpose: "bits", kind: "bits", transfers: 65_536 };
  const draws: Draws = { sender: [vectorDraw("vector", 1000), bits], receiver: [bits] };

  async function prepared(alter: (data: Uint8Array, message: number) => void = () => {}) {
    const sources = await testTransfers(SESSION, undefined, 4, "silent");
    const { log } = await runParties(async (ch, role) => {
      let corrections = 0;
      const send: typeof ch.send = async (message) => {
        if (role === "sender" && message.type === "treeCorrections") alter(message.data, corrections++);
        await ch.send(message);
      };
      await sources[role].prepare({ recv: ch.recv.bind(ch), send } as typeof ch, 5, draws);
    });
    return { sources, log };
  }

  let honest: Awaited<ReturnType<typeof prepared>>;
  beforeAll(async () => {
    honest = await prepared();
  });

  test("gives both sides their ends, once", () => {
    const { sender, receiver } = honest.sources;
    expectRelation(sender.sendingVector("vector", 5), receiver.receivingVector("vector", 5), 997);
    expect(() => sender.sendingVector("vector", 5)).toThrow(RangeError);
    expect(() => receiver.receivingVector("vector", 5)).toThrow(RangeError);
    expect(() => receiver.sendingVector("vector", 5)).toThrow(RangeError);
  });

  test("sends its corrections behind those of the expansions, and nothing more than one mask and one proof", () => {
    const sent = honest.log.sender
      .filter(({ direction }) => direction === "sent")
      .map(({ frame }) => decodeFrame(frame).message);
    const bytesOf = (type: string) =>
      sent.flatMap((message) => (message.type === type && "data" in message ? [message.data.length] : []));
    // 196,224 transfers of direction `sender`: one expansion, T = 767, H = 9.
    expect(bytesOf("treeCorrections")).toEqual([16 * 767 * 8, 16 * 960 * 8]);
    expect(bytesOf("silentProof")).toEqual([64]);
    expect(bytesOf("silentMask")).toEqual([16]);
  });

  test("whose grower alters the vector's corrections ends with `check`", async () => {
    const altered = prepared((data, message) => {
      if (message === 1) data[16 * 960 * 7 + 5]! ^= 1;
    });
    await expect(altered).rejects.toMatchObject({ code: "check" });
  });

  test("makes none for more elements than there are", () => {
    expect(vectorDraw("vector", 122_880).transfers).toBe(130_688);
    expect(() => vectorDraw("vector", 122_881)).toThrow(RangeError);
  });
});

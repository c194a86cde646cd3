// GGM trees against a plain recursive growth: the same leaves for who knows all, all but one for who does not.
import { createCipheriv } from "node:crypto";
import { hash256, randomWords } from "@halfroom/crypto";
import { branchOff, correctionWords, growPunctured, growTrees, treePrg } from "@halfroom/mpc";
import { seededRng } from "@halfroom/testkit";
import { describe, expect, test } from "vitest";
import { allStrings, SESSION } from "./ot-parties.ts";
import { rank } from "./rank.ts";

const DEPTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const PURPOSE = "test/trees";
const BLOCK_BYTES = 16;

/** Children are pi_0(x) xor x and pi_1(x) xor x, with AES-128 under the derived keys as pi. */
function childOf(label: string) {
  const key = hash256(label, SESSION, PURPOSE).subarray(0, BLOCK_BYTES);
  return (node: Buffer): Buffer => {
    const image = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false).update(node);
    return Buffer.from(image.map((byte, i) => byte ^ node[i]!));
  };
}
const leftChild = childOf("ggm/left");
const rightChild = childOf("ggm/right");

function leavesBelow(node: Buffer, levels: number): Buffer[] {
  if (levels === 0) return [node];
  return [...leavesBelow(leftChild(node), levels - 1), ...leavesBelow(rightChild(node), levels - 1)];
}

const blockBytes = (blocks: Uint32Array, index: number) =>
  Buffer.from(blocks.slice(index * 4, (index + 1) * 4).buffer);

/** Strings for all levels of the trees, as the transfers would give them, and the trees grown from them. */
function grow(trees: number, depth: number, seed: string, purpose = PURPOSE, session = SESSION) {
  const rng = seededRng(seed);
  const zero = randomWords(rng, trees * depth * 4);
  const one = randomWords(rng, trees * depth * 4);
  const prg = treePrg(session, purpose);
  return { prg, zero, one, ...growTrees(prg, zero.slice(), one.slice(), trees, depth) };
}

/** What the other party gets by its transfers: at each level the string of the branch that leaves the path. */
function knownStrings(zero: Uint32Array, one: Uint32Array, holes: Uint32Array, depth: number): Uint32Array {
  const known = new Uint32Array(zero.length);
  for (let tree = 0; tree < holes.length; tree++) {
    const path = holes[tree]!.toString(2).padStart(depth, "0");
    for (let level = 0; level < depth; level++) {
      const at = (tree * depth + level) * 4;
      known.set((path[level] === "0" ? one : zero).subarray(at, at + 4), at);
    }
  }
  return known;
}

/** A tree for each hole there is; a few more trees where those are few. */
function everyHole(depth: number): Uint32Array {
  return Uint32Array.from({ length: Math.max(2 ** depth, 33) }, (_, tree) => tree % 2 ** depth);
}

describe.each(DEPTHS)("trees of depth %i", (depth) => {
  const leaves = 2 ** depth;

  test("have the leaves of a plain recursive growth", () => {
    const trees = 3;
    const grown = grow(trees, depth, `plain ${depth}`);
    expect(grown.leaves.length).toBe(trees * leaves * 4);
    for (let tree = 0; tree < trees; tree++) {
      const tops = [grown.zero, grown.one].map((strings) => blockBytes(strings, tree * depth));
      const expected = tops.flatMap((top) => leavesBelow(top, depth - 1));
      for (const [leaf, bytes] of expected.entries()) {
        if (Buffer.compare(blockBytes(grown.leaves, tree * leaves + leaf), bytes) !== 0)
          expect.fail(`leaf ${leaf} of tree ${tree}`);
      }
    }
  });

  test("are known but for the hole, at every place", () => {
    const holes = everyHole(depth);
    const { prg, zero, one, ...grown } = grow(holes.length, depth, `holes ${depth}`);
    expect(grown.corrections.length).toBe(correctionWords(holes.length, depth));
    const known = knownStrings(zero, one, holes, depth);
    const punctured = growPunctured(prg, known, grown.corrections, holes, holes.length, depth);
    const expected = grown.leaves.slice();
    holes.forEach((hole, tree) => {
      const at = (tree * leaves + hole) * 4;
      expected.fill(0, at, at + 4);
    });
    expect(Buffer.compare(Buffer.from(punctured.buffer), Buffer.from(expected.buffer))).toBe(0);
  });
});

describe("the hole", () => {
  // Up to depth 6 all that the party has is fewer blocks than a block has bits, so what it can compute by xor shows.
  test.each(
    DEPTHS.slice(0, 6).flatMap((depth) => [0, 1, 2 ** depth - 1].map((hole) => [depth, hole] as const)),
  )("of depth %i at %i is no xor of anything that the party has", (depth, hole) => {
    const holes = Uint32Array.of(hole);
    const { prg, zero, one, ...grown } = grow(1, depth, `span ${depth} ${hole}`);
    const known = knownStrings(zero, one, holes, depth);
    const punctured = growPunctured(prg, known, grown.corrections, holes, 1, depth);
    const has = [punctured, known, grown.corrections].flatMap((blocks) =>
      Array.from({ length: blocks.length / 4 }, (_, i) => blocks.slice(i * 4, i * 4 + 4)),
    );
    const leaf = grown.leaves.slice(hole * 4, hole * 4 + 4);
    expect(rank([...has, leaf])).toBe(rank(has) + 1);
    // The string that it was not given, at the last level, would show it.
    const at = (depth - 1) * 4;
    const hidden = (hole % 2 === 0 ? zero : one).slice(at, at + 4);
    expect(rank([...has, hidden, leaf])).toBe(rank([...has, hidden]));
  });

  test.each([2, 5, 10])("of depth %i does not hang on the corrections of its own path", (depth) => {
    // They are masked by strings that the party never gets: it uses none of them, random ones do as well.
    const holes = everyHole(depth);
    const { prg, zero, one, ...grown } = grow(holes.length, depth, `path ${depth}`);
    const known = knownStrings(zero, one, holes, depth);
    const replaced = grown.corrections.slice();
    const noise = randomWords(seededRng(`noise ${depth}`), 4);
    holes.forEach((hole, tree) => {
      for (let level = 1; level < depth; level++) {
        const onPath = (hole >>> (depth - 1 - level)) & 1;
        replaced.set(noise, ((tree * (depth - 1) + level - 1) * 2 + onPath) * 4);
      }
    });
    const punctured = (corrections: Uint32Array) =>
      Buffer.from(growPunctured(prg, known, corrections, holes, holes.length, depth).buffer);
    expect(Buffer.compare(punctured(replaced), punctured(grown.corrections))).toBe(0);
  });
});

test("branchOff leaves the path at each level and nowhere else", () => {
  for (const depth of DEPTHS) {
    for (let hole = 0; hole < 2 ** depth; hole++) {
      let path = 0;
      for (let level = 0; level < depth; level++) path = path * 2 + (1 - branchOff(hole, depth, level));
      expect(path).toBe(hole);
    }
  }
});

describe("no leaf serves twice", () => {
  test("all leaves of all trees differ", () => {
    const leaves = allStrings(grow(129, 6, "distinct").leaves);
    expect(new Set(leaves).size).toBe(129 * 64);
  });

  test("from the same strings, purpose and session set the leaves apart", () => {
    const runs = [
      grow(5, 4, "same"),
      grow(5, 4, "same", "test/other trees"),
      grow(5, 4, "same", PURPOSE, SESSION.with(0, 0)),
    ].flatMap(({ leaves }) => allStrings(leaves));
    expect(new Set(runs).size).toBe(3 * 5 * 16);
    expect(runs.slice(0, 80)).toEqual(allStrings(grow(5, 4, "same").leaves));
  });
});

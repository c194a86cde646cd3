// Circuits over bit vectors against the same functions of clear bits.
import { bitWords, getBit, randomWords, setBit } from "@halfroom/crypto";
import { andAll, Gates, or, prefixOr, prefixOrTripleWords, type Role } from "@halfroom/mpc";
import { seededRng } from "@halfroom/testkit";
import { describe, expect, test } from "vitest";
import { dealTriples, runBoth } from "./gmw-parties.ts";

/** Shares of bits of which one in `oneIn` is 1; garbage behind the last. */
function shareBits(bits: readonly number[], seed: string): Record<Role, Uint32Array> {
  const rng = seededRng(seed);
  const [sender, receiver] = [
    randomWords(rng, bitWords(bits.length)),
    randomWords(rng, bitWords(bits.length)),
  ];
  bits.forEach((bit, i) => setBit(receiver, i, bit ^ getBit(sender, i)));
  return { sender, receiver };
}

function randomBits(count: number, oneIn: number, seed: string): number[] {
  return [...seededRng(seed).bytes(count)].map((byte) => Number(byte % oneIn === 0));
}

const opened = ({ sender, receiver }: Record<Role, Uint32Array>, count: number) =>
  Array.from({ length: count }, (_, i) => getBit(sender, i) ^ getBit(receiver, i));

describe("andAll", () => {
  test.each([1, 2, 3, 5, 8, 11])("of %i vectors", async (count) => {
    const n = 1000;
    // Mostly ones, so that the AND of many is not always zero.
    const vectors = Array.from({ length: count }, (_, i) =>
      randomBits(n, 12, `and ${count} ${i}`).map((bit) => 1 - bit),
    );
    const shares = vectors.map((bits, i) => shareBits(bits, `and shares ${i}`));
    const triples = dealTriples((count - 1) * bitWords(n), seededRng("and triples"));
    const run = await runBoth((ch, role) =>
      andAll(
        new Gates(ch, role, triples[role]),
        shares.map((each) => each[role]),
      ),
    );
    expect(opened(run, n)).toEqual(vectors[0]!.map((_, i) => Number(vectors.every((bits) => bits[i] === 1))));
    expect(triples.sender.left).toBe(0);
    expect(run.sent.sender).toBe(Math.ceil(Math.log2(count)));
  });
});

test("or is the OR, bit by bit", async () => {
  const [x, y] = [randomBits(500, 2, "x"), randomBits(500, 2, "y")];
  const [ofX, ofY] = [shareBits(x, "share x"), shareBits(y, "share y")];
  const triples = dealTriples(bitWords(500), seededRng("or triples"));
  const run = await runBoth((ch, role) =>
    or(
      new Gates(ch, role, triples[role]),
      { name: "x", bits: ofX[role] },
      { name: "y", bits: ofY[role] },
      "z",
    ),
  );
  expect(opened(run, 500)).toEqual(x.map((bit, i) => bit | y[i]!));
});

describe("prefixOr", () => {
  test.each([[[1]], [[2]], [[64]], [[65, 1, 33]], [[1, 1, 1]], [[0, 5, 0, 300]], [[]]])(
    "in segments of %j",
    async (lengths) => {
      const n = lengths.reduce((sum, length) => sum + length, 0);
      const bits = randomBits(n, 20, `prefix ${lengths.join()}`);
      const shares = shareBits(bits, "prefix shares");
      const words = prefixOrTripleWords(lengths);
      const triples = dealTriples(words, seededRng("prefix triples"));
      const run = await runBoth((ch, role) =>
        prefixOr(new Gates(ch, role, triples[role]), shares[role], lengths),
      );
      const expected = lengths.flatMap((length, segment) => {
        const start = lengths.slice(0, segment).reduce((sum, each) => sum + each, 0);
        return Array.from({ length }, (_, i) => Number(bits.slice(start, start + i + 1).includes(1)));
      });
      expect(opened(run, n)).toEqual(expected);
      expect(triples.receiver.left).toBe(0);
      expect(run.sent.receiver).toBe(Math.ceil(Math.log2(Math.max(1, ...lengths))));
    },
  );
});

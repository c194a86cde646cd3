// Half-trees and the hash of blocks: each engine against the plain definition.
import { describe, expect, test } from "vitest";
import { BlockHash, FixedKeyAes, growHalf, nativePasses, plainPasses, wasmPasses } from "@halfroom/crypto";
import { nativeAes } from "../src/aes-cipher.ts";
import { bytesOf } from "./group-fixtures.ts";

const pi = new FixedKeyAes("silent/trees", bytesOf("session", 32));
const native = nativePasses();
const engines = [plainPasses, wasmPasses()!, ...(native === undefined ? [] : [native])];
const ways = [
  ["array kernels", null] as const,
  ...(nativeAes === undefined ? [] : [["the add-on", nativeAes] as const]),
];
const blocksOf = (label: string, n: number) => new Uint32Array(bytesOf(label, n * 16).buffer).slice(0, n * 4);

function child([a, b, c, d]: Uint32Array): Uint32Array {
  const turned = Uint32Array.of(a! ^ c!, b! ^ d!, a!, b!);
  const out = new Uint32Array(4);
  pi.permute(turned, out);
  return out.map((word, w) => word ^ turned[w]!);
}

describe.each(engines)("$name", (engine) => {
  test.each([
    [1, 1],
    [4, 3],
    [2, 19],
    [64, 450],
    // More than the 1,024 blocks that WebAssembly works on at a time, in a row.
    [3, 1025],
  ])("grows %i rows of %i trees", (width, trees) => {
    const row = trees * 4;
    const parents = blocksOf(`parents ${width} ${trees}`, width * trees);
    const nodes = new Uint32Array(2 * width * row).fill(7);
    nodes.set(parents);
    const sums = growHalf(pi, nodes, width, trees, engine);
    const expected = new Uint32Array(row);
    for (let n = 0; n < width; n += Math.max(1, Math.floor(width / 3))) {
      for (let tree = 0; tree < trees; tree++) {
        const at = n * row + tree * 4;
        const parent = parents.subarray(at, at + 4);
        const left = child(parent);
        const place = 2 * n * row + tree * 4;
        expect(nodes.slice(place, place + 4)).toEqual(left);
        expect(nodes.slice(place + row, place + row + 4)).toEqual(left.map((word, w) => word ^ parent[w]!));
      }
    }
    for (let n = 0; n < width; n++)
      for (let at = 0; at < row; at++) expected[at]! ^= nodes[2 * n * row + at]!;
    expect(sums).toEqual(expected);
  });

  test("refuses trees without nodes", () => {
    expect(() => growHalf(pi, new Uint32Array(0), 0, 3, engine)).toThrow(RangeError);
    expect(() => growHalf(pi, new Uint32Array(0), 1, 0, engine)).toThrow(RangeError);
  });
});

describe.each(ways)("%s", (_, aes) => {
  test.each([0, 32, 160, 20_000])(
    "hashes %i blocks, with and without delta, as strings and as bits",
    (count) => {
      const blocks = blocksOf("blocks", count);
      const delta = blocksOf("delta", 1);
      const hash = new BlockHash(pi, aes);
      const tweak = 2 ** 33 + 5;
      const zero = pi.tweakedHash(blocks, tweak);
      const one = pi.tweakedHash(
        blocks.map((word, i) => word ^ delta[i % 4]!),
        tweak,
      );
      const strings = hash.strings(blocks, tweak, delta);
      expect([strings.zero, strings.one]).toEqual([zero, one]);
      expect(hash.strings(blocks, tweak).zero).toEqual(zero);
      const bits = hash.bits(blocks, tweak, delta);
      for (let i = 0; i < count; i += 7) {
        expect((bits.zero[i >>> 5]! >>> (i & 31)) & 1).toBe(zero[4 * i]! & 1);
        expect((bits.one[i >>> 5]! >>> (i & 31)) & 1).toBe(one[4 * i]! & 1);
      }
      expect(hash.bits(blocks, tweak).zero).toEqual(bits.zero);
    },
  );
});

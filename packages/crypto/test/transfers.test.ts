// The inner loops of the transfers: the native add-on and the array kernels against a plain definition, bit by bit.
import { AES_PATHS, loadNativeAes } from "@halfroom/crypto-native";
import { describe, expect, it } from "vitest";
import { AesStream, ColumnHash, FixedKeyAes, getBit, leafStreams } from "@halfroom/crypto";
import { bytesOf } from "./group-fixtures.ts";

const native = loadNativeAes();
const ways = [
  { name: "array kernels", aes: undefined },
  ...AES_PATHS.map((path) => ({ name: `the add-on with ${path}`, aes: loadNativeAes(path) })).filter(
    ({ aes }) => aes !== undefined,
  ),
];
const SESSION = bytesOf("session", 32);
const wordsOf = (label: string, words: number) => new Uint32Array(bytesOf(label, words * 4).buffer);

describe.each(ways)("$name", ({ aes }) => {
  const chosen = aes ?? null;

  it.each([
    [4, 1],
    [4, 3],
    [4, 700],
    [8, 5],
    [8, 300],
  ])("folds the leaves of trees of depth %d, %d words at a time", (k, words) => {
    const trees = 2;
    const keys = bytesOf(`keys ${k}`, (trees * 16) << k);
    const streams = leafStreams(keys, k, chosen);
    const plain = Array.from(
      { length: trees << k },
      (_, i) => new AesStream(keys.subarray(i * 16, i * 16 + 16)),
    );
    for (const hole of [0, 5, (1 << k) - 1]) {
      for (let tree = 0; tree < trees; tree++) {
        const sum = new Uint32Array(words);
        const rows = new Uint32Array(words * k);
        for (let leaf = 0; leaf < 1 << k; leaf++) {
          const stream = new Uint32Array(words);
          plain[(tree << k) + leaf]!.fill(stream);
          for (let w = 0; w < words; w++) {
            sum[w]! ^= stream[w]!;
            for (let b = 0; b < k; b++) if (((leaf ^ hole) >> b) & 1) rows[b * words + w]! ^= stream[w]!;
          }
        }
        const leaf = tree === 0 ? undefined : wordsOf(`leaf ${k}`, words);
        leaf?.forEach((word, w) => {
          sum[w]! ^= word;
          for (let b = 0; b < k; b++) if ((hole >> b) & 1) rows[b * words + w]! ^= word;
        });
        const found = new Uint32Array(words * k).fill(77);
        const foundSum = new Uint32Array(words).fill(77);
        streams.fold(tree, hole, found, foundSum, leaf);
        expect(foundSum).toEqual(sum);
        expect(found).toEqual(rows);
      }
    }
  });

  it.each([1, 3, 4, 5, 37, 520])("hashes the columns of %d words, with and without delta", (words) => {
    const hash = new FixedKeyAes("softspoken/hash", SESSION, `columns ${words}`);
    const columns = new ColumnHash(hash, chosen);
    const matrix = wordsOf(`matrix ${words}`, 128 * words);
    const delta = wordsOf("delta", 4);
    const blocks = new Uint32Array(words * 32 * 4);
    for (let row = 0; row < 128; row++) {
      for (let j = 0; j < words * 32; j++) {
        const bit = getBit(matrix.subarray(row * words, (row + 1) * words), j);
        blocks[j * 4 + (row >>> 5)]! |= bit << (row & 31);
      }
    }
    const tweak = 2 ** 33 + 17;
    const zero = hash.tweakedHash(blocks, tweak);
    const one = hash.tweakedHash(
      blocks.map((word, i) => word ^ delta[i % 4]!),
      tweak,
    );
    for (const count of [words * 32, words * 32 - 31]) {
      const strings = columns.strings(matrix.slice(), count, tweak, delta);
      expect(strings.zero).toEqual(zero.slice(0, count * 4));
      expect(strings.one).toEqual(one.slice(0, count * 4));
      expect(columns.strings(matrix.slice(), count, tweak)).toEqual({
        zero: zero.slice(0, count * 4),
        one: new Uint32Array(0),
      });
    }
    const bits = columns.bits(matrix.slice(), tweak, delta);
    for (let j = 0; j < words * 32; j++) {
      expect([getBit(bits.zero, j), getBit(bits.one, j)]).toEqual([zero[j * 4]! & 1, one[j * 4]! & 1]);
    }
    expect(columns.bits(matrix.slice(), tweak).zero).toEqual(bits.zero);
  });
});

it("the add-on refuses what does not fit", () => {
  if (native === undefined) return;
  const schedule = native.schedule(new Uint8Array(16));
  const some = new Uint8Array(16);
  const none = new Uint8Array(0);
  expect(() => native.fold(schedule, some, some, 4, 0, 0, none)).toThrow(RangeError);
  expect(() => native.fold(new Uint8Array(176 * 16), some, some, 4, 0, 0, none)).toThrow(RangeError);
  expect(() => native.fold(new Uint8Array(176 * 16), new Uint8Array(64), some, 4, 16, 0, none)).toThrow(
    RangeError,
  );
  const columns = {
    schedule,
    matrix: new Uint8Array(128 * 4),
    delta: some,
    zero: some,
    one: some,
    tweak: 0,
    bits: false,
  };
  for (const change of [
    { matrix: new Uint8Array(100) },
    { delta: some.subarray(1) },
    { one: new Uint8Array(32) },
    { tweak: -1 },
    { zero: new Uint8Array(16 * 33), one: new Uint8Array(16 * 33) },
  ]) {
    expect(() => native.hashColumns({ ...columns, ...change })).toThrow(RangeError);
  }
  native.hashColumns(columns);
});

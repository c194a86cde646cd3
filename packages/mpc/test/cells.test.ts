// Trees whose leaves are numbers: the add-on's one pass against the growth level by level, and both against the plain sums.
import { FixedKeyAes, nativeTreesOf, randomWords } from "@halfroom/crypto";
import { loadNativeAes } from "@halfroom/crypto-native";
import { branchOff, CellTrees, growTrees, treePrg } from "@halfroom/mpc";
import { seededRng } from "@halfroom/testkit";
import { describe, expect, test } from "vitest";
import { SESSION } from "./ot-parties.ts";

const prg = treePrg(SESSION, "test/cells");
const stretch = new FixedKeyAes("aggregate/stretch", SESSION, "test");
const native = nativeTreesOf({ ...prg, stretch }, loadNativeAes());
const WAYS = [
  { name: "level by level", trees: new CellTrees(prg, stretch, null) },
  ...(native === undefined
    ? []
    : [{ name: "in one pass of the add-on", trees: new CellTrees(prg, stretch, native) }]),
];

/** Strings of all levels, and the holes of a punctured half with what its owner knows. */
function strings(trees: number, depth: number) {
  const rng = seededRng(`cells ${trees} ${depth}`);
  const zero = randomWords(rng, trees * depth * 4);
  const one = randomWords(rng, trees * depth * 4);
  const holes = randomWords(rng, trees).map((word, tree) =>
    tree === 0 ? 0 : tree === 1 ? 2 ** depth - 1 : word % 2 ** depth,
  );
  const known = new Uint32Array(zero.length);
  for (let i = 0; i < trees * depth; i++) {
    const off = branchOff(holes[Math.floor(i / depth)]!, depth, i % depth);
    known.set((off === 1 ? one : zero).subarray(i * 4, i * 4 + 4), i * 4);
  }
  return { zero, one, holes, known };
}

const numbers = (words: Uint32Array) => new BigUint64Array(words.slice().buffer);
const wrap = (value: bigint) => BigInt.asUintN(64, value);

const SIZES = [1, 2, 3, 4, 5, 6, 8, 9, 11, 13].flatMap((depth) =>
  [1, 2, 3, 6].map((columns) => ({ depth, columns, trees: depth > 8 ? 3 : 19 })),
);

test("the add-on is there where AES is", () => {
  expect(native === undefined).toBe(loadNativeAes() === undefined);
});

describe.each(WAYS)("$name", ({ trees: cellTrees }) => {
  test.each(SIZES)("$trees trees of depth $depth, $columns columns", ({ depth, columns, trees }) => {
    const { zero, one, holes, known } = strings(trees, depth);
    const cells = 2 ** depth;
    const before = randomWords(seededRng("table"), cells * columns * 2);
    const table = before.slice();
    const { corrections, sums } = cellTrees.takeOff(zero.slice(), one.slice(), depth, table);
    const other = before.slice();
    cellTrees.addPunctured(known.slice(), corrections.slice(), holes, depth, other);

    // By definition: each leaf of each tree, stretched.
    const grown = growTrees(prg, zero.slice(), one.slice(), trees, depth);
    expect(Buffer.compare(Buffer.from(corrections.buffer), Buffer.from(grown.corrections.buffer))).toBe(0);
    const leaves = numbers(stretch.columnWords(grown.leaves, columns));
    const [taken, added] = [numbers(before), numbers(before)];
    const expectedSums = new BigUint64Array(trees * columns);
    for (let tree = 0; tree < trees; tree++) {
      for (let cell = 0; cell < cells; cell++) {
        for (let c = 0; c < columns; c++) {
          const leaf = leaves[(tree * cells + cell) * columns + c]!;
          taken[cell * columns + c] = wrap(taken[cell * columns + c]! - leaf);
          expectedSums[tree * columns + c] = wrap(expectedSums[tree * columns + c]! + leaf);
          if (cell === holes[tree]) continue;
          added[cell * columns + c] = wrap(added[cell * columns + c]! + leaf);
          const hole = holes[tree]! * columns + c;
          added[hole] = wrap(added[hole]! - leaf);
        }
      }
    }
    expect(numbers(sums)).toEqual(expectedSums);
    expect(numbers(table)).toEqual(taken);
    expect(numbers(other)).toEqual(added);
  });
});

test.runIf(native !== undefined)(
  "the add-on refuses lengths that do not fit, and holes that are none",
  () => {
    const { zero, one, holes, known } = strings(3, 4);
    const table = new Uint32Array(16 * 2 * 2);
    const corrections = new Uint32Array(3 * 3 * 2 * 4);
    const sums = new Uint32Array(3 * 2 * 2);
    const of = { depth: 4, corrections, table };
    expect(() => native!.takeOff(of, zero, one.subarray(4), sums)).toThrow(RangeError);
    expect(() => native!.takeOff(of, zero, one, sums.subarray(2))).toThrow(RangeError);
    expect(() => native!.takeOff({ ...of, table: table.subarray(1) }, zero, one, sums)).toThrow(RangeError);
    expect(() => native!.takeOff({ ...of, depth: 0 }, zero, one, sums)).toThrow(RangeError);
    expect(() => native!.takeOff({ ...of, depth: 17 }, zero, one, sums)).toThrow(RangeError);
    expect(() => native!.addPunctured(of, known, holes.subarray(1))).toThrow(RangeError);
    expect(() => native!.addPunctured(of, known, Uint32Array.of(1, 16, 2))).toThrow(RangeError);
  },
);

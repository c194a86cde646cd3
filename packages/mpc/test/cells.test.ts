// Trees whose leaves are numbers: each engine against their definition, the growth level by level and plain sums.
import { FixedKeyAes, nativePasses, plainPasses, randomWords, wasmPasses } from "@halfroom/crypto";
import { branchOff, CellTrees, growTrees, treePrg } from "@halfroom/mpc";
import { seededRng } from "@halfroom/testkit";
import { describe, expect, test } from "vitest";
import { SESSION } from "./ot-parties.ts";

const prg = treePrg(SESSION, "test/cells");
const stretch = new FixedKeyAes("aggregate/stretch", SESSION, "test");
const native = nativePasses();
const WAYS = [plainPasses, wasmPasses()!, ...(native === undefined ? [] : [native])].map((engine) => ({
  name: engine.name,
  trees: new CellTrees(prg, stretch, engine),
}));

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

const SIZES = [
  ...[1, 2, 3, 4, 6, 8].flatMap((depth) =>
    [1, 2, 3, 4, 5, 6].map((columns) => ({ depth, columns, trees: 19 })),
  ),
  ...[9, 11, 13].flatMap((depth) => [2, 3].map((columns) => ({ depth, columns, trees: 3 }))),
  // WebAssembly grows 8,192 leaves at a time, in pieces of 1,024 blocks, or one larger tree.
  { depth: 1, columns: 1, trees: 4097 },
  { depth: 4, columns: 2, trees: 513 },
  { depth: 12, columns: 1, trees: 3 },
  { depth: 14, columns: 1, trees: 2 },
  ...[0, 1].flatMap((trees) => [1, 6].map((depth) => ({ depth, columns: 2, trees }))),
];

/** By definition: each leaf of each tree, stretched. */
function defined({ depth, columns, trees }: (typeof SIZES)[number], before: Uint32Array) {
  const { zero, one, holes } = strings(trees, depth);
  const cells = 2 ** depth;
  const { corrections, leaves } = growTrees(prg, zero, one, trees, depth);
  const stretched = numbers(stretch.columnWords(leaves, columns));
  const [taken, added] = [numbers(before), numbers(before)];
  const sums = new BigUint64Array(trees * columns);
  for (let tree = 0, at = 0; tree < trees; tree++) {
    for (let cell = 0; cell < cells; cell++) {
      for (let c = 0; c < columns; c++) {
        const leaf = stretched[at++]!;
        taken[cell * columns + c]! -= leaf;
        sums[tree * columns + c]! += leaf;
        if (cell === holes[tree]) continue;
        added[cell * columns + c]! += leaf;
        added[holes[tree]! * columns + c]! -= leaf;
      }
    }
  }
  return { corrections, sums, taken, added };
}

/** Equal memory; `toEqual` takes a second for a megabyte. */
function expectSame(actual: Uint32Array, expected: Uint32Array | BigUint64Array): void {
  const bytes = ({ buffer, byteOffset, byteLength }: Uint32Array | BigUint64Array) =>
    Buffer.from(buffer, byteOffset, byteLength);
  expect(Buffer.compare(bytes(actual), bytes(expected))).toBe(0);
}

test("the add-on is there where AES is", () => {
  expect(native === undefined).toBe(stretch.schedule === undefined);
});

describe.each(SIZES)("$trees trees of depth $depth, $columns columns", (size) => {
  const { depth, columns, trees } = size;
  const before = randomWords(seededRng("table"), 2 ** depth * columns * 2);
  const expected = defined(size, before);

  test.each(WAYS)("$name", ({ trees: cellTrees }) => {
    const { zero, one, holes, known } = strings(trees, depth);
    const [table, other] = [before.slice(), before.slice()];
    const { corrections, sums } = cellTrees.takeOff(zero, one, depth, table);
    cellTrees.addPunctured(known, corrections, holes, depth, other);
    expectSame(corrections, expected.corrections);
    expectSame(sums, expected.sums);
    expectSame(table, expected.taken);
    expectSame(other, expected.added);
  });
});

test.runIf(native !== undefined)(
  "the add-on refuses lengths that do not fit, and holes that are none",
  () => {
    const { zero, one, holes, known } = strings(3, 4);
    const pass = native!.trees({ ...prg, stretch });
    const table = new Uint32Array(16 * 2 * 2);
    const corrections = new Uint32Array(3 * 3 * 2 * 4);
    const sums = new Uint32Array(3 * 2 * 2);
    const of = { depth: 4, corrections, table };
    expect(() => pass.takeOff(of, zero, one.subarray(4), sums)).toThrow(RangeError);
    expect(() => pass.takeOff(of, zero, one, sums.subarray(2))).toThrow(RangeError);
    expect(() => pass.takeOff({ ...of, table: table.subarray(1) }, zero, one, sums)).toThrow(RangeError);
    expect(() => pass.takeOff({ ...of, depth: 0 }, zero, one, sums)).toThrow(RangeError);
    expect(() => pass.takeOff({ ...of, depth: 17 }, zero, one, sums)).toThrow(RangeError);
    expect(() => pass.addPunctured(of, known, holes.subarray(1))).toThrow(RangeError);
    expect(() => pass.addPunctured(of, known, Uint32Array.of(1, 16, 2))).toThrow(RangeError);
  },
);

// Slots whose leaves are numbers, against their definition in protocol-spec.md, section 12.
import {
  FixedKeyAes,
  getBit,
  nativePasses,
  plainPasses,
  randomWords,
  setBit,
  wasmPasses,
} from "@halfroom/crypto";
import { CellSlots } from "@halfroom/mpc";
import { seededRng } from "@halfroom/testkit";
import { describe, expect, test } from "vitest";
import { SESSION } from "./ot-parties.ts";

const hash = new FixedKeyAes("aggregate/slots", SESSION, 0, 0);
const stretch = new FixedKeyAes("aggregate/stretch", SESSION, 0, 0);
const native = nativePasses();
const WAYS = [plainPasses, wasmPasses()!, ...(native === undefined ? [] : [native])].map((engine) => ({
  way: engine.name,
  cellSlots: new CellSlots(hash, stretch, engine),
}));
const FIRST = 70;

const numbers = (words: Uint32Array) => new BigUint64Array(words.slice().buffer);
const wrap = (value: bigint) => BigInt.asUintN(64, value);
const xor = (a: Uint32Array, b: Uint32Array) => a.map((word, i) => word ^ b[i]!);

/** Correlated transfers of both sides, and the flips of an honest chooser. */
function dealt(slots: number, cells: number) {
  const rng = seededRng(`slots ${slots} ${cells}`);
  const count = slots * (cells - 1);
  const delta = randomWords(rng, 4);
  const rows = randomWords(rng, count * 4);
  const choices = randomWords(rng, Math.ceil(count / 32));
  const chosen = rows.map((word, i) => word ^ (-getBit(choices, i >>> 2) & delta[i & 3]!));
  const holes = randomWords(rng, slots).map((word, slot) => (slot < 2 ? slot * (cells - 1) : word % cells));
  const flips = choices.slice();
  holes.forEach((hole, slot) => {
    const at = slot * (cells - 1) + hole;
    if (hole < cells - 1) setBit(flips, at, getBit(flips, at) ^ 1);
  });
  return { delta, rows, chosen, holes, flips };
}

/** The sender's leaf of each slot and cell, stretched: columns numbers. */
function leavesOf(
  { rows, delta, flips }: ReturnType<typeof dealt>,
  slots: number,
  cells: number,
  columns: number,
) {
  return Array.from({ length: slots }, (_, slot) => {
    const keys = Array.from({ length: cells - 1 }, (_, place) => {
      const at = slot * (cells - 1) + place;
      const row = rows.slice(at * 4, at * 4 + 4);
      return getBit(flips, at) === 1 ? xor(row, delta) : row;
    });
    keys.push(keys.reduce(xor, delta));
    return keys.map((key, cell) => {
      const leaf = hash.tweakedHash(key, cells * (FIRST + slot) + cell);
      return numbers(stretch.columnWords(leaf, columns));
    });
  });
}

const SIZES = [
  ...[2, 4, 8, 64].flatMap((cells) => [1, 2, 3, 4, 5, 6].map((columns) => ({ cells, columns, slots: 33 }))),
  ...[0, 1, 2].map((slots) => ({ cells: 8, columns: 2, slots })),
  // WebAssembly makes 8,192 leaves at a time, in pieces of 1,024, which cut slots of 3 and of 100 cells; transfers of a group of them
  // begin inside a word of flips.
  { cells: 4, columns: 2, slots: 2049 },
  { cells: 3, columns: 5, slots: 2800 },
  { cells: 100, columns: 1, slots: 84 },
  // The add-on makes 256 leaves at a time: one more, or one less in the last piece.
  ...[255, 256, 257, 513].map((cells) => ({ cells, columns: 3, slots: 2 })),
  { cells: 9001, columns: 2, slots: 2 },
];

describe.each(SIZES)("$slots slots of $cells cells, $columns columns", ({ cells, columns, slots }) => {
  const transfers = dealt(slots, cells);
  const leaves = leavesOf(transfers, slots, cells, columns);
  const before = randomWords(seededRng("table"), cells * columns * 2);
  const perCell = Array.from({ length: cells }, (_, cell) => leaves.map((ofSlot) => ofSlot[cell]!));

  test.each(WAYS)(
    "$way: the side that knows all takes each leaf off its cell, and has the sum of each slot",
    ({ cellSlots }) => {
      const table = before.slice();
      const { rows, delta, flips } = transfers;
      const sums = cellSlots.takeOff({ rows, delta }, flips, { cells, first: FIRST, table });
      const taken = numbers(before).map((number, i) => {
        const [cell, column] = [Math.floor(i / columns), i % columns];
        return wrap(perCell[cell]!.reduce((left, leaf) => left - leaf[column]!, number));
      });
      expect(numbers(table)).toEqual(taken);
      const expected = leaves.flatMap((ofSlot) =>
        Array.from({ length: columns }, (_, column) =>
          wrap(ofSlot.reduce((sum, leaf) => sum + leaf[column]!, 0n)),
        ),
      );
      expect([...numbers(sums)]).toEqual(expected);
    },
  );

  test.each(WAYS)(
    "$way: the other side adds each leaf but that in the hole, where it takes their sum off",
    ({ cellSlots }) => {
      const table = before.slice();
      const { chosen, holes } = transfers;
      cellSlots.addPunctured(chosen, holes, { cells, first: FIRST, table });
      const added = numbers(before);
      leaves.forEach((ofSlot, slot) =>
        ofSlot.forEach((leaf, cell) => {
          if (cell === holes[slot]) return;
          leaf.forEach((number, column) => {
            added[cell * columns + column]! += number;
            added[holes[slot]! * columns + column]! -= number;
          });
        }),
      );
      expect(numbers(table)).toEqual(added);
    },
  );
});

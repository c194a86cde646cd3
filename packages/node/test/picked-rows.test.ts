// Who stays of a dataset once some are gone, against arrays that were filtered.
import { isDeepStrictEqual } from "node:util";
import { allRows, heldColumn, heldRows, packRows, piecesOf, rowCount } from "@halfroom/crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Staying, stayingNumbers, stayingRows } from "../src/datasets/picked-rows.ts";

/** Across several blocks that are counted together, with stretches of which nobody stays. */
const flags = fc
  .tuple(fc.integer({ min: 1, max: 13_000 }), fc.integer({ min: 1, max: 97 }), fc.nat(13_000), fc.nat(9000))
  .map(([count, every, from, length]) =>
    Uint8Array.from({ length: count }, (_, i) =>
      i % every === 0 || (i >= from && i < from + length) ? 1 : 0,
    ),
  );

test("places, numbers and rows of those who stay are what a filter leaves", async () => {
  await fc.assert(
    fc.asyncProperty(flags, fc.constantFrom(1, 3, 7), fc.nat(), fc.nat(), async (isGone, each, a, b) => {
      const staying = new Staying(isGone, each);
      const all = Uint32Array.from({ length: isGone.length * each }, (_, place) => place);
      const left = all.filter((place) => isGone[Math.floor(place / each)] === 0);
      expect(staying.count).toBe(left.length);
      const [start, end] = [a % (left.length + 1), b % (left.length + 1)].sort((x, y) => x - y) as [
        number,
        number,
      ];
      for (const number of [start, end - 1]) {
        if (number < 0 || number >= left.length) continue;
        expect(staying.placeOf(number)).toBe(left[number]);
        expect(staying.numberOf(left[number]!)).toBe(number);
      }
      const numbers = stayingNumbers(heldColumn(all), staying);
      expect(numbers.length).toBe(left.length);
      expect(isDeepStrictEqual(await numbers.read(start, end), left.slice(start, end))).toBe(true);
      expect(isDeepStrictEqual(await numbers.read(start, end + 10 ** 6), left.slice(start))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("rows are read where they lie", async () => {
  const texts = Array.from({ length: 9000 }, (_, i) => Buffer.from(`row ${i}`));
  const isGone = Uint8Array.from(texts, (_, i) => (i % 3 === 1 || i > 8990 ? 1 : 0));
  const rows = stayingRows(heldRows(packRows(texts)), new Staying(isGone));
  const expected = packRows(texts.filter((_, i) => isGone[i] === 0));
  expect(await allRows(rows)).toEqual(expected);
  let count = 0;
  for await (const piece of piecesOf(rows)) count += rowCount(piece.rows);
  expect(count).toBe(rows.count);
});

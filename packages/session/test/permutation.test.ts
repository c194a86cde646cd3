// The secret order of cells: a permutation, each as likely as any other.
import { expect, test } from "vitest";
import type { Rng } from "@halfroom/crypto";
import { seededRng } from "@halfroom/testkit";
import { inverted, permutation } from "../src/permutation.ts";

/** Gives these words first, then zeros. */
function scripted(...words: number[]): Rng {
  const bytes = (length: number) => {
    const taken = Uint32Array.from({ length: length / 4 }, () => words.shift() ?? 0);
    return new Uint8Array(taken.buffer);
  };
  return { bytes, fork: () => scripted() };
}

test.each([1, 2, 3, 64, 65_536])("%i cells are each there once", (count) => {
  const sorted = permutation(count, seededRng(`cells ${count}`)).toSorted();
  expect(sorted).toEqual(Uint32Array.from({ length: count }, (_, i) => i));
});

test.each([0, 1, 2, 3, 64, 65_536])("what undoes an order of %i puts each cell back", (count) => {
  const order = permutation(count, seededRng(`undone ${count}`));
  const placeOf = inverted(order.slice());
  order.forEach((cell, place) => expect(placeOf[cell]).toBe(place));
  expect(placeOf).toHaveLength(count);
});

test("a word that would favour small places is drawn again", () => {
  // Of three places: 2^32 is one more than a multiple of 3, so the largest word has no place.
  expect(permutation(3, scripted(2 ** 32 - 1, 1, 1))).toEqual(permutation(3, scripted(1, 1)));
  expect(permutation(3, scripted(2 ** 32 - 2, 1))).toEqual(permutation(3, scripted(2, 1)));
  expect(permutation(3, scripted(2, 1))).not.toEqual(permutation(3, scripted(1, 1)));
});

test("all 24 orders of four cells are equally frequent", () => {
  const rng = seededRng("orders");
  const runs = 24_000;
  const seen = new Map<string, number>();
  for (let run = 0; run < runs; run++) {
    const order = permutation(4, rng).join();
    seen.set(order, (seen.get(order) ?? 0) + 1);
  }
  expect(seen.size).toBe(24);
  const expected = runs / 24;
  let chiSquared = 0;
  for (const count of seen.values()) chiSquared += (count - expected) ** 2 / expected;
  // 23 degrees of freedom: above 60 with probability 4e-5, and the generator is seeded.
  expect(chiSquared).toBeLessThan(60);
});

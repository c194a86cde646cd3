// The keys of bins, made either way, against their ideal functionality: both sides hold the same key for a bin just when their pseudonyms are
// the same, and keys that agree in nothing otherwise.
import { describe, expect, test } from "vitest";
import { keysByMatrix, keysByVector, PSEUDONYM_BYTES, randomPseudonyms } from "./key-parties.ts";

describe.each([
  ["a vector", keysByVector],
  ["a matrix", keysByMatrix],
] as const)("keys from %s", (_, run) => {
  // 8,064 bins fill a piece of the matrix, and 8,192 keys are hashed at a time.
  test.each([1, 31, 33, 128, 1000, 8064, 8197])("of %i bins agree for the bin's pseudonym", async (bins) => {
    const people = randomPseudonyms(`bins ${bins}`, bins);
    const entries = Array.from({ length: bins }, (_each, bin) => [bin, bin] as const);
    const { senderKeys, receiverKeys } = await run(people, people, entries);
    expect(senderKeys).toEqual(receiverKeys);
    expect(new Set(receiverKeys).size).toBe(bins);
  });

  test("of all other pseudonyms of the bin differ from it and from each other", async () => {
    const people = randomPseudonyms("own", 40);
    const others = randomPseudonyms("others", 60);
    const entries = Array.from({ length: 40 * 60 }, (_each, i) => [i % 40, Math.floor(i / 40)] as const);
    const { senderKeys, receiverKeys } = await run(people, others, entries);
    expect(new Set([...senderKeys, ...receiverKeys]).size).toBe(40 * 60 + 40);
  });

  test("of one pseudonym in several bins differ from bin to bin", async () => {
    const one = randomPseudonyms("one", 1);
    const people = new Uint8Array(35 * PSEUDONYM_BYTES);
    for (let bin = 0; bin < 35; bin++) people.set(one, bin * PSEUDONYM_BYTES);
    const entries = Array.from({ length: 35 }, (_each, bin) => [bin, 0] as const);
    const { senderKeys, receiverKeys } = await run(people, one, entries);
    expect(senderKeys).toEqual(receiverKeys);
    expect(new Set(receiverKeys).size).toBe(35);
  });
});

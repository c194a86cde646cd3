// What is peculiar to keys of bins from a vector; what all keys are is in bin-keys.test.ts.
import { describe, expect, test } from "vitest";
import { dealtVector, keysByVector, randomPseudonyms } from "./key-parties.ts";

describe("keys", () => {
  test("of two pseudonyms differ even without a secret, where all rows of a bin are one", async () => {
    const people = randomPseudonyms("without a secret", 2);
    const { sender, receiver } = dealtVector(2);
    const open = {
      sender: { ...sender, delta: new Uint32Array(4) },
      receiver: { ...receiver, rows: sender.rows },
    };
    const { senderKeys, receiverKeys } = await keysByVector(
      people,
      people,
      [
        [0, 0],
        [1, 1],
        [0, 1],
        [1, 0],
      ],
      open,
    );
    expect(senderKeys.slice(0, 2)).toEqual(receiverKeys);
    expect(new Set(senderKeys).size).toBe(4);
  });
});

describe("the receiver's message", () => {
  test("is 16 bytes a bin, of any pseudonyms", async () => {
    for (const seed of ["some", "others"])
      expect((await keysByVector(randomPseudonyms(seed, 70), new Uint8Array(0), [])).sent.length).toBe(
        16 * 70,
      );
  });

  test("is its elements under a one-time pad: another vector changes it by the difference of the factors", async () => {
    const people = randomPseudonyms("padded", 70);
    const [one, other] = [dealtVector(70, "one"), dealtVector(70, "other")];
    const masksOf = async (vector: typeof one) =>
      new Uint32Array((await keysByVector(people, people, [], vector)).sent.buffer);
    const [first, second] = [await masksOf(one), await masksOf(other)];
    const ofFactors = one.receiver.factors.map((word, i) => word ^ other.receiver.factors[i]!);
    expect(first.map((word, i) => word ^ second[i]!)).toEqual(ofFactors);
    // Without its pad each bin's element is another one.
    const elements = first.map((word, i) => word ^ one.receiver.factors[i]!);
    expect(
      new Set(Array.from({ length: 70 }, (_, j) => elements.subarray(4 * j, 4 * j + 4).join())).size,
    ).toBe(70);
  });

  test("altered in a bin takes the key of that bin from the receiver, and of no other", async () => {
    const people = randomPseudonyms("altered", 5);
    const vector = dealtVector(5);
    vector.receiver.factors[4 * 3 + 2]! ^= 1;
    const entries = Array.from({ length: 5 }, (_, bin) => [bin, bin] as const);
    const { senderKeys, receiverKeys } = await keysByVector(people, people, entries, vector);
    expect(senderKeys.map((key, bin) => key === receiverKeys[bin])).toEqual([true, true, true, false, true]);
  });
});

// The per-bin OPRF from a vector against its ideal functionality: both sides hold the same key for a bin just when their pseudonyms are
// the same, and keys that agree in nothing otherwise.
import { addMultiples, randomWords } from "@halfroom/crypto";
import { runParties, seededRng, testSession } from "@halfroom/testkit";
import { describe, expect, test } from "vitest";
import { vectorReceiver, vectorSender } from "../src/membership/bin-vector.ts";
import { bulk } from "./decode-attack.ts";

const KEY_WORDS = 8;
const PSEUDONYM_BYTES = 64;
const context = { session: testSession("bin vector"), shard: 7 };

/** A vector of so many elements as a third party would deal it. */
function dealt(count: number, seed = "vector") {
  const rng = seededRng(seed);
  const [rows, factors] = [randomWords(rng, count * 4), randomWords(rng, count * 4)];
  const delta = randomWords(rng, 4);
  const ofReceiver = rows.slice();
  addMultiples(delta, factors, ofReceiver);
  return { sender: { rows, delta }, receiver: { factors, rows: ofReceiver } };
}

/** Runs both roles on `pseudonyms`; the sender's keys are for the entries (bin, number of `entryPseudonyms`). */
async function run(
  pseudonyms: Uint8Array,
  entryPseudonyms: Uint8Array,
  entries: readonly (readonly [bin: number, number: number])[],
  vector = dealt(pseudonyms.length / PSEUDONYM_BYTES + 3),
) {
  const bins = pseudonyms.length / PSEUDONYM_BYTES;
  const { sender, receiver, log } = await runParties<Uint32Array>(async (ch, role) => {
    if (role === "receiver") return await vectorReceiver(ch, context, pseudonyms, vector.receiver);
    const keys = await vectorSender(ch, context, bins, vector.sender);
    const column = (part: 0 | 1) => Uint32Array.from(entries, (entry) => entry[part]);
    return keys.keys(column(0), column(1), entryPseudonyms);
  });
  const keyAt = (keys: Uint32Array, i: number) => keys.subarray(i * KEY_WORDS, (i + 1) * KEY_WORDS).join();
  return {
    senderKeys: entries.map((_, i) => keyAt(sender, i)),
    receiverKeys: Array.from({ length: bins }, (_, bin) => keyAt(receiver, bin)),
    masks: bulk(log.receiver, "sent", "binMasks"),
  };
}

const randomPseudonyms = (seed: string, count: number) => seededRng(seed).bytes(count * PSEUDONYM_BYTES);

describe("keys", () => {
  // 8,192 are hashed at a time.
  test.each([1, 33, 1000, 8197])("of %i bins agree for the bin's pseudonym", async (bins) => {
    const people = randomPseudonyms(`bins ${bins}`, bins);
    const entries = Array.from({ length: bins }, (_, bin) => [bin, bin] as const);
    const { senderKeys, receiverKeys } = await run(people, people, entries);
    expect(senderKeys).toEqual(receiverKeys);
    expect(new Set(receiverKeys).size).toBe(bins);
  });

  test("of all other pseudonyms of the bin differ from it and from each other", async () => {
    const people = randomPseudonyms("own", 40);
    const others = randomPseudonyms("others", 60);
    const entries = Array.from({ length: 40 * 60 }, (_, i) => [i % 40, Math.floor(i / 40)] as const);
    const { senderKeys, receiverKeys } = await run(people, others, entries);
    expect(new Set([...senderKeys, ...receiverKeys]).size).toBe(40 * 60 + 40);
  });

  test("of one pseudonym in several bins differ from bin to bin", async () => {
    const one = randomPseudonyms("one", 1);
    const people = new Uint8Array(35 * PSEUDONYM_BYTES);
    for (let bin = 0; bin < 35; bin++) people.set(one, bin * PSEUDONYM_BYTES);
    const entries = Array.from({ length: 35 }, (_, bin) => [bin, 0] as const);
    const { senderKeys, receiverKeys } = await run(people, one, entries);
    expect(senderKeys).toEqual(receiverKeys);
    expect(new Set(receiverKeys).size).toBe(35);
  });

  test("of two pseudonyms differ even without a secret, where all rows of a bin are one", async () => {
    const people = randomPseudonyms("without a secret", 2);
    const { sender, receiver } = dealt(2);
    const open = {
      sender: { ...sender, delta: new Uint32Array(4) },
      receiver: { ...receiver, rows: sender.rows },
    };
    const { senderKeys, receiverKeys } = await run(
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
      expect((await run(randomPseudonyms(seed, 70), new Uint8Array(0), [])).masks.length).toBe(16 * 70);
  });

  test("is its elements under a one-time pad: another vector changes it by the difference of the factors", async () => {
    const people = randomPseudonyms("padded", 70);
    const [one, other] = [dealt(70, "one"), dealt(70, "other")];
    const masksOf = async (vector: typeof one) =>
      new Uint32Array((await run(people, people, [], vector)).masks.buffer);
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
    const vector = dealt(5);
    vector.receiver.factors[4 * 3 + 2]! ^= 1;
    const entries = Array.from({ length: 5 }, (_, bin) => [bin, bin] as const);
    const { senderKeys, receiverKeys } = await run(people, people, entries, vector);
    expect(senderKeys.map((key, bin) => key === receiverKeys[bin])).toEqual([true, true, true, false, true]);
  });
});

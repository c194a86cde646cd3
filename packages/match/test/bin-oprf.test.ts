// The per-bin OPRF against its ideal functionality: both sides hold the same key for a bin just when their pseudonyms are
// the same, and keys that agree in nothing otherwise.
import { getBit, randomWords, arrayKernels } from "@halfroom/crypto";
import { binOprf, binOprfWith, type BinOprf } from "@halfroom/match";
import { testTransfers, runParties, seededRng, testSession } from "@halfroom/testkit";
import { describe, expect, test } from "vitest";
import { CODE_WORDS, encode, truncate } from "../src/membership/code.ts";
import { bulk, unchecked } from "./decode-attack.ts";

const KEY_WORDS = 8;
const PSEUDONYM_BYTES = 64;
const session = testSession("bin oprf");
const transfers = await testTransfers(session);
let shards = 0;

/** Runs both roles on `pseudonyms`; the sender's keys are for the entries (bin, number of `entryPseudonyms`). */
async function run(
  pseudonyms: Uint8Array,
  entryPseudonyms: Uint8Array,
  entries: readonly (readonly [bin: number, number: number])[],
  { shard = ++shards, receiver: ours = binOprf, sender: theirs = binOprf, coins = "coins" } = {},
) {
  const bins = pseudonyms.length / PSEUDONYM_BYTES;
  const context = { session, shard };
  const { sender, receiver, log } = await runParties<Uint32Array>(async (ch, role) => {
    if (role === "receiver") {
      const columns = await transfers.receiver.sending("test", shard).blocks(ch, 512);
      return ours.receiver(ch, context, pseudonyms, columns, seededRng(coins));
    }
    const columns = await transfers.sender.receiving("test", shard).blocks(ch, 512);
    const binKeys = await theirs.sender(ch, context, bins, columns);
    const column = (part: 0 | 1) => Uint32Array.from(entries, (entry) => entry[part]);
    return binKeys.keys(column(0), column(1), entryPseudonyms);
  });
  const keyAt = (keys: Uint32Array, i: number) => keys.subarray(i * KEY_WORDS, (i + 1) * KEY_WORDS).join();
  return {
    senderKeys: entries.map((_, i) => keyAt(sender, i)),
    receiverKeys: Array.from({ length: bins }, (_, bin) => keyAt(receiver, bin)),
    binMatrix: bulk(log.receiver, "sent", "binMatrix"),
  };
}

const randomPseudonyms = (seed: string, count: number) => seededRng(seed).bytes(count * PSEUDONYM_BYTES);
/** A receiver whose rows are these in place of the codewords of its pseudonyms. */
const withRows = (rows: Uint32Array): BinOprf =>
  binOprfWith({
    rowsOf: (codewords) => {
      codewords.set(rows);
      return codewords;
    },
  });
/** Bits of a column of a piece of fewer than 128 bins. */
const PIECE_ROWS = 256;

describe("keys", () => {
  // 8,064 bins fill a piece.
  test.each([1, 31, 33, 128, 1000, 8064, 8197])("of %i bins agree for the bin's pseudonym", async (bins) => {
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
    const { senderKeys, receiverKeys } = await run(
      people,
      one,
      Array.from({ length: 35 }, (_, bin) => [bin, 0]),
    );
    expect(senderKeys).toEqual(receiverKeys);
    expect(new Set(receiverKeys).size).toBe(35);
  });

  test("of rows one place from the codeword differ where the sender's secret has the place, about every second", async () => {
    const one = randomPseudonyms("near", 1);
    const people = new Uint8Array(512 * PSEUDONYM_BYTES);
    for (let bin = 0; bin < 512; bin++) people.set(one, bin * PSEUDONYM_BYTES);
    const receiver = binOprfWith({
      rowsOf: (codewords) => {
        for (let bin = 0; bin < 512; bin++) codewords[bin * CODE_WORDS + (bin >>> 5)]! ^= 1 << (bin & 31);
        return codewords;
      },
    });
    const entries = Array.from({ length: 512 }, (_, bin) => [bin, 0] as const);
    const { senderKeys, receiverKeys } = await run(people, one, entries, { receiver, sender: unchecked });
    const secretBits = senderKeys.filter((key, i) => key !== receiverKeys[i]).length;
    expect(Math.abs(secretBits - 256)).toBeLessThan(5 * Math.sqrt(128));
  });

  test("of two pseudonyms differ even if the row is that of the first in a place with no secret bit", async () => {
    // With s = 0 the row of a bin fits everybody; the pseudonym in the key is what is left.
    const people = randomPseudonyms("without a secret", 2);
    const columns = {
      receiver: { zero: new Uint32Array(2048), one: new Uint32Array(2048).fill(1) },
      sender: { choices: new Uint32Array(16), chosen: new Uint32Array(2048) },
    };
    const context = { session, shard: 0 };
    const { sender, receiver } = await runParties<Uint32Array>(async (ch, role) => {
      if (role === "receiver")
        return binOprf.receiver(ch, context, people, columns.receiver, seededRng("coins"));
      const binKeys = await binOprf.sender(ch, context, 2, columns.sender);
      return binKeys.keys(Uint32Array.of(0, 1, 0, 1), Uint32Array.of(0, 1, 1, 0), people);
    });
    expect(sender.subarray(0, 2 * KEY_WORDS)).toEqual(receiver);
    const keys = Array.from({ length: 4 }, (_, i) => sender.subarray(i * 8, i * 8 + 8).join());
    expect(new Set(keys).size).toBe(4);
  });
});

describe("the receiver's message", () => {
  test("is its codewords under a one-time pad: the same randomness gives the difference of the codewords", async () => {
    const people = randomPseudonyms("padded", 70);
    const information = (seed: string) => truncate(randomWords(seededRng(seed), PIECE_ROWS * 4));
    const [one, other] = [information("inputs"), information("other inputs")];
    const shard = ++shards;
    const matrixOf = async (words: Uint32Array) =>
      (await run(people, people, [], { shard, receiver: withRows(encode(words)), sender: unchecked }))
        .binMatrix;
    const [first, second] = [await matrixOf(one), await matrixOf(other)];
    const difference = encode(one.map((word, i) => word ^ other[i]!));
    const transposed = new Uint8Array(arrayKernels.transposeBits(difference, PIECE_ROWS, 512).buffer);
    expect(first.map((byte, i) => byte ^ second[i]!)).toEqual(transposed);
  });

  test("has another pad in another shard, and no two rows or columns share one", async () => {
    const people = randomPseudonyms("pads", 96);
    const receiver = withRows(new Uint32Array(PIECE_ROWS * CODE_WORDS));
    const pads: Uint32Array[] = [];
    for (let i = 0; i < 2; i++) {
      const { binMatrix } = await run(people, people, [], { receiver, sender: unchecked });
      pads.push(new Uint32Array(binMatrix.buffer));
    }
    const words = PIECE_ROWS / 32;
    const columns = pads.flatMap((pad) =>
      Array.from({ length: 512 }, (_, i) => pad.subarray(i * words, (i + 1) * words).join()),
    );
    expect(new Set(columns).size).toBe(2 * 512);
    const rows = pads.flatMap((pad) => {
      const byRow = arrayKernels.transposeBits(pad, 512, PIECE_ROWS);
      return Array.from({ length: PIECE_ROWS }, (_, row) =>
        byRow.slice(row * CODE_WORDS, (row + 1) * CODE_WORDS).join(),
      );
    });
    expect(new Set(rows).size).toBe(2 * PIECE_ROWS);
    const bits = PIECE_ROWS * 512;
    const ones = pads.map(
      (pad) => Array.from({ length: pad.length * 32 }, (_, i) => getBit(pad, i)).filter(Boolean).length,
    );
    for (const count of ones) expect(Math.abs(count - bits / 2)).toBeLessThan(2.5 * Math.sqrt(bits));
  });
});

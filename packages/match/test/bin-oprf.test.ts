// What is peculiar to keys of bins from a matrix; what all keys are is in bin-keys.test.ts.
import { arrayKernels, getBit, randomWords } from "@halfroom/crypto";
import { binOprf, binOprfWith, type BinOprf } from "@halfroom/match";
import { runParties, seededRng, testSession } from "@halfroom/testkit";
import { describe, expect, test } from "vitest";
import { CODE_WORDS, encode, truncate } from "../src/membership/code.ts";
import { unchecked } from "./decode-attack.ts";
import {
  KEY_WORDS,
  keysByMatrix,
  keysIn,
  nextShard,
  PSEUDONYM_BYTES,
  randomPseudonyms,
} from "./key-parties.ts";

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
    const { senderKeys, receiverKeys } = await keysByMatrix(people, one, entries, {
      receiver,
      sender: unchecked,
    });
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
    const context = { session: testSession("without a secret"), shard: 0 };
    const { sender, receiver } = await runParties<Uint32Array>(async (ch, role) => {
      if (role === "receiver")
        return binOprf.receiver(ch, context, people, columns.receiver, seededRng("coins"));
      const binKeys = await binOprf.sender(ch, context, 2, columns.sender);
      return binKeys.keys(Uint32Array.of(0, 1, 0, 1), Uint32Array.of(0, 1, 1, 0), people);
    });
    expect(sender.subarray(0, 2 * KEY_WORDS)).toEqual(receiver);
    expect(new Set(keysIn(sender)).size).toBe(4);
  });
});

describe("the receiver's message", () => {
  test("is its codewords under a one-time pad: the same randomness gives the difference of the codewords", async () => {
    const people = randomPseudonyms("padded", 70);
    const information = (seed: string) => truncate(randomWords(seededRng(seed), PIECE_ROWS * 4));
    const [one, other] = [information("inputs"), information("other inputs")];
    const shard = nextShard();
    const matrixOf = async (words: Uint32Array) =>
      (
        await keysByMatrix(people, people, [], {
          shard,
          receiver: withRows(encode(words)),
          sender: unchecked,
        })
      ).sent;
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
      const { sent } = await keysByMatrix(people, people, [], { receiver, sender: unchecked });
      pads.push(new Uint32Array(sent.buffer));
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

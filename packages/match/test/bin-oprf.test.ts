// The per-bin OPRF against its ideal functionality: both sides hold the same key for a bin just when their codewords are
// the same, and keys that agree in nothing otherwise.
import { getBit, randomWords, arrayKernels } from "@halfroom/crypto";
import { binOprf } from "@halfroom/match";
import { testTransfers, runParties, seededRng, testSession } from "@halfroom/testkit";
import { describe, expect, test } from "vitest";
import { bulk } from "./decode-attack.ts";

const CODE_WORDS = 16;
const KEY_WORDS = 8;
const session = testSession("bin oprf");
const transfers = await testTransfers(session);
let shards = 0;

/** Runs both roles on `codes`; the sender's keys are for the entries (bin, code row of `entryCodes`). */
async function run(
  codes: Uint32Array,
  entryCodes: Uint32Array,
  entries: readonly (readonly [bin: number, row: number])[],
  shard = ++shards,
) {
  const bins = codes.length / CODE_WORDS;
  const context = { session, shard };
  const { sender, receiver, log } = await runParties<Uint32Array>(async (ch, role) => {
    if (role === "receiver")
      return binOprf.receiver(ch, context, codes, transfers.receiver.sending("test", shard));
    const binKeys = await binOprf.sender(ch, context, bins, transfers.sender.receiving("test", shard));
    const column = (part: 0 | 1) => Uint32Array.from(entries, (entry) => entry[part]);
    return binKeys.keys(column(0), entryCodes, column(1));
  });
  const keyAt = (keys: Uint32Array, i: number) => keys.subarray(i * KEY_WORDS, (i + 1) * KEY_WORDS).join();
  return {
    senderKeys: entries.map((_, i) => keyAt(sender, i)),
    receiverKeys: Array.from({ length: bins }, (_, bin) => keyAt(receiver, bin)),
    binMatrix: bulk(log.receiver, "sent", "binMatrix"),
  };
}

const randomCodes = (seed: string, count: number) => randomWords(seededRng(seed), count * CODE_WORDS);
const codeAt = (codes: Uint32Array, row: number) => codes.slice(row * CODE_WORDS, (row + 1) * CODE_WORDS);

describe("keys", () => {
  // 8,197 bins take two messages.
  test.each([1, 31, 33, 1000, 8197])("of %i bins agree for the bin's codeword", async (bins) => {
    const codes = randomCodes(`bins ${bins}`, bins);
    const entries = Array.from({ length: bins }, (_, bin) => [bin, bin] as const);
    const { senderKeys, receiverKeys } = await run(codes, codes, entries);
    expect(senderKeys).toEqual(receiverKeys);
    expect(new Set(receiverKeys).size).toBe(bins);
  });

  test("of all other codewords of the bin differ from it and from each other", async () => {
    const codes = randomCodes("own", 40);
    const others = randomCodes("others", 60);
    const entries = Array.from({ length: 40 * 60 }, (_, i) => [i % 40, Math.floor(i / 40)] as const);
    const { senderKeys, receiverKeys } = await run(codes, others, entries);
    expect(new Set([...senderKeys, ...receiverKeys]).size).toBe(40 * 60 + 40);
  });

  test("of one codeword in several bins differ from bin to bin", async () => {
    const code = randomCodes("one", 1);
    const codes = new Uint32Array(35 * CODE_WORDS);
    for (let bin = 0; bin < 35; bin++) codes.set(code, bin * CODE_WORDS);
    const { senderKeys, receiverKeys } = await run(
      codes,
      code,
      Array.from({ length: 35 }, (_, bin) => [bin, 0]),
    );
    expect(senderKeys).toEqual(receiverKeys);
    expect(new Set(receiverKeys).size).toBe(35);
  });

  test("of codewords one place apart differ where the sender's secret has the place, about every second", async () => {
    const code = randomCodes("near", 1);
    const near = new Uint32Array(512 * CODE_WORDS);
    for (let place = 0; place < 512; place++) {
      near.set(code, place * CODE_WORDS);
      near[place * CODE_WORDS + (place >>> 5)]! ^= 1 << (place & 31);
    }
    const codes = new Uint32Array([...code, ...code]);
    const entries = [0, 1].flatMap((bin) => Array.from({ length: 512 }, (_, place) => [bin, place] as const));
    const { senderKeys, receiverKeys } = await run(codes, near, entries);
    const differs = senderKeys.map((key, i) => key !== receiverKeys[i >>> 9]);
    expect(differs.slice(0, 512)).toEqual(differs.slice(512));
    const secretBits = differs.slice(0, 512).filter(Boolean).length;
    expect(Math.abs(secretBits - 256)).toBeLessThan(5 * Math.sqrt(128));
  });
});

describe("the receiver's message", () => {
  test("is its codewords under a one-time pad: the same randomness gives the difference of the codewords", async () => {
    const bins = 70;
    const padded = Math.ceil(bins / 32) * 32;
    const [one, other] = [randomCodes("inputs", bins), randomCodes("other inputs", bins)];
    const shard = ++shards;
    const first = (await run(one, one, [], shard)).binMatrix;
    const second = (await run(other, other, [], shard)).binMatrix;
    const difference = new Uint32Array(padded * CODE_WORDS);
    one.forEach((word, i) => (difference[i] = word ^ other[i]!));
    const transposed = new Uint8Array(arrayKernels.transposeBits(difference, padded, 512).buffer);
    expect(first.map((byte, i) => byte ^ second[i]!)).toEqual(transposed);
  });

  test("has another pad in another shard, and no two rows or columns share one", async () => {
    const zeros = new Uint32Array(96 * CODE_WORDS);
    const pads = [await run(zeros, zeros, []), await run(zeros, zeros, [])].map(
      ({ binMatrix }) => new Uint32Array(binMatrix.buffer),
    );
    const columns = pads.flatMap((pad) =>
      Array.from({ length: 512 }, (_, i) => pad.subarray(i * 3, i * 3 + 3).join()),
    );
    expect(new Set(columns).size).toBe(2 * 512);
    const rows = pads.flatMap((pad) => {
      const byBin = arrayKernels.transposeBits(pad, 512, 96);
      return Array.from({ length: 96 }, (_, bin) => codeAt(byBin, bin).join());
    });
    expect(new Set(rows).size).toBe(2 * 96);
    const ones = pads.map(
      (pad) => Array.from({ length: pad.length * 32 }, (_, i) => getBit(pad, i)).filter(Boolean).length,
    );
    for (const count of ones) expect(Math.abs(count - 24_576)).toBeLessThan(5 * Math.sqrt(12_288));
  });
});

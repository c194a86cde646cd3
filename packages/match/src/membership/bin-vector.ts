// One-item-per-bin OPRF from a vector of oblivious linear evaluations (protocol-spec.md, section 11.3; Raghuraman and Rindal, eprint
// 2022/320, section 3), 16 bytes a bin. In bin j the sender has b and the receiver c = b + a Delta. The receiver sends d = a + x, x the element
// of its pseudonym; the key for pseudonym f is a hash of b + Delta (d + x(f)), which is c for the receiver's own, and for any other hides
// behind Delta. Every d is the mask of some x, so that there is nothing to check in it.
import { addMultiples, BLOCK_WORDS, RowHasher, xorInto } from "@halfroom/crypto";
import type { ReceiverVector, SenderVector } from "@halfroom/mpc";
import { recvBulk, sendBulk, type Channel } from "@halfroom/wire";
import type { BinKeys } from "./bin-oprf.ts";
import { BinKeyHasher, digestsOf, numbersFrom, PSEUDONYM_BYTES, type BinContext } from "./key-hash.ts";

/** Bytes of `binMasks`. */
export function masksBytes(bins: number): number {
  return bins * BLOCK_WORDS * 4;
}

/** `pseudonyms`: bins x 64 bytes, random ones for empty bins. Returns bins x 8 words. */
export async function vectorReceiver(
  ch: Channel<"binMasks", never>,
  context: BinContext,
  pseudonyms: Uint8Array,
  { factors, rows }: ReceiverVector,
): Promise<Uint32Array> {
  const bins = numbersFrom(0, pseudonyms.length / PSEUDONYM_BYTES);
  const masks = elementsOf(pseudonyms, context);
  xorInto(masks, factors);
  await sendBulk(ch, "binMasks", new Uint8Array(masks.buffer));
  return new BinKeyHasher(context, BLOCK_WORDS).keys(bins, bins, pseudonyms, (words, at, j) => {
    for (let w = 0; w < BLOCK_WORDS; w++) words[at + w] = rows[j * BLOCK_WORDS + w]!;
  });
}

/** Errors: `count`. */
export async function vectorSender(
  ch: Channel<never, "binMasks">,
  context: BinContext,
  bins: number,
  { rows, delta }: SenderVector,
): Promise<BinKeys> {
  const received = await recvBulk(ch, "binMasks", masksBytes(bins));
  /** Of each bin b + Delta d. */
  const ofBins = rows.slice(0, bins * BLOCK_WORDS);
  addMultiples(delta, new Uint32Array(received.buffer), ofBins);
  const hasher = new BinKeyHasher(context, BLOCK_WORDS);
  return {
    keys(entryBins, owners, pseudonyms) {
      const elements = elementsOf(pseudonyms, context);
      const ofPeople = new Uint32Array(elements.length);
      addMultiples(delta, elements, ofPeople);
      return hasher.keys(entryBins, owners, pseudonyms, (words, at, e) => {
        const bin = entryBins[e]! * BLOCK_WORDS;
        const owner = owners[e]! * BLOCK_WORDS;
        for (let w = 0; w < BLOCK_WORDS; w++) words[at + w] = ofBins[bin + w]! ^ ofPeople[owner + w]!;
      });
    },
  };
}

/** The element of GF(2^128) that stands for each pseudonym in a shard, people x 4 words. */
function elementsOf(pseudonyms: Uint8Array, { session, shard }: BinContext): Uint32Array<ArrayBuffer> {
  return digestsOf(new RowHasher("sha256", "match/element", session, [shard], [PSEUDONYM_BYTES]), pseudonyms);
}

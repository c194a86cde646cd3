// Cuckoo bins of pseudonyms (design section 2.3, step 1): how many there are, and the three of each pseudonym.
import { RowHasher } from "@halfroom/crypto";
import { writeDistinct } from "./distinct.ts";

const PSEUDONYM_BYTES = 64;
/**
 * Fewer people are padded to this many. The likeliest obstacle is four people with the same three bins, of probability
 * 0.7 people^-5 at 1.33 bins a person: 2^-50 here, less for larger sets.
 */
const PEOPLE_MIN = 1024;
/** Bins per person, in hundredths. */
const EXPANSION_HUNDREDTHS = 133;

/** Bins for a number of people: ceil(1.33 max(people, 1024)), a function of the public size alone. */
export function binCount(people: number): number {
  return Math.floor((EXPANSION_HUNDREDTHS * Math.max(people, PEOPLE_MIN) + 99) / 100);
}

/**
 * The three bins of each pseudonym: people x 3, distinct within a row, in [0, bins).
 *
 * Per pseudonym, h = SHA-512 over the encoded parts (label "cuckoo/positions", session, shard, seed, pseudonym). With
 * x_i the 48-bit little-endian number in bytes 6i to 6i + 5 of h, the positions are x_i mod (bins - i) for i = 0, 1, 2,
 * each moved past the earlier ones as `writeDistinct` says. 48 bits keep the bias of the reduction under 2^-22.
 *
 * @param pseudonyms people x 64 bytes
 * @param seed 32 bytes, drawn jointly after both inputs are fixed
 */
export function positions(
  pseudonyms: Uint8Array,
  session: Uint8Array,
  shard: number,
  seed: Uint8Array,
  bins: number,
): Uint32Array<ArrayBuffer> {
  const people = pseudonyms.length / PSEUDONYM_BYTES;
  if (!Number.isInteger(people)) throw new RangeError("pseudonyms are 64 bytes each");
  if (bins < 3) throw new RangeError("three distinct positions need three bins");
  const hasher = new RowHasher("sha512", "cuckoo/positions", session, [shard, seed], [PSEUDONYM_BYTES]);
  const digests = hasher.digests(pseudonyms);
  const out = new Uint32Array(people * 3);
  for (let person = 0, at = 0; person < people; person++, at += PSEUDONYM_BYTES) {
    const first = uint48(digests, at) % bins;
    const second = uint48(digests, at + 6) % (bins - 1);
    writeDistinct(out, person * 3, first, second, uint48(digests, at + 12) % (bins - 2));
  }
  return out;
}

function uint48(bytes: Uint8Array, at: number): number {
  const low = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
  const high = bytes[at + 3]! | (bytes[at + 4]! << 8) | (bytes[at + 5]! << 16);
  return high * 0x1000000 + low;
}

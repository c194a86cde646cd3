// The local parts of the release: which shares leave this side, and how two of them become bits and numbers.
import { asRing, bitWords, getBit, setBit, subtractAt, type RingArray } from "@halfroom/crypto";
import type { Role } from "@halfroom/mpc";
import { ProtocolError } from "@halfroom/wire";
import { ALWAYS } from "./table/factors.ts";
import type { Tests } from "./table/tests.ts";

/** This side's addends minus the public bounds, which the sender alone subtracts. */
export function lessBounds({ shares, bounds }: Tests, role: Role): RingArray {
  if (role === "receiver") return shares;
  const compared = shares.slice();
  const less = asRing(bounds);
  for (let at = 0; at < compared.length; at += 2) subtractAt(compared, at, less, at);
  return compared;
}

/** The results of all runs as one vector: bit i is that of test i. */
export function joinRuns(
  results: readonly Uint32Array[],
  runs: readonly { readonly count: number }[],
): Uint32Array {
  const joined = new Uint32Array(bitWords(runs.reduce((sum, { count }) => sum + count, 0)));
  let end = 0;
  runs.forEach(({ count }, run) => {
    for (let i = 0; i < count; i++) setBit(joined, end + i, getBit(results[run]!, i));
    end += count;
  });
  return joined;
}

/** Shares of the bits that `tests` names in `results`; a bit that always holds is the sender's. */
export function gatherBits(results: Uint32Array, tests: Uint32Array, role: Role): Uint32Array {
  const gathered = new Uint32Array(bitWords(tests.length));
  const always = role === "sender" ? 1 : 0;
  tests.forEach((test, i) => setBit(gathered, i, test === ALWAYS ? always : getBit(results, test)));
  return gathered;
}

/** Bytes of 0 or 1 as a bit vector. */
export function bitVector(bits: Uint8Array): Uint32Array {
  const vector = new Uint32Array(bitWords(bits.length));
  bits.forEach((bit, i) => setBit(vector, i, bit));
  return vector;
}

/** The first `count` bits of `bits` as ceil(count / 8) bytes, lowest bit first, with zeros after the last. */
export function packBits(bits: Uint32Array, count: number): Uint8Array {
  const packed = new Uint8Array(bits.buffer, bits.byteOffset, (count + 7) >>> 3).slice();
  packed[packed.length - 1]! &= lastByteMask(count);
  return packed;
}

/**
 * The bits, a byte of 0 or 1 each, from both packed shares.
 * Errors: `count` for another length, `malformed` for a bit beyond the last.
 */
export function openBits(ours: Uint8Array, theirs: Uint8Array, count: number): Uint8Array {
  if (theirs.length !== ours.length) throw new ProtocolError("count");
  if ((theirs[theirs.length - 1]! & ~lastByteMask(count)) !== 0) throw new ProtocolError("malformed");
  return Uint8Array.from({ length: count }, (_, i) => {
    const at = i >>> 3;
    return ((ours[at]! ^ theirs[at]!) >>> (i & 7)) & 1;
  });
}

/** The bits of the last byte that are in use. */
function lastByteMask(count: number): number {
  return 0xff >>> (-count & 7);
}

/** The numbers of which `opened` holds a 1, in order. */
export function selected(numbers: RingArray, opened: Uint8Array): RingArray<ArrayBuffer> {
  return new Uint32Array(numbers).filter((_, word) => opened[word >>> 1] === 1);
}

/** `values` at the places where `opened` holds a 1, and 0 at all others. */
export function scattered(values: BigInt64Array, opened: Uint8Array): BigInt64Array {
  let next = 0;
  return new BigInt64Array(opened.length).map((_, i) => (opened[i] === 1 ? values[next++]! : 0n));
}

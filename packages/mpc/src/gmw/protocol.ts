// Equality of private values on bit planes (design section 2.3, step 4). Lengths follow from the number of values and the width.
import { bitWords, type RingArray } from "@halfroom/crypto";
import { andAll } from "./circuits.ts";
import type { Gates } from "./gates.ts";
import { invert, splitPlanes, transposeToPlanes, VALUE_BITS } from "./planes.ts";

/** Numbers that a value of so many bits is written in. */
export function numbersOfWidth(width: number): number {
  return Math.ceil(width / VALUE_BITS);
}

/**
 * xor shares of n bits: value i of the sender equals value i of the receiver in its lowest `width` bits.
 * `words`: this party's own values, each `numbersOfWidth` numbers of 64 bits, low word first. Returns ceil(n / 32) words, of which the bits beyond n are
 * garbage, after ceil(log2(width)) exchanges; takes `equalityTripleWords(n, width)` words of triples. Errors: `count`.
 */
export async function equality(
  gates: Gates,
  words: RingArray,
  n: number,
  width: number,
): Promise<Uint32Array> {
  if (!(width >= 1)) throw new RangeError(`no values are ${width} bits wide`);
  const equal = transposeToPlanes(words, n, numbersOfWidth(width)).subarray(0, width * bitWords(n));
  if (gates.role === "sender") invert(equal);
  return await andAll(gates, splitPlanes(equal, width));
}

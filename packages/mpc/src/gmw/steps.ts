// The local parts of GMW (Goldreich, Micali, Wigderson, STOC 1987) with Beaver triples, and of its two circuits.
// Where a public constant enters, the sender alone applies it to its share.
import { asRing, bitWords, subtractAt, type RingArray } from "@halfroom/crypto";
import type { Role } from "../parties.ts";
import { VALUE_BITS } from "./planes.ts";
import type { Triples } from "./triples.ts";

/** This party's part of the opening of d = x xor a and e = y xor b: all words of d, then all of e. */
export function maskInputs(x: Uint32Array, y: Uint32Array, { a, b }: Triples): Uint32Array<ArrayBuffer> {
  const words = x.length;
  const opening = new Uint32Array(words * 2);
  for (let i = 0; i < words; i++) {
    opening[i] = x[i]! ^ a[i]!;
    opening[words + i] = y[i]! ^ b[i]!;
  }
  return opening;
}

/** The share of x AND y = c xor (d AND b) xor (e AND a) xor (d AND e), from both parts of the opening. */
export function multiply(role: Role, ours: Uint32Array, theirs: Uint32Array, triples: Triples): Uint32Array {
  const { a, b, c } = triples;
  const words = a.length;
  const constant = role === "sender" ? -1 : 0;
  const product = new Uint32Array(words);
  for (let i = 0; i < words; i++) {
    const d = ours[i]! ^ theirs[i]!;
    const e = ours[words + i]! ^ theirs[words + i]!;
    product[i] = c[i]! ^ (d & b[i]!) ^ (e & (a[i]! ^ (d & constant)));
  }
  return product;
}

/** Each of `n` shares mod 2^64 (n x 2 words) minus a public number. */
export function subtractConstant(shares: RingArray, n: number, constant: bigint): RingArray {
  const subtrahend = asRing(BigInt64Array.of(constant));
  const difference = shares.slice();
  for (let i = 0; i < n; i++) subtractAt(difference, i * 2, subtrahend, 0);
  return difference;
}

/**
 * Arranges the planes of 64-bit addends for the carry tree that ends at the sign bit: a plane of zeros for the carry
 * into bit 0, then bits 0 to 62, with the six bits of the position read backwards. Neighbours then lie half of all
 * planes apart, before and after every level of the tree, which so becomes a cut in the middle.
 */
export function carryOrder(planes: Uint32Array, planeWords: number): Uint32Array<ArrayBuffer> {
  const ordered = new Uint32Array(planes.length);
  for (let to = 1; to < VALUE_BITS; to++) {
    const bit = reverse6(to) - 1;
    ordered.set(planes.subarray(bit * planeWords, (bit + 1) * planeWords), to * planeWords);
  }
  return ordered;
}

/** The lowest six bits of `index`, backwards. */
function reverse6(index: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 6; bit++) reversed |= ((index >>> bit) & 1) << (5 - bit);
  return reversed;
}

/** Words of triples that `equality` takes for `n` values of `width` bits: one AND a plane but the last. */
export function equalityTripleWords(n: number, width: number): number {
  return (width - 1) * bitWords(n);
}

/** ANDs of the carry tree: 64 to generate; then h + (h - 1) for h = 32, 16, ..., 1 pairs. */
const AT_LEAST_GATES = 64 + 120;

/** Words of triples that `atLeast` takes for `n` numbers. */
export function atLeastTripleWords(n: number): number {
  return AT_LEAST_GATES * bitWords(n);
}

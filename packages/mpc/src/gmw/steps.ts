// The local parts of GMW (Goldreich, Micali, Wigderson, STOC 1987) with Beaver triples.
// Where a public constant enters, the sender alone applies it to its share.
import { bitWords } from "@halfroom/crypto";
import type { Role } from "../parties.ts";
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

/** Words of triples that `equality` takes for `n` values of `width` bits: one AND a plane but the last. */
export function equalityTripleWords(n: number, width: number): number {
  return (width - 1) * bitWords(n);
}

/** Bytes of a side's openings of all gates that take so many words of triples. */
export function openingBytes(words: number): number {
  return words * 2 * 4;
}

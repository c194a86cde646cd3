// Bit planes: plane p holds bit p of every value, so that one machine word works on 32 values at once.
import { arrayKernels, bitWords } from "@halfroom/crypto";

/** Bits of a value, and planes of a list of values. */
export const VALUE_BITS = 64;

/**
 * The 64 planes of each of the `numbers` numbers of `n` values: n x numbers x 2 words, the lowest word first. Returns 64 x numbers x
 * ceil(n / 32) words, the plane of the lowest bit first; bit i of a plane is value i, and bits beyond n are zero.
 */
export function transposeToPlanes(words: Uint32Array, n: number, numbers = 1): Uint32Array<ArrayBuffer> {
  const wordsEach = numbers * 2;
  if (words.length !== n * wordsEach)
    throw new RangeError(`${words.length} words are not ${n} values of ${numbers * VALUE_BITS} bits`);
  const rows = bitWords(n) * 32;
  const padded = new Uint32Array(rows * wordsEach);
  padded.set(words);
  return arrayKernels.transposeBits(padded, rows, numbers * VALUE_BITS);
}

/** Several runs of planes, one after the other. */
export function joinPlanes(...runs: readonly Uint32Array[]): Uint32Array<ArrayBuffer> {
  const joined = new Uint32Array(runs.reduce((length, run) => length + run.length, 0));
  let end = 0;
  for (const run of runs) {
    joined.set(run, end);
    end += run.length;
  }
  return joined;
}

/** The runs that `joinPlanes` joined, if they are equally long: views, not copies. */
export function splitPlanes(planes: Uint32Array, parts: number): Uint32Array[] {
  const length = planes.length / parts;
  return Array.from({ length: parts }, (_, i) => planes.subarray(i * length, (i + 1) * length));
}

/** Inverts every bit of `planes`. */
export function invert(planes: Uint32Array): void {
  for (let i = 0; i < planes.length; i++) planes[i] = ~planes[i]!;
}

// Sums of products in GF(2^128) = GF(2)[x] / (x^128 + x^7 + x^2 + x + 1), the field of NIST SP 800-38D; bit i of a block is the
// coefficient of x^i. The second factors are secret, the first ones public: blocks are sorted by the digits of their
// coefficients, so that addresses depend on what is public alone, and the field's arithmetic comes once a row.
import { BLOCK_WORDS } from "../block.ts";

/** Digits of 4 bits of a coefficient, and the values of one. */
const DIGITS = 32;
const VALUES = 16;
const DIGIT_WORDS = VALUES * BLOCK_WORDS;
/** x^128 as a polynomial of lower degree. */
const REDUCTION = 0x87;

/** See `ArrayKernels.addProducts`. */
export function addProducts(
  coefficients: Uint32Array,
  matrix: Uint32Array,
  rowWords: number,
  firstBlock: number,
  sums: Uint32Array,
): void {
  const buckets = new Uint32Array(DIGITS * DIGIT_WORDS);
  for (
    let row = 0, from = firstBlock * BLOCK_WORDS;
    row < sums.length;
    row += BLOCK_WORDS, from += rowWords
  ) {
    buckets.fill(0);
    sortByDigits(coefficients, matrix, from, buckets);
    addWeighted(buckets, sums.subarray(row, row + BLOCK_WORDS));
  }
}

/** Adds each block to one bucket a digit: that of the digit's value in the block's coefficient. */
function sortByDigits(
  coefficients: Uint32Array,
  matrix: Uint32Array,
  from: number,
  buckets: Uint32Array,
): void {
  for (let at = 0; at < coefficients.length; at += BLOCK_WORDS) {
    const [b0, b1, b2, b3] = [
      matrix[from + at]!,
      matrix[from + at + 1]!,
      matrix[from + at + 2]!,
      matrix[from + at + 3]!,
    ];
    for (let word = 0, digit = 0; word < BLOCK_WORDS; word++) {
      let rest = coefficients[at + word]!;
      for (let i = 0; i < 8; i++, digit += DIGIT_WORDS, rest >>>= 4) {
        const to = digit + (rest & 15) * BLOCK_WORDS;
        buckets[to]! ^= b0;
        buckets[to + 1]! ^= b1;
        buckets[to + 2]! ^= b2;
        buckets[to + 3]! ^= b3;
      }
    }
  }
}

/** Adds to `sum` each bucket times its value times x^(4 digit): bit after bit from the highest, as Horner does. */
function addWeighted(buckets: Uint32Array, sum: Uint32Array): void {
  const total = new Uint32Array(BLOCK_WORDS);
  for (let digit = DIGITS - 1; digit >= 0; digit--) {
    for (let bit = VALUES >>> 1; bit > 0; bit >>>= 1) {
      timesX(total);
      for (let value = bit; value < VALUES; value = (value + 1) | bit) {
        const at = digit * DIGIT_WORDS + value * BLOCK_WORDS;
        for (let w = 0; w < BLOCK_WORDS; w++) total[w]! ^= buckets[at + w]!;
      }
    }
  }
  for (let w = 0; w < BLOCK_WORDS; w++) sum[w]! ^= total[w]!;
}

/** See `addMultiples` of products.ts: each block by its digits, from a table of what each value of each digit makes of the factor. */
export function addMultiples(factor: Uint32Array, blocks: Uint32Array, sums: Uint32Array): void {
  const table = multiplesOf(factor);
  for (let at = 0; at < sums.length; at += BLOCK_WORDS) {
    let [s0, s1, s2, s3] = [sums[at]!, sums[at + 1]!, sums[at + 2]!, sums[at + 3]!];
    for (let word = 0, digit = 0; word < BLOCK_WORDS; word++) {
      let rest = blocks[at + word]!;
      for (let i = 0; i < 8; i++, digit += DIGIT_WORDS, rest >>>= 4) {
        const from = digit + (rest & 15) * BLOCK_WORDS;
        s0 ^= table[from]!;
        s1 ^= table[from + 1]!;
        s2 ^= table[from + 2]!;
        s3 ^= table[from + 3]!;
      }
    }
    sums[at] = s0;
    sums[at + 1] = s1;
    sums[at + 2] = s2;
    sums[at + 3] = s3;
  }
}

/** The factor times each value of each digit times x^(4 digit): 32 x 16 blocks. */
function multiplesOf(factor: Uint32Array): Uint32Array {
  const table = new Uint32Array(DIGITS * DIGIT_WORDS);
  const power = factor.slice();
  for (let digit = 0; digit < table.length; digit += DIGIT_WORDS) {
    for (let bit = 1; bit < VALUES; bit *= 2) {
      for (let lower = 0; lower < bit; lower++)
        for (let w = 0; w < BLOCK_WORDS; w++)
          table[digit + (bit + lower) * BLOCK_WORDS + w] =
            table[digit + lower * BLOCK_WORDS + w]! ^ power[w]!;
      timesX(power);
    }
  }
  return table;
}

function timesX(element: Uint32Array): void {
  const [e0, e1, e2, e3] = element as unknown as [number, number, number, number];
  element[0] = (e0 << 1) ^ (-(e3 >>> 31) & REDUCTION);
  element[1] = (e1 << 1) | (e0 >>> 31);
  element[2] = (e2 << 1) | (e1 >>> 31);
  element[3] = (e3 << 1) | (e2 >>> 31);
}

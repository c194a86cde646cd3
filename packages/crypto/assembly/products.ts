// Sums of products in GF(2^128) by public coefficients: see `ArrayKernels.addProducts`. The places of blocks are sorted by the digits of
// their coefficients once, four bits to a digit, and then serve all rows: what a digit's value multiplies is added up in registers, four
// rows at a time. Addresses depend on the coefficients alone.

/** Digits of a coefficient, and values of one. */
const DIGITS: usize = 32;
const VALUES: usize = 16;
/** Rows that are worked on together lie so far apart: 1,024 blocks and 64 bytes more, so that they share no cache set. */
const ROW_BYTES: usize = 16448;

/**
 * For each digit the places of `count` blocks, up to 1,024, in the order of the digit's value: DIGITS x count numbers of 16 bits; and
 * where the places of each value end: DIGITS x VALUES of them.
 */
export function sortPlaces(coefficients: usize, count: usize, places: usize, ends: usize): void {
  memory.fill(ends, 0, (DIGITS * VALUES) << 1);
  for (let digit: usize = 0; digit < DIGITS; digit++) {
    for (let i: usize = 0; i < count; i++) {
      const at = ends + (valueOf(coefficients, i, digit) << 1);
      store<u16>(at, load<u16>(at) + 1);
    }
    // From counts to beginnings, which become ends as places are put there.
    let start: u16 = 0;
    for (let at = ends, end = ends + (VALUES << 1); at < end; at += 2) {
      const size = load<u16>(at);
      store<u16>(at, start);
      start += size;
    }
    for (let i: usize = 0; i < count; i++) {
      const at = ends + (valueOf(coefficients, i, digit) << 1);
      const to = load<u16>(at);
      store<u16>(places + ((<usize>to) << 1), <u16>i);
      store<u16>(at, to + 1);
    }
    places += count << 1;
    ends += VALUES << 1;
  }
}

function valueOf(coefficients: usize, i: usize, digit: usize): usize {
  return ((<usize>load<u8>(coefficients + (i << 4) + (digit >> 1))) >> ((digit & 1) << 2)) & 15;
}

/**
 * sums[r] += the sum of the sorted coefficients times the blocks of row r, for `used` rows of four; all four are read. `parts`: 20 blocks
 * of scratch.
 */
export function addSorted(
  places: usize,
  ends: usize,
  count: usize,
  rows: usize,
  used: usize,
  parts: usize,
  sums: usize,
): void {
  const totals = parts + 256;
  memory.fill(totals, 0, 64);
  for (let digit: usize = DIGITS; digit > 0; digit--) {
    sumByBits(places + (((digit - 1) * count) << 1), ends + (((digit - 1) * VALUES) << 1), rows, parts);
    for (let row: usize = 0; row < used; row++) addDigit(parts + (row << 4), totals + (row << 4));
  }
  for (let at: usize = 0; at < used << 4; at += 16) add(sums + at, v128.load(totals + at));
}

/** parts[b][r] = the sum of the blocks of row r at places where bit b of the digit is 1. */
function sumByBits(places: usize, ends: usize, rows: usize, parts: usize): void {
  memory.fill(parts, 0, 256);
  let at = places + ((<usize>load<u16>(ends)) << 1);
  for (let value: usize = 1; value < VALUES; value++) {
    const end = places + ((<usize>load<u16>(ends + (value << 1))) << 1);
    let s0 = i64x2.splat(0);
    let s1 = i64x2.splat(0);
    let s2 = i64x2.splat(0);
    let s3 = i64x2.splat(0);
    for (; at < end; at += 2) {
      const block = rows + ((<usize>load<u16>(at)) << 4);
      s0 = v128.xor(s0, v128.load(block));
      s1 = v128.xor(s1, v128.load(block, ROW_BYTES));
      s2 = v128.xor(s2, v128.load(block, 2 * ROW_BYTES));
      s3 = v128.xor(s3, v128.load(block, 3 * ROW_BYTES));
    }
    for (let bit: usize = 0; bit < 4; bit++) {
      if (((value >> bit) & 1) == 0) continue;
      const part = parts + (bit << 6);
      add(part, s0);
      add(part + 16, s1);
      add(part + 32, s2);
      add(part + 48, s3);
    }
  }
}

/** total = total x^4 + the parts of a digit, each times x to its bit, in GF(2^128). */
function addDigit(part: usize, total: usize): void {
  let low = load<u64>(total);
  let high = load<u64>(total + 8);
  for (let bit = part + 192; bit >= part; bit -= 64) {
    const reduction = (0 - (high >> 63)) & 0x87;
    high = ((high << 1) | (low >> 63)) ^ load<u64>(bit + 8);
    low = (low << 1) ^ reduction ^ load<u64>(bit);
  }
  store<u64>(total, low);
  store<u64>(total + 8, high);
}

function add(at: usize, value: v128): void {
  v128.store(at, v128.xor(v128.load(at), value));
}

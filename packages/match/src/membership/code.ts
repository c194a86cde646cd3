// The linear code of the per-bin OPRF: 108 bits to 512, any two codewords at least 128 places apart (protocol-spec.md,
// section 11.3.1). A concatenation:
//
// Outer code: the one-point code of the Hermitian curve y^4 + y = x^5 over GF(16), [64, 27, >= 32] (Stichtenoth, IEEE
// Transactions on Information Theory 34, 1988). Its words are the values of a polynomial f at the 64 points of the curve, f
// spanned by the 27 monomials x^i y^j with j <= 3 and 4 i + 5 j <= 32. Why such an f other than 0 vanishes at 32 points at
// most: let N be the product of f(x, y') over the four roots y' of y'^4 + y' = x^5, a polynomial in x alone. y' grows as
// x^(5/4), and 4 i + 5 j is another number for each monomial, so N has the degree of f's largest one: it is not zero, and
// of degree 32 at most. Over each x of GF(16) lie four different points, each of which gives a root y' as a power series;
// every one of them at which f vanishes makes N vanish there once more.
//
// Inner code: the extended Hamming code [8, 4, 4]. So 32 symbols that are not zero are 128 bits that are not zero.
//
// For comparison: the extended primitive BCH code of length 512 and designed distance 128 has 85 bits.

/** Bits of an information word; the 20 bits above them in its 4 words are zero. */
export const INFORMATION_BITS = 108;
export const INFORMATION_WORDS = 4;
/** Width of the code, and of the matrix of the per-bin OPRF. */
export const CODE_BITS = 512;
export const CODE_WORDS = CODE_BITS / 32;

const FIELD = 16;
/** x^4 + x + 1: element a is the polynomial whose coefficients are the bits of a. */
const MODULUS = 0b10011;
const POLE_ORDER_MAX = 32;
const TABLE_WORDS = 256 * CODE_WORDS;
const LAST_WORD_MASK = (1 << (INFORMATION_BITS % 32)) - 1;

/** Clears what is above the 108 bits of each information word, n x 4 words, in place. */
export function truncate(information: Uint32Array): Uint32Array {
  for (let at = INFORMATION_WORDS - 1; at < information.length; at += INFORMATION_WORDS)
    information[at]! &= LAST_WORD_MASK;
  return information;
}

/** The codeword of each information word: n x 4 words to n x 16 words. */
export function encode(information: Uint32Array): Uint32Array<ArrayBuffer> {
  const table = (tables ??= byteTables());
  const out = new Uint32Array((information.length / INFORMATION_WORDS) * CODE_WORDS);
  for (let from = 0, to = 0; to < out.length; to += CODE_WORDS) {
    for (let four = 0; four < table.length; four += 4 * TABLE_WORDS, from++) {
      const word = information[from]!;
      const a = four + (word & 255) * CODE_WORDS;
      const b = four + TABLE_WORDS + ((word >>> 8) & 255) * CODE_WORDS;
      const c = four + 2 * TABLE_WORDS + ((word >>> 16) & 255) * CODE_WORDS;
      const d = four + 3 * TABLE_WORDS + (word >>> 24) * CODE_WORDS;
      for (let w = 0; w < CODE_WORDS; w++)
        out[to + w]! ^= table[a + w]! ^ table[b + w]! ^ table[c + w]! ^ table[d + w]!;
    }
  }
  return out;
}

/** The codeword of each value of each byte of an information word: 16 x 256 x 16 words. */
let tables: Uint32Array | undefined;

function byteTables(): Uint32Array {
  const generator = generatorMatrix();
  const out = new Uint32Array(INFORMATION_WORDS * 4 * TABLE_WORDS);
  for (let bit = 0; bit < INFORMATION_BITS; bit++) {
    const table = (bit >>> 3) * TABLE_WORDS;
    for (let value = 0; value < 256; value++) {
      if (((value >>> (bit & 7)) & 1) === 0) continue;
      for (let w = 0; w < CODE_WORDS; w++)
        out[table + value * CODE_WORDS + w]! ^= generator[bit * CODE_WORDS + w]!;
    }
  }
  return out;
}

/** The codeword of each single bit: 108 x 16 words. */
export function generatorMatrix(): Uint32Array<ArrayBuffer> {
  const points = curvePoints();
  const out = new Uint8Array((INFORMATION_BITS * CODE_BITS) / 8);
  let at = 0;
  for (const [i, j] of monomials()) {
    for (let bit = 0; bit < 4; bit++) {
      for (const [x, y] of points)
        out[at++] = extendedHamming(multiply(1 << bit, multiply(power(x, i), power(y, j))));
    }
  }
  return new Uint32Array(out.buffer);
}

/** Exponents (i, j) of the 27 monomials, in the order of 4 i + 5 j. */
function monomials(): [i: number, j: number][] {
  const all: [i: number, j: number][] = [];
  for (let order = 0; order <= POLE_ORDER_MAX; order++) {
    for (let j = 0; j < 4; j++) {
      const rest = order - 5 * j;
      if (rest >= 0 && rest % 4 === 0) all.push([rest / 4, j]);
    }
  }
  return all;
}

/** The 64 points of the curve, in the order of x and then of y. */
function curvePoints(): [x: number, y: number][] {
  const points: [x: number, y: number][] = [];
  for (let x = 0; x < FIELD; x++) {
    for (let y = 0; y < FIELD; y++) if ((power(y, 4) ^ y) === power(x, 5)) points.push([x, y]);
  }
  return points;
}

/** Four bits and, above them, the sums of three of them each: without bit 3, bit 2, bit 1, bit 0. */
function extendedHamming(symbol: number): number {
  let word = symbol;
  for (let without = 0; without < 4; without++) {
    const three = symbol & ~(8 >>> without);
    word |= ((three ^ (three >>> 1) ^ (three >>> 2) ^ (three >>> 3)) & 1) << (4 + without);
  }
  return word;
}

function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 3; bit >= 0; bit--) {
    product = (product << 1) ^ (product & 8 ? MODULUS : 0);
    if ((b >>> bit) & 1) product ^= a;
  }
  return product;
}

/** `a` to the power of `exponent`, 1 for exponent 0. */
function power(a: number, exponent: number): number {
  let result = 1;
  for (let i = 0; i < exponent; i++) result = multiply(result, a);
  return result;
}

// Multiples of one point, by a table: Bernstein, Duif, Lange, Schwabe and Yang, "High-speed high-security signatures" (2012), section 4.
// A scalar has 64 signed digits of 4 bits. Scalars are secret: every digit reads its whole part of the table, and nothing branches on one.
import { forget, select, ELEMENT } from "./field25519";
import {
  addAnyTerm,
  addTerm,
  decode,
  double,
  encode,
  negateTerm,
  POINT,
  ROOM_OF_SUMS,
  setIdentity,
  setNothing,
  TERM,
  toTerm,
} from "./ristretto";

/** Parts of the table: multiples of the point times 256, of that times 256, and so on. */
const PARTS: usize = 32;
/** Terms of a part: 1 to 8 times its point. */
const MULTIPLES: usize = 8;
const DIGITS: usize = 64;

const POINT_IN_HAND = ROOM_OF_SUMS;
const TERM_IN_HAND = POINT_IN_HAND + POINT;
const DECODED = TERM_IN_HAND + TERM;
const DIGITS_IN_HAND = DECODED + POINT;

/** Bytes that a table takes. */
export function tableBytes(): usize {
  return PARTS * MULTIPLES * TERM;
}

/** The table of a point, which is public; false if it is not valid. */
export function makeTable(table: usize, base: usize): bool {
  if (!decode(POINT_IN_HAND, base)) return false;
  for (let part: usize = 0; part < PARTS; part++, table += MULTIPLES * TERM) {
    toTerm(table, POINT_IN_HAND);
    for (let multiple: usize = 1; multiple < MULTIPLES; multiple++) {
      addAnyTerm(POINT_IN_HAND, table);
      toTerm(table + multiple * TERM, POINT_IN_HAND);
    }
    // From 8 times to 256 times the part's point.
    for (let i = 0; i < 5; i++) double(POINT_IN_HAND);
  }
  return true;
}

/**
 * out[i] = points[i] + scalars[i] times the point of the table, or with `negative` the difference: `count` encodings, scalars and results of 32
 * bytes. Returns `count`, or the number of the first point that is not valid, or whose result is the identity.
 */
export function addMultiples(
  table: usize,
  points: usize,
  scalars: usize,
  count: usize,
  negative: i32,
  out: usize,
): usize {
  let done: usize = 0;
  for (; done < count; done++) {
    if (!decode(DECODED, points + (done << 5))) break;
    multiple(table, scalars + (done << 5), negative);
    toTerm(TERM_IN_HAND, DECODED);
    addTerm(POINT_IN_HAND, TERM_IN_HAND, false);
    if (!encode(out + (done << 5), POINT_IN_HAND)) break;
  }
  forget();
  return done;
}

/** The multiple of a scalar: digits of odd places first, then times 16, then the others. */
function multiple(table: usize, scalar: usize, negative: i32): void {
  setDigits(scalar, negative);
  setIdentity(POINT_IN_HAND);
  for (let odd: usize = 1; ; odd--) {
    for (let place = odd; place < DIGITS; place += 2) {
      chooseTerm(table + (place >> 1) * MULTIPLES * TERM, <i32>load<i8>(DIGITS_IN_HAND + place));
      addAnyTerm(POINT_IN_HAND, TERM_IN_HAND);
    }
    if (odd == 0) break;
    for (let i = 0; i < 4; i++) double(POINT_IN_HAND);
  }
}

/** Digits from -8 to 8 of a scalar below the group's order, or of its negative: the last one keeps its carry. */
function setDigits(scalar: usize, negative: i32): void {
  const sign = 1 - 2 * negative;
  let carry: i32 = 0;
  for (let i: usize = 0; i < DIGITS; i++) {
    const nibble = ((<i32>load<u8>(scalar + (i >> 1))) >> ((<i32>(i & 1)) << 2)) & 15;
    const digit = nibble + carry;
    carry = (digit + 8) >> 4;
    store<i8>(DIGITS_IN_HAND + i, <i8>(sign * (digit - (carry << 4))));
  }
}

/** The term of a digit, by masks over its whole part of the table. */
function chooseTerm(part: usize, digit: i32): void {
  const negative = <i32>((<u32>digit) >> 31);
  const magnitude = (digit ^ -negative) + negative;
  setNothing(TERM_IN_HAND);
  for (let multiple: i32 = 1; multiple <= <i32>MULTIPLES; multiple++, part += TERM) {
    // 1 where they are equal: of all differences 0 alone has no bit.
    const difference = magnitude ^ multiple;
    const isIt = <i32>((<u32>(difference - 1)) >> 31);
    for (let at: usize = 0; at < TERM; at += ELEMENT) {
      select(TERM_IN_HAND + at, TERM_IN_HAND + at, part + at, isIt);
    }
  }
  negateTerm(TERM_IN_HAND, negative);
}

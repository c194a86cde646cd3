// One point: the sum of many points, each multiplied by its own scalar, by Pippenger's method (SIAM Journal on Computing 9, 1980;
// Bernstein, Doumen, Lange and Oosterwijk, "Faster batch forgery identification", section 4): a scalar has 32 signed digits of 8 bits; in
// each window a point goes into the bucket of its digit, and sums over the buckets weigh them. Points and scalars are public.
import {
  addAnyTerm,
  addTerm,
  decode,
  double,
  encode,
  POINT,
  ROOM_OF_SUMS,
  setIdentity,
  TERM,
  toTerm,
} from "./ristretto";

const WINDOWS: usize = 32;
/** For magnitudes 0 to 128; that of 0 takes the sum. */
const BUCKETS: usize = 129;
const WINDOW_BYTES: usize = BUCKETS * POINT;

const DECODED = ROOM_OF_SUMS;
const OTHER = DECODED + POINT;
const RUNNING = OTHER + TERM;

/** Bytes that `sums` has to have, for a number of points at a time that it is given. */
export function sumBytes(count: usize): usize {
  return WINDOWS * WINDOW_BYTES + count * (TERM + WINDOWS);
}

export function emptySum(sums: usize): void {
  for (let at: usize = 0; at < WINDOWS * WINDOW_BYTES; at += POINT) setIdentity(sums + at);
}

/** Adds `count` points times their scalars, 32 bytes each; false if a point is not valid. */
export function addToSum(sums: usize, points: usize, scalars: usize, count: usize): bool {
  const terms = sums + WINDOWS * WINDOW_BYTES;
  const digits = terms + count * TERM;
  for (let i: usize = 0; i < count; i++) {
    if (!decode(DECODED, points + (i << 5))) return false;
    toTerm(terms + i * TERM, DECODED);
    setDigits(digits + (i << 5), scalars + (i << 5));
  }
  for (let window: usize = 0; window < WINDOWS; window++) {
    const buckets = sums + window * WINDOW_BYTES;
    for (let i: usize = 0; i < count; i++) {
      const digit = <i32>load<i8>(digits + (i << 5) + window);
      if (digit > 0) addTerm(buckets + <usize>digit * POINT, terms + i * TERM, false);
      if (digit < 0) addTerm(buckets + <usize>-digit * POINT, terms + i * TERM, true);
    }
  }
  return true;
}

/** The encoding of the sum, 32 bytes; false if it is the identity. */
export function finishSum(sums: usize, out: usize): bool {
  for (let window: usize = 0; window < WINDOWS; window++) weighBuckets(sums + window * WINDOW_BYTES);
  const total = sums + (WINDOWS - 1) * WINDOW_BYTES;
  for (let window: usize = WINDOWS - 1; window > 0; window--) {
    for (let bit = 0; bit < 8; bit++) double(total);
    toTerm(OTHER, sums + (window - 1) * WINDOW_BYTES);
    addAnyTerm(total, OTHER);
  }
  return encode(out, total);
}

/** Bucket 0 becomes the sum of all others, each times its number. */
function weighBuckets(buckets: usize): void {
  setIdentity(RUNNING);
  for (let magnitude: usize = BUCKETS - 1; magnitude > 0; magnitude--) {
    toTerm(OTHER, buckets + magnitude * POINT);
    addAnyTerm(RUNNING, OTHER);
    toTerm(OTHER, RUNNING);
    addAnyTerm(buckets, OTHER);
  }
}

/** Digits from -128 to 127 of a scalar below the group's order: the last one keeps its carry. */
function setDigits(digits: usize, scalar: usize): void {
  let carry: i32 = 0;
  for (let i: usize = 0; i < WINDOWS; i++) {
    const digit = <i32>load<u8>(scalar + i) + carry;
    carry = (digit + 128) >> 8;
    store<i8>(digits + i, <i8>(digit - (carry << 8)));
  }
}

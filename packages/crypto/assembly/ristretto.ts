// Points of ristretto255 (RFC 9496) in extended coordinates X, Y, Z, T, with X Y = Z T. Nothing branches on a point, but on whether its encoding
// is valid, and on the sign in `addTerm`, which is public.
// Formulas: Hisil, Wong, Carter and Dawson, "Twisted Edwards curves revisited", section 3.1 and 3.3, for a = -1.
import {
  absolute,
  add,
  copy,
  ELEMENT,
  fromBytes,
  isEqual,
  isNegative,
  isZero,
  multiply,
  negate,
  ROOM_OF_POINTS,
  select,
  square,
  subtract,
  toBytes,
} from "./field25519";

/** Bytes of a point. */
export const POINT: usize = ELEMENT << 2;
const Y = ELEMENT;
const Z = ELEMENT << 1;
const T = Z + ELEMENT;

/** A point as it is added: Y + X, Y - X, 2 d T, and Z unless that is 1. */
export const TERM: usize = ELEMENT << 2;

const ONE = memory.data<i32>([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 16);
const WORDS = memory.data<u64>([
  // d = -121665/121666
  0x75eb4dca135978a3, 0x00700a4d4141d8ab, 0x8cc740797779e898, 0x52036cee2b6ffe73,
  // sqrt(-1)
  0xc4ee1b274a0ea0b0, 0x2f431806ad2fe478, 0x2b4d00993dfbd7a7, 0x2b8324804fc1df0b,
  // 1 / sqrt(-1 - d)
  0x99c8fdaa805d40ea, 0x9d2f16175a4172be, 0x16c27b91fe01d840, 0x786c8905cfaffca2,
]);
const D = memory.data(48, 16);
const D2 = memory.data(48, 16);
const ROOT_OF_MINUS_ONE = memory.data(48, 16);
const MAGIC = memory.data(48, 16);
fromBytes(D, WORDS);
add(D2, D, D);
fromBytes(ROOT_OF_MINUS_ONE, WORDS + 32);
fromBytes(MAGIC, WORDS + 64);

/** Room for what a function has in hand; no two that call each other share any. */
const A = ROOM_OF_POINTS;
const B = A + ELEMENT;
const C = B + ELEMENT;
const E = C + ELEMENT;
const F = E + ELEMENT;
const G = F + ELEMENT;
const H = G + ELEMENT;
const U = H + ELEMENT;
const V = U + ELEMENT;
const W = V + ELEMENT;
const ROOT = W + ELEMENT;
const ENCODED = ROOT + ELEMENT;
/** Free for what is made of points. */
export const ROOM_OF_SUMS: usize = ENCODED + 32;

function squareTimes(h: usize, f: usize, times: u32): void {
  square(h, f);
  for (let i: u32 = 1; i < times; i++) square(h, h);
}

/** h = f^(2^252 - 3). Uses U, V and W. */
function power252(h: usize, f: usize): void {
  square(U, f);
  squareTimes(V, U, 2);
  multiply(V, f, V);
  multiply(U, U, V);
  square(U, U);
  // 2^5 - 1
  multiply(U, V, U);
  squareTimes(V, U, 5);
  // 2^10 - 1
  multiply(U, V, U);
  squareTimes(V, U, 10);
  // 2^20 - 1
  multiply(V, V, U);
  squareTimes(W, V, 20);
  multiply(V, W, V);
  squareTimes(V, V, 10);
  // 2^50 - 1
  multiply(U, V, U);
  squareTimes(V, U, 50);
  // 2^100 - 1
  multiply(V, V, U);
  squareTimes(W, V, 100);
  multiply(V, W, V);
  squareTimes(V, V, 50);
  // 2^250 - 1
  multiply(U, V, U);
  squareTimes(U, U, 2);
  multiply(h, U, f);
}

/** ROOT = 1 / sqrt(v), or of v over sqrt(-1): RFC 9496, section 4.2, with u = 1. 1 if it is of v, else 0. Uses A, B and C. */
function inverseRoot(v: usize): i32 {
  square(A, v);
  multiply(A, A, v);
  square(B, A);
  multiply(B, B, v);
  power252(C, B);
  multiply(ROOT, A, C);
  square(A, ROOT);
  multiply(A, A, v);
  negate(B, ONE);
  const isSquare = isEqual(A, ONE);
  const flipped = isEqual(A, B);
  multiply(B, B, ROOT_OF_MINUS_ONE);
  const flippedBoth = isEqual(A, B);
  multiply(B, ROOT, ROOT_OF_MINUS_ONE);
  select(ROOT, ROOT, B, flipped | flippedBoth);
  absolute(ROOT, ROOT);
  return isSquare | flipped;
}

/** Section 4.3.1, with Z = 1; whether the bytes are a point other than the identity. */
export function decode(point: usize, bytes: usize): bool {
  const x = point;
  const y = point + Y;
  fromBytes(E, bytes);
  toBytes(ENCODED, E);
  for (let at: usize = 0; at < 32; at += 8)
    if (load<u64>(ENCODED + at) != load<u64>(bytes + at)) return false;
  if ((load<u8>(bytes) & 1) == 1 || isZero(E) == 1) return false;
  square(F, E);
  // u1 and u2
  subtract(G, ONE, F);
  add(H, ONE, F);
  square(x, G);
  multiply(x, x, D);
  square(F, H);
  add(x, x, F);
  negate(y, x);
  multiply(x, y, F);
  const wasSquare = inverseRoot(x);
  // v is y; 1 / x and 1 / y are F and B
  multiply(F, ROOT, H);
  multiply(B, ROOT, F);
  multiply(B, B, y);
  multiply(x, E, F);
  add(x, x, x);
  absolute(x, x);
  multiply(y, G, B);
  copy(point + Z, ONE);
  multiply(point + T, x, y);
  return (wasSquare & ~isNegative(point + T) & ~isZero(y)) == 1;
}

/** Section 4.3.2; whether it is no identity. */
export function encode(bytes: usize, point: usize): bool {
  const z = point + Z;
  add(E, z, point + Y);
  subtract(F, z, point + Y);
  // u1 and u2
  multiply(E, E, F);
  multiply(F, point, point + Y);
  square(G, F);
  multiply(G, G, E);
  inverseRoot(G);
  // The inverses of both, and 1 / Z
  multiply(E, ROOT, E);
  multiply(F, ROOT, F);
  multiply(H, E, F);
  multiply(H, H, point + T);
  multiply(G, point + T, H);
  const rotate = isNegative(G);
  multiply(A, point + Y, ROOT_OF_MINUS_ONE);
  multiply(B, point, ROOT_OF_MINUS_ONE);
  multiply(E, E, MAGIC);
  select(A, point, A, rotate);
  select(B, point + Y, B, rotate);
  select(F, F, E, rotate);
  multiply(G, A, H);
  negate(E, B);
  select(B, B, E, isNegative(G));
  subtract(A, z, B);
  multiply(A, A, F);
  absolute(A, A);
  toBytes(bytes, A);
  return isZero(A) == 0;
}

export function setIdentity(point: usize): void {
  memory.fill(point, 0, POINT);
  copy(point + Y, ONE);
  copy(point + Z, ONE);
}

/** The term of the identity. */
export function setNothing(term: usize): void {
  copy(term, ONE);
  copy(term + ELEMENT, ONE);
  memory.fill(term + Z, 0, ELEMENT);
  copy(term + T, ONE);
}

/** The term becomes that of the negative point if the condition is 1. */
export function negateTerm(term: usize, condition: i32): void {
  copy(A, term);
  select(term, A, term + ELEMENT, condition);
  select(term + ELEMENT, term + ELEMENT, A, condition);
  negate(A, term + Z);
  select(term + Z, term + Z, A, condition);
}

/** A term of a point. */
export function toTerm(term: usize, point: usize): void {
  add(term, point + Y, point);
  subtract(term + ELEMENT, point + Y, point);
  multiply(term + Z, point + T, D2);
  copy(term + T, point + Z);
}

/** point += term, whose Z is 1, or point -= term. */
export function addTerm(point: usize, term: usize, negative: bool): void {
  copy(A, point + Z);
  finishSum(point, term, negative);
}

/** point += any term */
export function addAnyTerm(point: usize, term: usize): void {
  multiply(A, point + Z, term + T);
  finishSum(point, term, false);
}

/** With the product of both Z in A. */
function finishSum(point: usize, term: usize, negative: bool): void {
  add(B, point + Y, point);
  subtract(C, point + Y, point);
  multiply(B, B, negative ? term + ELEMENT : term);
  multiply(C, C, negative ? term : term + ELEMENT);
  multiply(E, point + T, term + Z);
  add(A, A, A);
  subtract(F, B, C);
  add(H, B, C);
  if (negative) {
    subtract(G, A, E);
    add(E, A, E);
  } else {
    add(G, A, E);
    subtract(E, A, E);
  }
  toPoint(point);
}

/** Of F / G and H / E. */
function toPoint(point: usize): void {
  multiply(point, F, E);
  multiply(point + Y, H, G);
  multiply(point + Z, G, E);
  multiply(point + T, F, H);
}

export function double(point: usize): void {
  square(A, point);
  square(B, point + Y);
  square(C, point + Z);
  add(C, C, C);
  add(E, point, point + Y);
  square(E, E);
  add(H, B, A);
  subtract(G, B, A);
  subtract(F, E, H);
  subtract(E, C, G);
  toPoint(point);
}

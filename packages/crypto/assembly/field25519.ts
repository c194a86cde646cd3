// Elements of GF(2^255 - 19) in linear memory: ten signed words of 26 and 25 bits in turn, as in Bernstein, Duif, Lange, Schwabe and Yang,
// "High-speed high-security signatures" (2012). The operands of a product are products, sums or differences of two of them, or one and twice
// another one.

/** Bytes of an element: ten words, and two that are not used. */
export const ELEMENT: usize = 48;

function limb(at: usize, offset: usize): i64 {
  return <i64>load<i32>(at + offset);
}

/** h = f + g */
export function add(h: usize, f: usize, g: usize): void {
  for (let at: usize = 0; at < ELEMENT; at += 16) {
    v128.store(h + at, i32x4.add(v128.load(f + at), v128.load(g + at)));
  }
}

/** h = f - g */
export function subtract(h: usize, f: usize, g: usize): void {
  for (let at: usize = 0; at < ELEMENT; at += 16) {
    v128.store(h + at, i32x4.sub(v128.load(f + at), v128.load(g + at)));
  }
}

/** h = -f */
export function negate(h: usize, f: usize): void {
  for (let at: usize = 0; at < ELEMENT; at += 16) v128.store(h + at, i32x4.neg(v128.load(f + at)));
}

export function copy(h: usize, f: usize): void {
  for (let at: usize = 0; at < ELEMENT; at += 16) v128.store(h + at, v128.load(f + at));
}

/** Stores an element of wide words, each carried to the next one, and the last one times 19 to the first. */
function carry(
  h: usize,
  h0: i64,
  h1: i64,
  h2: i64,
  h3: i64,
  h4: i64,
  h5: i64,
  h6: i64,
  h7: i64,
  h8: i64,
  h9: i64,
): void {
  let c: i64;
  c = (h0 + (1 << 25)) >> 26;
  h1 += c;
  h0 -= c << 26;
  c = (h4 + (1 << 25)) >> 26;
  h5 += c;
  h4 -= c << 26;
  c = (h1 + (1 << 24)) >> 25;
  h2 += c;
  h1 -= c << 25;
  c = (h5 + (1 << 24)) >> 25;
  h6 += c;
  h5 -= c << 25;
  c = (h2 + (1 << 25)) >> 26;
  h3 += c;
  h2 -= c << 26;
  c = (h6 + (1 << 25)) >> 26;
  h7 += c;
  h6 -= c << 26;
  c = (h3 + (1 << 24)) >> 25;
  h4 += c;
  h3 -= c << 25;
  c = (h7 + (1 << 24)) >> 25;
  h8 += c;
  h7 -= c << 25;
  c = (h4 + (1 << 25)) >> 26;
  h5 += c;
  h4 -= c << 26;
  c = (h8 + (1 << 25)) >> 26;
  h9 += c;
  h8 -= c << 26;
  c = (h9 + (1 << 24)) >> 25;
  h0 += c * 19;
  h9 -= c << 25;
  c = (h0 + (1 << 25)) >> 26;
  h1 += c;
  h0 -= c << 26;
  store<i32>(h + 0, <i32>h0);
  store<i32>(h + 4, <i32>h1);
  store<i32>(h + 8, <i32>h2);
  store<i32>(h + 12, <i32>h3);
  store<i32>(h + 16, <i32>h4);
  store<i32>(h + 20, <i32>h5);
  store<i32>(h + 24, <i32>h6);
  store<i32>(h + 28, <i32>h7);
  store<i32>(h + 32, <i32>h8);
  store<i32>(h + 36, <i32>h9);
}

/** h = f g */
export function multiply(h: usize, f: usize, g: usize): void {
  const f0 = limb(f, 0);
  const f1 = limb(f, 4);
  const f2 = limb(f, 8);
  const f3 = limb(f, 12);
  const f4 = limb(f, 16);
  const f5 = limb(f, 20);
  const f6 = limb(f, 24);
  const f7 = limb(f, 28);
  const f8 = limb(f, 32);
  const f9 = limb(f, 36);
  const g0 = limb(g, 0);
  const g1 = limb(g, 4);
  const g2 = limb(g, 8);
  const g3 = limb(g, 12);
  const g4 = limb(g, 16);
  const g5 = limb(g, 20);
  const g6 = limb(g, 24);
  const g7 = limb(g, 28);
  const g8 = limb(g, 32);
  const g9 = limb(g, 36);
  const f1x2 = f1 << 1;
  const f3x2 = f3 << 1;
  const f5x2 = f5 << 1;
  const f7x2 = f7 << 1;
  const f9x2 = f9 << 1;
  const g1x19 = g1 * 19;
  const g2x19 = g2 * 19;
  const g3x19 = g3 * 19;
  const g4x19 = g4 * 19;
  const g5x19 = g5 * 19;
  const g6x19 = g6 * 19;
  const g7x19 = g7 * 19;
  const g8x19 = g8 * 19;
  const g9x19 = g9 * 19;
  const h0 =
    f0 * g0 +
    f1x2 * g9x19 +
    f2 * g8x19 +
    f3x2 * g7x19 +
    f4 * g6x19 +
    f5x2 * g5x19 +
    f6 * g4x19 +
    f7x2 * g3x19 +
    f8 * g2x19 +
    f9x2 * g1x19;
  const h1 =
    f0 * g1 +
    f1 * g0 +
    f2 * g9x19 +
    f3 * g8x19 +
    f4 * g7x19 +
    f5 * g6x19 +
    f6 * g5x19 +
    f7 * g4x19 +
    f8 * g3x19 +
    f9 * g2x19;
  const h2 =
    f0 * g2 +
    f1x2 * g1 +
    f2 * g0 +
    f3x2 * g9x19 +
    f4 * g8x19 +
    f5x2 * g7x19 +
    f6 * g6x19 +
    f7x2 * g5x19 +
    f8 * g4x19 +
    f9x2 * g3x19;
  const h3 =
    f0 * g3 +
    f1 * g2 +
    f2 * g1 +
    f3 * g0 +
    f4 * g9x19 +
    f5 * g8x19 +
    f6 * g7x19 +
    f7 * g6x19 +
    f8 * g5x19 +
    f9 * g4x19;
  const h4 =
    f0 * g4 +
    f1x2 * g3 +
    f2 * g2 +
    f3x2 * g1 +
    f4 * g0 +
    f5x2 * g9x19 +
    f6 * g8x19 +
    f7x2 * g7x19 +
    f8 * g6x19 +
    f9x2 * g5x19;
  const h5 =
    f0 * g5 +
    f1 * g4 +
    f2 * g3 +
    f3 * g2 +
    f4 * g1 +
    f5 * g0 +
    f6 * g9x19 +
    f7 * g8x19 +
    f8 * g7x19 +
    f9 * g6x19;
  const h6 =
    f0 * g6 +
    f1x2 * g5 +
    f2 * g4 +
    f3x2 * g3 +
    f4 * g2 +
    f5x2 * g1 +
    f6 * g0 +
    f7x2 * g9x19 +
    f8 * g8x19 +
    f9x2 * g7x19;
  const h7 =
    f0 * g7 + f1 * g6 + f2 * g5 + f3 * g4 + f4 * g3 + f5 * g2 + f6 * g1 + f7 * g0 + f8 * g9x19 + f9 * g8x19;
  const h8 =
    f0 * g8 +
    f1x2 * g7 +
    f2 * g6 +
    f3x2 * g5 +
    f4 * g4 +
    f5x2 * g3 +
    f6 * g2 +
    f7x2 * g1 +
    f8 * g0 +
    f9x2 * g9x19;
  const h9 =
    f0 * g9 + f1 * g8 + f2 * g7 + f3 * g6 + f4 * g5 + f5 * g4 + f6 * g3 + f7 * g2 + f8 * g1 + f9 * g0;
  carry(h, h0, h1, h2, h3, h4, h5, h6, h7, h8, h9);
}

/** h = f^2 */
export function square(h: usize, f: usize): void {
  const f0 = limb(f, 0);
  const f1 = limb(f, 4);
  const f2 = limb(f, 8);
  const f3 = limb(f, 12);
  const f4 = limb(f, 16);
  const f5 = limb(f, 20);
  const f6 = limb(f, 24);
  const f7 = limb(f, 28);
  const f8 = limb(f, 32);
  const f9 = limb(f, 36);
  const f0x2 = f0 << 1;
  const f1x2 = f1 << 1;
  const f2x2 = f2 << 1;
  const f3x2 = f3 << 1;
  const f4x2 = f4 << 1;
  const f5x2 = f5 << 1;
  const f6x2 = f6 << 1;
  const f7x2 = f7 << 1;
  const f5x38 = f5 * 38;
  const f6x19 = f6 * 19;
  const f7x38 = f7 * 38;
  const f8x19 = f8 * 19;
  const f9x38 = f9 * 38;
  const h0 = f0 * f0 + f1x2 * f9x38 + f2x2 * f8x19 + f3x2 * f7x38 + f4x2 * f6x19 + f5 * f5x38;
  const h1 = f0x2 * f1 + f2 * f9x38 + f3x2 * f8x19 + f4 * f7x38 + f5x2 * f6x19;
  const h2 = f0x2 * f2 + f1x2 * f1 + f3x2 * f9x38 + f4x2 * f8x19 + f5x2 * f7x38 + f6 * f6x19;
  const h3 = f0x2 * f3 + f1x2 * f2 + f4 * f9x38 + f5x2 * f8x19 + f6 * f7x38;
  const h4 = f0x2 * f4 + f1x2 * f3x2 + f2 * f2 + f5x2 * f9x38 + f6x2 * f8x19 + f7 * f7x38;
  const h5 = f0x2 * f5 + f1x2 * f4 + f2x2 * f3 + f6 * f9x38 + f7x2 * f8x19;
  const h6 = f0x2 * f6 + f1x2 * f5x2 + f2x2 * f4 + f3x2 * f3 + f7x2 * f9x38 + f8 * f8x19;
  const h7 = f0x2 * f7 + f1x2 * f6 + f2x2 * f5 + f3x2 * f4 + f8 * f9x38;
  const h8 = f0x2 * f8 + f1x2 * f7x2 + f2x2 * f6 + f3x2 * f5x2 + f4 * f4 + f9 * f9x38;
  const h9 = f0x2 * f9 + f1x2 * f8 + f2x2 * f7 + f3x2 * f6 + f4x2 * f5;
  carry(h, h0, h1, h2, h3, h4, h5, h6, h7, h8, h9);
}

/** Of 32 bytes, little-endian, the lower 255 bits. */
export function fromBytes(h: usize, bytes: usize): void {
  const w0 = load<u64>(bytes);
  const w1 = load<u64>(bytes + 8);
  const w2 = load<u64>(bytes + 16);
  const w3 = load<u64>(bytes + 24);
  store<u32>(h, (<u32>w0) & 0x3ffffff);
  store<u32>(h + 4, (<u32>(w0 >> 26)) & 0x1ffffff);
  store<u32>(h + 8, (<u32>((w0 >> 51) | (w1 << 13))) & 0x3ffffff);
  store<u32>(h + 12, (<u32>(w1 >> 13)) & 0x1ffffff);
  store<u32>(h + 16, (<u32>(w1 >> 38)) & 0x3ffffff);
  store<u32>(h + 20, (<u32>w2) & 0x1ffffff);
  store<u32>(h + 24, (<u32>(w2 >> 25)) & 0x3ffffff);
  store<u32>(h + 28, (<u32>((w2 >> 51) | (w3 << 13))) & 0x1ffffff);
  store<u32>(h + 32, (<u32>(w3 >> 12)) & 0x3ffffff);
  store<u32>(h + 36, (<u32>(w3 >> 38)) & 0x1ffffff);
}

/** The one encoding below 2^255 - 19, 32 bytes. Of a product, or a sum or difference of two. */
export function toBytes(bytes: usize, f: usize): void {
  let h = limb(f, 36);
  // How often 2^255 - 19 goes into it.
  let q = (19 * h + (1 << 24)) >> 25;
  for (let i: usize = 0; i < 10; i++) q = (limb(f, i << 2) + q) >> (26 - (i & 1));
  let c = 19 * q;
  let low: u64 = 0;
  let bits: u64 = 0;
  for (let i: usize = 0; i < 10; i++) {
    const size: u64 = 26 - (i & 1);
    h = limb(f, i << 2) + c;
    c = h >> size;
    const word = (<u64>h) & ((1 << size) - 1);
    low |= word << bits;
    if (bits + size >= 64) {
      store<u64>(bytes, low);
      bytes += 8;
      low = bits == 64 - size ? 0 : word >> (64 - bits);
      bits = bits + size - 64;
    } else {
      bits += size;
    }
  }
  store<u64>(bytes, low);
}

/** What functions of elements and of points have in hand, which may be secret: see `forget`. */
export const ROOM: usize = memory.data(1536, 16);
const ENCODED = ROOM;
const DIFFERENCE = ROOM + 32;
/** Free for points. */
export const ROOM_OF_POINTS: usize = ROOM + 80;

/** Clears what is left of the last operation. */
export function forget(): void {
  memory.fill(ROOM, 0, 1536);
}

/** 1 if the least bit of the encoding is, else 0. */
export function isNegative(f: usize): i32 {
  toBytes(ENCODED, f);
  return (<i32>load<u8>(ENCODED)) & 1;
}

/** 1 or 0. */
export function isZero(f: usize): i32 {
  toBytes(ENCODED, f);
  return i32(
    (load<u64>(ENCODED) | load<u64>(ENCODED + 8) | load<u64>(ENCODED + 16) | load<u64>(ENCODED + 24)) == 0,
  );
}

/** 1 or 0. */
export function isEqual(f: usize, g: usize): i32 {
  subtract(DIFFERENCE, f, g);
  return isZero(DIFFERENCE);
}

/** h = g if the condition is 1, or f if it is 0, without a branch. */
export function select(h: usize, f: usize, g: usize, condition: i32): void {
  const mask = i32x4.splat(-condition);
  for (let at: usize = 0; at < ELEMENT; at += 16) {
    v128.store(h + at, v128.bitselect(v128.load(g + at), v128.load(f + at), mask));
  }
}

/** h = f or -f, whichever is not negative. */
export function absolute(h: usize, f: usize): void {
  const negative = isNegative(f);
  negate(DIFFERENCE, f);
  select(h, f, DIFFERENCE, negative);
}

// SHA-256 on four messages at a time and SHA-512 on two (FIPS 180-4), for many messages of one length that differ in one
// region only. Blocks before the region are hashed once for all. Messages come padded (FIPS 180-4, section 5.1).

/** Fractional parts of the cube roots of the first 80 primes; SHA-256 takes the upper halves of the first 64. */
const K = memory.data<u64>([
  0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc, 0x3956c25bf348b538,
  0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118, 0xd807aa98a3030242, 0x12835b0145706fbe,
  0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2, 0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235,
  0xc19bf174cf692694, 0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
  0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5, 0x983e5152ee66dfab,
  0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4, 0xc6e00bf33da88fc2, 0xd5a79147930aa725,
  0x06ca6351e003826f, 0x142929670a0e6e70, 0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed,
  0x53380d139d95b3df, 0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
  0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218,
  0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8, 0x19a4c116b8d2d0c8, 0x1e376c085141ab53,
  0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373,
  0x682e6ff3d6b2b8a3, 0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
  0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b, 0xca273eceea26619c,
  0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba, 0x0a637dc5a2c898a6,
  0x113f9804bef90dae, 0x1b710b35131c471b, 0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc,
  0x431d67c49c100d4c, 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
]);
/** Fractional parts of the square roots of the first 8 primes; SHA-256 takes the upper halves. */
const H = memory.data<u64>([
  0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1, 0x510e527fade682d1,
  0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
]);
/** The last sixteen words of the message schedule, and the state: one vector each. */
const W = memory.data(256, 16);
const S = memory.data(128, 16);

function rotate32(x: v128, n: i32): v128 {
  return v128.or(i32x4.shr_u(x, n), i32x4.shl(x, 32 - n));
}

function rotate64(x: v128, n: i32): v128 {
  return v128.or(i64x2.shr_u(x, n), i64x2.shl(x, 64 - n));
}

/** The words of one block of each of four messages, `stride` bytes apart, most significant byte first. */
function load256(block: usize, stride: usize): void {
  for (let t: usize = 0; t < 16; t += 4) {
    const at = block + (t << 2);
    const a = v128.load(at);
    const b = v128.load(at + stride);
    const c = v128.load(at + 2 * stride);
    const d = v128.load(at + 3 * stride);
    const ab0 = v128.shuffle<u32>(a, b, 0, 4, 1, 5);
    const ab1 = v128.shuffle<u32>(a, b, 2, 6, 3, 7);
    const cd0 = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
    const cd1 = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
    const to = W + (t << 4);
    v128.store(to, swap32(v128.shuffle<u64>(ab0, cd0, 0, 2)));
    v128.store(to + 16, swap32(v128.shuffle<u64>(ab0, cd0, 1, 3)));
    v128.store(to + 32, swap32(v128.shuffle<u64>(ab1, cd1, 0, 2)));
    v128.store(to + 48, swap32(v128.shuffle<u64>(ab1, cd1, 1, 3)));
  }
}

function swap32(x: v128): v128 {
  return v128.shuffle<u8>(x, x, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}

function swap64(x: v128): v128 {
  return v128.shuffle<u8>(x, x, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8);
}

function compress256(block: usize, stride: usize): void {
  load256(block, stride);
  let a = v128.load(S);
  let b = v128.load(S, 16);
  let c = v128.load(S, 32);
  let d = v128.load(S, 48);
  let e = v128.load(S, 64);
  let f = v128.load(S, 80);
  let g = v128.load(S, 96);
  let h = v128.load(S, 112);
  for (let t: usize = 0; t < 64; t++) {
    const at = W + ((t & 15) << 4);
    let w = v128.load(at);
    if (t >= 16) {
      const w1 = v128.load(W + (((t + 1) & 15) << 4));
      const w14 = v128.load(W + (((t + 14) & 15) << 4));
      const s0 = v128.xor(v128.xor(rotate32(w1, 7), rotate32(w1, 18)), i32x4.shr_u(w1, 3));
      const s1 = v128.xor(v128.xor(rotate32(w14, 17), rotate32(w14, 19)), i32x4.shr_u(w14, 10));
      w = i32x4.add(i32x4.add(w, s0), i32x4.add(v128.load(W + (((t + 9) & 15) << 4)), s1));
      v128.store(at, w);
    }
    const sum1 = v128.xor(v128.xor(rotate32(e, 6), rotate32(e, 11)), rotate32(e, 25));
    const choice = v128.xor(g, v128.and(e, v128.xor(f, g)));
    const k = i32x4.splat(load<i32>(K + (t << 3) + 4));
    const t1 = i32x4.add(i32x4.add(h, sum1), i32x4.add(choice, i32x4.add(k, w)));
    const sum0 = v128.xor(v128.xor(rotate32(a, 2), rotate32(a, 13)), rotate32(a, 22));
    const majority = v128.or(v128.and(a, b), v128.and(c, v128.or(a, b)));
    h = g;
    g = f;
    f = e;
    e = i32x4.add(d, t1);
    d = c;
    c = b;
    b = a;
    a = i32x4.add(t1, i32x4.add(sum0, majority));
  }
  v128.store(S, i32x4.add(v128.load(S), a));
  v128.store(S, i32x4.add(v128.load(S, 16), b), 16);
  v128.store(S, i32x4.add(v128.load(S, 32), c), 32);
  v128.store(S, i32x4.add(v128.load(S, 48), d), 48);
  v128.store(S, i32x4.add(v128.load(S, 64), e), 64);
  v128.store(S, i32x4.add(v128.load(S, 80), f), 80);
  v128.store(S, i32x4.add(v128.load(S, 96), g), 96);
  v128.store(S, i32x4.add(v128.load(S, 112), h), 112);
}

/** The words of one block of each of two messages. */
function load512(block: usize, stride: usize): void {
  for (let t: usize = 0; t < 16; t += 2) {
    const a = v128.load(block + (t << 3));
    const b = v128.load(block + stride + (t << 3));
    v128.store(W + (t << 4), swap64(v128.shuffle<u64>(a, b, 0, 2)));
    v128.store(W + (t << 4) + 16, swap64(v128.shuffle<u64>(a, b, 1, 3)));
  }
}

function compress512(block: usize, stride: usize): void {
  load512(block, stride);
  let a = v128.load(S);
  let b = v128.load(S, 16);
  let c = v128.load(S, 32);
  let d = v128.load(S, 48);
  let e = v128.load(S, 64);
  let f = v128.load(S, 80);
  let g = v128.load(S, 96);
  let h = v128.load(S, 112);
  for (let t: usize = 0; t < 80; t++) {
    const at = W + ((t & 15) << 4);
    let w = v128.load(at);
    if (t >= 16) {
      const w1 = v128.load(W + (((t + 1) & 15) << 4));
      const w14 = v128.load(W + (((t + 14) & 15) << 4));
      const s0 = v128.xor(v128.xor(rotate64(w1, 1), rotate64(w1, 8)), i64x2.shr_u(w1, 7));
      const s1 = v128.xor(v128.xor(rotate64(w14, 19), rotate64(w14, 61)), i64x2.shr_u(w14, 6));
      w = i64x2.add(i64x2.add(w, s0), i64x2.add(v128.load(W + (((t + 9) & 15) << 4)), s1));
      v128.store(at, w);
    }
    const sum1 = v128.xor(v128.xor(rotate64(e, 14), rotate64(e, 18)), rotate64(e, 41));
    const choice = v128.xor(g, v128.and(e, v128.xor(f, g)));
    const k = i64x2.splat(load<i64>(K + (t << 3)));
    const t1 = i64x2.add(i64x2.add(h, sum1), i64x2.add(choice, i64x2.add(k, w)));
    const sum0 = v128.xor(v128.xor(rotate64(a, 28), rotate64(a, 34)), rotate64(a, 39));
    const majority = v128.or(v128.and(a, b), v128.and(c, v128.or(a, b)));
    h = g;
    g = f;
    f = e;
    e = i64x2.add(d, t1);
    d = c;
    c = b;
    b = a;
    a = i64x2.add(t1, i64x2.add(sum0, majority));
  }
  v128.store(S, i64x2.add(v128.load(S), a));
  v128.store(S, i64x2.add(v128.load(S, 16), b), 16);
  v128.store(S, i64x2.add(v128.load(S, 32), c), 32);
  v128.store(S, i64x2.add(v128.load(S, 48), d), 48);
  v128.store(S, i64x2.add(v128.load(S, 64), e), 64);
  v128.store(S, i64x2.add(v128.load(S, 80), f), 80);
  v128.store(S, i64x2.add(v128.load(S, 96), g), 96);
  v128.store(S, i64x2.add(v128.load(S, 112), h), 112);
}

/**
 * Hashes `count` messages of `bytes` bytes, padding included. `template` is one of them; message i has row i of `rows`,
 * `width` bytes, at `offset`. `wide` chooses SHA-512. `lanes` is scratch for four messages; `midstate` for 128 bytes.
 */
export function hashRows(
  wide: bool,
  template: usize,
  bytes: usize,
  offset: usize,
  width: usize,
  rows: usize,
  count: usize,
  lanes: usize,
  midstate: usize,
  out: usize,
): void {
  const many: usize = wide ? 2 : 4;
  const blockBytes: usize = wide ? 128 : 64;
  for (let lane: usize = 0; lane < many; lane++) memory.copy(lanes + lane * bytes, template, bytes);
  for (let i: usize = 0; i < 8; i++) {
    const word = load<u64>(H + (i << 3));
    v128.store(S + (i << 4), wide ? i64x2.splat(<i64>word) : i32x4.splat(<i32>(word >> 32)));
  }
  const common = (offset / blockBytes) * blockBytes;
  for (let at: usize = 0; at < common; at += blockBytes) compress(wide, lanes + at, bytes);
  memory.copy(midstate, S, 128);
  for (let first: usize = 0; first < count; first += many) {
    const used = min(many, count - first);
    for (let lane: usize = 0; lane < used; lane++) {
      memory.copy(lanes + lane * bytes + offset, rows + (first + lane) * width, width);
    }
    memory.copy(S, midstate, 128);
    for (let at = common; at < bytes; at += blockBytes) compress(wide, lanes + at, bytes);
    for (let lane: usize = 0; lane < used; lane++)
      storeDigest(wide, lane, out + (first + lane) * (blockBytes >> 1));
  }
}

function compress(wide: bool, block: usize, stride: usize): void {
  if (wide) compress512(block, stride);
  else compress256(block, stride);
}

function storeDigest(wide: bool, lane: usize, to: usize): void {
  for (let i: usize = 0; i < 8; i++) {
    if (wide) store<u64>(to + (i << 3), bswap<u64>(load<u64>(S + (i << 4) + (lane << 3))));
    else store<u32>(to + (i << 2), bswap<u32>(load<u32>(S + (i << 4) + (lane << 2))));
  }
}

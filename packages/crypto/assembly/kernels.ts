// Array kernels in WebAssembly SIMD, written in AssemblyScript: bit matrices and blocks of 128 bits that lie in linear memory. Each has a
// plain twin in ../src/kernels/typescript.ts and is tested against it. No branch and no address depends on the contents of an array. The other
// files of this folder are part of the same module.
//
// Pointers are byte offsets, 16-byte aligned; sizes are in bytes where a name ends in `bytes`, else in elements.

export { codeFold, codeGather, codeSum } from "./code";
export { halfChildren, orthomorphism } from "./half-trees";
export {
  addNumbers,
  correctBranches,
  growPiece,
  numberBlocks,
  puncturedRoots,
  setSiblings,
  slotKeys,
  takeSumsOff,
  treeRoots,
} from "./leaves";
export { addMultiples, makeTable, tableBytes } from "./multiples";
export { addSorted, sortPlaces } from "./products";
export { hashRows } from "./sha2";
export { addToSum, emptySum, finishSum, sumBytes } from "./sums";

/** First byte that is free for the caller's arrays. */
export function scratchStart(): usize {
  return (__heap_base + 63) & ~63;
}

/** target ^= source */
export function xorInto(target: usize, source: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) {
    v128.store(target + at, v128.xor(v128.load(target + at), v128.load(source + at)));
  }
}

/** blocks[i] ^= block */
export function xorBlock(blocks: usize, block: usize, count: usize): void {
  const value = v128.load(block);
  const end = blocks + (count << 4);
  for (let at = blocks; at < end; at += 16) v128.store(at, v128.xor(v128.load(at), value));
}

/** out[i] = blocks[i] ^ (first + i), a number of 64 bits in the low half of the block */
export function xorTweaks(out: usize, blocks: usize, count: usize, first: f64): void {
  let tweak = i64x2.replace_lane(i64x2.splat(0), 0, <i64>first);
  const one = i64x2.replace_lane(i64x2.splat(0), 0, 1);
  for (let at: usize = 0, end = count << 4; at < end; at += 16) {
    v128.store(out + at, v128.xor(v128.load(blocks + at), tweak));
    tweak = i64x2.add(tweak, one);
  }
}

/** Bit i of out is the lowest bit of block i; count is a multiple of 32. */
export function packLowBits(blocks: usize, out: usize, count: usize): void {
  for (let i: usize = 0; i < count; i += 32) {
    let bits: u32 = 0;
    for (let j: usize = 0; j < 32; j++) bits |= (load<u32>(blocks + ((i + j) << 4)) & 1) << (<u32>j);
    store<u32>(out + (i >> 3), bits);
  }
}

/** Adds `value` to the vector at `at`. */
function add(at: usize, value: v128): void {
  v128.store(at, v128.xor(v128.load(at), value));
}

/** Returns the sum of sixteen vectors `stride` apart; adds the sum of those whose number has bit b to row b. */
function fold16(at: usize, stride: usize, row: usize, rowBytes: usize): v128 {
  const x1 = v128.load(at + stride);
  const x3 = v128.load(at + 3 * stride);
  const x5 = v128.load(at + 5 * stride);
  const x7 = v128.load(at + 7 * stride);
  const x9 = v128.load(at + 9 * stride);
  const x11 = v128.load(at + 11 * stride);
  const x13 = v128.load(at + 13 * stride);
  const x15 = v128.load(at + 15 * stride);
  const y0 = v128.xor(v128.load(at), x1);
  const y1 = v128.xor(v128.load(at + 2 * stride), x3);
  const y2 = v128.xor(v128.load(at + 4 * stride), x5);
  const y3 = v128.xor(v128.load(at + 6 * stride), x7);
  const y4 = v128.xor(v128.load(at + 8 * stride), x9);
  const y5 = v128.xor(v128.load(at + 10 * stride), x11);
  const y6 = v128.xor(v128.load(at + 12 * stride), x13);
  const y7 = v128.xor(v128.load(at + 14 * stride), x15);
  const z0 = v128.xor(y0, y1);
  const z1 = v128.xor(y2, y3);
  const z2 = v128.xor(y4, y5);
  const z3 = v128.xor(y6, y7);
  const upper = v128.xor(z2, z3);
  const odd = v128.xor(
    v128.xor(v128.xor(x1, x3), v128.xor(x5, x7)),
    v128.xor(v128.xor(x9, x11), v128.xor(x13, x15)),
  );
  add(row, odd);
  add(row + rowBytes, v128.xor(v128.xor(y1, y3), v128.xor(y5, y7)));
  add(row + 2 * rowBytes, v128.xor(z1, z3));
  add(row + 3 * rowBytes, upper);
  return v128.xor(v128.xor(z0, z1), upper);
}

/**
 * The fold of SoftSpokenOT for k = 4 or 8 (eprint 2022/192, section 5): `streams` are 2^k vectors of `bytes` bytes, the
 * first of which becomes their sum; row b of `rows` (k x bytes, zero before) gets the sum of those whose number has bit b.
 */
export function foldStreams(streams: usize, k: u32, bytes: usize, rows: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) {
    const row = rows + at;
    if (k == 4) {
      v128.store(streams + at, fold16(streams + at, bytes, row, bytes));
      continue;
    }
    for (let group: usize = 0; group < 16; group++) {
      const first = streams + (group << 4) * bytes + at;
      v128.store(first, fold16(first, bytes, row, bytes));
    }
    v128.store(streams + at, fold16(streams + at, bytes << 4, row + 4 * bytes, bytes));
  }
}

/** Exchanges the high bits of a with the low bits of b, `shift` apart, where `mask` has ones, in lanes of 64 bits. */
function swapBits(a: usize, b: usize, shift: i32, mask: v128): void {
  const high = v128.load(a);
  const low = v128.load(b);
  const swap = v128.and(v128.xor(i64x2.shr_u(high, shift), low), mask);
  v128.store(b, v128.xor(low, swap));
  v128.store(a, v128.xor(high, i64x2.shl(swap, shift)));
}

/** Transposes 128 x 128 bits in place, row after row, by swapping ever smaller off-diagonal blocks. */
function transpose128(m: usize): void {
  for (let i: usize = 0; i < 64; i++) {
    const a = v128.load(m + (i << 4));
    const b = v128.load(m + ((i + 64) << 4));
    v128.store(m + (i << 4), v128.shuffle<u64>(a, b, 0, 2));
    v128.store(m + ((i + 64) << 4), v128.shuffle<u64>(a, b, 1, 3));
  }
  for (let i: usize = 0; i < 128; i = (i + 33) & ~32) {
    const a = v128.load(m + (i << 4));
    const b = v128.load(m + ((i + 32) << 4));
    v128.store(m + (i << 4), v128.shuffle<u32>(a, b, 0, 4, 2, 6));
    v128.store(m + ((i + 32) << 4), v128.shuffle<u32>(a, b, 1, 5, 3, 7));
  }
  for (let i: usize = 0; i < 128; i = (i + 17) & ~16) {
    const a = v128.load(m + (i << 4));
    const b = v128.load(m + ((i + 16) << 4));
    v128.store(m + (i << 4), v128.shuffle<u16>(a, b, 0, 8, 2, 10, 4, 12, 6, 14));
    v128.store(m + ((i + 16) << 4), v128.shuffle<u16>(a, b, 1, 9, 3, 11, 5, 13, 7, 15));
  }
  for (let i: usize = 0; i < 128; i = (i + 9) & ~8) {
    const a = v128.load(m + (i << 4));
    const b = v128.load(m + ((i + 8) << 4));
    v128.store(
      m + (i << 4),
      v128.shuffle<u8>(a, b, 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30),
    );
    v128.store(
      m + ((i + 8) << 4),
      v128.shuffle<u8>(a, b, 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31),
    );
  }
  const nibbles = i8x16.splat(0x0f);
  for (let i: usize = 0; i < 128; i = (i + 5) & ~4) swapBits(m + (i << 4), m + ((i + 4) << 4), 4, nibbles);
  const pairs = i8x16.splat(0x33);
  for (let i: usize = 0; i < 128; i = (i + 3) & ~2) swapBits(m + (i << 4), m + ((i + 2) << 4), 2, pairs);
  const singles = i8x16.splat(0x55);
  for (let i: usize = 0; i < 128; i += 2) swapBits(m + (i << 4), m + ((i + 1) << 4), 1, singles);
}

/**
 * Transposes a bit matrix of rows x columns, both multiples of 128. The rows of the input lie `stride` bytes apart, those
 * of the output follow each other; `block` is 2 KiB of scratch.
 */
export function transposeBits(
  from: usize,
  stride: usize,
  rows: usize,
  columns: usize,
  out: usize,
  block: usize,
): void {
  const outBytes = rows >> 3;
  for (let c: usize = 0; c < columns; c += 128) {
    for (let r: usize = 0; r < rows; r += 128) {
      const source = from + r * stride + (c >> 3);
      for (let i: usize = 0; i < 128; i++) v128.store(block + (i << 4), v128.load(source + i * stride));
      transpose128(block);
      const target = out + c * outBytes + (r >> 3);
      for (let i: usize = 0; i < 128; i++) v128.store(target + i * outBytes, v128.load(block + (i << 4)));
    }
  }
}

/** children[2i] = left[i] ^ nodes[i], children[2i + 1] = right[i] ^ nodes[i]: one level of GGM trees. */
export function interleaveChildren(
  left: usize,
  right: usize,
  nodes: usize,
  count: usize,
  children: usize,
): void {
  for (let at: usize = 0, end = count << 4; at < end; at += 16) {
    const node = v128.load(nodes + at);
    v128.store(children + 2 * at, v128.xor(v128.load(left + at), node));
    v128.store(children + 2 * at + 16, v128.xor(v128.load(right + at), node));
  }
}

/** Per tree of `width` nodes: sums[2 tree] is the sum of its even nodes, sums[2 tree + 1] that of its odd ones. */
export function branchSums(nodes: usize, trees: usize, width: usize, sums: usize): void {
  let from = nodes;
  for (let tree: usize = 0; tree < trees; tree++) {
    let even = i64x2.splat(0);
    let odd = i64x2.splat(0);
    for (const end = from + (width << 4); from < end; from += 32) {
      even = v128.xor(even, v128.load(from));
      odd = v128.xor(odd, v128.load(from + 16));
    }
    v128.store(sums + (tree << 5), even);
    v128.store(sums + (tree << 5) + 16, odd);
  }
}

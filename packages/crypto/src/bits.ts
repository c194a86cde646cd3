// Bit matrices and bit vectors over Uint32Array: bit i of a vector is bit i & 31 of word i >>> 5.

/** Words that hold `bits` bits. */
export function bitWords(bits: number): number {
  return (bits + 31) >>> 5;
}

export function getBit(vector: Uint32Array, index: number): number {
  return (vector[index >>> 5]! >>> (index & 31)) & 1;
}

/** All ones if the bit is set, else zero: a mask for branch-free selection. */
export function bitMask(vector: Uint32Array, index: number): number {
  return -getBit(vector, index);
}

export function setBit(vector: Uint32Array, index: number, bit: number): void {
  const word = index >>> 5;
  vector[word] = (vector[word]! & ~(1 << (index & 31))) | ((bit & 1) << (index & 31));
}

export function xorInto(target: Uint32Array, source: Uint32Array): void {
  for (let i = 0; i < target.length; i++) target[i]! ^= source[i]!;
}

/** target ^= source where `mask` is all ones, nothing where it is zero: no branch on a secret bit. */
export function xorMasked(target: Uint32Array, source: Uint32Array, mask: number): void {
  for (let i = 0; i < target.length; i++) target[i]! ^= source[i]! & mask;
}

/** Transposes a 32 x 32 bit matrix in place by swapping ever smaller off-diagonal blocks. */
function transpose32(a: Uint32Array): void {
  for (let width = 16, mask = 0x0000ffff; width > 0; width >>>= 1, mask ^= mask << width) {
    for (let k = 0; k < 32; k = (k + width + 1) & ~width) {
      const swap = ((a[k]! >>> width) ^ a[k + width]!) & mask;
      a[k + width]! ^= swap;
      a[k]! ^= swap << width;
    }
  }
}

/**
 * Transposes a bit matrix of `rows` x `columns` bits, both multiples of 32, row after row: bit r of row c of the
 * result is bit c of row r. Returns columns x rows bits.
 */
export function transposeBits(matrix: Uint32Array, rows: number, columns: number): Uint32Array<ArrayBuffer> {
  const rowWords = columns >>> 5;
  const columnWords = rows >>> 5;
  const out = new Uint32Array(rowWords * rows);
  const block = new Uint32Array(32);
  for (let w = 0; w < rowWords; w++) {
    for (let g = 0; g < columnWords; g++) {
      for (let i = 0, from = g * 32 * rowWords + w; i < 32; i++, from += rowWords) block[i] = matrix[from]!;
      transpose32(block);
      for (let i = 0, to = w * 32 * columnWords + g; i < 32; i++, to += columnWords) out[to] = block[i]!;
    }
  }
  return out;
}

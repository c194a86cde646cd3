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

/** The memory of words as bytes. */
export function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

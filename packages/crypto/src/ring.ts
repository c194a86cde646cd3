// Numbers mod 2^64 as pairs of 32-bit words, low word first: the memory of a little-endian BigUint64Array.

const TWO_32 = 0x1_0000_0000;

/** target[at] += source[from] */
export function addAt(target: Uint32Array, at: number, source: Uint32Array, from: number): void {
  const low = target[at]! + source[from]!;
  target[at] = low;
  target[at + 1]! += source[from + 1]! + (low >= TWO_32 ? 1 : 0);
}

/** target[at] -= source[from] */
export function subtractAt(target: Uint32Array, at: number, source: Uint32Array, from: number): void {
  const low = target[at]! - source[from]!;
  target[at] = low;
  target[at + 1]! -= source[from + 1]! + (low < 0 ? 1 : 0);
}

/** target[at] = -target[at] if `mask` is all ones, unchanged if it is zero. */
export function negateIf(target: Uint32Array, at: number, mask: number): void {
  const low = ((target[at]! ^ mask) >>> 0) - mask;
  target[at] = low;
  target[at + 1] = (target[at + 1]! ^ mask) + (low >= TWO_32 ? 1 : 0);
}

/** Views words as 64-bit numbers for the few places off the hot path that want them one by one. */
export function asBigUint64(words: Uint32Array): BigUint64Array {
  return new BigUint64Array(words.buffer, words.byteOffset, words.length / 2);
}

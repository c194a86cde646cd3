// Numbers mod 2^64 in arrays: the one form that shares have from the match to the release.

/**
 * Numbers mod 2^64, each as two 32-bit words, low word first: number i is words 2i and 2i + 1. This is the memory of a
 * little-endian BigUint64Array, or of a BigInt64Array for signed numbers in two's complement. Words, because an engine makes an
 * object of every element that it reads as a bigint.
 */
export type RingArray<Buffer extends ArrayBufferLike = ArrayBufferLike> = Uint32Array<Buffer>;

const TWO_32 = 0x1_0000_0000;

/** `count` zeros. */
export function ringArray(count: number): RingArray<ArrayBuffer> {
  return new Uint32Array(count * 2);
}

/** target[at] += source[from]; `at` and `from` are places of low words, as in all that follows. */
export function addAt(target: RingArray, at: number, source: RingArray, from: number): void {
  const low = target[at]! + source[from]!;
  target[at] = low;
  target[at + 1]! += source[from + 1]! + (low >= TWO_32 ? 1 : 0);
}

/** target[at] -= source[from] */
export function subtractAt(target: RingArray, at: number, source: RingArray, from: number): void {
  const low = target[at]! - source[from]!;
  target[at] = low;
  target[at + 1]! -= source[from + 1]! + (low < 0 ? 1 : 0);
}

/** target[at] += factor x source[from], for an integer factor of less than 2^20 in magnitude. */
export function addTimesAt(
  target: RingArray,
  at: number,
  source: RingArray,
  from: number,
  factor: number,
): void {
  // Exact: all stay below 2^53 in magnitude, and a word takes its integer mod 2^32.
  const low = target[at]! + factor * source[from]!;
  target[at] = low;
  target[at + 1] = target[at + 1]! + factor * source[from + 1]! + Math.floor(low / TWO_32);
}

/** target[at] = -target[at] if `mask` is all ones, unchanged if it is zero. */
export function negateIf(target: RingArray, at: number, mask: number): void {
  const low = ((target[at]! ^ mask) >>> 0) - mask;
  target[at] = low;
  target[at + 1] = (target[at + 1]! ^ mask) + (low >= TWO_32 ? 1 : 0);
}

/** target[i] += source[i] for every number of `source`, of which `target` has at least as many. */
export function addInto(target: RingArray, source: RingArray): void {
  for (let at = 0; at < source.length; at += 2) addAt(target, at, source, at);
}

/** The same memory as unsigned numbers, for the few places off the hot path that want them one by one. */
export function asBigUint64(numbers: RingArray): BigUint64Array {
  return new BigUint64Array(numbers.buffer, numbers.byteOffset, numbers.length / 2);
}

/** The same memory as signed numbers, for what was opened. */
export function asBigInt64<Buffer extends ArrayBufferLike>(
  numbers: RingArray<Buffer>,
): BigInt64Array<Buffer> {
  return new BigInt64Array(numbers.buffer, numbers.byteOffset, numbers.length / 2);
}

/** The same memory as numbers mod 2^64. */
export function asRing<Buffer extends ArrayBufferLike>(numbers: BigInt64Array<Buffer>): RingArray<Buffer> {
  return new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length * 2);
}

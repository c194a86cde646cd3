// Shares of opened numbers, a number's width in bits each, one after the other, the lowest bit first (protocol-spec.md, section 13.5): what
// lies above a number's width never leaves its side.
import { addAt, bitWords, ringArray, type RingArray } from "@halfroom/crypto";
import { ProtocolError } from "@halfroom/wire";

/** Bytes of numbers of these widths. */
function packedBytes(widths: Uint8Array): number {
  return Math.ceil(totalBits(widths) / 8);
}

/** The lowest `widths[i]` bits of each number; zeros after the last. */
export function packNumbers(numbers: RingArray, widths: Uint8Array): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(bitWords(totalBits(widths)) + 1);
  let at = 0;
  widths.forEach((width, i) => {
    writeBits(words, at, numbers[2 * i]!, Math.min(32, width));
    if (width > 32) writeBits(words, at + 32, numbers[2 * i + 1]!, width - 32);
    at += width;
  });
  return new Uint8Array(words.buffer).slice(0, packedBytes(widths));
}

/**
 * The numbers, signed in their widths, from this side's addends and the partner's packed ones. Errors: `count` for another length,
 * `malformed` for a bit beyond the last.
 */
export function openPacked(
  addends: RingArray,
  packed: Uint8Array,
  widths: Uint8Array,
): RingArray<ArrayBuffer> {
  if (packed.length !== packedBytes(widths)) throw new ProtocolError("count");
  const words = new Uint32Array(bitWords(totalBits(widths)) + 1);
  new Uint8Array(words.buffer).set(packed);
  const numbers = ringArray(widths.length);
  let at = 0;
  widths.forEach((width, i) => {
    numbers[2 * i] = readBits(words, at, Math.min(32, width));
    if (width > 32) numbers[2 * i + 1] = readBits(words, at + 32, width - 32);
    addAt(numbers, 2 * i, addends, 2 * i);
    extendSign(numbers, 2 * i, width);
    at += width;
  });
  if (readBits(words, at, packed.length * 8 - at) !== 0) throw new ProtocolError("malformed");
  return numbers;
}

function totalBits(widths: Uint8Array): number {
  return widths.reduce((sum, width) => sum + width, 0);
}

/** Writes the lowest `count` (0 to 32) bits of `value`; all bits from `at` on are zero before. */
function writeBits(words: Uint32Array, at: number, value: number, count: number): void {
  const [word, shift] = [at >>> 5, at & 31];
  const bits = value & lowMask(count);
  words[word]! |= bits << shift;
  if (shift > 0) words[word + 1]! |= bits >>> (32 - shift);
}

function readBits(words: Uint32Array, at: number, count: number): number {
  const [word, shift] = [at >>> 5, at & 31];
  const high = shift > 0 ? words[word + 1]! << (32 - shift) : 0;
  return ((words[word]! >>> shift) | high) & lowMask(count);
}

/** The number's lowest `width` bits as a signed number mod 2^64. */
function extendSign(numbers: RingArray, at: number, width: number): void {
  if (width > 32) {
    numbers[at + 1] = signed(numbers[at + 1]!, width - 32);
    return;
  }
  const low = signed(numbers[at]!, width);
  numbers[at] = low;
  numbers[at + 1] = low >> 31;
}

function signed(word: number, width: number): number {
  const spare = 32 - width;
  return (word << spare) >> spare;
}

function lowMask(count: number): number {
  return count === 0 ? 0 : -1 >>> (32 - count);
}

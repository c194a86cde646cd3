// Products of one party's secret bits with the other's numbers mod 2^64, by correlated oblivious transfer (Asharov et
// al., CCS 2013, section 5.4): for bit b of the receiver and numbers alpha_c of the sender, one per column, the parties get
// additive shares of b * alpha_c. One random transfer per bit serves all columns: its strings are stretched into one
// independent word per column.
import {
  addAt,
  bitMask,
  bitWords,
  BLOCK_WORDS,
  FixedKeyAes,
  ringArray,
  subtractAt,
  type RingArray,
} from "@halfroom/crypto";
import { recvBulk, sendBulk } from "@halfroom/wire";
import type { OtReceiver, OtReceiverChannel, OtSender, OtSenderChannel } from "../ot/source.ts";

/** Bits worked on at a time, to bound memory. */
const PIECE = 1 << 16;

/**
 * `alphas`: n x columns numbers (2 words each). Returns the sender's shares, n x columns numbers.
 * `stretch` is bound to session and purpose and equal on both sides.
 */
export async function productSender(
  ch: OtSenderChannel<"productCorrections", "productFlips">,
  supply: OtSender,
  stretch: FixedKeyAes,
  alphas: RingArray,
  columns: number,
): Promise<RingArray> {
  const row = columns * 2;
  const count = alphas.length / row;
  const shares = ringArray(count * columns);
  for (let start = 0; start < count; start += PIECE) {
    const size = Math.min(PIECE, count - start);
    const { zero, one } = await supply.blocks(ch, size);
    const flips = new Uint32Array((await recvBulk(ch, "productFlips", bitWords(size) * 4)).buffer);
    swapWhere(zero, one, flips);
    const words = stretch.columnWords(zero, columns);
    const corrections = stretch.columnWords(one, columns);
    // correction = word_0 + alpha - word_1; the receiver with b = 1 ends with word_0 + alpha, this side with -word_0.
    const from = start * row;
    for (let i = 0; i < words.length; i += 2) {
      const low = words[i]! + alphas[from + i]! - corrections[i]!;
      corrections[i] = low;
      const carry = low > 0xffffffff ? 1 : low < 0 ? -1 : 0;
      corrections[i + 1] = words[i + 1]! + alphas[from + i + 1]! - corrections[i + 1]! + carry;
      subtractAt(shares, from + i, words, i);
    }
    await sendBulk(ch, "productCorrections", new Uint8Array(corrections.buffer));
  }
  return shares;
}

/** `bits`: a vector of `count` bits. Returns the receiver's shares, count x columns numbers. */
export async function productReceiver(
  ch: OtReceiverChannel<"productFlips", "productCorrections">,
  supply: OtReceiver,
  stretch: FixedKeyAes,
  bits: Uint32Array,
  count: number,
  columns: number,
): Promise<RingArray> {
  const row = columns * 2;
  const shares = ringArray(count * columns);
  for (let start = 0; start < count; start += PIECE) {
    const size = Math.min(PIECE, count - start);
    const { choices, chosen } = await supply.blocks(ch, size);
    const flips = new Uint32Array(bitWords(size));
    for (let w = 0; w < flips.length; w++) flips[w] = choices[w]! ^ bits[(start >>> 5) + w]!;
    await sendBulk(ch, "productFlips", new Uint8Array(flips.buffer));
    const words = stretch.columnWords(chosen, columns);
    const corrections = new Uint32Array((await recvBulk(ch, "productCorrections", words.length * 4)).buffer);
    for (let j = 0, i = 0; j < size; j++) {
      const mask = bitMask(bits, start + j);
      for (const end = i + row; i < end; i += 2) {
        corrections[i]! &= mask;
        corrections[i + 1]! &= mask;
        addAt(words, i, corrections, i);
      }
    }
    shares.set(words, start * row);
  }
  return shares;
}

/** Swaps block i of the two arrays where flip i is set, without a branch on it. */
export function swapWhere(zero: Uint32Array, one: Uint32Array, flips: Uint32Array): void {
  const blocks = zero.length / BLOCK_WORDS;
  for (let i = 0, at = 0; i < blocks; i++) {
    const mask = bitMask(flips, i);
    for (const end = at + BLOCK_WORDS; at < end; at++) {
      const difference = (zero[at]! ^ one[at]!) & mask;
      zero[at]! ^= difference;
      one[at]! ^= difference;
    }
  }
}

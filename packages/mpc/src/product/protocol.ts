// Products of one party's secret bits with the other's numbers mod 2^64, by correlated oblivious transfer (Asharov et
// al., CCS 2013, section 5.4): for bit b of the one and numbers alpha_c of the other, one per column, the parties get
// additive shares of b * alpha_c. One random transfer per bit serves all columns: its strings are stretched into one
// independent word per column.
//
//     party with the bits                        party with the numbers
//     flips: random choices xor bits     ->
//                                        <-      corrections: word_0 + alpha - word_1
//
// The corrections are for the random choices c. With flip f = c xor b the product is b alpha = c alpha where f is 0, and
// alpha - c alpha where it is 1, which both find from their shares of c alpha: neither message waits for the other.
import {
  addAt,
  bitMask,
  bitWords,
  BLOCK_WORDS,
  negateIf,
  ringArray,
  type FixedKeyAes,
  type RingArray,
} from "@halfroom/crypto";
import { recvBulk, sendBulk, type Channel } from "@halfroom/wire";

/** Bits worked on at a time, to bound memory. */
const PIECE = 1 << 16;

/** One party's numbers, for the other's bits. */
export interface ProductNumbers {
  /** Both strings of one transfer a bit, n x 4 words each. */
  readonly strings: { readonly zero: Uint32Array; readonly one: Uint32Array };
  /** Bound to session and purpose, and equal on both sides. */
  readonly stretch: FixedKeyAes;
  /** n x columns numbers, 2 words each. */
  readonly alphas: RingArray;
  readonly columns: number;
}

/** One party's bits, for the other's numbers. */
export interface ProductBits {
  /** Of the same transfers: choices, ceil(n / 32) words, and the chosen strings, n x 4 words. */
  readonly strings: { readonly choices: Uint32Array; readonly chosen: Uint32Array };
  readonly stretch: FixedKeyAes;
  /** A vector of n bits. */
  readonly bits: Uint32Array;
  readonly columns: number;
}

/** Bytes of the products of `n` bits, each with `columns` numbers: from the side with the bits, and from the one with the numbers. */
export function productBytes(
  n: number,
  columns: number,
): { readonly flips: number; readonly corrections: number } {
  return { flips: bitWords(n) * 4, corrections: n * columns * 8 };
}

type ProductChannel = Channel<"productFlips" | "productCorrections", "productFlips" | "productCorrections">;

/** This party's shares, n x columns numbers each, of what it has a part in. */
export interface ProductShares {
  readonly ofNumbers: RingArray | undefined;
  readonly ofBits: RingArray | undefined;
}

/**
 * This party's bits with the other's numbers, and the other's bits with this party's numbers; either may be missing, on both sides.
 * `n` bits each. A party sends all it has to send without waiting. Errors: `count`.
 */
export async function products(
  ch: ProductChannel,
  n: number,
  { numbers, bits }: { readonly numbers?: ProductNumbers; readonly bits?: ProductBits },
): Promise<ProductShares> {
  const send = async () => {
    if (bits !== undefined) await sendBulk(ch, "productFlips", bytesOfFlips(bits));
    return numbers && (await sendCorrections(ch, numbers));
  };
  const take = async () => {
    const flips = numbers && new Uint32Array((await recvBulk(ch, "productFlips", bitWords(n) * 4)).buffer);
    return { flips, ofChoices: bits && (await recvCorrections(ch, bits, n)) };
  };
  const [ofNumbers, { flips, ofChoices }] = await Promise.all([send(), take()]);
  if (numbers !== undefined) flipNumbers(ofNumbers!, numbers, flips!);
  if (bits !== undefined) flipBits(ofChoices!, bits, n);
  return { ofNumbers, ofBits: ofChoices };
}

function bytesOfFlips({ bits, strings: { choices } }: ProductBits): Uint8Array {
  return new Uint8Array(choices.map((choice, w) => choice ^ bits[w]!).buffer);
}

/** Sends word_0 + alpha - word_1 of each bit and column, and returns this side's share of c alpha, -word_0. */
async function sendCorrections(
  ch: Channel<"productCorrections", never>,
  { strings, stretch, alphas, columns }: ProductNumbers,
): Promise<RingArray> {
  const row = columns * 2;
  const shares = ringArray(alphas.length / 2);
  for (let start = 0; start * row < alphas.length; start += PIECE) {
    const part = (of: Uint32Array) => of.subarray(start * BLOCK_WORDS, (start + PIECE) * BLOCK_WORDS);
    const words = stretch.columnWords(part(strings.zero), columns);
    const corrections = stretch.columnWords(part(strings.one), columns);
    const from = start * row;
    for (let i = 0; i < words.length; i += 2) {
      const low = words[i]! + alphas[from + i]! - corrections[i]!;
      corrections[i] = low;
      const carry = low > 0xffffffff ? 1 : low < 0 ? -1 : 0;
      corrections[i + 1] = words[i + 1]! + alphas[from + i + 1]! - corrections[i + 1]! + carry;
      negateIf(words, i, -1);
    }
    shares.set(words, from);
    await sendBulk(ch, "productCorrections", new Uint8Array(corrections.buffer));
  }
  return shares;
}

/** This side's share of c alpha: word_c, and the correction where c is 1. */
async function recvCorrections(
  ch: Channel<never, "productCorrections">,
  { strings: { choices, chosen }, stretch, columns }: ProductBits,
  n: number,
): Promise<RingArray> {
  const row = columns * 2;
  const shares = ringArray(n * columns);
  for (let start = 0; start < n; start += PIECE) {
    const size = Math.min(PIECE, n - start);
    const words = stretch.columnWords(
      chosen.subarray(start * BLOCK_WORDS, (start + size) * BLOCK_WORDS),
      columns,
    );
    const corrections = new Uint32Array((await recvBulk(ch, "productCorrections", words.length * 4)).buffer);
    for (let j = 0, i = 0; j < size; j++) {
      const mask = bitMask(choices, start + j);
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

/** Where the flip is 1 the share of c alpha becomes one of alpha - c alpha, without a branch on it. */
function flipNumbers(shares: RingArray, { alphas, columns }: ProductNumbers, flips: Uint32Array): void {
  const alpha = ringArray(1);
  for (let i = 0, at = 0; at < shares.length; i++) {
    const mask = bitMask(flips, i);
    for (let column = 0; column < columns; column++, at += 2) {
      negateIf(shares, at, mask);
      alpha[0] = alphas[at]! & mask;
      alpha[1] = alphas[at + 1]! & mask;
      addAt(shares, at, alpha, 0);
    }
  }
}

function flipBits(shares: RingArray, { bits, strings: { choices }, columns }: ProductBits, n: number): void {
  for (let i = 0, at = 0; i < n; i++) {
    const mask = bitMask(bits, i) ^ bitMask(choices, i);
    for (let column = 0; column < columns; column++, at += 2) negateIf(shares, at, mask);
  }
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

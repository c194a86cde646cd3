// Comparison of private numbers: one party's x with several bounds y of the other, greater or not, as shared bits. The
// holder of x chooses in oblivious transfers, four bits at a time, from tables that the holder of the bounds fills (after
// Rathee et al., CCS 2020, section 3.1); one choice serves all bounds. Lengths follow from counts and widths alone.
import { bitWords, type FixedKeyAes } from "@halfroom/crypto";
import { recvBulk, sendBulk } from "@halfroom/wire";
import type { Gates } from "../gmw/gates.ts";
import { joinPlanes } from "../gmw/planes.ts";
import type { OtReceiver, OtReceiverChannel, OtSender, OtSenderChannel } from "../ot/source.ts";
import { swapWhere } from "../product/protocol.ts";
import {
  BOUNDS_MAX,
  chosenKeys,
  DIGIT_BITS,
  entryKeys,
  fillTables,
  joined,
  joinGateCount,
  joinGates,
  lookUp,
  padPlanes,
  tableWords,
  type DigitShares,
} from "./steps.ts";

/** What both parties know of the comparisons: `numbers` lists of `n` numbers of `width` bits, each against `bounds` lists. */
export interface Comparisons {
  readonly n: number;
  readonly numbers: number;
  readonly bounds: number;
  /** A multiple of four. */
  readonly width: number;
  /** pi of the tables' pads, bound to session and purpose and equal on both sides. */
  readonly pads: FixedKeyAes;
}

/** Words of triples that `joinDigits` takes. */
export function comparisonTripleWords({ n, numbers, bounds, width }: Omit<Comparisons, "pads">): number {
  return joinGateCount(width / DIGIT_BITS) * numbers * bounds * bitWords(n);
}

/** Bytes of one list of `n` numbers of `width` bits against `bounds` lists: from the side of the numbers, and from that of the bounds. */
export function lookupBytes(
  n: number,
  bounds: number,
  width: number,
): { readonly flips: number; readonly tables: number } {
  const words = bitWords(n);
  return { flips: width * words * 4, tables: (width / DIGIT_BITS) * tableWords(bounds, words) * 4 };
}

/** Transfers that each side's end of the supply gives: one for each bit of every number, n rounded up to whole words. */
function transferCount({ n, width }: Comparisons): number {
  return width * bitWords(n) * 32;
}

/**
 * The side of the numbers. `planes`: for each list the planes of its numbers, width x ceil(n / 32) words.
 * Returns shares of all digits' comparisons, for each digit numbers x bounds x ceil(n / 32) words. Errors: `count`.
 */
export async function digitsOfNumbers(
  ch: OtReceiverChannel<"lookupFlips", "lookupTables">,
  supply: OtReceiver,
  planes: readonly Uint32Array[],
  comparisons: Comparisons,
): Promise<DigitShares> {
  const { bounds, pads, n } = checked(comparisons);
  const planeWords = bitWords(n);
  const digitWords = DIGIT_BITS * planeWords;
  const shares = new SharesOfDigits(comparisons);
  const ask = async (list: number) => {
    const { choices, chosen } = await supply.blocks(ch, transferCount(comparisons));
    const flips = choices.map((choice, w) => choice ^ planes[list]![w]!);
    await sendBulk(ch, "lookupFlips", new Uint8Array(flips.buffer));
    return chosen;
  };
  // One list ahead, so that both sides work at the same time.
  let next = await ask(0);
  for (let list = 0; list < planes.length; list++) {
    const chosen = next;
    if (list + 1 < planes.length) next = await ask(list + 1);
    const length = shares.digits * tableWords(bounds, planeWords);
    const tables = new Uint32Array((await recvBulk(ch, "lookupTables", length * 4)).buffer);
    for (let digit = 0; digit < shares.digits; digit++) {
      const strings = part(chosen, digit, shares.digits);
      const ofDigit = padPlanes(pads, chosenKeys(strings), 2 * bounds);
      const own = planes[list]!.subarray(digit * digitWords, (digit + 1) * digitWords);
      shares.set(list, digit, lookUp(own, ofDigit, part(tables, digit, shares.digits), planeWords));
    }
  }
  return shares;
}

/**
 * The side of the bounds. `boundsOf(list)`: for each bound of a list the planes of its numbers, width x ceil(n / 32) words.
 * Returns shares as the other side does. Errors: `count`.
 */
export async function digitsOfBounds(
  ch: OtSenderChannel<"lookupTables", "lookupFlips">,
  supply: OtSender,
  boundsOf: (list: number) => readonly Uint32Array[],
  comparisons: Comparisons,
): Promise<DigitShares> {
  const { bounds, numbers, pads, n } = checked(comparisons);
  const planeWords = bitWords(n);
  const digitWords = DIGIT_BITS * planeWords;
  const count = transferCount(comparisons);
  const shares = new SharesOfDigits(comparisons);
  for (let list = 0; list < numbers; list++) {
    const { zero, one } = await supply.blocks(ch, count);
    const flips = new Uint32Array((await recvBulk(ch, "lookupFlips", bitWords(count) * 4)).buffer);
    swapWhere(zero, one, flips);
    const own = boundsOf(list);
    const tables = new Uint32Array(shares.digits * tableWords(bounds, planeWords));
    for (let digit = 0; digit < shares.digits; digit++) {
      const keys = entryKeys(part(zero, digit, shares.digits), part(one, digit, shares.digits));
      const ofDigit = padPlanes(pads, keys, 2 * bounds);
      const digits = own.map((planes) => planes.subarray(digit * digitWords, (digit + 1) * digitWords));
      shares.set(list, digit, fillTables(digits, ofDigit, planeWords, part(tables, digit, shares.digits)));
    }
    await sendBulk(ch, "lookupTables", new Uint8Array(tables.buffer));
  }
  return shares;
}

/**
 * xor shares of [number > bound] from those of all digits: numbers x bounds x ceil(n / 32) words, after
 * ceil(log2(width / 4)) exchanges; takes `comparisonTripleWords` words of triples. Errors: `count`.
 */
export async function joinDigits(gates: Gates, shares: DigitShares, width: number): Promise<Uint32Array> {
  let level = shares;
  for (let nodes = width / DIGIT_BITS; nodes > 1; nodes = (nodes + 1) >>> 1) {
    const products = await gates.and(joinGates(level, nodes));
    level = joined(level, joinPlanes(...products.map(({ bits }) => bits)), nodes);
  }
  return level.greater;
}

function checked(comparisons: Comparisons): Comparisons {
  const { width, bounds } = comparisons;
  if (width < DIGIT_BITS || width % DIGIT_BITS !== 0)
    throw new RangeError(`${width} bits are not whole digits`);
  if (!(bounds >= 1 && bounds <= BOUNDS_MAX))
    throw new RangeError(`1 to ${BOUNDS_MAX} bounds, not ${bounds}`);
  return comparisons;
}

/** Part `index` of `parts` equally long ones. */
function part(words: Uint32Array, index: number, parts: number): Uint32Array {
  const length = words.length / parts;
  return words.subarray(index * length, (index + 1) * length);
}

/** Collects 2 x bounds planes of each list and digit in the order of digits. */
class SharesOfDigits implements DigitShares {
  readonly digits: number;
  readonly greater: Uint32Array;
  readonly equal: Uint32Array;
  readonly #lists: number;

  constructor({ n, numbers, bounds, width }: Comparisons) {
    this.digits = width / DIGIT_BITS;
    this.#lists = numbers;
    this.greater = new Uint32Array(this.digits * numbers * bounds * bitWords(n));
    this.equal = new Uint32Array(this.greater.length);
  }

  set(list: number, digit: number, columns: Uint32Array): void {
    const words = columns.length / 2;
    const at = (digit * this.#lists + list) * words;
    this.greater.set(columns.subarray(0, words), at);
    this.equal.set(columns.subarray(words), at);
  }
}

// The local parts of the comparison of private numbers (after Rathee et al., CCS 2020, section 3.1): digits of four bits are
// compared by tables, of which one party looks up its own digit's entry, and a tree of AND gates joins the digits.
//
// Planes of a list of n numbers are ceil(n / 32) words each. Table columns of a digit: for each bound c "the digit is
// greater than the bound's", then for each c "it equals the bound's".
import { arrayKernels, BLOCK_WORDS, xorInto, type FixedKeyAes } from "@halfroom/crypto";
import type { Gate, Wire } from "../gmw/gates.ts";
import { splitPlanes } from "../gmw/planes.ts";

export const DIGIT_BITS = 4;
/** Values of a digit, entries of a table. */
const DIGIT_VALUES = 1 << DIGIT_BITS;
/** Two columns a bound, cut from one block of pad. */
export const BOUNDS_MAX = (BLOCK_WORDS * 32) / 2;

/** xor shares of the comparisons of every digit, the lowest first: digits x values words each. */
export interface DigitShares {
  readonly greater: Uint32Array;
  readonly equal: Uint32Array;
}

/** Words of a table as it is sent: entry 0 follows from its pad. */
export function tableWords(bounds: number, planeWords: number): number {
  return 2 * bounds * (DIGIT_VALUES - 1) * planeWords;
}

/** AND gates for each comparison of numbers of this many digits. */
export function joinGateCount(digits: number): number {
  let gates = 0;
  for (let nodes = digits; nodes > 1; nodes = (nodes + 1) >>> 1) gates += 2 * (nodes >>> 1) - 1;
  return gates;
}

/** The first `columns` planes of pi(x) xor x of each key, n x 4 words, n a multiple of 32. */
export function padPlanes(pads: FixedKeyAes, keys: Uint32Array, columns: number): Uint32Array {
  const rows = keys.length / BLOCK_WORDS;
  const words = Math.ceil(columns / 32);
  return arrayKernels.transposeBits(pads.oneWay(keys), rows, words * 32, BLOCK_WORDS, 0);
}

/**
 * The keys of all entries of one digit's tables: the xor of the four strings that the entry's bits choose.
 * `zero`, `one`: strings of the digit's four bits, lowest first, 4 x rows blocks each. Returns 16 x rows blocks.
 */
export function entryKeys(zero: Uint32Array, one: Uint32Array): Uint32Array {
  const words = zero.length / DIGIT_BITS;
  const keys = new Uint32Array(DIGIT_VALUES * words);
  keys.set(zero.subarray(0, words));
  keys.set(one.subarray(0, words), words);
  for (let bit = 1; bit < DIGIT_BITS; bit++) {
    const known = (1 << bit) * words;
    for (let entry = 0; entry < known; entry += words) {
      for (let w = 0, string = bit * words; w < words; w++, string++) {
        const low = keys[entry + w]!;
        keys[entry + w] = low ^ zero[string]!;
        keys[known + entry + w] = low ^ one[string]!;
      }
    }
  }
  return keys;
}

/** The key of the chosen entry: the xor of the digit's four strings, 4 x rows blocks. */
export function chosenKeys(chosen: Uint32Array): Uint32Array {
  const words = chosen.length / DIGIT_BITS;
  const keys = chosen.slice(0, words);
  for (let at = words; at < chosen.length; at += words) xorInto(keys, chosen.subarray(at, at + words));
  return keys;
}

/**
 * One digit's tables under their pads, and this side's share of what is looked up, 2 x bounds planes: the mask that makes
 * entry 0 equal to its pad. `digits`: for each bound the four planes of its digit; `pads`: planes of 16 entries.
 */
export function fillTables(
  digits: readonly Uint32Array[],
  pads: Uint32Array,
  planeWords: number,
  table: Uint32Array,
): Uint32Array {
  const bounds = digits.length;
  const share = new Uint32Array(2 * bounds * planeWords);
  const width = DIGIT_VALUES * planeWords;
  digits.forEach((digit, bound) => {
    const entries = { greater: new Uint32Array(width), equal: new Uint32Array(width) };
    let below = new Uint32Array(planeWords);
    for (let value = 0; value < DIGIT_VALUES; value++) {
      const equal = isDigit(digit, value, planeWords);
      entries.greater.set(below, value * planeWords);
      entries.equal.set(equal, value * planeWords);
      below = below.map((word, w) => word | equal[w]!);
    }
    [entries.greater, entries.equal].forEach((plain, kind) => {
      const column = kind * bounds + bound;
      const pad = pads.subarray(column * width, (column + 1) * width);
      const masked = table.subarray(column * (width - planeWords), (column + 1) * (width - planeWords));
      for (let w = 0; w < planeWords; w++) {
        const mask = plain[w]! ^ pad[w]!;
        share[column * planeWords + w] = mask;
        for (let at = w + planeWords; at < width; at += planeWords)
          masked[at - planeWords] = plain[at]! ^ pad[at]! ^ mask;
      }
    });
  });
  return share;
}

/** The share of the entry that this side's digit chooses, 2 x bounds planes. `pads`: planes of the chosen entry's pad. */
export function lookUp(
  digit: Uint32Array,
  pads: Uint32Array,
  table: Uint32Array,
  planeWords: number,
): Uint32Array {
  const width = (DIGIT_VALUES - 1) * planeWords;
  const share = pads.slice(0, (table.length / width) * planeWords);
  for (let value = 1; value < DIGIT_VALUES; value++) {
    const here = isDigit(digit, value, planeWords);
    for (let at = 0, from = (value - 1) * planeWords; from < table.length; from += width) {
      for (let w = 0; w < planeWords; w++, at++) share[at]! ^= table[from + w]! & here[w]!;
    }
  }
  return share;
}

/** Which of the digits, four planes of them, are `value`. */
function isDigit(digit: Uint32Array, value: number, planeWords: number): Uint32Array<ArrayBuffer> {
  const is = new Uint32Array(planeWords);
  for (let w = 0; w < planeWords; w++) {
    let all = -1;
    for (let bit = 0; bit < DIGIT_BITS; bit++) {
      all &= digit[bit * planeWords + w]! ^ (((value >>> bit) & 1) - 1);
    }
    is[w] = all;
  }
  return is;
}

/**
 * The gates of one level of the tree: each pair of neighbours is greater if the higher one is, or if that is equal and the
 * lower one greater; it is equal if both are. Nobody asks whether the lowest pair is equal.
 */
export function joinGates({ greater, equal }: DigitShares, nodes: number): Gate[] {
  const [above, same] = [splitPlanes(greater, nodes), splitPlanes(equal, nodes)];
  const greaterOf = (node: number): Wire => ({ name: `g${node}`, bits: above[node]! });
  const equalOf = (node: number): Wire => ({ name: `e${node}`, bits: same[node]! });
  const pairs = Array.from({ length: nodes >>> 1 }, (_, pair) => pair);
  return [
    ...pairs.map((i) => ({ left: equalOf(2 * i + 1), right: greaterOf(2 * i), output: `g${i}` })),
    ...pairs.slice(1).map((i) => ({ left: equalOf(2 * i + 1), right: equalOf(2 * i), output: `e${i}` })),
  ];
}

/** The shares of the next level from the products of `joinGates`; a node without a partner goes on as it is. */
export function joined({ greater, equal }: DigitShares, products: Uint32Array, nodes: number): DigitShares {
  const words = greater.length / nodes;
  const pairs = nodes >>> 1;
  const next = (nodes + 1) >>> 1;
  const above = new Uint32Array(next * words);
  const same = new Uint32Array(next * words);
  for (let pair = 0; pair < pairs; pair++) {
    for (let w = 0; w < words; w++)
      above[pair * words + w] = products[pair * words + w]! ^ greater[(pair * 2 + 1) * words + w]!;
  }
  same.set(products.subarray(pairs * words), words);
  if (next > pairs) {
    above.set(greater.subarray((nodes - 1) * words), pairs * words);
    same.set(equal.subarray((nodes - 1) * words), pairs * words);
  }
  return { greater: above, equal: same };
}

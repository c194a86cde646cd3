// GMW on bit planes (design sections 2.3, step 4, and 2.5): AND, equality of private values, comparison of shared numbers.
//
// Both parties run the same steps and exchange, at each level of a circuit, one opening of the same length. Lengths
// follow from the numbers of values, widths and levels alone. A share's bits beyond the number of values are garbage.
import { bitWords, xorInto } from "@halfroom/crypto";
import { exchangeBulk, type Channel } from "@halfroom/wire";
import type { Role } from "../parties.ts";
import { invert, joinPlanes, transposeToPlanes, VALUE_BITS } from "./planes.ts";
import { carryOrder, maskInputs, multiply, subtractConstant } from "./steps.ts";
import type { TripleSource } from "./triples.ts";

type GateChannel = Channel<"gateOpening", "gateOpening">;

/**
 * xor shares of x AND y, bit by bit, from xor shares `x` and `y` of equal length. Takes as many words of triples and
 * sends one opening of twice that length. Errors: `count`.
 */
export async function and(
  ch: GateChannel,
  role: Role,
  x: Uint32Array,
  y: Uint32Array,
  triples: TripleSource,
): Promise<Uint32Array> {
  if (x.length !== y.length) throw new RangeError("the inputs of an AND differ in length");
  const taken = triples.take(x.length);
  const ours = maskInputs(x, y, taken);
  const theirs = await exchangeBulk(ch, "gateOpening", new Uint8Array(ours.buffer));
  return multiply(role, ours, new Uint32Array(theirs.buffer), taken);
}

/**
 * xor shares of n bits: value i of the sender equals value i of the receiver in its lowest `width` (1 to 64) bits.
 * `words`: this party's own values, n x 2 words, low word first. Returns ceil(n / 32) words after
 * ceil(log2(width)) exchanges; takes `equalityTripleWords(n, width)` words of triples. Errors: `count`.
 */
export async function equality(
  ch: GateChannel,
  role: Role,
  words: Uint32Array,
  n: number,
  width: number,
  triples: TripleSource,
): Promise<Uint32Array> {
  if (!(width >= 1 && width <= VALUE_BITS)) throw new RangeError(`no values are ${width} bits wide`);
  const planeWords = bitWords(n);
  let equal: Uint32Array = transposeToPlanes(words, n).subarray(0, width * planeWords);
  if (role === "sender") invert(equal);
  for (let planes = width; planes > 1; planes = (planes + 1) >>> 1) {
    const half = (planes >>> 1) * planeWords;
    const both = await and(ch, role, equal.subarray(0, half), equal.subarray(half, half * 2), triples);
    equal = joinPlanes(both, equal.subarray(half * 2));
  }
  return equal;
}

/**
 * xor shares of n bits: number i is at least `threshold`, both as signed 64-bit numbers less than 2^63 apart.
 * `shares`: this party's addends mod 2^64, n x 2 words, low word first. Returns ceil(n / 32) words after seven
 * exchanges; takes `atLeastTripleWords(n)` words of triples. Errors: `count`.
 *
 * The answer is the inverted sign of the difference: the top bits of both addends and the carry into them, which a
 * tree of (generate, propagate) pairs computes (Brent and Kung 1982).
 */
export async function atLeast(
  ch: GateChannel,
  role: Role,
  shares: Uint32Array,
  n: number,
  threshold: bigint,
  triples: TripleSource,
): Promise<Uint32Array> {
  const planeWords = bitWords(n);
  const planes = transposeToPlanes(role === "sender" ? subtractConstant(shares, n, threshold) : shares, n);
  const addends = carryOrder(planes, planeWords);
  const zeros = new Uint32Array(addends.length);
  const [x, y] = role === "sender" ? [addends, zeros] : [zeros, addends];
  let generate = await and(ch, role, x, y, triples);
  // Nothing lies below the lowest pair, so its propagate is never asked for: `propagate` begins with the second.
  let propagate: Uint32Array = addends.subarray(planeWords);
  for (let pairs = VALUE_BITS / 2; pairs >= 1; pairs >>>= 1) {
    const cut = pairs * planeWords;
    const propagateLow = propagate.subarray(0, cut - planeWords);
    const propagateHigh = propagate.subarray(cut - planeWords);
    const products = await and(
      ch,
      role,
      joinPlanes(propagateHigh, propagateHigh.subarray(planeWords)),
      joinPlanes(generate.subarray(0, cut), propagateLow),
      triples,
    );
    const carried = products.subarray(0, cut);
    xorInto(carried, generate.subarray(cut));
    generate = carried;
    propagate = products.subarray(cut);
  }
  xorInto(generate, planes.subarray((VALUE_BITS - 1) * planeWords));
  if (role === "sender") invert(generate);
  return generate;
}

// The two circuits that look at numbers, on bit planes: equality of private values (design section 2.3, step 4) and
// comparison of shared numbers with a constant (2.5). Lengths follow from the numbers of values and widths alone.
import { bitWords, xorInto, type RingArray } from "@halfroom/crypto";
import { andAll } from "./circuits.ts";
import type { Gate, Gates, Wire } from "./gates.ts";
import { invert, splitPlanes, transposeToPlanes, VALUE_BITS } from "./planes.ts";
import { carryOrder, subtractConstant } from "./steps.ts";

/**
 * xor shares of n bits: value i of the sender equals value i of the receiver in its lowest `width` (1 to 64) bits.
 * `words`: this party's own values, n x 2 words, low word first. Returns ceil(n / 32) words, of which the bits beyond n are
 * garbage, after ceil(log2(width)) exchanges; takes `equalityTripleWords(n, width)` words of triples. Errors: `count`.
 */
export async function equality(
  gates: Gates,
  words: RingArray,
  n: number,
  width: number,
): Promise<Uint32Array> {
  if (!(width >= 1 && width <= VALUE_BITS)) throw new RangeError(`no values are ${width} bits wide`);
  const equal = transposeToPlanes(words, n).subarray(0, width * bitWords(n));
  if (gates.role === "sender") invert(equal);
  return await andAll(gates, splitPlanes(equal, width));
}

/**
 * xor shares of n bits: number i is at least `threshold`, both as signed 64-bit numbers less than 2^63 apart.
 * `shares`: this party's addends mod 2^64, n x 2 words, low word first. Returns ceil(n / 32) words, of which the bits beyond
 * n are garbage, after seven exchanges; takes `atLeastTripleWords(n)` words of triples. Errors: `count`.
 *
 * The answer is the inverted sign of the difference: the top bits of both addends and the carry into them, which a
 * tree of (generate, propagate) pairs computes (Brent and Kung 1982).
 */
export async function atLeast(
  gates: Gates,
  shares: RingArray,
  n: number,
  threshold: bigint,
): Promise<Uint32Array> {
  const planeWords = bitWords(n);
  const isSender = gates.role === "sender";
  const planes = transposeToPlanes(isSender ? subtractConstant(shares, n, threshold) : shares, n);
  const addends = splitPlanes(carryOrder(planes, planeWords), VALUE_BITS);
  let generate = await gates.and(addends.map((own, place) => addendGate(own, place, isSender)));
  let propagate = addends.map((bits, place): Wire => ({ name: `p${place}`, bits }));
  for (let pairs = VALUE_BITS / 2; pairs >= 1; pairs >>>= 1) {
    const products = await gates.and(carryGates(generate, propagate, pairs));
    const carried = products.slice(0, pairs);
    carried.forEach(({ bits }, place) => xorInto(bits, generate[pairs + place]!.bits));
    // Nothing lies below the lowest pair, so its propagate is never asked for.
    propagate = [propagate[0]!, ...products.slice(pairs)];
    generate = carried;
  }
  const [{ bits: answer }] = generate as [Wire];
  xorInto(answer, planes.subarray((VALUE_BITS - 1) * planeWords));
  if (isSender) invert(answer);
  return answer;
}

/** Both sides' bits at one place: each knows its own operand and shares the other as zero. */
function addendGate(own: Uint32Array, place: number, isSender: boolean): Gate {
  const none = new Uint32Array(own.length);
  return {
    left: { name: `x${place}`, bits: isSender ? own : none },
    right: { name: `y${place}`, bits: isSender ? none : own },
    output: `g${place}`,
  };
}

/** One level of the carry tree: each pair's carry from below through the upper half, then the pairs' propagates. */
function carryGates(generate: readonly Wire[], propagate: readonly Wire[], pairs: number): Gate[] {
  const places = Array.from({ length: pairs }, (_, place) => place);
  const through = (place: number, right: Wire): Gate => ({
    left: propagate[pairs + place]!,
    right,
    output: right.name,
  });
  return [
    ...places.map((place) => through(place, generate[place]!)),
    ...places.slice(1).map((place) => through(place, propagate[place]!)),
  ];
}

// The signs of shared numbers of a few bits (protocol-spec.md, section 10.6): of both addends the top bits, and the carry into them, which a
// tree of (generate, propagate) pairs computes (Brent and Kung 1982), the lowest pair first. What the addends hold above the
// width is not looked at.
import { bitWords, xorInto, type RingArray } from "@halfroom/crypto";
import type { Gate, Gates, Wire } from "./gates.ts";
import { invert, splitPlanes, transposeToPlanes, VALUE_BITS } from "./planes.ts";

/** Numbers that are compared in the same width. */
export interface SharedNumbers {
  /** This side's addends mod 2^64, n x 2 words, low word first. */
  readonly shares: RingArray;
  readonly n: number;
  /** Bits of a signed number, 2 to 64; the sums fit them. */
  readonly width: number;
}

/**
 * For each list xor shares of n bits: number i is at least 0. Returns ceil(n / 32) words a list, of which the bits beyond n are
 * garbage, after 1 + ceil(log2(width - 1)) exchanges of the widest; takes `nonNegativeTripleWords` words of triples for each list.
 * Errors: `count`; RangeError for another width.
 */
export async function nonNegative(gates: Gates, lists: readonly SharedNumbers[]): Promise<Uint32Array[]> {
  if (lists.some(({ width }) => !(width >= 2 && width <= VALUE_BITS)))
    throw new RangeError(`a comparison is 2 to ${VALUE_BITS} bits wide`);
  const isSender = gates.role === "sender";
  const planes = lists.map(({ shares, n, width }) =>
    splitPlanes(transposeToPlanes(shares, n).subarray(0, width * bitWords(n)), width),
  );
  const addends = planes.map((ofList) => ofList.slice(0, -1));
  const first = addends.map((ofList, list) => ofList.map((own, i) => addendGate(own, list, i, isSender)));
  const generated = inLists(await gates.and(first.flat()), first);
  let trees = addends.map((ofList, list): Carries => {
    const propagate = ofList.map((bits, i): Wire => ({ name: `p${list}.${i}`, bits }));
    return { list, generate: generated[list]!, propagate };
  });
  while (trees.some(({ generate }) => generate.length > 1)) {
    const level = trees.map(carryGates);
    const products = inLists(await gates.and(level.flat()), level);
    trees = trees.map((tree, list) => carried(tree, products[list]!));
  }
  return trees.map(({ generate: [carry] }, list) => {
    const answer = carry!.bits.slice();
    xorInto(answer, planes[list]!.at(-1)!);
    if (isSender) invert(answer);
    return answer;
  });
}

/** Words of triples that `nonNegative` takes for `n` numbers of `width` bits. */
export function nonNegativeTripleWords(n: number, width: number): number {
  let gates = width - 1;
  for (let pairs = width - 1; pairs > 1; pairs = (pairs + 1) >>> 1) gates += 2 * (pairs >>> 1) - 1;
  return gates * bitWords(n);
}

/** Pairs of neighbouring runs of places, the lowest first: whether a run makes a carry, whether it hands one on. */
interface Carries {
  readonly list: number;
  readonly generate: readonly Wire[];
  readonly propagate: readonly Wire[];
}

/** Both sides' bits at one place: each knows its own operand and shares the other as zero. */
function addendGate(own: Uint32Array, list: number, place: number, isSender: boolean): Gate {
  const none = new Uint32Array(own.length);
  return {
    left: { name: `x${list}.${place}`, bits: isSender ? own : none },
    right: { name: `y${list}.${place}`, bits: isSender ? none : own },
    output: `g${list}.${place}`,
  };
}

/** Each two neighbours' carry from below through the upper one, then their propagates; nobody asks for the lowest pair's. */
function carryGates({ list, generate, propagate }: Carries): Gate[] {
  const pairs = Array.from({ length: generate.length >>> 1 }, (_, pair) => pair);
  const through = (pair: number, kind: string, right: Wire): Gate => ({
    left: propagate[2 * pair + 1]!,
    right,
    output: `${kind}${list}.${pair}`,
  });
  return [
    ...pairs.map((pair) => through(pair, "g", generate[2 * pair]!)),
    ...pairs.slice(1).map((pair) => through(pair, "p", propagate[2 * pair]!)),
  ];
}

/** The next level from the products of `carryGates`; a pair without a neighbour goes on under its new number. */
function carried({ list, generate, propagate }: Carries, products: readonly Wire[]): Carries {
  const pairs = generate.length >>> 1;
  const joined = products.slice(0, pairs);
  joined.forEach(({ bits }, pair) => xorInto(bits, generate[2 * pair + 1]!.bits));
  const handed = [propagate[0]!, ...products.slice(pairs)].slice(0, pairs);
  if (generate.length % 2 === 0) return { list, generate: joined, propagate: handed };
  const last = (kind: string, wires: readonly Wire[]) => ({
    name: `${kind}${list}.${pairs}`,
    bits: wires.at(-1)!.bits,
  });
  return {
    list,
    generate: [...joined, last("g", generate)],
    propagate: [...handed, last("p", propagate)],
  };
}

/** `products`, as long as all lists of gates together, cut like them. */
function inLists(products: readonly Wire[], lists: readonly (readonly Gate[])[]): Wire[][] {
  let end = 0;
  return lists.map(({ length }) => {
    end += length;
    return products.slice(end - length, end);
  });
}

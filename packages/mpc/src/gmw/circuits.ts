// Circuits of AND gates over whole bit vectors: the AND of several, the OR of two, the OR of all bits up to each.
import { bitWords, getBit, setBit, xorInto } from "@halfroom/crypto";
import type { Gates, Wire } from "./gates.ts";

/**
 * xor shares of the AND of `vectors`, bit by bit: at least one vector, all equally long. Takes (vectors - 1) x their words
 * of triples and ceil(log2(vectors)) exchanges, in each of which the first half meets the second. Errors: `count`.
 */
export async function andAll(gates: Gates, vectors: readonly Uint32Array[]): Promise<Uint32Array> {
  let left = vectors;
  while (left.length > 1) {
    const half = left.length >>> 1;
    const wires = left.map((bits, i): Wire => ({ name: `v${i}`, bits }));
    const products = await gates.and(
      wires.slice(0, half).map((wire, i) => ({ left: wire, right: wires[half + i]!, output: wire.name })),
    );
    left = [...products.map(({ bits }) => bits), ...left.slice(half * 2)];
  }
  return left[0]!;
}

/** xor shares of left OR right, bit by bit; takes as many words of triples as one has, and one exchange. Errors: `count`. */
export async function or(gates: Gates, left: Wire, right: Wire, output: string): Promise<Uint32Array> {
  const [both] = await gates.and([{ left, right, output }]);
  const either = both!.bits;
  xorInto(either, left.bits);
  xorInto(either, right.bits);
  return either;
}

/**
 * xor shares of the OR of all bits of a segment up to each place; `lengths` are those of the segments, one after the other
 * in `bits`. Takes `prefixOrTripleWords` words of triples and ceil(log2(longest)) exchanges. Errors: `count`.
 */
export async function prefixOr(
  gates: Gates,
  bits: Uint32Array,
  lengths: readonly number[],
): Promise<Uint32Array> {
  let covered = bits;
  for (let step = 1; step < longest(lengths); step *= 2) {
    const left = { name: "c", bits: covered };
    const right = { name: `c+${step}`, bits: shifted(covered, lengths, step) };
    covered = await or(gates, left, right, "c");
  }
  return covered;
}

/** Words of triples that `prefixOr` takes for segments of these lengths. */
export function prefixOrTripleWords(lengths: readonly number[]): number {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const steps = Math.ceil(Math.log2(Math.max(1, longest(lengths))));
  return steps * bitWords(total);
}

function longest(lengths: readonly number[]): number {
  return lengths.reduce((most, length) => Math.max(most, length), 0);
}

/** Each segment moved up by `step` places: what leaves it is dropped, its first places are zero. */
function shifted(bits: Uint32Array, lengths: readonly number[], step: number): Uint32Array {
  const moved = new Uint32Array(bits.length);
  let start = 0;
  for (const length of lengths) {
    for (let place = step; place < length; place++)
      setBit(moved, start + place, getBit(bits, start + place - step));
    start += length;
  }
  return moved;
}

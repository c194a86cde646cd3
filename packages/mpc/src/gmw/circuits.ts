// Circuits of AND gates over whole bit vectors: the AND of several, the OR of two, the OR of all bits up to each.
import { bitWords, getBit, setBit, xorInto } from "@halfroom/crypto";
import type { Channel } from "@halfroom/wire";
import type { Role } from "../parties.ts";
import { joinPlanes } from "./planes.ts";
import { and } from "./protocol.ts";
import type { TripleSource } from "./triples.ts";

type GateChannel = Channel<"gateOpening", "gateOpening">;

/**
 * xor shares of the AND of `vectors`, bit by bit: at least one vector, all equally long. Takes (vectors - 1) x their words
 * of triples and ceil(log2(vectors)) exchanges, in each of which the first half meets the second. Errors: `count`.
 */
export async function andAll(
  ch: GateChannel,
  role: Role,
  vectors: readonly Uint32Array[],
  triples: TripleSource,
): Promise<Uint32Array> {
  const words = vectors[0]!.length;
  let left: Uint32Array = joinPlanes(...vectors);
  for (let count = vectors.length; count > 1; count = (count + 1) >>> 1) {
    const half = (count >>> 1) * words;
    const both = await and(ch, role, left.subarray(0, half), left.subarray(half, half * 2), triples);
    left = joinPlanes(both, left.subarray(half * 2));
  }
  return left;
}

/** xor shares of x OR y, bit by bit; takes as many words of triples as x has, and one exchange. Errors: `count`. */
export async function or(
  ch: GateChannel,
  role: Role,
  x: Uint32Array,
  y: Uint32Array,
  triples: TripleSource,
): Promise<Uint32Array> {
  const either = await and(ch, role, x, y, triples);
  xorInto(either, x);
  xorInto(either, y);
  return either;
}

/**
 * xor shares of the OR of all bits of a segment up to each place; `lengths` are those of the segments, one behind the other
 * in `bits`. Takes `prefixOrTripleWords` words of triples and ceil(log2(longest)) exchanges. Errors: `count`.
 */
export async function prefixOr(
  ch: GateChannel,
  role: Role,
  bits: Uint32Array,
  lengths: readonly number[],
  triples: TripleSource,
): Promise<Uint32Array> {
  let covered = bits;
  for (let step = 1; step < longest(lengths); step *= 2) {
    covered = await or(ch, role, covered, shifted(covered, lengths, step), triples);
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

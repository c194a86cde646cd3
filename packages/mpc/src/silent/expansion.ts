// One expansion, at either end (protocol-spec.md, section 10.9): from correlated transfers to a code's length of blocks that differ by
// Delta in the places of regular noise, and by the code to half as many that differ by Delta in random places
// (Boyle, Couteau, Gilboa, Ishai, Kohl, Rindal, Scholl, eprint 2019/1159). The lowest bit of Delta is 1 and that of every block of the
// grower 0, so that the lowest bit of a block of the other side is its choice.
import { BLOCK_WORDS, compress, takeLowBits, xorInto } from "@halfroom/crypto";
import type { Expansions } from "./parameters.ts";
import {
  growersClaim,
  joined,
  proofOf,
  SACRIFICED,
  weightedSum,
  weightOfHoles,
  weightsOf,
  type ExpansionProof,
  type ExpansionProver,
  type Place,
} from "./check.ts";
import { growAll, growPunctured, holesOf, treeShape } from "./trees.ts";

/** Memory that expansions take turns in: the noise, and room to compress it. */
export class ExpansionMemory {
  readonly #vector: Uint32Array;
  readonly #room: Uint32Array;

  constructor(sizes: readonly Expansions[]) {
    const words = Math.max(0, ...sizes.map(noiseWords));
    this.#vector = new Uint32Array(words);
    this.#room = new Uint32Array(words);
  }

  /** The leaves of all trees of one expansion. */
  leaves(sizes: Expansions): Uint32Array {
    return this.#vector.subarray(0, noiseWords(sizes));
  }

  /** What the code makes of them, as much as is used; it stays until the next expansion. */
  compressed(sizes: Expansions): Uint32Array {
    const words = noiseWords(sizes);
    const blocks = compress(this.#vector.subarray(0, words), this.#room.subarray(0, words));
    return blocks.subarray(0, sizes.transfers * BLOCK_WORDS);
  }
}

function noiseWords({ trees, depth }: Expansions): number {
  return trees * 2 ** depth * BLOCK_WORDS;
}

/** Correlated transfers that an expansion takes: one for each level of each tree, and those of the check. */
export function seedTransfers({ trees, depth }: Pick<Expansions, "trees" | "depth">): number {
  return trees * depth + SACRIFICED;
}

/** What the grower has of an expansion. */
export interface Grown extends ExpansionProver {
  readonly corrections: Uint32Array;
  /** The blocks K_j, one a transfer, in `memory`; the other string's is K_j + Delta. */
  readonly blocks: Uint32Array;
}

/** `correlated`: q, see `seedTransfers`; `delta`: as it holds for them. */
export function grow(
  place: Place,
  sizes: Expansions,
  correlated: Uint32Array,
  delta: Uint32Array,
  memory: ExpansionMemory,
): Grown {
  const shape = treeShape(place, sizes);
  const leaves = memory.leaves(sizes);
  const corrections = growAll(shape, correlated, delta, leaves);
  takeLowBits(leaves);
  const seed = weightsOf(place, corrections);
  const sum = weightedSum(seed, leaves, sizes.trees);
  const sacrificed = correlated.slice(sizes.trees * sizes.depth * BLOCK_WORDS);
  takeLowBits(sacrificed);
  const mask = joined(sacrificed);
  const odd = oddDelta(delta);
  return {
    corrections,
    blocks: memory.compressed(sizes),
    prove: (masked) => proofOf(place, seed, growersClaim({ sum, mask }, odd, masked)),
  };
}

/** What the chooser has of an expansion. */
export interface Punctured extends ExpansionProof {
  /** The blocks K_j + c_j Delta, in `memory`, of which the lowest bit is c_j. */
  readonly blocks: Uint32Array;
}

/** `choices`, `rows`: of the correlated transfers. */
export function puncture(
  place: Place,
  sizes: Expansions,
  { choices, rows }: { readonly choices: Uint32Array; readonly rows: Uint32Array },
  corrections: Uint32Array,
  memory: ExpansionMemory,
): Punctured {
  const { trees, depth } = sizes;
  const holes = holesOf(sizes, choices);
  const leaves = memory.leaves(sizes);
  growPunctured(treeShape(place, sizes), rows, corrections, { choices, holes }, leaves);
  takeLowBits(leaves);
  holes.forEach((leaf, tree) => (leaves[(leaf * trees + tree) * BLOCK_WORDS]! |= 1));
  const seed = weightsOf(place, corrections);
  const claim = weightedSum(seed, leaves, trees);
  const sacrificed = rows.slice(trees * depth * BLOCK_WORDS);
  setLowest(sacrificed, choices, trees * depth);
  xorInto(claim, joined(sacrificed));
  const masked = weightOfHoles(seed, holes, 2 ** depth);
  xorInto(masked, bitsFrom(choices, trees * depth));
  return { blocks: memory.compressed(sizes), masked, proof: proofOf(place, seed, claim) };
}

/** Delta with its lowest bit set: what blocks differ by once their own lowest bits say where. */
function oddDelta(delta: Uint32Array): Uint32Array {
  const odd = delta.slice();
  odd[0]! |= 1;
  return odd;
}

/** What the two strings of a transfer differ by before they are hashed: without the lowest bit, which is the choice. */
export function hashedDelta(delta: Uint32Array): Uint32Array {
  const hashed = delta.slice();
  hashed[0]! &= ~1;
  return hashed;
}

function setLowest(blocks: Uint32Array, bits: Uint32Array, first: number): void {
  for (let i = first, at = 0; at < blocks.length; i++, at += BLOCK_WORDS)
    blocks[at] = (blocks[at]! & ~1) | ((bits[i >>> 5]! >>> (i & 31)) & 1);
}

/** 128 bits from place `first` on, as a block. */
function bitsFrom(bits: Uint32Array, first: number): Uint32Array {
  const block = new Uint32Array(BLOCK_WORDS);
  for (let b = 0, i = first; b < SACRIFICED; b++, i++)
    block[b >>> 5]! |= ((bits[i >>> 5]! >>> (i & 31)) & 1) << (b & 31);
  return block;
}

// A vector of oblivious linear evaluations in GF(2^128) from one more expansion (protocol-spec.md, section 10.10; silent VOLE: Boyle,
// Couteau, Gilboa, Ishai, Kohl, Rindal, Scholl, eprint 2019/1159). Its
// seeds are correlated transfers that other expansions made. Trees hide a place each, as there; the noise in it is no bit but an element of
// the field, which 128 transfers share as they do the mask of the check: gamma = delta + beta Delta.
//
// All leaves of a tree are hashed once more, since they still add up to Delta: v, which the chooser has in all places but its hole. The
// grower sends s, the sum of v plus delta; s plus all other v plus gamma is what the chooser has in the hole, v + beta Delta. The code makes
// of the grower's v its rows, of the chooser's own its rows, and of its noise the factors.
import { BlockHash, BLOCK_WORDS, FixedKeyAes, xorInto } from "@halfroom/crypto";
import type { Draw, ReceiverRows, ReceiverVector, SenderRows, SenderVector } from "../ot/source.ts";
import {
  growersClaim,
  joined,
  proofOf,
  weightedSum,
  weightsOf,
  type ExpansionProof,
  type ExpansionProver,
  type Place,
} from "./check.ts";
import type { ExpansionMemory } from "./expansion.ts";
import { VECTOR, VECTOR_TRANSFERS } from "./parameters.ts";
import { correctionWords, growAll, growPunctured, holesOf, treeShape } from "./trees.ts";

/** Leaves hashed at a time: they stay in the cache. */
const LEAVES_AT_ONCE = 1 << 14;

/** What a shard draws for a vector of so many elements, or more. Errors: RangeError for more than there are. */
export function vectorDraw(purpose: string, elements: number): Draw {
  if (elements > VECTOR.transfers) throw new RangeError(`no vector has ${elements} elements`);
  return { purpose, kind: "vector", transfers: VECTOR_TRANSFERS };
}

/** Words of what the grower sends: the corrections of the trees, and s of each. */
export const VECTOR_CORRECTION_WORDS = correctionWords(VECTOR) + VECTOR.trees * BLOCK_WORDS;

/** What the grower has of a vector. */
export interface GrownVector extends ExpansionProver {
  readonly corrections: Uint32Array;
  readonly vector: SenderVector;
}

/** `place`: its expansion is the number of the vector, behind those that made the transfers. `correlated`: `VECTOR_TRANSFERS` of them. */
export function growVector(place: Place, { rows, delta }: SenderRows, memory: ExpansionMemory): GrownVector {
  const shape = treeShape(place, VECTOR);
  const leaves = memory.leaves(VECTOR);
  const { ofTrees, ofValues } = partsOf(rows);
  const corrections = new Uint32Array(VECTOR_CORRECTION_WORDS);
  corrections.set(growAll(shape, ofTrees, delta, leaves));
  hashLeaves(place, leaves);
  const { noise, mask } = valuesOf(ofValues);
  const sums = corrections.subarray(correctionWords(shape));
  sums.set(noise);
  addLeaves(sums, leaves);
  const seed = weightsOf(place, corrections);
  const sum = weightedSum(seed, leaves, shape.trees);
  return {
    corrections,
    vector: { rows: memory.compressed(VECTOR).slice(), delta },
    prove: (masked) => proofOf(place, seed, growersClaim({ sum, mask }, delta, masked)),
  };
}

/** What the chooser has of a vector. */
export interface PuncturedVector extends ExpansionProof {
  readonly vector: ReceiverVector;
}

/** `corrections`: `VECTOR_CORRECTION_WORDS`. The vector must not be used before the check. */
export function punctureVector(
  place: Place,
  { choices, rows }: ReceiverRows,
  corrections: Uint32Array,
  memory: ExpansionMemory,
): PuncturedVector {
  const shape = treeShape(place, VECTOR);
  const leaves = memory.leaves(VECTOR);
  const { ofTrees, ofValues } = partsOf(rows);
  const holes = holesOf(shape, choices);
  growPunctured(shape, ofTrees, corrections, { choices, holes }, leaves);
  hashLeaves(place, leaves);
  const { noise, mask } = valuesOf(ofValues);
  const ofHoles = corrections.slice(correctionWords(shape));
  xorInto(ofHoles, noise);
  putInHoles(leaves, holes, new Uint32Array(ofHoles.length));
  addLeaves(ofHoles, leaves);
  putInHoles(leaves, holes, ofHoles);
  const seed = weightsOf(place, corrections);
  const claim = weightedSum(seed, leaves, shape.trees);
  xorInto(claim, mask);
  const ownRows = memory.compressed(VECTOR).slice();
  // Bit b of a value is the choice of its transfer number b.
  const values = choices.subarray((shape.trees * shape.depth) / 32);
  const ofNoise = memory.leaves(VECTOR).fill(0);
  putInHoles(ofNoise, holes, values);
  const masked = weightedSum(seed, ofNoise, shape.trees);
  xorInto(masked, values.subarray(shape.trees * BLOCK_WORDS));
  const vector = { factors: memory.compressed(VECTOR).slice(), rows: ownRows };
  return { vector, masked, proof: proofOf(place, seed, claim) };
}

/** The transfers of the trees' levels, and those of the values behind them. */
function partsOf(rows: Uint32Array): { ofTrees: Uint32Array; ofValues: Uint32Array } {
  const levels = VECTOR.trees * VECTOR.depth * BLOCK_WORDS;
  return { ofTrees: rows.subarray(0, levels), ofValues: rows.subarray(levels) };
}

/** The value of each tree's noise at one side, and that which masks the check. */
function valuesOf(rows: Uint32Array): { noise: Uint32Array; mask: Uint32Array } {
  const values = joined(rows);
  const trees = VECTOR.trees * BLOCK_WORDS;
  return { noise: values.subarray(0, trees), mask: values.subarray(trees) };
}

/** Replaces each leaf by its hash, the tweak being its place. */
function hashLeaves({ session, direction, shard, expansion }: Place, leaves: Uint32Array): void {
  const hash = new BlockHash(new FixedKeyAes("silent/leaves", session, direction, shard, expansion));
  const words = LEAVES_AT_ONCE * BLOCK_WORDS;
  for (let at = 0; at < leaves.length; at += words)
    leaves.set(hash.strings(leaves.subarray(at, at + words), at / BLOCK_WORDS).zero, at);
}

/** Adds all leaves of each tree to its block of `sums`. */
function addLeaves(sums: Uint32Array, leaves: Uint32Array): void {
  for (let at = 0; at < leaves.length; at += sums.length)
    xorInto(sums, leaves.subarray(at, at + sums.length));
}

/** Block i of `blocks` in the hole of tree i. */
function putInHoles(leaves: Uint32Array, holes: Uint32Array, blocks: Uint32Array): void {
  for (let tree = 0, from = 0; tree < holes.length; tree++) {
    let to = (holes[tree]! * holes.length + tree) * BLOCK_WORDS;
    for (let w = 0; w < BLOCK_WORDS; w++) leaves[to++] = blocks[from++]!;
  }
}

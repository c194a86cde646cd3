// The consistency check of an expansion (Wolverine, eprint 2020/925, section 5.1; as Ferret, eprint 2020/924, has it for transfers), over
// rows of trees: whether the chooser's blocks are the grower's, plus Delta in one place a tree and nothing else anywhere.
//
// With weights alpha of the leaves of a tree and beta of the trees, let V be the grower's sum of alpha_n beta_j v_(n,j), W the
// chooser's of its own blocks, and X the sum of the weights of its holes: W = V + Delta X if nothing was altered. Of 128 correlated
// transfers, which nobody can make inconsistent, they have Z = Y + Delta R with random R: the chooser tells X + R, and both know V + Y + Delta (X + R) = W + Z.
// The grower shows that it does, by a hash. All sums are in GF(2^128).
//
// The weights follow from the corrections (Fiat and Shamir). An error that is not zero, of whatever shape, adds up to zero with
// probability 2^-127: alpha times beta is a polynomial of degree 2.
import { timingSafeEqual } from "node:crypto";
import { addProducts, BLOCK_WORDS, bytesOf, hash256, RowHash, setBit, xorInto } from "@halfroom/crypto";
import { ProtocolError } from "@halfroom/wire";
import type { Role } from "../parties.ts";

/** Correlated transfers that are made for the check alone: they mask what it shows of the holes. */
export const SACRIFICED = 128;
export const MASK_BYTES = 16;
export const PROOF_BYTES = 32;

/** The expansion that is checked. */
export interface Place {
  readonly session: Uint8Array;
  readonly direction: Role;
  readonly shard: number;
  /** Number of the expansion in its shard and direction. */
  readonly expansion: number;
}

/** What the grower of an expansion answers the check with. */
export interface ExpansionProver {
  /** The proof, once the other side has told its masked weight of holes, 4 words. */
  prove(masked: Uint32Array): Uint8Array;
}

/** What the chooser of an expansion sends for the check, and awaits. */
export interface ExpansionProof {
  /** The weight of its holes, masked: 4 words. */
  readonly masked: Uint32Array<ArrayBuffer>;
  /** The proof of an honest grower. */
  readonly proof: Uint8Array;
}

/** The weights of an expansion: a generator that gives beta for each tree, and then alpha for each row of leaves. */
export function weightsOf(
  { session, direction, shard, expansion }: Place,
  corrections: Uint32Array,
): Uint8Array {
  return hash256("silent/weights", session, direction, shard, expansion, bytesOf(corrections));
}

/** The sum of all leaves of all trees, each by its weights. `leaves`: rows x trees blocks. */
export function weightedSum(seed: Uint8Array, leaves: Uint32Array, trees: number): Uint32Array<ArrayBuffer> {
  const row = trees * BLOCK_WORDS;
  const ofRows = new Uint32Array((leaves.length / row) * BLOCK_WORDS);
  const hash = new RowHash(seed);
  hash.add(leaves, leaves.length / row, row, ofRows);
  const sum = new Uint32Array(BLOCK_WORDS);
  hash.add(ofRows, 1, ofRows.length, sum);
  return sum;
}

/** X: the sum of the weights of all holes. */
export function weightOfHoles(seed: Uint8Array, holes: Uint32Array, rows: number): Uint32Array<ArrayBuffer> {
  const hash = new RowHash(seed);
  const ofTrees = hash.coefficients(holes.length);
  const ofLeaves = hash.coefficients(rows);
  const ofHoles = new Uint32Array(ofTrees.length);
  holes.forEach((leaf, tree) =>
    ofHoles.set(ofLeaves.subarray(leaf * BLOCK_WORDS, (leaf + 1) * BLOCK_WORDS), tree * BLOCK_WORDS),
  );
  return sumOfProducts(ofTrees, ofHoles);
}

/** The elements of the field that each 128 transfers are: the sum of block b times x^b. `blocks`: n x 128 x 4 words; n x 4 words. */
export function joined(blocks: Uint32Array): Uint32Array<ArrayBuffer> {
  const powers = new Uint32Array(SACRIFICED * BLOCK_WORDS);
  for (let b = 0; b < SACRIFICED; b++) setBit(powers, b * 128 + b, 1);
  const elements = new Uint32Array(blocks.length / SACRIFICED);
  addProducts(powers, blocks, powers.length, 0, elements);
  return elements;
}

/** What the grower knows and the chooser must know too: V + Y + Delta (X + R). `masked`: X + R. */
export function growersClaim(
  { sum, mask }: { readonly sum: Uint32Array; readonly mask: Uint32Array },
  delta: Uint32Array,
  masked: Uint32Array,
): Uint32Array {
  const claim = sumOfProducts(masked, delta);
  xorInto(claim, sum);
  xorInto(claim, mask);
  return claim;
}

/** The hash of a claim, 32 bytes. */
export function proofOf(
  { session, direction, shard, expansion }: Place,
  seed: Uint8Array,
  claim: Uint32Array,
): Uint8Array {
  return hash256("silent/proof", session, direction, shard, expansion, seed, bytesOf(claim));
}

/** Refuses a proof that is not of the chooser's own claim, W + Z. Errors: `check`. */
export function checkExpansion(own: Uint8Array, proof: Uint8Array): void {
  if (!timingSafeEqual(own, proof)) throw new ProtocolError("check");
}

export type ExpansionCheck = typeof checkExpansion;

/** The sum of a_i b_i; `a` may be public only, see `ArrayKernels.addProducts`. */
function sumOfProducts(a: Uint32Array, b: Uint32Array): Uint32Array<ArrayBuffer> {
  const sum = new Uint32Array(BLOCK_WORDS);
  addProducts(a, b, b.length, 0, sum);
  return sum;
}

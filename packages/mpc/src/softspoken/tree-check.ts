// The check of SoftSpokenOT's trees (Roy, eprint 2022/192, section 6, malicious security of the puncturable function; libraries
// call it PPRF check). Each leaf is expanded once more, to its seed and a check value of 256 bits. The grower sends the xor of a
// tree's check values and a digest of all; the other side finds its hole's value from the xor and compares.
import { timingSafeEqual } from "node:crypto";
import { BLOCK_WORDS, hash256, hash512 } from "@halfroom/crypto";
import { ProtocolError } from "@halfroom/wire";
import type { OtDirection } from "./setup.ts";

const SEED_BYTES = 16;
const VALUE_BYTES = 32;
const LEAF_BYTES = BLOCK_WORDS * 4;

/** Leaves in their final form: trees x 2^k of each. */
export interface ExpandedLeaves {
  /** 4 words each: what supplies are made from. */
  readonly seeds: Uint32Array;
  /** 32 bytes each. */
  readonly values: Uint8Array;
}

/** Bytes that follow the corrections: one xor a tree, and the digest. */
export function treeProofBytes(trees: number): number {
  return (trees + 1) * VALUE_BYTES;
}

/** The digest in a proof, 32 bytes: to whom the proof fits it is that of all leaves. */
export function leavesDigest(proof: Uint8Array): Uint8Array {
  return proof.slice(-VALUE_BYTES);
}

/** Seed and check value of each leaf: one SHA-512, of which 48 bytes are used. */
export function expandLeaves({ session, direction }: OtDirection, leaves: Uint32Array): ExpandedLeaves {
  const bytes = new Uint8Array(leaves.buffer, leaves.byteOffset, leaves.byteLength);
  const count = bytes.length / LEAF_BYTES;
  const seeds = new Uint8Array(count * SEED_BYTES);
  const values = new Uint8Array(count * VALUE_BYTES);
  for (let i = 0; i < count; i++) {
    const leaf = bytes.subarray(i * LEAF_BYTES, (i + 1) * LEAF_BYTES);
    const expanded = hash512("softspoken/leaf", session, direction, i, leaf);
    seeds.set(expanded.subarray(0, SEED_BYTES), i * SEED_BYTES);
    values.set(expanded.subarray(SEED_BYTES, SEED_BYTES + VALUE_BYTES), i * VALUE_BYTES);
  }
  return { seeds: new Uint32Array(seeds.buffer), values };
}

/** What the grower sends: for each tree the xor of its check values, then a digest of all check values. */
export function proveTrees(of: OtDirection, values: Uint8Array): Uint8Array {
  return Buffer.concat([sums(values, of.k), digest(of, values)]);
}

/**
 * Whether the grower's trees are the ones that this side has but for its holes. `delta`: the hole of each tree, whose check value in
 * `values` is void; this function overwrites it.
 *
 * A grower that sends corrections of no tree is caught unless the holes lie where the difference does not show, or where it has
 * guessed: a cheat that tells holes apart by c bits passes with probability 2^-c, and has then learned these c bits.
 */
export function verifyTrees(
  of: OtDirection,
  values: Uint8Array,
  delta: Uint32Array,
  proof: Uint8Array,
): boolean {
  const trees = delta.length;
  const hole = (tree: number) =>
    values.subarray(((tree << of.k) + delta[tree]!) * VALUE_BYTES).subarray(0, VALUE_BYTES);
  for (let tree = 0; tree < trees; tree++) hole(tree).fill(0);
  const known = sums(values, of.k);
  for (let tree = 0; tree < trees; tree++) {
    const value = hole(tree);
    for (let i = 0, at = tree * VALUE_BYTES; i < VALUE_BYTES; i++, at++) value[i] = known[at]! ^ proof[at]!;
  }
  return timingSafeEqual(digest(of, values), proof.subarray(trees * VALUE_BYTES));
}

/** Refuses trees that do not fit. Errors: `check`. */
export function checkTrees(...trees: Parameters<typeof verifyTrees>): void {
  if (!verifyTrees(...trees)) throw new ProtocolError("check");
}

export type TreesCheck = typeof checkTrees;

/** The xor of each tree's values, 2^k of them. */
function sums(values: Uint8Array, k: number): Uint8Array {
  const treeBytes = VALUE_BYTES << k;
  const out = new Uint8Array((values.length / treeBytes) * VALUE_BYTES);
  for (let at = 0; at < values.length; at++) {
    out[Math.floor(at / treeBytes) * VALUE_BYTES + (at % VALUE_BYTES)]! ^= values[at]!;
  }
  return out;
}

function digest({ session, direction, k }: OtDirection, values: Uint8Array): Uint8Array {
  return hash256("softspoken/leaves", session, direction, k, values);
}

// Sizes of silent transfers (protocol-spec.md, section 10.9), from public counts alone. What they are worth computes
// packages/mpc/test/estimate, which the tests hold the table of section 16.1 to.

import type { Draw, Draws } from "../ot/source.ts";
import type { Role } from "../parties.ts";

/** Trees of an expansion at least: the weight of the noise. */
export const TREES_MIN = 448;
/** Transfers that an expansion makes at most. Larger ones take fewer bytes, but leave the caches: this is 8 MiB of noise, and room for as much. */
export const EXPANSION_MAX = 1 << 18;
/**
 * Trees of a vector (section 10.10): noise of field elements is the weaker, since half of what one looks at is zero. 2^8 leaves each make a
 * code of this length, with more elements than the largest shard has bins.
 */
const VECTOR_TREES = 960;
const VECTOR_DEPTH = 8;
/** Transfers are drawn in words of 32, which are also what a word of the short code makes. */
const WORD = 32;

export interface Expansions {
  /** How many expansions there are, all alike. */
  readonly count: number;
  /** Transfers of each that are used. */
  readonly transfers: number;
  /** Trees of each, side by side, and their depth: trees x 2^depth is the length of the code, at least twice `transfers`. */
  readonly trees: number;
  readonly depth: number;
}

/** The expansions of both directions. */
export function expansionsFor(draws: Draws): Readonly<Record<Role, Expansions>> {
  return {
    sender: expansionsOf(transfersOf(draws.sender)),
    receiver: expansionsOf(transfersOf(draws.receiver)),
  };
}

function transfersOf(draws: readonly Draw[]): number {
  return draws.reduce((sum, { transfers }) => sum + roundedUp(transfers), 0);
}

/** What is drawn is made in whole words of bits. */
export function roundedUp(transfers: number): number {
  return Math.ceil(transfers / WORD) * WORD;
}

/** The expansion of a vector; its transfers are elements. */
export const VECTOR: Expansions = {
  count: 1,
  transfers: (VECTOR_TREES * 2 ** VECTOR_DEPTH) / 2,
  trees: VECTOR_TREES,
  depth: VECTOR_DEPTH,
};

/** Correlated transfers that a vector takes: one for each level of each tree, 128 for the value of each tree's noise, and for the check. */
export const VECTOR_TRANSFERS = VECTOR_TREES * VECTOR_DEPTH + 128 * (VECTOR_TREES + 1);

/**
 * The expansions for so many transfers of a direction, 14,336 or more, as whose noise comes in whole words of the short code: a shard
 * draws 70,176 at least.
 */
export function expansionsOf(transfers: number): Expansions {
  const count = Math.ceil(transfers / EXPANSION_MAX);
  const each = roundedUp(transfers / count);
  let depth = 0;
  while (Math.ceil((2 * each) / 2 ** (depth + 1)) >= TREES_MIN) depth++;
  return { count, transfers: each, trees: Math.ceil((2 * each) / 2 ** depth), depth };
}

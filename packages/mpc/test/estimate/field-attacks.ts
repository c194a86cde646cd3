// What is known against regular noise of elements of GF(2^128): n places in t blocks of n / t, in each one error that is uniform in the
// field, zero included, seen through a code over GF(2). A linear map of the field to GF(2) makes half of the errors invisible; an attacker
// may take any of the 2^128 maps, and whatever it finds for one is enough. So what an attack costs for a fixed map, less 128 bits, is no more
// than what it costs. Costs are counted as in attacks.ts.
import { log2Binomial } from "./binomials.ts";
import { log2Monomials, witnessDegree, type Noise } from "./attacks.ts";

/** Maps of the field to GF(2), as bits. */
const MAPS = 128;

/**
 * Linear tests: a sum of products, whatever map each of them goes through, is an error's map of which the error's place decides. It is
 * unbiased as soon as one error meets a map that is not zero, so its bias is the product of the share of zeros in each block, and at most
 * (1 - delta)^t for a word with delta n places that are not zero, however they are spread: the logarithm of 1 - x is concave.
 */
export function linearFieldTestBits({ trees }: Noise, delta: number): number {
  return -trees * Math.log2(1 - delta);
}

/**
 * Information sets: as many places of each block, p visible errors in either half of the blocks are looked for in lists that meet in `l`
 * checks. A block's error is in the set and visible with half of the share of its places that are in the set.
 */
export function fieldInformationSetBits({ trees: t, depth }: Noise): number {
  const n = t * 2 ** depth;
  const half = Math.floor(t / 2);
  let least = Infinity;
  for (let p = 0; p <= half / 2; p++) {
    for (let l = p === 0 ? 0 : 1; l <= (p === 0 ? 0 : 4 * (depth + 1) * p); l += 1 + Math.floor(l / 8)) {
      const visible = (n / 2 + l) / n / 2;
      const chance =
        2 * (log2Binomial(half, p) + p * Math.log2(visible) + (half - p) * Math.log2(1 - visible));
      const list = log2Binomial(half, p) + p * Math.log2((n / 2 + l) / t);
      const work = Math.max(Math.log2(n), list + 1, 2 * list - l);
      least = Math.min(least, work - chance);
    }
  }
  return least - MAPS;
}

/**
 * The algebraic attack, hybrid: of each of `guessed` blocks all but `rest` places are guessed free of visible errors. Nothing says that a block
 * has one, so that each has one unknown more than with bits.
 */
export function fieldAlgebraicBits({ trees: t, depth }: Noise): number {
  const s = 2 ** depth;
  let least = Infinity;
  for (let guessed = 0; guessed <= t; guessed += Math.max(1, Math.floor(t / 64))) {
    for (let rest = 0; rest <= s; rest = Math.max(1, 2 * rest)) {
      const guess = -guessed * Math.log2(1 - (1 - rest / s) / 2);
      if (guess >= least || (guessed === 0 && rest < s)) continue;
      const degree = witnessDegree([t - guessed, guessed], [s, rest], (t * s) / 2);
      least = Math.min(least, guess + 2 * log2Monomials([t - guessed, guessed], [s, rest], degree));
    }
  }
  return least - MAPS;
}

// Bernoulli(exp(-gamma)) for rational gamma (Canonne, Kamath, Steinke 2020, arXiv 2004.00010, algorithm 1): von Neumann's
// series, in integers alone.
import type { RandomBits } from "./bits.ts";

/** 1 with probability exactly exp(-numerator / denominator); numerator >= 0, denominator >= 1. */
export function bernoulliExp(bits: RandomBits, numerator: bigint, denominator: bigint): boolean {
  let whole = numerator / denominator;
  for (; whole > 0n; whole--) if (!bernoulliExpOne(bits)) return false;
  return bernoulliExpBelowOne(bits, numerator % denominator, denominator);
}

/** exp(-1), the same series with gamma / k = 1 / k. */
export function bernoulliExpOne(bits: RandomBits): boolean {
  let k = 1;
  while (bits.belowSmall(k) === 0) k++;
  return k % 2 === 1;
}

/** The first k at which Bernoulli(gamma / k) fails is odd with probability exp(-gamma), for 0 <= gamma < 1. */
function bernoulliExpBelowOne(bits: RandomBits, numerator: bigint, denominator: bigint): boolean {
  let odd = true;
  let bound = denominator;
  while (bits.below(bound) < numerator) {
    odd = !odd;
    bound += denominator;
  }
  return odd;
}

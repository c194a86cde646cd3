// The normal distribution, and the 95 % quantiles of the noise (design section 2.5).
import type { ReleasedNoise } from "../released.ts";

/** Two-sided 95 % quantile of the standard normal distribution. */
export const NORMAL_95 = 1.959963984540054;

/**
 * Two-sided 95 % quantile of the sum of two independent Laplace variables of one scale b, in its standard deviations (2b).
 * With t = x / b the density (1 + t) e^-t / 4b gives P(|X| > x) = (1 + t / 2) e^-t, which is 0.05 at t = 4.1130.
 */
export const TWO_LAPLACE_95 = solveTwoLaplace(0.05) / 2;

/** t with (1 + t / 2) e^-t = tail. */
function solveTwoLaplace(tail: number): number {
  let t = -Math.log(tail);
  // Newton on log((1 + t/2) e^-t) - log(tail): concave, so it converges from the left without overshooting.
  for (let i = 0; i < 50; i++) t -= (Math.log1p(t / 2) - t - Math.log(tail)) / (1 / (2 + t) - 1);
  return t;
}

/** How many standard errors of the noise an interval reaches to each side. Rounding and discreteness are below one unit. */
export function noiseQuantile(noise: ReleasedNoise | undefined): number {
  return noise?.mechanism === "laplace" ? TWO_LAPLACE_95 : NORMAL_95;
}

/** How many standard errors of the noise a number moves to either side with this probability. */
export function noiseTail(noise: ReleasedNoise | undefined, probability: number): number {
  return noise?.mechanism === "laplace" ? solveTwoLaplace(probability) / 2 : solveNormal(probability);
}

/** z with P(|Z| > z) = tail, by halving. */
function solveNormal(tail: number): number {
  let [low, high] = [0, 40];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (twoSidedTail(middle) > tail) low = middle;
    else high = middle;
  }
  return high;
}

/** P(|Z| > z) for a standard normal Z, to about 14 digits, also far out. */
export function twoSidedTail(z: number): number {
  return complementaryError(Math.abs(z) / Math.SQRT2);
}

/**
 * erfc(x) for x >= 0. Near zero by the series e^-x^2 2/sqrt(pi) sum of 2^n x^(2n+1) / (1 3 5 .. (2n+1)) for erf,
 * farther out by the continued fraction (Abramowitz and Stegun 7.1.6 and 7.1.14).
 */
function complementaryError(x: number): number {
  const scale = Math.exp(-x * x) / Math.sqrt(Math.PI);
  if (x < 2) {
    let term = x;
    let sum = x;
    for (let n = 1; term > sum * 1e-17; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return 1 - 2 * scale * sum;
  }
  let fraction = 0;
  for (let n = 120; n >= 1; n--) fraction = n / 2 / (x + fraction);
  return scale / (x + fraction);
}

// The distribution of the noise in a released number: the sum of two independent draws, one of each side.
//
// Everything here is in floating point; nothing of it ever reaches a draw. Tails are rounded up by 10^-9 of themselves, far
// more than doubles are off.
import type { Rational } from "../noise/integers.ts";
import type { Noise } from "../noise/noise.ts";

export interface SumOfTwo {
  readonly variance: number;
  /** P(sum > x) for a whole x >= 0, or a bound above it. */
  readonly tail: (x: number) => number;
}

const ROUND_UP = 1 + 1e-9;
/** Up to this sigma the Gaussian sum is added up term by term; beyond, it is a normal distribution but for 10^-17000. */
const SIGMA_SUMMED = 64;

export function sumOfTwo(noise: Noise): SumOfTwo {
  if (noise.mechanism === "laplace") return laplaceSum(valueOf(noise.scale));
  const sigma2 = valueOf(noise.sigma2);
  return sigma2 <= SIGMA_SUMMED ** 2 ? gaussianSummed(sigma2) : gaussianWide(sigma2);
}

/** The variance of the noise of both sides together. */
export function varianceOfNoise(noise: Noise): number {
  return sumOfTwo(noise).variance;
}

/** Smallest whole x >= 0 with tail(x) <= probability. */
export function smallestBeyond({ tail }: SumOfTwo, probability: number): number {
  let high = 1;
  while (tail(high) > probability) high *= 2;
  let low = -1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    // Doubles beyond 2^53 have no whole number between two neighbours.
    if (middle === low || middle === high) break;
    if (tail(middle) <= probability) high = middle;
    else low = middle;
  }
  return high;
}

function valueOf({ numerator, denominator }: Rational): number {
  return Number(numerator) / Number(denominator);
}

/**
 * With p = exp(-1 / scale), q = 1 - p: one draw has P(k) = q / (1 + p) p^|k|, the sum therefore
 * P(k) = (q / (1 + p))^2 p^|k| (|k| + (1 + p^2) / (1 - p^2)), whose tail is a geometric series and its derivative.
 */
function laplaceSum(scale: number): SumOfTwo {
  const p = Math.exp(-1 / scale);
  const q = -Math.expm1(-1 / scale);
  const centre = (1 + p * p) / (q * (1 + p));
  const tail = (x: number): number => {
    const from = x + 1;
    const factor = (q / (1 + p)) ** 2 * Math.exp(-from / scale);
    return factor * ((from + centre) / q + p / (q * q)) * ROUND_UP;
  };
  return { variance: (4 * p) / (q * q), tail };
}

/** P(k) ~ exp(-k^2 / (4 sigma^2)) x sum over i of exp(-(i - k/2)^2 / sigma^2), which depends on k being even or odd only. */
function gaussianSummed(sigma2: number): SumOfTwo {
  const reach = Math.ceil(16 * Math.sqrt(sigma2)) + 4;
  const series = (offset: number) => {
    let sum = 0;
    for (let i = -reach; i <= reach; i++) sum += Math.exp(-((i - offset) ** 2) / sigma2);
    return sum;
  };
  const byParity = [series(0), series(0.5)] as const;
  const weight = (k: number) => Math.exp((-k * k) / (4 * sigma2)) * byParity[k % 2 === 0 ? 0 : 1];
  let [total, squares] = [weight(0), 0];
  for (let k = 1; k <= 2 * reach; k++) {
    total += 2 * weight(k);
    squares += 2 * k * k * weight(k);
  }
  const tail = (x: number): number => {
    let beyond = 0;
    for (let k = x + 1; k <= 2 * reach; k++) beyond += weight(k);
    return (beyond / total) * ROUND_UP;
  };
  return { variance: squares / total, tail };
}

/**
 * Each draw is subgaussian with sigma^2 (arXiv 2004.00010), so that the sum's tail is at most exp(-k^2 / (4 sigma^2)) from k
 * on. Also, sums over whole numbers are at most the integral one step lower, here Mills' bound on it.
 */
function gaussianWide(sigma2: number): SumOfTwo {
  const deviation = Math.sqrt(2 * sigma2);
  const tail = (x: number): number => {
    const z = x / deviation;
    const mills = Math.exp((-z * z) / 2) / (z * Math.sqrt(2 * Math.PI));
    return Math.min(Math.exp(-((x + 1) ** 2) / (4 * sigma2)), mills) * ROUND_UP;
  };
  return { variance: 2 * sigma2, tail };
}

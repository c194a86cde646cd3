// Standard error and 95 % interval of a released number, from the noise of both sides.
import { smallestBeyond, sumOfTwo, valueOf } from "./sum-of-two.ts";
import type { Noise } from "../noise/noise.ts";

/** How far a released number lies from the true one, from the noise of both sides. */
export interface NoiseSpread {
  readonly variance: number;
  readonly standardError: number;
  /** The true number is within value +- this in at least 95 % of all releases. */
  readonly halfWidth95: bigint;
}

/** Two-sided 95 % quantile of the normal distribution. */
const Z95 = 1.959963984540054;
const SIGMA2_SUMMED = 4096;

/**
 * Standard error and interval of a released number in whose column both sides added `noise`. The half width is the
 * smallest for which the exact distribution of the sum covers 95 %; for Gaussian noise of sigma above 64 it is the normal
 * quantile rounded up, which covers as much.
 */
export function spreadOfNoise(noise: Noise): NoiseSpread {
  const sum = sumOfTwo(noise);
  const { variance } = sum;
  const standardError = Math.sqrt(variance);
  const wide = noise.mechanism === "gaussian" && valueOf(noise.sigma2) > SIGMA2_SUMMED;
  const half = wide ? Math.ceil(Z95 * standardError) : smallestBeyond(sum, 0.025);
  return { variance, standardError, halfWidth95: BigInt(half) };
}

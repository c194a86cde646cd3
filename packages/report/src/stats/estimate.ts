// A number derived from released ones, with what is known of its error.
import type { Released, ReleasedNoise } from "../released.ts";
import { NORMAL_95, noiseQuantile } from "./normal.ts";

export interface Estimate {
  readonly value: number;
  /** Standard error that the noise of the release causes; 0 in an exact report. */
  readonly noiseError: number;
  /** Standard error from who happened to be in the cells, where the number is about more than these people; otherwise 0. */
  readonly samplingError: number;
  /** Bounds of the 95 % interval. */
  readonly low: number;
  readonly high: number;
}

/** The estimate with its symmetric interval: the quantiles of noise and sampling, added in quadrature. */
export function estimate(
  value: number,
  noiseVariance: number,
  samplingVariance: number,
  noise: ReleasedNoise | undefined,
): Estimate {
  const half = halfWidth(noiseVariance, samplingVariance, noise);
  return {
    value,
    noiseError: Math.sqrt(noiseVariance),
    samplingError: Math.sqrt(samplingVariance),
    low: value - half,
    high: value + half,
  };
}

/** Half of the 95 % interval of a sum of noise and sampling error with these variances. */
export function halfWidth(
  noiseVariance: number,
  samplingVariance: number,
  noise: ReleasedNoise | undefined,
): number {
  return Math.hypot(noiseQuantile(noise) * Math.sqrt(noiseVariance), NORMAL_95 * Math.sqrt(samplingVariance));
}

/** The 95 % interval of a released number, in its own scaled unit, rounded outward. */
export function releasedInterval(
  { value, variance }: Released,
  noise: ReleasedNoise | undefined,
): { readonly low: bigint; readonly high: bigint } {
  const half = BigInt(Math.ceil(halfWidth(variance, 0, noise)));
  return { low: value - half, high: value + half };
}

/** A released number as a double, with its variance: `value / 10^decimals`. */
export function asNumber(
  { value, variance }: Released,
  decimals: number,
): { readonly value: number; readonly variance: number } {
  const unit = 10 ** decimals;
  return { value: Number(value) / unit, variance: variance / unit ** 2 };
}

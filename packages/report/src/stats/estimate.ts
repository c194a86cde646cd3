// A number derived from released ones, and how it is known: exactly, at least, or within an interval.
import type { Released, ReleasedNoise } from "../released.ts";
import { NORMAL_95, noiseQuantile } from "./normal.ts";

/**
 * exact: it is the value. at-least: it is the value or more, for certain, because numbers that stayed closed are not in it.
 * interval: it lies between `low` and `high` in 95 of 100 cases; the value is our best guess of what was shown.
 * unbounded: nothing is known of how far chance moves it; the value describes these people alone.
 */
export type Known = "exact" | "at-least" | "interval" | "unbounded";

export interface Estimate {
  readonly value: number;
  readonly known: Known;
  /** Standard error that the noise of the release causes; 0 in an exact report. */
  readonly noiseError: number;
  /** Standard error from who happened to be in the cells, where the number is about more than these people; otherwise 0. Infinity: not known. */
  readonly samplingError: number;
  /** Bounds. `high` is Infinity where closed numbers are missing and nothing bounds them; both, where the number is unbounded. */
  readonly low: number;
  readonly high: number;
  /** What closed cells keep from the value; absent if nothing does. */
  readonly missing?: Missing;
}

/** Closed cells that a sum leaves out. */
export interface Missing {
  /** How many; undefined where this side does not know. */
  readonly cells: number | undefined;
  /** The most that they hold together; undefined where this side cannot bound it. */
  readonly most: number | undefined;
}

/**
 * The estimate with its interval: the quantiles of noise and sampling to both sides, added in quadrature, and upwards what is
 * missing.
 */
export function estimate(
  value: number,
  noiseVariance: number,
  samplingVariance: number,
  noise: ReleasedNoise | undefined,
  missing?: Missing,
): Estimate {
  const half = halfWidth(noiseVariance, samplingVariance, noise);
  return {
    value,
    known: knownBy(half, missing),
    noiseError: Math.sqrt(noiseVariance),
    samplingError: Math.sqrt(samplingVariance),
    low: value - half,
    high: value + half + (missing === undefined ? 0 : (missing.most ?? Infinity)),
    ...(missing && { missing }),
  };
}

function knownBy(half: number, missing: Missing | undefined): Known {
  if (half === Infinity) return "unbounded";
  if (half > 0) return "interval";
  return missing === undefined ? "exact" : "at-least";
}

/** Half of the interval of what was shown: without what is missing. */
export function shownHalf({ value, low }: Estimate): number {
  return value - low;
}

/** The same in another unit. */
export function scaled(number: Estimate, factor: number): Estimate {
  const { value, known, noiseError, samplingError, low, high, missing } = number;
  const most = missing?.most;
  return {
    value: value * factor,
    known,
    noiseError: noiseError * factor,
    samplingError: samplingError * factor,
    low: low * factor,
    high: high * factor,
    ...(missing && {
      missing: { cells: missing.cells, most: most === undefined ? undefined : most * factor },
    }),
  };
}

/** A released number of people. */
export function peopleEstimate(
  { value, variance }: Released,
  noise: ReleasedNoise | undefined,
  missing?: Missing,
): Estimate {
  return estimate(Number(value), variance, 0, noise, missing);
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

// How far noise may carry a number: the check against the threshold, and the room that widths and range tests leave it.
import { planNoise, type NoiseTerms } from "./split.ts";
import { smallestBeyond, sumOfTwo } from "./sum-of-two.ts";
import type { Noise } from "../noise/noise.ts";

/** Noise may lift a cell of `floor` people over the threshold with at most this probability. */
const LIFT_PROBABILITY = 2 ** -20;
/** Largest epsilon that a hint proposes, in millionths. */
const MICRO_EPSILON_MAX = 1_000_000_000;

/**
 * Undefined if the noise of both sides together exceeds threshold - floor (11 times the number of match keys) with
 * probability at most 2^-20; else the smallest threshold for which it does not.
 */
export function thresholdFor(noise: Noise, threshold: bigint, floor: bigint): bigint | undefined {
  const sum = sumOfTwo(noise);
  const room = Number(threshold - floor);
  if (room >= 0 && sum.tail(room) <= LIFT_PROBABILITY) return undefined;
  return floor + BigInt(smallestBeyond(sum, LIFT_PROBABILITY));
}

/** What would make terms acceptable: that threshold, or at the threshold asked for that epsilon if there is one. */
export interface NoiseHint {
  readonly threshold: bigint;
  readonly microEpsilon: number | undefined;
}

/**
 * Undefined if the noise of the people's column, the first, fits the threshold in every partition; else a hint.
 * Errors: RangeError as `planNoise`.
 */
export function noiseRefusal(terms: NoiseTerms, threshold: bigint, floor: bigint): NoiseHint | undefined {
  const needed = neededThreshold(terms, threshold, floor);
  if (needed === undefined) return undefined;
  const fits = (microEpsilon: number) =>
    neededThreshold({ ...terms, microEpsilon }, threshold, floor) === undefined;
  if (threshold < floor || !fits(MICRO_EPSILON_MAX)) return { threshold: needed, microEpsilon: undefined };
  let [low, high] = [terms.microEpsilon, MICRO_EPSILON_MAX];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) high = middle;
    else low = middle;
  }
  return { threshold: needed, microEpsilon: high };
}

/** The largest of the thresholds that the partitions need, if the one asked for is too small for any. */
function neededThreshold(terms: NoiseTerms, threshold: bigint, floor: bigint): bigint | undefined {
  return planNoise(terms)
    .noise.map(([people]) => thresholdFor(people!, threshold, floor))
    .reduce((most, each) => (most === undefined || (each !== undefined && each > most) ? each : most));
}

/** What the noise of both sides together exceeds with at most this probability, to either end. */
export function noiseReach(noise: Noise, probability: number): bigint {
  return BigInt(smallestBeyond(sumOfTwo(noise), probability));
}

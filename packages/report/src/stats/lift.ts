// Lift: how much more the test group did than the control group, and how uncertain chance and noise leave it. The groups
// are the receiver's own people, matched or not: whoever was assigned counts (intention to treat). A sender computes it from
// the bases that it is told, with their noise.
import type { ReleasedNoise } from "../released.ts";
import { estimate, halfWidth, type Estimate } from "./estimate.ts";
import { twoSidedTail } from "./normal.ts";

/** One group of people with a total over them: people who converted, conversions, or value. */
export interface Arm {
  /** People assigned to the group; above zero. */
  readonly people: number;
  readonly total: number;
  /** Variance of the noise in `people`: 0 for whoever knows them. */
  readonly peopleVariance: number;
  /** Variance of the noise in `total`. */
  readonly noiseVariance: number;
  /**
   * Variance between people of what `total` adds up; undefined if it is not known: then nothing bounds what chance does, no
   * interval is finite and there is no p-value. For people who converted it follows from the rate.
   */
  readonly personVariance: number | undefined;
}

export interface Lift {
  /** Per person of the group. */
  readonly test: Estimate;
  readonly control: Estimate;
  /** The test group's total minus the total that the control group's rate would have given it. */
  readonly incremental: Estimate;
  /** test / control - 1; undefined if either is not above zero. */
  readonly relative: Estimate | undefined;
  /** Two-sided, under the hypothesis of no difference; undefined if the sampling error of a group is not known. */
  readonly pValue: number | undefined;
}

/** How many people a group has, as far as this side knows. */
export type Group = Pick<Arm, "people" | "peopleVariance">;

/** An arm of people who converted or did not: `personVariance` is p (1 - p), p kept within 0 .. 1. */
export function convertedArm(group: Group, converted: number, noiseVariance: number): Arm {
  const p = Math.min(1, Math.max(0, converted / group.people));
  return { ...group, total: converted, noiseVariance, personVariance: p * (1 - p) };
}

/**
 * An arm of a measure. With the sum of squares Q, `personVariance` is Q / n - (S / n)^2, at least 0; people who did not
 * convert count with zero.
 */
export function measureArm(
  group: Group,
  sum: number,
  noiseVariance: number,
  squares: number | undefined,
): Arm {
  const { people } = group;
  const personVariance =
    squares === undefined ? undefined : Math.max(0, squares / people - (sum / people) ** 2);
  return { ...group, total: sum, noiseVariance, personVariance };
}

/**
 * Lift of people who converted. The p-value is that of the two-proportion z-test with pooled rate, p (1 - p) (1/n + 1/m),
 * the noise of both rates added to the variance. Intervals: `liftOf`.
 */
export function conversionLift(test: Arm, control: Arm, noise: ReleasedNoise | undefined): Lift {
  const pooled = Math.min(1, Math.max(0, (test.total + control.total) / (test.people + control.people)));
  const underNull = pooled * (1 - pooled) * (1 / test.people + 1 / control.people);
  return liftOf(test, control, underNull, noise);
}

/** Lift of a measure's mean per person. The p-value is that of Welch's test at large samples, with the noise added. */
export function measureLift(test: Arm, control: Arm, noise: ReleasedNoise | undefined): Lift {
  return liftOf(test, control, rateOf(test).sampling + rateOf(control).sampling, noise);
}

/**
 * With rates r = total / people (t test, c control), each of sampling variance personVariance / people and noise variance
 * (noiseVariance + r^2 peopleVariance) / people^2:
 * - incremental = total_t - people_t r_c; sampling people_t^2 times that of both rates, noise that of total_t, r_c^2 times that
 *   of people_t and people_t^2 times that of r_c;
 * - relative = r_t / r_c - 1, the interval on the logarithm (Katz, Baptista, Azen and Pike 1978; for means by the same
 *   delta method): Var log = Var r_t / r_t^2 + Var r_c / r_c^2.
 * `samplingUnderNull` is the variance of r_t - r_c if nothing differed, Infinity if not known.
 */
function liftOf(test: Arm, control: Arm, samplingUnderNull: number, noise: ReleasedNoise | undefined): Lift {
  const [t, c] = [rateOf(test), rateOf(control)];
  const difference = t.value - c.value;
  const noiseVariance = t.noise + c.noise;
  const z = difference / Math.sqrt(samplingUnderNull + noiseVariance);
  return {
    test: estimate(t.value, t.noise, t.sampling, noise),
    control: estimate(c.value, c.noise, c.sampling, noise),
    incremental: estimate(
      test.people * difference,
      test.noiseVariance + c.value ** 2 * test.peopleVariance + test.people ** 2 * c.noise,
      test.people ** 2 * (t.sampling + c.sampling),
      noise,
    ),
    relative: ratio(t, c, noise),
    pValue: samplingUnderNull === Infinity ? undefined : twoSidedTail(z),
  };
}

interface Rate {
  readonly value: number;
  readonly noise: number;
  readonly sampling: number;
}

function rateOf({ people, peopleVariance, total, noiseVariance, personVariance = Infinity }: Arm): Rate {
  const value = total / people;
  const noise = (noiseVariance + value ** 2 * peopleVariance) / people ** 2;
  return { value, noise, sampling: personVariance / people };
}

function ratio(t: Rate, c: Rate, noise: ReleasedNoise | undefined): Estimate | undefined {
  if (t.value <= 0 || c.value <= 0) return undefined;
  const value = t.value / c.value;
  const logNoise = t.noise / t.value ** 2 + c.noise / c.value ** 2;
  const logSampling = t.sampling / t.value ** 2 + c.sampling / c.value ** 2;
  const factor = Math.exp(halfWidth(logNoise, logSampling, noise));
  return {
    value: value - 1,
    known: factor === Infinity ? "unbounded" : "interval",
    noiseError: value * Math.sqrt(logNoise),
    samplingError: value * Math.sqrt(logSampling),
    low: value / factor - 1,
    high: value * factor - 1,
  };
}

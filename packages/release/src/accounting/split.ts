// How epsilon is split over the columns of all partitions, and the noise that follows: in whole numbers and fractions alone.
import { largestPicoRho, MICRO, PICO, picoRhoOfPure, type PrivacyCost } from "./concentrated.ts";
import type { NoiseColumn } from "./sensitivity.ts";
import type { Noise } from "../noise/noise.ts";

/** How much noise an agreement asks for. */
export interface NoiseTerms {
  readonly mechanism: "laplace" | "gaussian";
  /** Epsilon of the whole report in millionths. */
  readonly microEpsilon: number;
  /** Gaussian only: epsilon holds at 10^delta, delta from -30 to -3. */
  readonly delta?: number;
  /** Largest change of each column by one person, in the order of the columns, and the column's share of epsilon. */
  readonly columns: readonly NoiseColumn[];
  /** Each partition's share of epsilon, in integer weights. */
  readonly partitionWeights: readonly number[];
}

/** The noise of every column of every partition: partitions x columns. */
export interface NoisePlan {
  readonly noise: readonly (readonly Noise[])[];
  readonly cost: PrivacyCost;
}

/**
 * Partition p's column c gets weight_p x weight_c of the whole: with Laplace noise of epsilon, with Gaussian noise of the
 * rho that epsilon allows at 10^delta, both rounded down. Errors: RangeError for terms out of bounds, or if a column's part
 * is nothing.
 */
export function planNoise(terms: NoiseTerms): NoisePlan {
  checkTerms(terms);
  return terms.mechanism === "laplace" ? laplacePlan(terms) : gaussianPlan(terms);
}

/** Scale = sensitivity / epsilon: epsilon-differentially private (a column's change, over all cells, is its sensitivity). */
function laplacePlan(terms: NoiseTerms): NoisePlan {
  let [microEpsilon, picoRho] = [0n, 0n];
  const noise = parts(terms, BigInt(terms.microEpsilon)).map((part) =>
    part.map((micro, column): Noise => {
      microEpsilon += micro;
      picoRho += picoRhoOfPure(micro);
      return {
        mechanism: "laplace",
        scale: { numerator: terms.columns[column]!.sensitivity * MICRO, denominator: micro },
      };
    }),
  );
  return { noise, cost: { microEpsilon: Number(microEpsilon), picoRho } };
}

/** sigma^2 = sensitivity^2 / (2 rho): rho-concentrated; the sensitivity in absolute values bounds the Euclidean one. */
function gaussianPlan(terms: NoiseTerms): NoisePlan {
  if (terms.delta === undefined) throw new RangeError("Gaussian noise needs a delta");
  let picoRho = 0n;
  const noise = parts(terms, largestPicoRho(terms.microEpsilon, terms.delta)).map((part) =>
    part.map((pico, column): Noise => {
      picoRho += pico;
      const { sensitivity } = terms.columns[column]!;
      const numerator = sensitivity * sensitivity * PICO;
      return { mechanism: "gaussian", sigma2: { numerator, denominator: 2n * pico } };
    }),
  );
  return { noise, cost: { microEpsilon: undefined, picoRho } };
}

/** `whole` by weights, partitions x columns, each rounded down. */
function parts({ columns, partitionWeights }: NoiseTerms, whole: bigint): bigint[][] {
  const total = BigInt(sum(partitionWeights) * sum(columns.map(({ weight }) => weight)));
  return partitionWeights.map((partition) =>
    columns.map(({ weight }) => {
      const part = (whole * BigInt(partition * weight)) / total;
      if (part < 1n) throw new RangeError("epsilon is too small to be split over so many columns");
      return part;
    }),
  );
}

function checkTerms({ microEpsilon, columns, partitionWeights }: NoiseTerms): void {
  const weights = [...partitionWeights, ...columns.map(({ weight }) => weight)];
  if (weights.some((weight) => !(Number.isInteger(weight) && weight >= 1 && weight <= 1_000_000)))
    throw new RangeError("a weight is a whole number from 1 to 1,000,000");
  if (!(Number.isSafeInteger(microEpsilon) && microEpsilon >= 1))
    throw new RangeError("epsilon is a whole number of millionths, at least one");
  if (columns.some(({ sensitivity }) => sensitivity < 1n))
    throw new RangeError("a sensitivity is at least 1");
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

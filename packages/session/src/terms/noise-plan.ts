// The noise that the terms of a report ask for: sensitivities from the terms, epsilon split over partitions and columns by
// weight, and whether a threshold hides small cells under it (design section 2.5).
import {
  columnSensitivities,
  noiseColumns,
  noiseRefusal,
  planNoise,
  type Noise,
  type NoisePlan,
  type NoiseTerms,
} from "@halfroom/release";
import { peopleBound } from "./bounds.ts";
import { tellsBases } from "./told-bases.ts";
import { THRESHOLD_FLOOR, type Measure, type Terms } from "./terms.ts";

type Noisy = Pick<
  Terms,
  | "match"
  | "measures"
  | "entriesMax"
  | "events"
  | "partitions"
  | "release"
  | "report"
  | "resultTo"
  | "senderGroupBy"
>;

/** As a plan of the table's columns, and beside it the noise of the receiver's bases in each partition, if it tells them. */
interface TermsNoise extends NoisePlan {
  readonly bases: readonly Noise[] | undefined;
}

/** Undefined for an exact report. */
function noiseTermsOf(terms: Noisy): NoiseTerms | undefined {
  const { measures, partitions, release } = terms;
  if (release.mode === "exact") return undefined;
  const { mechanism, microEpsilon, deltaExponent, weights } = release;
  const columnWeights = [
    weights.people,
    ...measures.flatMap(({ squares }, m) =>
      Array.from({ length: squares ? 2 : 1 }, () => weights.measures[m]!),
    ),
    ...(tellsBases(terms) ? [BASES_WEIGHT] : []),
  ];
  return {
    mechanism,
    microEpsilon,
    delta: -deltaExponent,
    columns: noiseColumns([...sensitivities(terms), ...baseSensitivity(terms)], columnWeights),
    partitionWeights: partitions.map(() => 1),
  };
}

/** Bases are large beside what opens of them: the least share of epsilon will do. */
const BASES_WEIGHT = 1;

/** A person of the receiver is in the base of each of its cells. */
function baseSensitivity(terms: Noisy): bigint[] {
  return tellsBases(terms) ? [BigInt(terms.entriesMax)] : [];
}

/** In the order of the table's columns. */
function sensitivities({ match, measures, entriesMax, events }: Noisy): bigint[] {
  const keys = match.length;
  if (events === undefined) {
    const bounds = measures.map(({ low, high, squares }) => ({ low, high, squares: squares }));
    return columnSensitivities({ keys, entriesMax, measures: bounds });
  }
  // People count once, in the cell of their first credited event.
  return [BigInt(keys), ...measures.flatMap((measure) => creditSensitivities(measure, keys))];
}

/**
 * Of the sum: each event is credited to one cell at most, so a person's events add up to no more than the measure's whole range.
 * Of the square: with one entry all of a person's credited events are in one cell, and any of them add up to no more than the bounds.
 */
function creditSensitivities({ low, high, squares }: Measure, keys: number): bigint[] {
  const range = { low: 0n, high: (high > 0n ? high : 0n) - (low < 0n ? low : 0n), squares: false };
  const [, ofSum] = columnSensitivities({ keys, entriesMax: 1, measures: [range] });
  if (!squares) return [ofSum!];
  const [, , ofSquares] = columnSensitivities({ keys, entriesMax: 1, measures: [{ low, high, squares }] });
  return [ofSum!, ofSquares!];
}

/** Errors: RangeError, if epsilon is too small to be split. Undefined for an exact report. */
export function noisePlanOf(terms: Noisy): TermsNoise | undefined {
  const asked = noiseTermsOf(terms);
  if (asked === undefined) return undefined;
  const { noise, cost } = planNoise(asked);
  if (!tellsBases(terms)) return { noise, cost, bases: undefined };
  return {
    noise: noise.map((part) => part.slice(0, -1)),
    bases: noise.map((part) => part.at(-1)!),
    cost,
  };
}

/** Why the noise does not fit the report, in words with a remedy; undefined if it does. */
export function noiseComplaint(terms: Noisy & Pick<Terms, "threshold">): string | undefined {
  const asked = noiseTermsOf(terms);
  if (asked === undefined) return undefined;
  const keys = terms.match.length;
  try {
    const hint = noiseRefusal(asked, BigInt(peopleBound(terms)), BigInt(THRESHOLD_FLOOR * keys));
    if (hint === undefined) return undefined;
    const threshold = Math.ceil(Number(hint.threshold) / keys);
    const epsilon = hint.microEpsilon === undefined ? "" : `, or epsilon to ${hint.microEpsilon / 1e6}`;
    return `so much noise could show a cell of fewer than ${THRESHOLD_FLOOR} people: raise the threshold to ${threshold}${epsilon}`;
  } catch (error) {
    if (error instanceof RangeError) return "epsilon is too small to be split over so many columns: raise it";
    throw error;
  }
}

// The noise that the terms of a report ask for: sensitivities from the terms, epsilon split over partitions and columns by
// weight, and whether a threshold hides small cells under it (design section 2.5).
import {
  columnSensitivities,
  noiseColumns,
  noiseRefusal,
  planNoise,
  type NoisePlan,
  type NoiseTerms,
} from "@halfroom/release";
import { peopleBound } from "./bounds.ts";
import { THRESHOLD_FLOOR, type Measure, type Terms } from "./terms.ts";

type Noisy = Pick<Terms, "match" | "measures" | "entriesMax" | "events" | "partitions" | "release">;

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
  ];
  return {
    mechanism,
    microEpsilon,
    delta: -deltaExponent,
    columns: noiseColumns(sensitivities(terms), columnWeights),
    partitionWeights: partitions.map(() => 1),
  };
}

/** In the order of the table's columns. */
function sensitivities({ match, measures, entriesMax, events }: Noisy): bigint[] {
  const keys = match.length;
  if (events === undefined) {
    const bounds = measures.map(({ low, high, squares }) => ({ low, high, squares: squares }));
    return columnSensitivities({ keys, entriesMax, measures: bounds });
  }
  // Each event is credited to one cell at most, so a person's events add up to no more than the measure's whole range.
  const [, ...ofMeasures] = columnSensitivities({ keys, entriesMax: 1, measures: measures.map(creditRange) });
  // People count once, in the cell of their first credited event.
  return [BigInt(keys), ...ofMeasures];
}

function creditRange({ low, high }: Measure) {
  return { low: 0n, high: (high > 0n ? high : 0n) - (low < 0n ? low : 0n), squares: false };
}

/** Errors: RangeError, if epsilon is too small to be split. Undefined for an exact report. */
export function noisePlanOf(terms: Noisy): NoisePlan | undefined {
  const asked = noiseTermsOf(terms);
  return asked && planNoise(asked);
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

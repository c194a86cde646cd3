// What no honest run exceeds (protocol-spec.md, section 13.3): how many people a number is of, what each of them adds to it, and how far
// the noise of both sides carries it. Widths and range tests follow from these alone, and they from the agreement.
import { noiseReach } from "../accounting/tail.ts";
import { numbersOf } from "./shape.ts";
import type { Column, ReleaseRules, TableShape } from "./table.ts";

/** Bounds before noise, from the terms and the sizes of both sets. */
export interface Limits {
  /** Match keys, and so people of the other side whom one person matches at most. */
  readonly keys: bigint;
  /** Most people of a number of one row: the match keys times the people of the smaller set. */
  readonly peopleMax: bigint;
  /** Most people, or entries, of a base: those of the larger set, times the entries that each may have. */
  readonly baseMax: bigint;
  /** For each measure what one of a number's people adds to its sum: low (at most 0) to high (at least 0). */
  readonly measures: readonly { readonly low: bigint; readonly high: bigint }[];
  /**
   * Whether a row's sums are of the people counted in that row. Not where events are credited: a person then counts in the
   * row of the first credited event alone.
   */
  readonly sumsFollowPeople: boolean;
}

/** The least and the largest that a number can be. */
export interface Extent {
  readonly low: bigint;
  readonly high: bigint;
}

/** Noise carries any number of a session beyond its reach, to either end, with at most this probability. */
const BEYOND_REACH = 2 ** -40;

/** How far the noise of both sides carries each number, to either end: partitions x columns; 0 in exact mode. */
export function reachesOf(shape: TableShape, { noise }: ReleaseRules): bigint[][] {
  if (noise === undefined) return shape.partitions.map(() => shape.columns.map(() => 0n));
  const probability = BEYOND_REACH / (2 * numbersOf(shape));
  return noise.map((part) => part.map((each) => noiseReach(each, probability)));
}

/** What one of a number's people adds to it. */
export function perPerson(column: Column, { measures }: Limits): Extent {
  if (column.kind === "people" || column.kind === "contributors") return { low: 0n, high: 1n };
  const { low, high } = measures[column.measure]!;
  if (column.kind === "sum") return { low, high };
  const largest = -low > high ? -low : high;
  return { low: 0n, high: largest * largest };
}

/** A number of a column, or with `rows` a sum over several, before noise. */
export function extentOf(column: Column, limits: Limits, entries = 1n): Extent {
  const { low, high } = perPerson(column, limits);
  const people = limits.peopleMax * entries;
  return { low: low * people, high: high * people };
}

/** The least width, 2 at least, in which a signed number holds all of `extent`. */
export function widthOf({ low, high }: Extent): number {
  const magnitude = high > -low - 1n ? high : -low - 1n;
  return Math.max(2, magnitude.toString(2).length + 1);
}

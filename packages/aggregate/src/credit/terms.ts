// What attribution and lift compute (protocol-spec.md, section 12.1), and the sizes that follow from it. All of it is public.
import { bitWords } from "@halfroom/crypto";
import { comparisonTripleWords } from "@halfroom/mpc";

/** Bits of a time in whole seconds since 1970. An event's is above 0, which stands for no event, and below `NEVER`. */
export const TIME_BITS = 32;
/** The time of an entry that a person does not have: no event reaches it. */
export const NEVER = 0xffff_ffff;
/** Comparisons of a piece of bins, which bound the memory, and the bins of a piece. */
const COMPARISONS = 1 << 18;
const PIECE_MAX = 1 << 13;

export interface CreditTerms {
  /** Events that a person of the sender may have. */
  readonly events: number;
  /** Entries that a person of the receiver may have. */
  readonly entries: number;
  /** How long before an event an entry may lie, the bound included; 0 for any time. */
  readonly windowSeconds: number;
  /** Values that an event has. */
  readonly measures: number;
  /** Whether for each measure people with a credited value other than 0 are counted too. */
  readonly contributors: boolean;
  /** The measures of which the square of a person's credited total is added up too, ascending; none with several entries. */
  readonly squares: readonly number[];
}

export interface CreditContext extends CreditTerms {
  readonly session: Uint8Array;
  readonly shard: number;
}

/** Where the columns of the input stand, a row a bin: people; times; values; whether values are not 0, if asked for; parts of squares. */
export interface InputColumns {
  readonly people: 0;
  time(event: number): number;
  value(measure: number, event: number): number;
  notZero(measure: number, event: number): number;
  /** `measure`: a place in `squares`; `part`: one of `squareParts`. */
  square(measure: number, part: number): number;
  /** How many there are. */
  readonly count: number;
}

export function inputColumns(terms: CreditTerms): InputColumns {
  const { events, measures, contributors, squares } = terms;
  const parts = squares.length === 0 ? 0 : squareParts(terms).length;
  const beforeSquares = 1 + (1 + measures * (contributors ? 2 : 1)) * events;
  return {
    people: 0,
    time: (event) => 1 + event,
    value: (measure, event) => 1 + (1 + measure) * events + event,
    notZero: (measure, event) => 1 + (1 + measures + measure) * events + event,
    square: (measure, part) => beforeSquares + measure * parts + part,
    count: beforeSquares + squares.length * parts,
  };
}

/** Columns of the output, a row a bin: people, then for each measure its sum and, if asked for, square and contributors. */
export function outputColumns({ measures, contributors, squares }: CreditTerms): number {
  return 1 + measures * (contributors ? 2 : 1) + squares.length;
}

/** A part of a square: what the two events add to it when both are credited; of one event with itself, its own square. */
interface SquarePart {
  readonly event: number;
  readonly later: number;
}

/**
 * The parts of the square of a credited total. Without a window the credited events of a person are the last ones in the order
 * of time, so an event that is credited brings all after it: its square and twice its products with them are one part. With a
 * window each pair of events is a part of its own, behind those of one event.
 */
export function squareParts({ events, windowSeconds }: CreditTerms): SquarePart[] {
  const all = Array.from({ length: events }, (_, event) => event);
  const ofOne = all.map((event) => ({ event, later: event }));
  if (windowSeconds === 0) return ofOne;
  return [...ofOne, ...all.flatMap((event) => all.slice(event + 1).map((later) => ({ event, later })))];
}

/** Pairs of different events whose products are parts of their own. */
export function squarePairs(terms: CreditTerms): SquarePart[] {
  return terms.squares.length === 0 ? [] : squareParts(terms).slice(terms.events);
}

/** Bounds that each event is compared with: the start of every entry and, with a window, its end. */
export function boundsOf({ entries, windowSeconds }: CreditTerms): number {
  return windowSeconds > 0 ? entries * 2 : entries;
}

/** Sets of credited events of which a person counts with the first: all, and for contributors those with a value. */
export function setsOf({ measures, contributors }: CreditTerms): number {
  return 1 + (contributors ? measures : 0);
}

/** Bins worked on at a time, a multiple of 32. */
export function pieceBins(terms: CreditTerms): number {
  const fit = Math.floor(COMPARISONS / (terms.events * boundsOf(terms)) / 32) * 32;
  return Math.max(32, Math.min(PIECE_MAX, fit));
}

/** Words of triples for `n` bins. */
export function creditTripleWords(terms: CreditTerms, n: number): number {
  const { events, entries } = terms;
  const sets = setsOf(terms);
  const withValue = (sets - 1) * events * entries;
  const first = sets * (Math.max(0, events - 2) + (events - 1) * entries);
  const comparisons = { n, numbers: events, bounds: boundsOf(terms), width: TIME_BITS };
  return comparisonTripleWords(comparisons) + (withValue + first + squarePairs(terms).length) * bitWords(n);
}

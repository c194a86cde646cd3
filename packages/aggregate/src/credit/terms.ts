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
}

export interface CreditContext extends CreditTerms {
  readonly session: Uint8Array;
  readonly shard: number;
}

/** Where the columns of the input stand, a row a bin: people; times; values; whether values are not 0, if asked for. */
export interface InputColumns {
  readonly people: 0;
  time(event: number): number;
  value(measure: number, event: number): number;
  notZero(measure: number, event: number): number;
  /** How many there are. */
  readonly count: number;
}

export function inputColumns({ events, measures, contributors }: CreditTerms): InputColumns {
  return {
    people: 0,
    time: (event) => 1 + event,
    value: (measure, event) => 1 + (1 + measure) * events + event,
    notZero: (measure, event) => 1 + (1 + measures + measure) * events + event,
    count: 1 + (1 + measures * (contributors ? 2 : 1)) * events,
  };
}

/** Columns of the output, a row a bin: people, then for each measure its sum and, if asked for, contributors. */
export function outputColumns({ measures, contributors }: CreditTerms): number {
  return 1 + measures * (contributors ? 2 : 1);
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
  return comparisonTripleWords(comparisons) + (withValue + first) * bitWords(n);
}

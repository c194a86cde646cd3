// What attribution and lift compute (protocol-spec.md, section 12.1), and the sizes that follow from it. All of it is public.
import { bitWords } from "@halfroom/crypto";
import { comparisonTripleWords } from "@halfroom/mpc";

/** Times are whole seconds since 1970, from 1 to below this: about the year 19,400. 0 is no event, or no entry. */
export const TIME_LIMIT = 2 ** 39;
/** Width of an event's code: twice its time and a bit. */
export const CODE_BITS = 40;
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
  /** Whether events have a value. */
  readonly values: boolean;
  /** Whether people with a credited value other than 0 are counted too. */
  readonly contributors: boolean;
}

export interface CreditContext extends CreditTerms {
  readonly session: Uint8Array;
  readonly shard: number;
}

/** Columns of the input, a row a bin: people, the code of each event, the value of each event if there are values. */
export function creditInputColumns({ events, values }: CreditTerms): number {
  return 1 + events * (values ? 2 : 1);
}

/** Columns of the output, a row a bin: people, events, and if there are values their sum and contributors if asked for. */
export function creditColumns(terms: CreditTerms): number {
  return 1 + eventColumns(terms) + (countsContributors(terms) ? 1 : 0);
}

/** Bits that count a person once: for each entry people and, if asked for, contributors. */
export function flagsOf(terms: CreditTerms): number {
  return (countsContributors(terms) ? 2 : 1) * terms.entries;
}

/** Columns to which every credited event adds: 1 for itself, and its value. */
export function eventColumns({ values }: CreditTerms): number {
  return values ? 2 : 1;
}

export function countsContributors({ values, contributors }: CreditTerms): boolean {
  return values && contributors;
}

/** Bounds that each event is compared with: the start of every entry and, with a window, its end. */
export function boundsOf({ entries, windowSeconds }: CreditTerms): number {
  return windowSeconds > 0 ? entries * 2 : entries;
}

/** Bins worked on at a time, a multiple of 32. */
export function pieceBins(terms: CreditTerms): number {
  const fit = Math.floor(COMPARISONS / (terms.events * boundsOf(terms)) / 32) * 32;
  return Math.max(32, Math.min(PIECE_MAX, fit));
}

/** Words of triples for `n` bins. */
export function creditTripleWords(terms: CreditTerms, n: number): number {
  const { events, entries } = terms;
  const sets = countsContributors(terms) ? 2 : 1;
  const withValue = (sets - 1) * events * entries;
  const first = sets * (Math.max(0, events - 2) + (events - 1) * entries);
  const comparisons = { n, numbers: events, bounds: boundsOf(terms), width: CODE_BITS };
  return comparisonTripleWords(comparisons) + (withValue + first) * bitWords(n);
}

// What a release is about, as its callers see it (design section 2.5): the public shape of the table, the public rules, what
// one side holds, and what both end up with.
import type { RingArray, Rng } from "@halfroom/crypto";
import type { Gates, Role } from "@halfroom/mpc";
import type { Channel } from "@halfroom/wire";

/** What a column of one sender category holds. */
export type Column =
  /** Matched people; each category has this column once, and first. */
  | { readonly kind: "people" }
  /** A sum, or a sum of squares, of measure number `measure`, and the people whose value in it is not zero. */
  | { readonly kind: "sum" | "squares" | "contributors"; readonly measure: number };

/**
 * The public shape of the table: the rows of all partitions, one behind the other; in each row the sender's categories in
 * order, in each category the columns. Number (row, category, column) is at (row x categories + category) x columns + column.
 */
export interface TableShape {
  /** Cells of each partition, padding included. */
  readonly partitions: readonly number[];
  /** The sender's categories, at least 1. */
  readonly categories: number;
  /** Columns of each category. In exact mode every measure has its contributors, with noise none has. */
  readonly columns: readonly Column[];
  /** Whether the first row of each partition is a spare one, whose numbers mean nothing: it counts as empty everywhere. */
  readonly spareRows?: boolean;
}

/** The public rules of the release. */
export interface ReleaseRules {
  readonly mode: "exact" | "noise";
  /** Smallest number of people, of contributors and (exact) of people who did not match; times the number of match keys. */
  readonly threshold: bigint;
  /**
   * Entries, each in a cell of its own, that one person of the receiver may have in a partition; 1 if absent. What adds up
   * several rows must have as many times the threshold, to be of so many people.
   */
  readonly entriesMax?: number;
  /** Whether of a base of which more than 85 % match neither count nor sums are opened, only that fact. */
  readonly pair: boolean;
  /** Exact mode, one partition: also the totals over all cells, for each category and column. */
  readonly totals: boolean;
  /** Who receives the opened numbers. What passed is public. */
  readonly opensTo: "both" | Role;
}

/** What one side holds of the table. */
export interface OwnTable {
  /** This side's addends: one for each number of the shape. */
  readonly shares: RingArray;
  /** This side's noise, one addend for each number, drawn and stored before the release; undefined in exact mode. */
  readonly noise: BigInt64Array | undefined;
  /**
   * The receiver: its own people in each row, 0 in padding rows, which never pass. The sender: its own people, not entries,
   * in each category. Bases never leave their side.
   */
  readonly bases: Uint32Array;
}

export type ReleaseMessage =
  "transcript" | "passCommitment" | "passOpening" | "cellCommitment" | "cellOpeningNonce" | "cellOpening";

export interface ReleaseTableInput {
  readonly ch: Channel<ReleaseMessage, ReleaseMessage>;
  readonly role: Role;
  /** The session id, 32 bytes. */
  readonly session: Uint8Array;
  readonly shape: TableShape;
  readonly rules: ReleaseRules;
  readonly own: OwnTable;
  /** Has run none yet, and its triples are `tableTripleWords(shape, rules)` words or more. */
  readonly gates: Gates;
  readonly rng: Rng;
  /** Digest of all messages that this side has sent and received, 32 bytes. */
  readonly transcript: () => Uint8Array;
}

/** Opened numbers among `opened.length` that could have been. */
export interface OpenedNumbers {
  /** 1 for each number that was opened, else 0: public. */
  readonly opened: Uint8Array;
  /** The opened numbers, 0 where nothing was opened; undefined on a side that does not receive the result. */
  readonly values: BigInt64Array | undefined;
}

export interface ReleaseOutcome {
  /** One entry for each number of the shape. Contributors are never opened. */
  readonly table: OpenedNumbers;
  /** Rows of which something is public, ascending: an opened number, or with `pair` the fact that it is over 85 %. */
  readonly rows: readonly number[];
  /** With `pair`: which bases are over 85 %. */
  readonly pair: PairFacts | undefined;
  /** With `totals`: one entry for each category and column. */
  readonly totals: OpenedNumbers | undefined;
}

/** 1 for each base of at least the threshold in matched people of which more than 85 % match: public. */
export interface PairFacts {
  /** The receiver's people of each row. */
  readonly rows: Uint8Array;
  /** The sender's people of each category, in each partition: partitions x categories. */
  readonly categories: Uint8Array;
  /** All people of the receiver, all people of the sender, in each partition: partitions x 2. */
  readonly totals: Uint8Array;
  /**
   * Rows x categories: 1 where the row is over or, with entriesMax above 1, the category's people in this one row are.
   */
  readonly cells: Uint8Array;
  /** Rows x categories: 1 where one of all these is over, and nothing of this pair was opened for that. */
  readonly pairs: Uint8Array;
}

/** A positive rational number. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/**
 * The noise that one side adds to a number: discrete Laplace, P(x) ~ exp(-|x| / scale), or discrete Gaussian,
 * P(x) ~ exp(-x^2 / (2 sigma2)).
 */
export type Noise =
  | { readonly mechanism: "laplace"; readonly scale: Rational }
  | { readonly mechanism: "gaussian"; readonly sigma2: Rational };

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

export interface NoiseColumn {
  readonly sensitivity: bigint;
  /** Integer weight, at least 1. */
  readonly weight: number;
}

/** What a report costs, for the ledger; valid for the people of either side. */
export interface PrivacyCost {
  /** Pure differential privacy in millionths; undefined if the noise is Gaussian. */
  readonly microEpsilon: number | undefined;
  /** Zero-concentrated differential privacy: rho in units of 10^-12, rounded up. */
  readonly picoRho: bigint;
}

/** The noise of every column of every partition: partitions x columns. */
export interface NoisePlan {
  readonly noise: readonly (readonly Noise[])[];
  readonly cost: PrivacyCost;
}

/** How far a released number lies from the true one, from the noise of both sides. */
export interface NoiseSpread {
  readonly variance: number;
  readonly standardError: number;
  /** The true number is within value +- this in at least 95 % of all releases. */
  readonly halfWidth95: bigint;
}

/** Columns of a category for these measures, in their order: people, then of each measure sum, [squares], [contributors]. */
export type TableColumns = (
  measures: readonly { readonly squares: boolean }[],
  mode: ReleaseRules["mode"],
) => Column[];

/** Words of triples that `releaseTable` may take; it takes fewer if fewer numbers pass. */
export type TableTripleWords = (shape: TableShape, rules: ReleaseRules) => number;

/** Tests, publishes what passes and opens it. Errors: `count`, `malformed`, `commitment`, `transcript`. */
export type ReleaseTable = (input: ReleaseTableInput) => Promise<ReleaseOutcome>;

/** Splits epsilon over partitions and columns. Errors: RangeError if a column's share is nothing. */
export type PlanNoise = (terms: NoiseTerms) => NoisePlan;

/** One side's noise for every number of the shape, from the random bits of `rng` alone. */
export type DrawNoise = (
  shape: TableShape,
  noise: NoisePlan["noise"],
  rng: Rng,
) => BigInt64Array<ArrayBuffer>;

/** Standard error and interval of a released number in whose column both sides added `noise`. */
export type SpreadOfNoise = (noise: Noise) => NoiseSpread;

/**
 * Undefined if the noise of both sides together exceeds threshold - floor (11 times the number of match keys) with
 * probability at most 2^-20; else the smallest threshold for which it does not.
 */
export type ThresholdFor = (noise: Noise, threshold: bigint, floor: bigint) => bigint | undefined;

/** Epsilon in millionths, rounded up, of all these releases together at 10^delta. */
export type EpsilonAtDelta = (costs: readonly PrivacyCost[], delta: number) => number;

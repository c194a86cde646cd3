// What a caller gives to and gets from one half of a session.
import type { Phase } from "@halfroom/wire";

export const ROLES = ["sender", "receiver"] as const;
export type Role = (typeof ROLES)[number];

export const REPORT_KINDS = ["overlap", "sums", "index", "reach", "attribution", "lift"] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

/** A key that people are found by: its name in both datasets, and the rules that both must share (`keyLabel`). */
export interface MatchKey {
  readonly key: string;
  readonly label: string;
}

/** A sum to compute: the sender's column, its clip bounds and its number of decimals. */
export interface Measure {
  readonly name: string;
  /** Clip bounds for one person, scaled by 10^decimals; low <= high. */
  readonly low: bigint;
  readonly high: bigint;
  readonly decimals: number;
  /** Whether the squares are added up too, for the variance. */
  readonly squares?: boolean;
}

/** The sender's events, matched in time with the receiver's entries (attribution, lift). */
export interface EventTerms {
  /** Most events of one person of the sender. */
  readonly perPerson: number;
  /** How long after an entry an event still counts; 0 for ever. */
  readonly windowSeconds: number;
}

/** How a lift report tells its two arms apart: two labels of one of the receiver's columns. */
export interface Arms {
  readonly column: string;
  readonly test: string;
  readonly control: string;
}

/** How noise is spread: integer weights of the people and of each measure in a partition. */
export interface NoiseWeights {
  readonly people: number;
  readonly measures: readonly number[];
}

/** How numbers leave the shares: noised, or as they are. Epsilon is counted in millionths, so that budgets add up exactly. */
export type ReleaseRule =
  | { readonly mode: "exact" }
  | {
      readonly mode: "noise";
      readonly mechanism: "laplace" | "gaussian";
      readonly microEpsilon: number;
      /** The Gaussian's delta, and the one at which spent budgets are stated: 10^-deltaExponent. */
      readonly deltaExponent: number;
      readonly weights: NoiseWeights;
    };

/** The report that both sides ask for; the session starts only if both ask for the same. */
export interface ReportTerms {
  readonly report: ReportKind;
  /** One to three keys; with several, a person is found by any of them and counted once. */
  readonly match: readonly MatchKey[];
  readonly measures: readonly Measure[];
  /** The sender's columns: each combination of their values is a category with numbers of its own. */
  readonly senderGroupBy: readonly string[];
  /** The receiver's columns, a list for each partition; an empty list is one cell of all people. */
  readonly partitions: readonly (readonly string[])[];
  /** Most cells of a partition that one person of the receiver is in. */
  readonly entriesMax: number;
  readonly events: EventTerms | undefined;
  readonly arms: Arms | undefined;
  /** Smallest number of people in a released cell. */
  readonly threshold: number;
  readonly release: ReleaseRule;
  /** Exact reports of one partition: whether totals over all cells are shown, those that stay hidden included. */
  readonly totals: boolean;
  /** With "pair", of a base that matched by more than 85 % neither count nor sums open. */
  readonly rules: "standard" | "pair";
  /** Who gets the released numbers. */
  readonly resultTo: "both" | Role;
  /** The transfers' k: 4 computes less, 8 sends less. */
  readonly otK: 4 | 8;
}

/** What one side refuses to go below, whatever was asked. */
export interface Policy {
  readonly thresholdMin: number;
  readonly peopleMin: number;
}

export type HalfEvent =
  | { readonly type: "prepared"; readonly rows: number; readonly people: number }
  | { readonly type: "stage"; readonly name: Phase; readonly state: "started" | "done" }
  | { readonly type: "progress"; readonly name: Phase; readonly done: number; readonly total: number };

export interface StageTiming {
  readonly name: Phase;
  readonly seconds: number;
  /** Processor time of all threads of this process, in user and system code. */
  readonly cpuSeconds: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

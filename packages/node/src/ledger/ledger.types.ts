// What each partner has spent. Taken before the release, in one transaction.
import type { ReleaseRule } from "../half.types.ts";

/** One release to be paid for. */
export interface Charge {
  /** The session id in hex; a session pays once. */
  readonly session: string;
  readonly partner: string;
  /** Datasets over the same people share a budget. */
  readonly population: string;
  readonly release: ReleaseRule;
  /** The limits of this side's policy. */
  readonly budgetMicroEpsilon: number;
  readonly exactSessions: number;
  readonly periodDays: number;
  /** This side's noise for the release, drawn once; sealed at rest and wiped when the session ends. */
  readonly noise: Uint8Array | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface LedgerEntry {
  readonly session: string;
  readonly partner: string;
  readonly population: string;
  readonly mode: "exact" | "noise";
  readonly microEpsilon: number;
  readonly takenAt: number;
  /** Whether the session that it paid for came to its end. */
  readonly settled: boolean;
}

/** The spending of one partner in the period that ends now. */
export interface Balance {
  readonly microEpsilon: number;
  readonly exactSessions: number;
  readonly sessions: number;
}

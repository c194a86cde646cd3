// What each partner has spent. Taken before the release, in one transaction.
import type { PrivacyCost } from "@halfroom/release";
import type { ReleaseRule } from "@halfroom/session";

/** One release to be paid for. */
export interface Charge {
  /** The session id in hex; a session pays once. */
  readonly session: string;
  readonly partner: string;
  /** Datasets over the same people share a budget. */
  readonly population: string;
  readonly release: ReleaseRule;
  /** What the release costs; undefined for an exact one. */
  readonly cost: PrivacyCost | undefined;
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
  /** As agreed, in millionths. */
  readonly microEpsilon: number;
  /** Concentrated cost, rho in units of 10^-12. */
  readonly picoRho: string;
  readonly takenAt: number;
  /** Whether the session that it paid for came to its end. */
  readonly settled: boolean;
}

/** The spending of one partner in the period that ends now. */
export interface Balance {
  /** One for each release with noise. */
  readonly costs: readonly PrivacyCost[];
  /** Of all of them together, at the ledger's delta, in millionths. */
  readonly microEpsilon: number;
  readonly exactSessions: number;
  readonly sessions: number;
}

// What a caller gives to and gets from one half of a session.
import type { Phase } from "@halfroom/wire";
import type { ReleasedTable } from "@halfroom/report";

export const ROLES = ["sender", "receiver"] as const;
export type Role = (typeof ROLES)[number];

/** A sum to compute: the sender's column, its clip bounds and its number of decimals. */
export interface Measure {
  readonly name: string;
  /** Clip bounds for one person, scaled by 10^decimals; low <= high. */
  readonly low: bigint;
  readonly high: bigint;
  readonly decimals: number;
}

/** The report that both sides ask for; the session starts only if both ask for the same. */
export interface ReportTerms {
  readonly match: "email";
  readonly measures: readonly Measure[];
  /** The receiver's columns. */
  readonly groupBy: readonly string[];
  /** Smallest number of people in a released cell. */
  readonly threshold: number;
  readonly mode: "exact";
  /** SoftSpokenOT's k: 4 computes less, 8 sends less. */
  readonly otK: 4 | 8;
}

/** What one side refuses to go below, whatever was asked. */
export interface Policy {
  readonly thresholdMin: number;
  readonly peopleMin: number;
}

export interface HalfOptions {
  readonly role: Role;
  /** `listen` is HOST:PORT (port 0 picks one); `connect` is a ws:// address, retried until `timeoutMs`. */
  readonly peer: { readonly listen: string } | { readonly connect: string };
  /** This side's CSV file. */
  readonly file: string;
  readonly terms: ReportTerms;
  readonly policy: Policy;
  /** Worker threads for elliptic-curve work. */
  readonly threads: number;
  /** How long the partner may stay silent. */
  readonly timeoutMs: number;
}

export type HalfEvent =
  | { readonly type: "listening"; readonly address: string }
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

/** What one half knows at the end. Nothing in it but `table` came from the partner. */
export interface HalfResult {
  readonly role: Role;
  readonly session: string;
  readonly table: ReleasedTable;
  readonly rows: number;
  readonly people: number;
  readonly partnerPeople: number;
  /** Row counts by reason, for the owner of the rows alone. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly stages: readonly StageTiming[];
  readonly seconds: number;
  readonly peakMemoryBytes: number;
}

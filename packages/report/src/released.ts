// A released report: everything that the protocol opened to one side, and what that side adds from its own data (bases).
// Version 3 of the document; docs/report.md describes its JSON.

export const REPORT_KINDS = ["overlap", "sums", "index", "reach", "attribution", "lift"] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

export interface ReleasedReport {
  readonly kind: ReportKind;
  /** Whose copy this is: the receiver owns the labels of `groupBy`, the sender those of `senderGroupBy`. */
  readonly role: "sender" | "receiver";
  readonly measures: readonly ReleasedMeasure[];
  /** Smallest number of matched people behind a released number. */
  readonly threshold: number;
  /** Present if the agreement has `rules: pair`: of a base of which over 85 % match, only that fact is reported. */
  readonly rules?: "pair";
  /** Absent in an exact report. */
  readonly noise?: ReleasedNoise;
  /** At least one, in the order of the agreement. */
  readonly partitions: readonly ReleasedPartition[];
  /** People of this side and of the partner that went into the match, after merging. */
  readonly ownPeople: number;
  readonly partnerPeople: number;
  /**
   * `reach` only: the dimension of `groupBy` whose labels are the contacts of a person, such as 1, 2, 4-5, 11+. By
   * default the one named "frequency".
   */
  readonly frequency?: string;
  /** `lift` only. */
  readonly lift?: LiftGroups;
  readonly agreed: Agreed;
  /** Absent until a node keeps the report. */
  readonly origin?: ReportOrigin;
  /** What became of this side's own data; absent likewise. It is never sent. */
  readonly own?: OwnData;
}

/** What both sides agreed on beside the columns. */
export interface Agreed {
  readonly datasets: { readonly own: string; readonly partner: string };
  /** The keys by which people are found, one at least. With several, a person whose keys match two people counts twice. */
  readonly match: readonly string[];
  /** Most cells of a partition that one person of the receiver is in; where events are credited, most of its entries. */
  readonly entries: number;
  /** attribution and lift: most events of one person of the sender, and how long after an entry one counts (0 for ever). */
  readonly events?: { readonly perPerson: number; readonly windowSeconds: number };
  /** reach in a series: only those people count whom the receiver's data had in no earlier run. */
  readonly newPeople?: true;
}

/** Where a report comes from, as its owner's node knows it. */
export interface ReportOrigin {
  /** The session's id in hex, the same on both sides: the hash of what both signed. */
  readonly session: string;
  /** This side's name of the partner. */
  readonly partner: string;
  /** When the report was made. */
  readonly made: Date;
  /** With `newPeople`: the number of this run, and of the first one that it is compared with; the same one if there is none. */
  readonly newSince?: { readonly run: number; readonly first: number };
}

export interface DroppedRows {
  readonly reason: string;
  readonly rows: number;
  /** Beyond the most events or entries of one person that both sides agreed on; nothing is wrong with the row. */
  readonly agreed?: true;
}

/** rows = people + optedOut + merged + filtered + dropped. */
export interface OwnData {
  /** The report's own filter, an SQL condition. */
  readonly where?: string;
  readonly rows: number;
  readonly people: number;
  /** People left out because they are on this node's list of people who opted out. */
  readonly optedOut: number;
  /** Rows of people who already had one. */
  readonly merged: number;
  /** Rows that the filters leave out. */
  readonly filtered: number;
  /** Rows that could not be used, by reason. */
  readonly dropped: readonly DroppedRows[];
  /** The sender's: how many people lay outside of a measure's bounds and count with a bound, opt-outs included. */
  readonly clipped?: readonly { readonly measure: string; readonly people: number }[];
  /** The first and the last moment of this side's events or touches in the report. */
  readonly period?: { readonly from: Date; readonly to: Date };
}

/** A sum's column. Sums are scaled by 10^decimals, sums of squares by 10^(2 decimals). */
export interface ReleasedMeasure {
  readonly name: string;
  readonly decimals: number;
  /** Whether cells have the sum of squares too, from which a variance follows. */
  readonly squares: boolean;
  /** What one person adds at least and at most, all its events together; scaled as sums are. */
  readonly low: bigint;
  readonly high: bigint;
}

/** The noise of either side; both sides add theirs, and every `Released.variance` is that of the two together. */
export interface ReleasedNoise {
  readonly mechanism: "laplace" | "gaussian";
  /** The agreed epsilon of the whole report in millionths. */
  readonly microEpsilon: number;
  /** The delta at which epsilon is stated, as the exponent of a power of ten (-9 for 10^-9); Laplace noise needs none. */
  readonly delta?: number;
}

/** Which cells of a lift report are compared; other labels of the dimension are shown but not compared. */
export interface LiftGroups {
  /** A dimension of `groupBy`. */
  readonly dimension: string;
  readonly test: string;
  readonly control: string;
}

/** One group-by list of the receiver crossed with the sender's. */
export interface ReleasedPartition {
  /** The receiver's dimensions; [] for one cell with everybody. */
  readonly groupBy: readonly string[];
  /** The sender's dimensions; [] for one category. */
  readonly senderGroupBy: readonly string[];
  /** Cells of which something was released, sorted by their labels. A cell is a pair of a receiver's and a sender's labels. */
  readonly cells: readonly ReleasedCell[];
  /** Totals over all cells, hidden ones included, for each of the sender's labels of which one passed. */
  readonly totals?: readonly ReleasedCell[];
  /** Cells under the threshold, and all cells: absent where this side does not know them. */
  readonly hiddenCells?: number;
  readonly cellsTotal?: number;
  /**
   * This side's own people by its own labels (receiver: `groupBy`, sender: `senderGroupBy`), each combination that occurs.
   * It is never sent; its owner computes rates and indices from it.
   */
  readonly base?: readonly BaseCell[];
}

export interface BaseCell {
  readonly labels: readonly string[];
  readonly people: number;
}

export interface ReleasedCell {
  /** One label for each of `groupBy`, then one for each of `senderGroupBy`; "" where the row had none. */
  readonly labels: readonly string[];
  /** Matched people; in attribution and lift the converted ones. Undefined only with `overPair`. */
  readonly people: Released | undefined;
  /** One for each measure; undefined is under the threshold. */
  readonly sums: readonly (Released | undefined)[];
  /** As `sums`; entries of measures without squares are undefined. */
  readonly squares?: readonly (Released | undefined)[];
  /** lift and index, of the receiver's labels: its people behind them, matched or not, as it tells them to the sender. */
  readonly base?: Released;
  /** With `rules: pair`: over 85 % of this cell's base match, and none of its numbers was opened. */
  readonly overPair?: true;
}

/** One opened number. */
export interface Released {
  /** Scaled as its column says. Noise may take it below zero. */
  readonly value: bigint;
  /** Variance of the noise of both sides, in squared units of `value`; 0 in an exact report. */
  readonly variance: number;
}

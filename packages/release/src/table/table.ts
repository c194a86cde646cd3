// What both sides know of the table of a release (design section 2.5): its public shape, the public rules, and the form of what
// is opened of it.
import type { Role } from "@halfroom/mpc";
import type { NoisePlan } from "../accounting/split.ts";
import type { Limits } from "./limits.ts";

/** What a column of one sender category holds. */
export type Column =
  /** Matched people; each category has this column once, and first. */
  | { readonly kind: "people" }
  /** A sum, or a sum of squares, of measure number `measure`, and the people whose value in it is not zero. */
  | { readonly kind: "sum" | "squares" | "contributors"; readonly measure: number };

/**
 * The public shape of the table: the rows of all partitions, one after the other; in each row the sender's categories in
 * order, in each category the columns. Number (row, category, column) is at (row x categories + category) x columns + column.
 */
export interface TableShape {
  /** Cells of each partition, padding included. */
  readonly partitions: readonly number[];
  /** The sender's categories, at least 1. */
  readonly categories: number;
  /** Columns of each category. In exact mode every measure has its contributors, with noise none has. */
  readonly columns: readonly Column[];
}

/** The public rules of the release. */
export interface ReleaseRules {
  readonly mode: "exact" | "noise";
  /** The noise of one side in every column of every partition; undefined in exact mode. */
  readonly noise: NoisePlan["noise"] | undefined;
  readonly limits: Limits;
  /** Smallest number of people, of contributors and (exact) of people who did not match; times the number of match keys. */
  readonly threshold: bigint;
  /**
   * Entries, each in a cell of its own, that one person of the receiver may have in a partition; 1 if absent. What adds up
   * several rows must reach as many times the threshold, so that it is of enough people.
   */
  readonly entriesMax?: number;
  /** Whether of a base of which more than 85 % match neither count nor sums are opened, only that fact. */
  readonly pair: boolean;
  /** Exact mode, one partition: also the totals over all cells, for each category and column. */
  readonly totals: boolean;
  /** Who receives the opened numbers. What passed is public, but for `blindSender`. */
  readonly opensTo: "both" | Role;
  /** Noise, one category, opened to the receiver alone: the sender then learns not even what passed. */
  readonly blindSender?: boolean;
}

/** Opened numbers among `opened.length` that could have been. */
export interface OpenedNumbers {
  /** 1 for each number that was opened, else 0: public, but a blind sender has zeros. */
  readonly opened: Uint8Array;
  /** The opened numbers, 0 where nothing was opened; undefined on a side that does not receive the result. */
  readonly values: BigInt64Array | undefined;
}

// What the closed cells of a sum may hold. In a report with noise a cell stays closed because its noisy people are under the
// threshold, so that its people are, but for the noise. In an exact one, or under the rules of pair, it may stay closed because
// too few of its base did NOT match, and then only the base itself bounds it (protocol-spec.md, section 13.3).
import type { ReleasedReport } from "../released.ts";
import type { Missing } from "./estimate.ts";
import { noiseTail } from "./normal.ts";

type Rules = Pick<ReleasedReport, "threshold" | "rules" | "noise" | "agreed">;

/** One closed cell, as this side knows it. */
export interface ClosedCell {
  /** This side's own people in it; undefined where the other side owns its labels. */
  readonly base: number | undefined;
}

/** All bounds on closed cells of a report hold together, but in so many cases. */
const BOUND_FAILS = 1e-4;

/**
 * The most people in these closed cells of a column whose noise has this variance. `among` is how many cells the partition has:
 * which of them are closed depends on the noise, so that the bound has to hold for all.
 */
export function missingIn(
  cells: readonly ClosedCell[],
  report: Rules,
  { variance, among }: { readonly variance: number; readonly among: number },
): Missing | undefined {
  if (cells.length === 0) return undefined;
  const each = cells.map(({ base }) => mostOf(base, report, variance, among));
  const most = each.every((number) => number !== undefined)
    ? each.reduce((sum, number) => sum + number, 0)
    : undefined;
  return { cells: cells.length, most };
}

/** This side cannot tell how many cells there are. */
export const UNSEEN: Missing = { cells: undefined, most: undefined };

function mostOf(
  base: number | undefined,
  report: Rules,
  variance: number,
  among: number,
): number | undefined {
  const { threshold, rules, noise, agreed } = report;
  const keys = agreed.match.length;
  // A person's keys may each match somebody.
  const ofBase = base === undefined ? undefined : base * keys;
  if (noise === undefined || rules === "pair") return ofBase;
  const tail = Math.ceil(noiseTail(noise, BOUND_FAILS / among) * Math.sqrt(variance));
  return Math.min(ofBase ?? Infinity, threshold * keys - 1 + tail);
}

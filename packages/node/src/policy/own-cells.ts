// Whether a report could show anything of this side's own data: known here before a partner is told sizes, and told to nobody else.
import { fewestToOpen, type SessionData, type Terms } from "@halfroom/session";

/** Why no number could open, in words with a remedy; undefined if one could. */
export function tooSmallToOpen(data: SessionData, terms: Terms): string | undefined {
  const least = fewestToOpen(terms, data.role);
  const largest = terms.totals ? data.people.people : largestCell(data);
  if (largest >= least) return undefined;
  const isWhole = terms.totals || columnsOf(data, terms).every((columns) => columns.length === 0);
  const cells = data.role === "receiver" ? "cell" : "category";
  const what = isWhole ? "this side" : `the largest ${cells} of our own`;
  const rule = terms.release.mode === "exact" ? " to match and as many that do not" : "";
  return `nothing could open: ${what} has ${largest} people, and it takes ${least}${rule}. Group by fewer or coarser columns, lower the threshold, or take more people. Nothing was charged.`;
}

function columnsOf({ role }: SessionData, { partitions, senderGroupBy }: Terms) {
  return role === "receiver" ? partitions : [senderGroupBy];
}

function largestCell(data: SessionData): number {
  return ownCells(data).reduce((largest, people) => Math.max(largest, people), 0);
}

/** This side's people in each of its cells, over all partitions (receiver), or in each of its categories (sender). */
export function ownCells(data: SessionData): number[] {
  if (data.role === "receiver") return data.people.partitions.flatMap(({ base }) => [...base]);
  return [...data.people.base];
}

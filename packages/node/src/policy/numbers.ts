// The fewest numbers that a report of these terms may open, before anybody has stated cells and categories; `numbersAtMost` counts
// the most, once both have.
import type { Terms } from "@halfroom/session";

/** Of one cell of each list of columns, in one category. */
export function numbersAtLeast({ partitions, measures }: Terms): number {
  const sums = measures.reduce((sum, { squares }) => sum + (squares ? 2 : 1), 0);
  return partitions.length * (1 + sums);
}

// How many numbers a report may open at most. What a partner with changed software adds to a number, it carries no more than its bits:
// a policy therefore caps how many there are.
import type { AgreementContent, Terms } from "@halfroom/session";

/** Of a report's cells, padding included, with totals if it has some. */
export function numbersOf({ terms, sender, receiver }: AgreementContent): number {
  const cells = receiver.cells.reduce((sum, count) => sum + count, 0);
  return (cells + (terms.totals ? 1 : 0)) * sender.categories * numbersOfBlock(terms);
}

/** Of a report of these terms, whatever cells and categories are stated. */
export function numbersAtLeast(terms: Terms): number {
  return terms.partitions.length * numbersOfBlock(terms);
}

/** People and sums of one cell and category. */
function numbersOfBlock({ measures }: Terms): number {
  return measures.reduce((sum, { squares }) => sum + (squares ? 2 : 1), 1);
}

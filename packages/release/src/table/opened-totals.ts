// What the decisions on totals change: cells that are hidden with a hidden part, totals that are opened.
import { addInto, ringArray, type RingArray } from "@halfroom/crypto";
import { numberAt, type Segment } from "./totals.ts";
import type { TableShape } from "./table.ts";

/** Columns that a segment stands for: of people all of the category, of a measure its sum and squares. */
function columnsOf({ columns }: TableShape, measure: number | undefined): number[] {
  return columns.flatMap((column, index) =>
    measure === undefined || (column.kind !== "people" && column.measure === measure) ? [index] : [],
  );
}

/** Closes, in `opened`, the first `hidden[i]` passing rows of segment i. */
export function hideRows(
  shape: TableShape,
  opened: Uint8Array,
  segments: readonly Segment[],
  hidden: readonly (number | undefined)[],
): void {
  segments.forEach(({ category, measure, passing }, i) => {
    for (const row of passing.slice(0, hidden[i] ?? 0))
      for (const index of columnsOf(shape, measure)) opened[numberAt(shape, row, category, index)] = 0;
  });
}

/** Categories x columns: 1 for each total that is opened. */
export function openedTotals(
  shape: TableShape,
  segments: readonly Segment[],
  hidden: readonly (number | undefined)[],
): Uint8Array {
  const opened = new Uint8Array(shape.categories * shape.columns.length);
  segments.forEach(({ category, measure }, i) => {
    if (hidden[i] === undefined) return;
    const indices = measure === undefined ? [0] : columnsOf(shape, measure);
    for (const index of indices)
      if (shape.columns[index]!.kind !== "contributors") opened[numberAt(shape, 0, category, index)] = 1;
  });
  return opened;
}

/** This side's addends of all totals: categories x columns. */
export function totalAddends({ categories, columns }: TableShape, numbers: RingArray): RingArray {
  const totals = ringArray(categories * columns.length);
  for (let at = 0; at < numbers.length; at += totals.length)
    addInto(totals, numbers.subarray(at, at + totals.length));
  return totals;
}

// A released table: everything that left the protocol in the clear, and nothing else.
import type { ReleasedPartition, ReleasedReport } from "./released.ts";

export interface TableCell {
  /** One label for each grouping column, in the order of `ReleasedTable.groupBy`; "" where the row had none. */
  readonly labels: readonly string[];
  readonly people: bigint;
  /** One sum for each measure, scaled by 10^decimals; undefined is under the threshold. */
  readonly sums: readonly (bigint | undefined)[];
}

export interface ReleasedTable {
  readonly groupBy: readonly string[];
  readonly measures: readonly { readonly name: string; readonly decimals: number }[];
  readonly threshold: number;
  /** Released cells, sorted by their labels. */
  readonly cells: readonly TableCell[];
  /** Cells under the threshold, and all cells: known to the receiver only, who owns the labels. */
  readonly suppressed: number | undefined;
  readonly cellsTotal: number | undefined;
}

/** A report of one partition without categories as one plain table. */
export function tableOf({ partitions, measures, threshold }: ReleasedReport): ReleasedTable {
  const [{ groupBy, cells, hiddenCells, cellsTotal }] = partitions as [ReleasedPartition];
  return {
    groupBy,
    measures: measures.map(({ name, decimals }) => ({ name, decimals })),
    threshold,
    cells: cells.map(({ labels, people, sums }) => ({
      labels,
      people: people!.value,
      sums: sums.map((sum) => sum?.value),
    })),
    suppressed: hiddenCells,
    cellsTotal,
  };
}

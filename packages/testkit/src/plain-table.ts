// A report of one partition without categories as one table, for comparison with a plain join.
import type { ReleasedPartition, ReleasedReport } from "@halfroom/report";

export interface PlainTable {
  readonly groupBy: readonly string[];
  /** Sums are scaled by 10^decimals; undefined where one did not pass. */
  readonly cells: readonly {
    readonly labels: readonly string[];
    readonly people: bigint;
    readonly sums: readonly (bigint | undefined)[];
  }[];
  /** Only the receiver has it. */
  readonly suppressed: number | undefined;
  readonly cellsTotal: number | undefined;
}

export function plainTable({ partitions }: ReleasedReport): PlainTable {
  const [{ groupBy, cells, hiddenCells, cellsTotal }] = partitions as [ReleasedPartition];
  return {
    groupBy,
    cells: cells.map(({ labels, people, sums }) => ({
      labels,
      people: people!.value,
      sums: sums.map((sum) => sum?.value),
    })),
    suppressed: hiddenCells,
    cellsTotal,
  };
}

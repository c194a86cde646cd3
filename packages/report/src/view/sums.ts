// The sections of sums and of attribution: people, sums and means by cohort.
import type { DerivedPartition } from "../derived.ts";
import type { ReleasedPartition, ReleasedReport } from "../released.ts";
import {
  baseColumn,
  meanBars,
  measureColumns,
  peopleBars,
  peopleColumn,
  rateColumn,
  sumBars,
  tableOf,
} from "./columns.ts";
import { rowsOf, totalRowsOf } from "./rows.ts";
import type { Section } from "./section.ts";
import { dimensionsText } from "./words.ts";

export function sumsSections(
  partition: ReleasedPartition,
  derived: DerivedPartition,
  report: ReleasedReport,
): Section[] {
  const rows = rowsOf(partition, derived, report);
  const { measures } = report;
  return [
    {
      heading: `By ${dimensionsText([...partition.groupBy, ...partition.senderGroupBy])}`,
      remarks: [],
      charts: [
        ...measures.flatMap((measure, i) => [
          ...sumBars(measure, i, rows, report),
          ...meanBars(measure, i, rows, "person"),
        ]),
        ...peopleBars("People in common", "people", rows, report),
      ],
      table: tableOf(
        partition,
        [...rows, ...totalRowsOf(partition, derived)],
        [
          ...baseColumn(rows, partition, report),
          peopleColumn("people", report),
          ...rateColumn(rows, partition, report),
          ...measureColumns(report),
        ],
      ),
    },
  ];
}

export function attributionSections(
  partition: ReleasedPartition,
  derived: DerivedPartition,
  report: ReleasedReport,
): Section[] {
  const rows = rowsOf(partition, derived, report);
  const { measures } = report;
  return [
    {
      heading: `Credited to the last touch: ${dimensionsText([...partition.groupBy, ...partition.senderGroupBy])}`,
      remarks: [],
      charts: [
        ...peopleBars("People who converted", "people who converted", rows, report),
        ...measures.flatMap((measure, i) => sumBars(measure, i, rows, report)),
      ],
      table: tableOf(
        partition,
        [...rows, ...totalRowsOf(partition, derived)],
        [
          ...baseColumn(rows, partition, report),
          peopleColumn("people who converted", report),
          ...measureColumns(report),
        ],
      ),
    },
  ];
}

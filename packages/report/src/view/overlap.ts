// The sections of an overlap report: people in common and match rates.
import type { DerivedPartition } from "../derived.ts";
import type { ReleasedPartition, ReleasedReport } from "../released.ts";
import { bars, baseColumn, peopleBars, peopleColumn, rateColumn, releasedMark, tableOf } from "./columns.ts";
import { rowsOf, totalRowsOf } from "./rows.ts";
import type { BarsChart } from "./chart.ts";
import type { Section } from "./section.ts";
import { group } from "../decimal.ts";
import { ownDimensions } from "../stats/sides.ts";
import { dimensionsText, labelsText } from "./words.ts";

export function overlapSections(
  partition: ReleasedPartition,
  derived: DerivedPartition,
  report: ReleasedReport,
): Section[] {
  const rows = rowsOf(partition, derived, report);
  const dimensions = [...partition.groupBy, ...partition.senderGroupBy];
  const rates = rows.flatMap(({ labels, derived: of }) => {
    const rate = of?.matchRate;
    if (rate === undefined) return [];
    // Bounds one percent apart are those of the rounding.
    const { percent } = rate;
    const { low, high } = rate.high - rate.low > 1 ? rate : { low: percent, high: percent };
    return [{ label: labelsText(labels), value: percent, low, high, shown: `${percent} %` }];
  });
  const charts =
    dimensions.length === 0
      ? [wholeBars(partition, report)]
      : [
          ...peopleBars("People in common", "people", rows, report),
          ...bars("Match rate", rateAxis(partition, report), rates, true),
        ];
  return [
    {
      heading: `People in common: ${dimensionsText(dimensions)}`,
      remarks: [],
      charts,
      table: tableOf(
        partition,
        [...rows, ...totalRowsOf(partition, derived)],
        [
          ...baseColumn(rows, partition, report),
          peopleColumn("people in common", report),
          ...rateColumn(rows, partition, report),
        ],
      ),
    },
  ];
}

function rateAxis(partition: ReleasedPartition, { role }: ReleasedReport): string {
  const own = ownDimensions(partition, role);
  return own.length === 0 ? "percent of all our people" : "percent of our people with the same labels";
}

/** Both sides' people beside those in common. */
function wholeBars({ cells }: ReleasedPartition, report: ReleasedReport): BarsChart {
  const side = (label: string, people: number) => ({
    label,
    value: people,
    low: people,
    high: people,
    shown: group(people),
  });
  const rows = [
    side("our people", report.ownPeople),
    side("partner's people", report.partnerPeople),
    ...releasedMark("in common", cells[0]?.people, 0, report),
  ];
  return {
    kind: "bars",
    title: "Both sides and what they share",
    axis: "people",
    percent: false,
    rows,
    more: 0,
  };
}

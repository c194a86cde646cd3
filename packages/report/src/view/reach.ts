// The sections of a reach report: people by campaign, frequency distribution, reach curve.
import type { DerivedPartition } from "../derived.ts";
import { named } from "@halfroom/wire/words";
import type { Released, ReleasedPartition, ReleasedReport } from "../released.ts";
import { estimate } from "../stats/estimate.ts";
import { frequencyOf, type ReachCurve } from "../stats/reach.ts";
import { baseColumn, peopleBars, peopleColumn, tableOf } from "./columns.ts";
import { rowsOf, totalRowsOf } from "./rows.ts";
import type { Chart, StackChart } from "./chart.ts";
import type { Section } from "./section.ts";
import {
  dimensionsText,
  labelsText,
  labelText,
  percentText,
  releasedText,
  UNDER_THRESHOLD,
} from "./words.ts";

/** How many lines can be told apart in one chart. */
const CURVES_MAX = 6;
const STACKS_MAX = 12;

export function reachSections(
  partition: ReleasedPartition,
  derived: DerivedPartition,
  report: ReleasedReport,
): Section[] {
  if (derived.reach !== undefined) return [frequencySection(partition, derived.reach, report)];
  const rows = rowsOf(partition, derived, report);
  return [
    {
      heading: `Reach: ${dimensionsText([...partition.groupBy, ...partition.senderGroupBy])}`,
      remarks: [],
      charts: peopleBars("People reached", "people", rows, report),
      table: tableOf(
        partition,
        [...rows, ...totalRowsOf(partition, derived)],
        [
          ...baseColumn(rows, "our people"),
          peopleColumn("people reached", report),
          { head: "of the audience", text: ({ cell }) => audienceText(cell?.people, report) },
        ],
      ),
    },
  ];
}

/** The sender's people are the audience: those whom the receiver's campaigns can reach. */
function audiencePeople({ role, ownPeople, partnerPeople }: ReleasedReport): number {
  return role === "sender" ? ownPeople : partnerPeople;
}

function audienceText(people: Released | undefined, report: ReleasedReport): string {
  if (people === undefined) return UNDER_THRESHOLD;
  return percentText((100 * Number(people.value)) / audiencePeople(report), 1);
}

function frequencySection(
  partition: ReleasedPartition,
  curves: readonly ReachCurve[],
  report: ReleasedReport,
): Section {
  const others = [...partition.groupBy, ...partition.senderGroupBy].filter(
    (name) => name !== frequencyOf(report),
  );
  const incomplete = curves.some(({ buckets }) => buckets.some((bucket) => bucket.incomplete));
  return {
    heading: `Contacts per person${others.length === 0 ? "" : `, by ${dimensionsText(others)}`}`,
    remarks: incomplete
      ? [
          "Where a number of contacts is under the threshold, its people are missing from “at least”, marked with ≥.",
        ]
      : [],
    charts: curves.length === 0 ? [] : [curveChart(curves, report), stackChart(curves)],
    table: {
      head: [...others.map(named), "contacts", "people", "with at least as many", "of the audience"],
      textColumns: others.length + 1,
      rows: curves.flatMap(({ labels, buckets }) =>
        buckets.map(({ label, people, atLeast, incomplete: missing }) => {
          const sign = missing && atLeast !== undefined ? "≥ " : "";
          return [
            ...labels.map(labelText),
            labelText(label),
            releasedText(people, 0, report.noise),
            sign + releasedText(atLeast, 0, report.noise),
            sign + audienceText(atLeast, report),
          ];
        }),
      ),
    },
  };
}

function bySize(curves: readonly ReachCurve[]): ReachCurve[] {
  const size = ({ buckets }: ReachCurve) => Number(buckets[0]?.atLeast?.value ?? 0n);
  return curves.toSorted((a, b) => size(b) - size(a));
}

function curveChart(curves: readonly ReachCurve[], report: ReleasedReport): Chart {
  const audience = audiencePeople(report);
  const shown = bySize(curves).slice(0, CURVES_MAX);
  return {
    kind: "curves",
    title: "Reach curve: share of the audience with at least that many contacts",
    axis: "contacts, at least",
    percent: true,
    more: curves.length - shown.length,
    ticks: shown[0]!.buckets.map(({ from }) => String(from)),
    curves: shown.map(({ labels, buckets }) => ({
      label: labelsText(labels),
      points: buckets.flatMap(({ atLeast }, x) => {
        if (atLeast === undefined) return [];
        const { value, low, high } = estimate(Number(atLeast.value), atLeast.variance, 0, report.noise);
        const share = (people: number) => (100 * people) / audience;
        return [{ x, y: share(value), low: share(low), high: share(high) }];
      }),
    })),
  };
}

function stackChart(curves: readonly ReachCurve[]): StackChart {
  const shown = bySize(curves).slice(0, STACKS_MAX);
  return {
    kind: "stack",
    title: "Frequency: people by their number of contacts",
    axis: "percent of the people shown",
    percent: true,
    more: curves.length - shown.length,
    parts: shown[0]!.buckets.map(({ label }) => labelText(label)),
    rows: shown.map(({ labels, buckets }) => {
      const people = buckets.map((bucket) => bucket.people && Math.max(0, Number(bucket.people.value)));
      const total = people.reduce<number>((sum, each) => sum + (each ?? 0), 0);
      return {
        label: labelsText(labels),
        shares: people.map((each) => (each === undefined || total === 0 ? undefined : (100 * each) / total)),
      };
    }),
  };
}

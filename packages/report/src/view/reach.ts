// The sections of a reach report: people by campaign, frequency distribution, reach curve.
import type { DerivedPartition } from "../derived.ts";
import { named } from "@halfroom/wire/words";
import type { ReleasedPartition, ReleasedReport } from "../released.ts";
import { peopleEstimate, scaled, shownHalf } from "../stats/estimate.ts";
import { audiencePeople, frequencyOf, reachOf, type ReachBucket, type ReachCurve } from "../stats/reach.ts";
import { baseColumn, peopleBars, peopleColumn, tableOf } from "./columns.ts";
import { rowsOf, totalRowsOf, type Row } from "./rows.ts";
import type { Chart, StackChart } from "./chart.ts";
import type { Section } from "./section.ts";
import { say, type Sentence } from "./sentences.ts";
import {
  dimensionsText,
  estimateText,
  labelsText,
  labelText,
  NOBODY,
  NOT_OPENED,
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
  const reached = report.agreed.newPeople ? "new people reached" : "people reached";
  return [
    {
      heading: `${report.agreed.newPeople ? "New people" : "Reach"}: ${dimensionsText([...partition.groupBy, ...partition.senderGroupBy])}`,
      remarks: [],
      charts: peopleBars(`${reached[0]!.toUpperCase()}${reached.slice(1)}`, "people", rows, report),
      table: tableOf(
        partition,
        [...rows, ...totalRowsOf(partition, derived)],
        [
          ...baseColumn(rows, partition, report),
          peopleColumn(reached, report),
          { head: "of the audience", text: (row) => audienceText(row, report) },
        ],
      ),
    },
  ];
}

function audienceText({ cell, nobody }: Row, report: ReleasedReport): string {
  if (nobody === true) return NOBODY;
  if (cell?.people === undefined) return UNDER_THRESHOLD;
  const people = peopleEstimate(cell.people, report.noise);
  return estimateText(scaled(people, 100 / audiencePeople(report)), 1, " %");
}

function frequencySection(
  partition: ReleasedPartition,
  curves: readonly ReachCurve[],
  report: ReleasedReport,
): Section {
  const others = [...partition.groupBy, ...partition.senderGroupBy].filter(
    (name) => name !== frequencyOf(report),
  );
  return {
    heading: `Contacts per person${others.length === 0 ? "" : `, by ${dimensionsText(others)}`}`,
    remarks: bucketRemarks(curves, report),
    charts: curves.length === 0 ? [] : [curveChart(curves), stackChart(curves)],
    table: {
      head: [...others.map(named), "contacts", "people", "with at least as many", "of the audience"],
      textColumns: others.length + 1,
      rows: curves.flatMap(({ labels, buckets }) =>
        buckets.map((bucket, i) => [
          ...labels.map(labelText),
          labelText(bucket.label),
          bucketText(bucket, report),
          bucket.atLeast === undefined ? closedText(buckets.slice(i)) : estimateText(bucket.atLeast, 0),
          bucket.share === undefined ? closedText(buckets.slice(i)) : estimateText(bucket.share, 1, " %"),
        ]),
      ),
    },
  };
}

function bucketRemarks(curves: readonly ReachCurve[], { noise }: ReleasedReport): Sentence[] {
  const buckets = curves.flatMap((curve) => curve.buckets);
  const isMissing = buckets.some(({ atLeast }) => atLeast?.missing !== undefined);
  const isUnseen = buckets.some(
    ({ atLeast }) => atLeast?.missing !== undefined && atLeast.missing.cells === undefined,
  );
  return [
    ...(buckets.length > 0 ? [say("bucketsAdded")] : []),
    ...(isMissing ? [noise === undefined ? say("bucketsClosedExact") : say("bucketsClosedNoise")] : []),
    ...(isUnseen ? [say("bucketsUnseen")] : []),
  ];
}

function bucketText(bucket: ReachBucket, { noise }: ReleasedReport): string {
  return bucket.state === "opened" ? releasedText(bucket.people, 0, noise) : closedText([bucket]);
}

/** Of buckets of which none opened. */
function closedText(buckets: readonly ReachBucket[]): string {
  const states = new Set(buckets.map(({ state }) => state));
  if (states.has("unseen")) return NOT_OPENED;
  return states.has("closed") ? UNDER_THRESHOLD : NOBODY;
}

function bySize(curves: readonly ReachCurve[]): ReachCurve[] {
  const size = (curve: ReachCurve) => reachOf(curve)?.value ?? 0;
  return curves.toSorted((a, b) => size(b) - size(a));
}

function curveChart(curves: readonly ReachCurve[]): Chart {
  const shown = bySize(curves).slice(0, CURVES_MAX);
  const isMissing = shown.some(({ buckets }) =>
    buckets.some(({ atLeast }) => atLeast?.missing !== undefined),
  );
  return {
    kind: "curves",
    title: `Reach curve: share of the audience with at least that many contacts${isMissing ? ", as far as shown" : ""}`,
    axis: "contacts, at least",
    percent: true,
    more: curves.length - shown.length,
    ticks: shown[0]!.buckets.map(({ from }) => String(from)),
    curves: shown.map(({ labels, buckets }) => ({
      label: labelsText(labels),
      points: buckets.flatMap(({ share }, x) => {
        if (share === undefined) return [];
        const half = shownHalf(share);
        return [{ x, y: share.value, low: share.low, high: share.value + half }];
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

// The sections of a lift report: test against control.
import type { DerivedPartition } from "../derived.ts";
import { named } from "@halfroom/wire/words";
import type { ReleasedPartition, ReleasedReport } from "../released.ts";
import type { Lift } from "../stats/lift.ts";
import type { StratumLift } from "../stats/lift-report.ts";
import { capital, meanDecimals, measureColumns, peopleBars, peopleColumn, tableOf } from "./columns.ts";
import { DRAWN_MAX, rowsOf, totalRowsOf } from "./rows.ts";
import type { Chart, Mark } from "./chart.ts";
import type { Section } from "./section.ts";
import { say } from "./sentences.ts";
import {
  changeText,
  decimal,
  dimensionsText,
  estimateText,
  labelsText,
  labelText,
  percentText,
  pValueText,
  rangeText,
  UNDER_THRESHOLD,
} from "./words.ts";

export function liftSections(
  partition: ReleasedPartition,
  derived: DerivedPartition,
  report: ReleasedReport,
): Section[] {
  const { lifts } = derived;
  if (lifts === undefined) return [openedSection(partition, derived, report)];
  const measures = report.measures.map(({ name, decimals, squares }, i): Outcome => {
    const digits = meanDecimals(decimals);
    return {
      name: named(name),
      of: (stratum) => stratum.measures[i],
      rate: (value) => decimal(value, digits),
      total: decimals,
      scale: 1,
      percent: false,
      sampled: squares,
    };
  });
  const outcomes = [CONVERTED, ...measures];
  return [
    ...outcomes.map((outcome) => outcomeSection(outcome, lifts, partition, report)),
    openedSection(partition, derived, report),
  ];
}

interface Outcome {
  readonly name: string;
  readonly of: (stratum: StratumLift) => Lift | undefined;
  /** A group's value per person. */
  readonly rate: (value: number) => string;
  /** Decimals of totals. */
  readonly total: number;
  /** The factor of a value per person in charts. */
  readonly scale: number;
  readonly percent: boolean;
  /** Whether it is known how much people differ, so that intervals and a p-value say what chance does. */
  readonly sampled: boolean;
}

const CONVERTED: Outcome = {
  name: "people who converted",
  of: ({ converted }) => converted,
  rate: (value) => percentText(100 * value, 2),
  total: 0,
  scale: 100,
  percent: true,
  sampled: true,
};

function outcomeSection(
  outcome: Outcome,
  lifts: readonly StratumLift[],
  partition: ReleasedPartition,
  report: ReleasedReport,
): Section {
  const others = [...partition.groupBy, ...partition.senderGroupBy].filter(
    (name) => name !== report.lift!.dimension,
  );
  const by = others.length === 0 ? "" : `, by ${dimensionsText(others)}`;
  return {
    heading: `Lift in ${outcome.name}${by}`,
    remarks: outcome.sampled ? [] : [say("liftWithoutSquares")],
    charts: [
      ...(outcome.sampled ? relativeChart(outcome, lifts) : []),
      ...ratesChart(outcome, lifts, report),
    ],
    table: {
      head: [
        ...others.map(named),
        "test people",
        "test, per person",
        "control people",
        "control, per person",
        outcome.sampled ? "lift (95 % interval)" : "lift",
        `incremental ${outcome.name}`,
        ...(outcome.sampled ? ["p-value"] : []),
      ],
      textColumns: others.length,
      rows: lifts.map((stratum) => liftRow(outcome, stratum)),
    },
  };
}

function liftRow(outcome: Outcome, stratum: StratumLift): string[] {
  const { labels, testPeople, controlPeople } = stratum;
  const lift = outcome.of(stratum);
  const shown = (number: string | undefined) => number ?? UNDER_THRESHOLD;
  return [
    ...labels.map(labelText),
    estimateText(testPeople, 0),
    shown(lift && outcome.rate(lift.test.value)),
    estimateText(controlPeople, 0),
    shown(lift && outcome.rate(lift.control.value)),
    shown(lift && relativeText(lift)),
    shown(lift && incrementalText(lift, outcome)),
    ...(outcome.sampled ? [shown(lift && pValueText(lift.pValue))] : []),
  ];
}

function relativeText({ relative, pValue }: Lift): string {
  if (relative === undefined) return "–";
  const change = changeText(relative.value);
  return pValue === undefined ? change : `${change} (${rangeText(relative, changeText)})`;
}

function incrementalText({ incremental, pValue }: Lift, { total }: Outcome): string {
  return pValue === undefined ? decimal(incremental.value, total) : estimateText(incremental, total);
}

function relativeChart(outcome: Outcome, lifts: readonly StratumLift[]): Chart[] {
  const rows = lifts.flatMap((stratum): Mark[] => {
    const relative = outcome.of(stratum)?.relative;
    if (relative === undefined) return [];
    const { value, low, high } = relative;
    return [
      {
        label: labelsText(stratum.labels),
        value: 100 * value,
        low: 100 * low,
        high: 100 * high,
        shown: changeText(value),
      },
    ];
  });
  if (rows.length === 0) return [];
  return [
    {
      kind: "dots",
      title: `Lift in ${outcome.name}: test against control`,
      axis: "lift",
      percent: true,
      reference: 0,
      rows: rows.slice(0, DRAWN_MAX),
      more: Math.max(0, rows.length - DRAWN_MAX),
    },
  ];
}

function ratesChart(outcome: Outcome, lifts: readonly StratumLift[], report: ReleasedReport): Chart[] {
  const marks = lifts.flatMap((stratum): Mark[] => {
    const lift = outcome.of(stratum);
    if (lift === undefined) return [];
    const prefix = stratum.labels.length === 0 ? "" : `${labelsText(stratum.labels)} · `;
    return (
      [
        [report.lift!.test, lift.test, {}],
        [report.lift!.control, lift.control, { control: true }],
      ] as const
    ).map(([group, { value, low, high }, role]) => ({
      label: prefix + labelText(group),
      value: value * outcome.scale,
      low: (outcome.sampled ? low : value) * outcome.scale,
      high: (outcome.sampled ? high : value) * outcome.scale,
      shown: outcome.rate(value),
      ...role,
    }));
  });
  if (marks.length === 0) return [];
  return [
    {
      kind: "bars",
      title: `${capital(outcome.name)}, per person of the group`,
      axis: outcome.percent ? "of the group" : `${outcome.name} per person`,
      percent: outcome.percent,
      rows: marks.slice(0, DRAWN_MAX),
      more: Math.max(0, marks.length - DRAWN_MAX),
    },
  ];
}

/** The numbers themselves; where no group's size is known there is nothing else. */
function openedSection(
  partition: ReleasedPartition,
  derived: DerivedPartition,
  report: ReleasedReport,
): Section {
  const rows = rowsOf(partition, derived, report);
  return {
    heading: `What was opened: ${dimensionsText([...partition.groupBy, ...partition.senderGroupBy])}`,
    remarks: derived.lifts === undefined ? [say("liftElsewhere")] : [],
    charts: derived.lifts === undefined ? peopleBars("People who converted", "people", rows, report) : [],
    table: tableOf(
      partition,
      [...rows, ...totalRowsOf(partition, derived)],
      [peopleColumn("people who converted", report), ...measureColumns(report)],
    ),
  };
}

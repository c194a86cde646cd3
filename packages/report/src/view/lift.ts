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
import {
  changeText,
  countText,
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
  const measures = report.measures.map(({ name, decimals }, i): Outcome => {
    const digits = meanDecimals(decimals);
    return {
      name: named(name),
      of: (stratum) => stratum.measures[i],
      rate: (value) => decimal(value, digits),
      total: decimals,
      scale: 1,
      percent: false,
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
}

const CONVERTED: Outcome = {
  name: "people who converted",
  of: ({ converted }) => converted,
  rate: (value) => percentText(100 * value, 2),
  total: 0,
  scale: 100,
  percent: true,
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
    remarks: [],
    charts: [...relativeChart(outcome, lifts), ...ratesChart(outcome, lifts, report)],
    table: {
      head: [
        ...others.map(named),
        "test people",
        "test, per person",
        "control people",
        "control, per person",
        "lift (95 % interval)",
        `incremental ${outcome.name}`,
        "p-value",
      ],
      textColumns: others.length,
      rows: lifts.map((stratum) => liftRow(outcome, stratum)),
    },
  };
}

function liftRow(outcome: Outcome, stratum: StratumLift): string[] {
  const { labels, testPeople, controlPeople } = stratum;
  const lift = outcome.of(stratum);
  const numbers =
    lift === undefined
      ? [
          countText(testPeople),
          UNDER_THRESHOLD,
          countText(controlPeople),
          ...Array.from({ length: 4 }, () => UNDER_THRESHOLD),
        ]
      : [
          countText(testPeople),
          outcome.rate(lift.test.value),
          countText(controlPeople),
          outcome.rate(lift.control.value),
          relativeText(lift),
          estimateText(lift.incremental, outcome.total),
          pValueText(lift.pValue),
        ];
  return [...labels.map(labelText), ...numbers];
}

function relativeText({ relative }: Lift): string {
  return relative === undefined ? "–" : `${changeText(relative.value)} (${rangeText(relative, changeText)})`;
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
      low: low * outcome.scale,
      high: high * outcome.scale,
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

/** The numbers themselves; a side without the groups' sizes gets nothing else. */
function openedSection(
  partition: ReleasedPartition,
  derived: DerivedPartition,
  report: ReleasedReport,
): Section {
  const rows = rowsOf(partition, derived, report);
  return {
    heading: `What was opened: ${dimensionsText([...partition.groupBy, ...partition.senderGroupBy])}`,
    remarks:
      report.role === "sender"
        ? ["Only the partner knows how many people each group has, and computes the lift."]
        : [],
    charts: derived.lifts === undefined ? peopleBars("People who converted", "people", rows, report) : [],
    table: tableOf(
      partition,
      [...rows, ...totalRowsOf(partition, derived)],
      [peopleColumn("people who converted", report), ...measureColumns(report)],
    ),
  };
}

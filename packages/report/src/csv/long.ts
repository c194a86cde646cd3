// A released report as CSV with one number a line: all that was opened, all that follows from it, and what became of this side's rows.
import { csvLine, plainNumber, textField, uniqueHeads } from "../csv-fields.ts";
import { formatDecimal } from "../decimal.ts";
import { deriveReport, type DerivedPartition, type DerivedReport } from "../derived.ts";
import type { Released, ReleasedMeasure, ReleasedPartition, ReleasedReport } from "../released.ts";
import { releasedInterval, type Estimate, type Known } from "../stats/estimate.ts";
import type { Lift } from "../stats/lift.ts";
import type { MatchRate } from "../stats/rate.ts";
import { frequencyOf } from "../stats/reach.ts";
import { labelKey } from "../stats/sides.ts";
import { rowsOf, totalRowsOf, type Row } from "../view/rows.ts";
import { cohortsOf, dimensionsOf, labelFields, originFields, ORIGIN_HEADS } from "./common.ts";
import { statusOf, sumStatusOf, type Status } from "./status.ts";

/** What a line is about: its place, the column that it counts, and its name there. */
interface Line {
  /** From 1; undefined for numbers of the whole report. */
  readonly partition?: number;
  readonly row: "cell" | "total" | "contacts" | "groups" | "report" | "own";
  /** One for each dimension of the partition. */
  readonly labels?: readonly string[];
  /** people, or a measure. */
  readonly column: string;
  readonly number: string;
  /** The reason of dropped rows. */
  readonly detail?: string;
  readonly status: Status;
  readonly found?: Found;
}

/** A number as it is written. */
interface Found {
  readonly value: string;
  readonly known: Known;
  readonly error: string;
  readonly low: string;
  readonly high: string;
}

const PEOPLE = "people";

/**
 * The columns: `session`, `made`; `partition`, `row` (cell, total, contacts, groups, report, own), the dimensions; `column`, which is
 * people or a measure, and `number`, the name of what is counted; `detail`; `status`; `known` (exact, at-least, interval), `value`,
 * `standard error`, `low`, `high`, empty where there is no number. Numbers that cannot be computed have no line.
 */
export function releasedCsvLong(report: ReleasedReport): string {
  const derived = deriveReport(report);
  const dimensions = dimensionsOf(report);
  const heads = uniqueHeads([...ORIGIN_HEADS, "partition", "row"], dimensions, [
    "column",
    "number",
    "detail",
    "status",
    "known",
    "value",
    "standard error",
    "low",
    "high",
  ]);
  const origin = originFields(report);
  const lines = linesOf(report, derived);
  return [
    heads.map(textField),
    ...lines.map(({ partition, row, labels, column, number, detail = "", status, found }) => [
      ...origin,
      partition === undefined ? "" : String(partition),
      row,
      ...(partition === undefined || labels === undefined
        ? dimensions.map(() => "")
        : labelFields(dimensions, report.partitions[partition - 1]!, labels)),
      textField(column),
      textField(number),
      textField(detail),
      status,
      ...(found === undefined
        ? ["", "", "", "", ""]
        : [found.known, found.value, found.error, found.low, found.high]),
    ]),
  ]
    .map(csvLine)
    .join("");
}

/** A line of the long form for other programs than those that read CSV. */
export interface ReleasedLine extends Pick<Line, "row" | "column" | "number" | "status" | "found"> {
  /** From 1; undefined for numbers of the whole report. */
  readonly partition: number | undefined;
  /** By dimension; empty where the line has none. */
  readonly labels: Readonly<Record<string, string>>;
  readonly detail: string;
}

/** As `releasedCsvLong`, line by line. */
export function releasedLines(report: ReleasedReport): ReleasedLine[] {
  return linesOf(report, deriveReport(report)).map(({ partition, labels, detail = "", ...line }) => {
    const of = partition === undefined ? undefined : report.partitions[partition - 1]!;
    const names = of === undefined ? [] : [...of.groupBy, ...of.senderGroupBy];
    const named = Object.fromEntries(names.map((name, i) => [name, labels?.[i] ?? ""]));
    return { ...line, partition, labels: named, detail };
  });
}

function linesOf(report: ReleasedReport, derived: DerivedReport): Line[] {
  return [...partitionLines(report, derived), ...reportLines(report, derived), ...ownLines(report)];
}

function partitionLines(report: ReleasedReport, { partitions }: DerivedReport): Line[] {
  return report.partitions.flatMap((partition, p) => {
    const derived = partitions[p]!;
    const place = { partition: p + 1 };
    const cohorts = cohortsOf(partition, derived, report);
    const rows = [...rowsOf(partition, derived, report), ...totalRowsOf(partition, derived)];
    const ofRows = rows.flatMap((row) => [
      ...rowLines(row, report),
      ...(row.total === true ? [] : cohortLines(row, cohorts.get(labelKey(row.labels)))),
    ]);
    return [
      ...ofRows,
      ...contactLines(partition, derived, report),
      ...groupLines(partition, derived, report),
    ].map((line) => ({ ...place, ...line }));
  });
}

function rowLines(row: Row, report: ReleasedReport): Line[] {
  const { labels, cell, derived, base, total } = row;
  const isNew = report.agreed.newPeople === true;
  const ofBase = isNew && report.role === "receiver" ? "base of new people" : "base";
  const about = { row: total === true ? ("total" as const) : ("cell" as const), labels };
  const status = statusOf(row);
  const { measures, noise } = report;
  const opened = (number: Released | undefined, decimals: number) =>
    number && { found: releasedFound(number, decimals, noise) };
  return [
    ...(base === undefined ? [] : [own({ ...about, column: PEOPLE, number: ofBase }, base)]),
    { ...about, column: PEOPLE, number: isNew ? "new people" : "people", status, ...opened(cell?.people, 0) },
    ...rateLine({ ...about, column: PEOPLE, number: "match rate percent" }, derived?.matchRate),
    ...measures.flatMap((measure, i) => measureLines(measure, i, row, about, report)),
  ];
}

function measureLines(
  { name, decimals, squares }: ReleasedMeasure,
  i: number,
  row: Row,
  about: Pick<Line, "row" | "labels">,
  { noise }: ReleasedReport,
): Line[] {
  const { cell, derived } = row;
  const status = sumStatusOf(row, i);
  const of = { ...about, column: name };
  const opened = (number: string, released: Released | undefined, digits: number): Line => ({
    ...of,
    number,
    status,
    ...(released && { found: releasedFound(released, digits, noise) }),
  });
  return [
    opened("sum", cell?.sums[i], decimals),
    ...estimateLine({ ...of, number: "mean" }, derived?.means[i]),
    ...(squares
      ? [
          opened("squares", cell?.squares?.[i], 2 * decimals),
          ...estimateLine({ ...of, number: "variance" }, derived?.variances[i]),
        ]
      : []),
  ];
}

function cohortLines(
  { labels }: Row,
  cohort: { readonly overlapShare: Estimate | undefined; readonly index: Estimate | undefined } | undefined,
): Line[] {
  const about = { row: "cell" as const, labels, column: PEOPLE };
  return [
    ...estimateLine({ ...about, number: "share in common percent" }, cohort?.overlapShare),
    ...estimateLine({ ...about, number: "index" }, cohort?.index),
  ];
}

/** People with at least so many contacts. */
function contactLines(
  { groupBy }: ReleasedPartition,
  { reach }: DerivedPartition,
  report: ReleasedReport,
): Line[] {
  const at = groupBy.indexOf(frequencyOf(report));
  return (reach ?? []).flatMap(({ labels, buckets }) =>
    buckets.flatMap(({ label, atLeast, share }) => {
      const about = { row: "contacts" as const, labels: labels.toSpliced(at, 0, label), column: PEOPLE };
      return [
        ...estimateLine({ ...about, number: "with at least as many" }, atLeast),
        ...estimateLine({ ...about, number: "with at least as many, percent of the audience" }, share),
      ];
    }),
  );
}

/** Test against control; the groups' own dimension is empty. */
function groupLines(
  { groupBy }: ReleasedPartition,
  { lifts }: DerivedPartition,
  { lift, measures }: ReleasedReport,
): Line[] {
  const at = groupBy.indexOf(lift?.dimension ?? "");
  return (lifts ?? []).flatMap(({ labels, testPeople, controlPeople, converted, measures: ofMeasures }) => {
    const about = { row: "groups" as const, labels: labels.toSpliced(at, 0, "") };
    return [
      ...estimateLine({ ...about, column: PEOPLE, number: "test people" }, testPeople),
      ...estimateLine({ ...about, column: PEOPLE, number: "control people" }, controlPeople),
      ...liftLines({ ...about, column: PEOPLE }, converted),
      ...ofMeasures.flatMap((each, m) => liftLines({ ...about, column: measures[m]!.name }, each)),
    ];
  });
}

function liftLines(about: Pick<Line, "row" | "labels" | "column">, lift: Lift | undefined): Line[] {
  if (lift === undefined) return [];
  const { test, control, incremental, relative, pValue } = lift;
  return [
    ...estimateLine({ ...about, number: "test, per person" }, test),
    ...estimateLine({ ...about, number: "control, per person" }, control),
    ...estimateLine({ ...about, number: "incremental" }, incremental),
    ...estimateLine({ ...about, number: "lift" }, relative),
    ...(pValue === undefined ? [] : [own({ ...about, number: "p-value" }, pValue)]),
  ];
}

function reportLines(
  { ownPeople, partnerPeople, agreed }: ReleasedReport,
  { overall, ownRate, partnerRate }: DerivedReport,
): Line[] {
  const about = { row: "report" as const, column: PEOPLE };
  return [
    own({ ...about, number: "our people" }, ownPeople),
    own({ ...about, number: "the partner's people" }, partnerPeople),
    ...estimateLine(
      { ...about, number: agreed.newPeople ? "new people in common" : "people in common" },
      overall.kind === "people" ? overall.people : undefined,
    ),
    ...rateLine({ ...about, number: "percent of our people" }, ownRate),
    ...rateLine({ ...about, number: "percent of the partner's people" }, partnerRate),
  ];
}

function ownLines({ own: data }: ReleasedReport): Line[] {
  if (data === undefined) return [];
  const about = { row: "own" as const, column: PEOPLE };
  const { rows, people, optedOut, merged, filtered, dropped, clipped = [] } = data;
  return [
    own({ ...about, number: "rows" }, rows),
    own({ ...about, number: "people" }, people),
    own({ ...about, number: "people who opted out" }, optedOut),
    own({ ...about, number: "rows merged" }, merged),
    own({ ...about, number: "rows filtered" }, filtered),
    ...dropped.map(({ reason, rows: count }) =>
      own({ ...about, number: "rows dropped", detail: reason }, count),
    ),
    ...clipped.map(({ measure, people: outside }) =>
      own({ ...about, column: measure, number: "people clipped" }, outside),
    ),
  ];
}

type About = Omit<Line, "status" | "found">;

/** A number that this side knows by itself. */
function own(about: About, value: number): Line {
  const text = plainNumber(value);
  return {
    ...about,
    status: "opened",
    found: { value: text, known: "exact", error: "", low: text, high: text },
  };
}

function estimateLine(about: About, number: Estimate | undefined): Line[] {
  if (number === undefined) return [];
  const { value, known, noiseError, samplingError, low, high } = number;
  const error = known === "interval" ? plainNumber(Math.hypot(noiseError, samplingError)) : "";
  return [
    {
      ...about,
      status: "opened",
      found: { value: plainNumber(value), known, error, low: plainNumber(low), high: plainNumber(high) },
    },
  ];
}

function rateLine(about: About, rate: MatchRate | undefined): Line[] {
  if (rate === undefined) return [];
  const { percent, known, low, high } = rate;
  const found = { value: String(percent), known, error: "", low: String(low), high: plainNumber(high) };
  return [{ ...about, status: "opened", found }];
}

function releasedFound(number: Released, decimals: number, noise: ReleasedReport["noise"]): Found {
  const { low, high } = releasedInterval(number, noise);
  const isNoisy = number.variance > 0;
  return {
    value: formatDecimal(number.value, decimals),
    known: isNoisy ? "interval" : "exact",
    error: isNoisy ? plainNumber(Math.sqrt(number.variance) / 10 ** decimals) : "",
    low: formatDecimal(low, decimals),
    high: formatDecimal(high, decimals),
  };
}

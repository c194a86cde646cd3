// A released report as its JSON document (schema.ts). Opened numbers and their bounds are written as exact decimal literals.
import { deriveReport, type DerivedCell, type DerivedPartition, type DerivedReport } from "../derived.ts";
import { formatDecimal } from "../decimal.ts";
import { plainJson } from "../plain-json.ts";
import type {
  Released,
  ReleasedCell,
  ReleasedMeasure,
  ReleasedPartition,
  ReleasedReport,
} from "../released.ts";
import { peopleEstimate, releasedInterval, type Estimate } from "../stats/estimate.ts";
import type { Lift } from "../stats/lift.ts";
import type { MatchRate } from "../stats/rate.ts";
import { DOCUMENT_VERSION, RESULT_ELSEWHERE } from "./schema.ts";

/** The text of the document: one JSON object over several lines, ended by a line feed. `details` must be plain JSON. */
export function reportDocument(
  report: ReleasedReport,
  details: Readonly<Record<string, unknown>> = {},
): string {
  const { kind, role, threshold, rules, noise, measures, frequency, lift, ownPeople, partnerPeople } = report;
  const { agreed, origin, own } = report;
  const derived = deriveReport(report);
  const partitions = report.partitions.map((partition, i) =>
    partitionJson(partition, derived.partitions[i]!, report),
  );
  return `${lines("", [
    ["version", String(DOCUMENT_VERSION)],
    ["kind", plainJson(kind)],
    ["role", plainJson(role)],
    ["threshold", String(threshold)],
    ...optional("rules", rules),
    ["noise", plainJson(noise ?? null)],
    ["measures", `[${measures.map(measureJson).join(", ")}]`],
    ...optional("frequency", frequency),
    ...optional("lift", lift),
    ["agreed", plainJson(agreed)],
    ["origin", plainJson(origin ?? null)],
    ["own", plainJson(own ?? null)],
    ["ownPeople", String(ownPeople)],
    ["partnerPeople", String(partnerPeople)],
    ["partitions", list("  ", partitions)],
    ["derived", plainJson(overallJson(derived))],
    ["details", plainJson(details)],
  ])}\n`;
}

/** The document of a side that receives no numbers: what it knows of the session and of its own data. */
export function resultlessDocument(
  { origin, own }: Required<Pick<ReleasedReport, "origin" | "own">>,
  details: Readonly<Record<string, unknown>>,
): string {
  return `${lines("", [
    ["version", String(DOCUMENT_VERSION)],
    ["result", plainJson(RESULT_ELSEWHERE)],
    ["origin", plainJson(origin)],
    ["own", plainJson(own)],
    ["details", plainJson(details)],
  ])}\n`;
}

function measureJson({ name, decimals, squares, low, high }: ReleasedMeasure): string {
  const bound = (value: bigint) => formatDecimal(value, decimals);
  return `{ "name": ${plainJson(name)}, "decimals": ${decimals}, "squares": ${squares}, "low": ${bound(low)}, "high": ${bound(high)} }`;
}

type Member = readonly [name: string, json: string];

function optional(name: string, value: unknown): Member[] {
  return value === undefined ? [] : [[name, plainJson(value)]];
}

/** An object with a line for each member. */
function lines(indent: string, members: readonly Member[]): string {
  const inner = members.map(([name, json]) => `${indent}  ${plainJson(name)}: ${json}`);
  return `{\n${inner.join(",\n")}\n${indent}}`;
}

/** An array with a line for each item. */
function list(indent: string, items: readonly string[]): string {
  return items.length === 0
    ? "[]"
    : `[\n${items.map((item) => `${indent}  ${item}`).join(",\n")}\n${indent}]`;
}

function partitionJson(
  partition: ReleasedPartition,
  derived: DerivedPartition,
  report: ReleasedReport,
): string {
  const { groupBy, senderGroupBy, cells, totals, hiddenCells, cellsTotal, base } = partition;
  const indent = "    ";
  const cellsJson = (each: readonly ReleasedCell[]) =>
    list(
      `${indent}  `,
      each.map((cell) => cellJson(cell, report)),
    );
  return lines(indent, [
    ["groupBy", plainJson(groupBy)],
    ["senderGroupBy", plainJson(senderGroupBy)],
    ["cells", cellsJson(cells)],
    ["totals", totals === undefined ? "null" : cellsJson(totals)],
    ["hiddenCells", plainJson(hiddenCells ?? null)],
    ["cellsTotal", plainJson(cellsTotal ?? null)],
    [
      "base",
      base === undefined
        ? "null"
        : list(
            `${indent}  `,
            base.map(({ labels, people }) => plainJson({ labels, people })),
          ),
    ],
    ["derived", derivedJson(`${indent}  `, derived, report)],
  ]);
}

function cellJson(cell: ReleasedCell, report: ReleasedReport): string {
  const { labels, people, sums, squares, base, overPair } = cell;
  const column = (numbers: readonly (Released | undefined)[], scale: 1 | 2) =>
    `[${numbers.map((number, i) => releasedJson(number, scale * report.measures[i]!.decimals, report)).join(", ")}]`;
  const members: Member[] = [
    ["labels", plainJson(labels)],
    ["people", releasedJson(people, 0, report)],
    ["sums", column(sums, 1)],
    ...(squares === undefined ? [] : [["squares", column(squares, 2)] as const]),
    ...(base === undefined ? [] : [["base", releasedJson(base, 0, report)] as const]),
    ...optional("overPair", overPair),
  ];
  return `{ ${members.map(([name, json]) => `"${name}": ${json}`).join(", ")} }`;
}

function releasedJson(number: Released | undefined, decimals: number, { noise }: ReleasedReport): string {
  if (number === undefined) return "null";
  const { value, variance } = number;
  const { low, high } = releasedInterval(number, noise);
  const exact = (scaled: bigint) => formatDecimal(scaled, decimals);
  const error = Math.sqrt(variance) / 10 ** decimals;
  return `{ "value": ${exact(value)}, "variance": ${variance}, "standardError": ${error}, "low": ${exact(low)}, "high": ${exact(high)} }`;
}

function overallJson({ overall, ownRate, partnerRate }: DerivedReport): object {
  return {
    people: overall.kind === "people" ? estimateJson(overall.people) : null,
    overPair: overall.kind === "over-pair",
    ownRate: rateJson(ownRate),
    partnerRate: rateJson(partnerRate),
  };
}

function derivedJson(indent: string, derived: DerivedPartition, report: ReleasedReport): string {
  const { cells, totals, profiles, reach, lifts } = derived;
  const whole = (items: readonly object[] | undefined) =>
    items === undefined ? "null" : list(`${indent}  `, items.map(plainJson));
  return lines(indent, [
    ["cells", whole(cells.map(derivedCellJson))],
    ["totals", whole(totals.map(derivedCellJson))],
    [
      "profiles",
      whole(
        profiles?.map(({ category, cohorts }) => ({
          category,
          cohorts: cohorts.map(({ labels, base, overlapShare, baseShare, index }) => ({
            labels,
            base: estimateJson(peopleEstimate(base, report.noise)),
            overlapShare: estimateJson(overlapShare),
            baseShare: baseShare ?? null,
            index: estimateJson(index),
          })),
        })),
      ),
    ],
    [
      "reach",
      whole(
        reach?.map(({ labels, buckets }) => ({
          labels,
          buckets: buckets.map(({ label, from, state, people, atLeast, share }) => ({
            label,
            from,
            state,
            people: estimateJson(people && peopleEstimate(people, report.noise)),
            atLeast: estimateJson(atLeast),
            share: estimateJson(share),
          })),
        })),
      ),
    ],
    [
      "lifts",
      whole(
        lifts?.map(({ labels, testPeople, controlPeople, converted, measures }) => ({
          labels,
          testPeople: estimateJson(testPeople),
          controlPeople: estimateJson(controlPeople),
          converted: liftJson(converted),
          measures: measures.map(liftJson),
        })),
      ),
    ],
  ]);
}

function derivedCellJson({ base, baseOf, matchRate, means, variances }: DerivedCell): object {
  return {
    base: base ?? null,
    baseOf,
    matchRate: rateJson(matchRate),
    means: means.map(estimateJson),
    variances: variances.map(estimateJson),
  };
}

/** Null where a double overflowed. JSON has no infinity: what nothing bounds is null too. */
function estimateJson(number: Estimate | undefined): object | null {
  if (number === undefined) return null;
  const { value, known, noiseError, samplingError, low, high, missing } = number;
  if (![value, noiseError].every(Number.isFinite)) return null;
  const { cells = null, most = null } = missing ?? {};
  return {
    value,
    known,
    noiseError,
    samplingError: bounded(samplingError),
    low: bounded(low),
    high: bounded(high),
    ...(missing && { missing: { cells, most } }),
  };
}

function bounded(number: number): number | null {
  return Number.isFinite(number) ? number : null;
}

function rateJson(rate: MatchRate | undefined): object | null {
  if (rate === undefined) return null;
  const { percent, known, low, high } = rate;
  return { percent, known, low, high: bounded(high) };
}

function liftJson(lift: Lift | undefined): object | null {
  if (lift === undefined) return null;
  const { test, control, incremental, relative, pValue } = lift;
  return {
    test: estimateJson(test),
    control: estimateJson(control),
    incremental: estimateJson(incremental),
    relative: estimateJson(relative),
    pValue: pValue ?? null,
  };
}

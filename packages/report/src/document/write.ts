// A released report as its JSON document (schema.ts). Opened numbers and their bounds are written as exact decimal literals.
import { deriveReport, type DerivedCell, type DerivedPartition, type DerivedReport } from "../derived.ts";
import { formatDecimal } from "../decimal.ts";
import { plainJson } from "../plain-json.ts";
import type { Released, ReleasedCell, ReleasedPartition, ReleasedReport } from "../released.ts";
import { estimate, releasedInterval, type Estimate } from "../stats/estimate.ts";
import type { Lift } from "../stats/lift.ts";
import { DOCUMENT_VERSION } from "./schema.ts";

/** The text of the document: one JSON object over several lines, ended by a line feed. `details` must be plain JSON. */
export function reportDocument(
  report: ReleasedReport,
  details: Readonly<Record<string, unknown>> = {},
): string {
  const { kind, role, threshold, rules, noise, measures, frequency, lift, ownPeople, partnerPeople } = report;
  const derived = deriveReport(report);
  const partitions = report.partitions.map((partition, i) =>
    partitionJson(partition, derived.partitions[i]!, report),
  );
  const columns = measures.map(({ name, decimals, squares }) => ({ name, decimals, squares }));
  return `${lines("", [
    ["version", String(DOCUMENT_VERSION)],
    ["kind", plainJson(kind)],
    ["role", plainJson(role)],
    ["threshold", String(threshold)],
    ...optional("rules", rules),
    ["noise", plainJson(noise ?? null)],
    ["measures", plainJson(columns)],
    ...optional("frequency", frequency),
    ...optional("lift", lift),
    ["ownPeople", String(ownPeople)],
    ["partnerPeople", String(partnerPeople)],
    ["partitions", list("  ", partitions)],
    ["derived", plainJson(overallJson(derived, report))],
    ["details", plainJson(details)],
  ])}\n`;
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

function overallJson({ overall, ownRate, partnerRate }: DerivedReport, report: ReleasedReport): object {
  const people = overall.kind === "people" ? overall.people : undefined;
  return {
    people: peopleEstimate(people, report),
    atLeast: overall.kind === "people" && overall.atLeast,
    overPair: overall.kind === "over-pair",
    ownRate: ownRate ?? null,
    partnerRate: partnerRate ?? null,
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
            base: Number(base.value),
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
          buckets: buckets.map(({ label, from, people, atLeast, incomplete }) => ({
            label,
            from,
            people: peopleEstimate(people, report),
            atLeast: peopleEstimate(atLeast, report),
            incomplete,
          })),
        })),
      ),
    ],
    [
      "lifts",
      whole(
        lifts?.map(({ labels, testPeople, controlPeople, converted, measures }) => ({
          labels,
          testPeople: testPeople.value,
          controlPeople: controlPeople.value,
          converted: liftJson(converted),
          measures: measures.map(liftJson),
        })),
      ),
    ],
  ]);
}

function derivedCellJson({ base, matchRate, means, variances }: DerivedCell): object {
  return {
    base: base ?? null,
    matchRate: matchRate ?? null,
    means: means.map(estimateJson),
    variances: variances.map(estimateJson),
  };
}

function peopleEstimate(people: Released | undefined, { noise }: ReleasedReport): Estimate | null {
  return people === undefined ? null : estimate(Number(people.value), people.variance, 0, noise);
}

/** Null also where a double overflowed. JSON has no infinity: what nothing bounds is null too. */
function estimateJson(number: Estimate | undefined): object | null {
  if (number === undefined || ![number.value, number.noiseError].every(Number.isFinite)) return null;
  const bounded = (bound: number) => (Number.isFinite(bound) ? bound : null);
  const { value, noiseError, samplingError, low, high } = number;
  return {
    value,
    noiseError,
    samplingError: bounded(samplingError),
    low: bounded(low),
    high: bounded(high),
  };
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

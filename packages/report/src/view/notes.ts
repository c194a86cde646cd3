// What is suppressed, how noisy it is, and how to read it, in plain words.
import { matchedKind, type DerivedReport } from "../derived.ts";
import type { Released, ReleasedCell, ReleasedReport } from "../released.ts";
import { halfWidth } from "../stats/estimate.ts";
import { named } from "@halfroom/wire/words";
import { group } from "../decimal.ts";
import { say, type Sentence } from "./sentences.ts";
import { decimal, halfText, listText, missingText } from "./words.ts";

/** Sentences in the order of their weight. */
export function notesOf(report: ReleasedReport, derived: DerivedReport): Sentence[] {
  return [
    ...closedNotes(report),
    ...(report.noise === undefined ? exactNotes(report) : noiseNotes(report)),
    ...(report.rules === "pair" ? [pairNote(report)] : []),
    ...countingNotes(report, derived),
    ...kindNotes(report, derived),
  ];
}

function closedNotes(report: ReleasedReport): Sentence[] {
  const { threshold, noise, agreed } = report;
  const keys = agreed.match.length;
  const people = matchedKind(report) ? "matched people" : "people who converted";
  const who = keys > 1 ? `pairs of ${people}` : people;
  const least = group(threshold * keys);
  const rule = noise === undefined ? say("ruleExact", least, who) : say("ruleNoise", least, who);
  return [rule, ...closedCells(report), ...closedParts(report)];
}

function closedCells(report: ReleasedReport): Sentence[] {
  const { partitions, noise, rules } = report;
  if (partitions.some(({ hiddenCells }) => hiddenCells === undefined)) return [say("partnerKnowsClosed")];
  const hidden = partitions.reduce((sum, { hiddenCells = 0 }) => sum + hiddenCells, 0);
  const total = partitions.reduce((sum, { cellsTotal = 0 }) => sum + cellsTotal, 0);
  const [closed, of] = [group(hidden), group(total)];
  if (hidden === 0) return overPairCells(report) === 0 ? [say("allOpened", of)] : [];
  const boundedByThreshold = noise !== undefined && rules !== "pair";
  return [boundedByThreshold ? say("closedNoise", closed, of) : say("closedExact", closed, of)];
}

/** Sums that stay closed although their people are shown, and cells that are closed for a total. */
function closedParts(report: ReleasedReport): Sentence[] {
  const cells = cellsOf(report);
  const halfOpen = cells.some(({ people, sums }) => people !== undefined && sums.includes(undefined));
  const hasTotals = report.partitions.some(
    ({ groupBy, totals = [] }) => groupBy.length > 0 && totals.length > 0,
  );
  return [...(halfOpen ? [say("closedSums")] : []), ...(hasTotals ? [say("closedForTotals")] : [])];
}

function exactNotes({ measures }: ReleasedReport): Sentence[] {
  return [say("exact"), ...(measures.length > 0 ? [say("exactSums")] : [])];
}

function noiseNotes(report: ReleasedReport): Sentence[] {
  const { noise, measures } = report;
  const epsilon = decimal(noise!.microEpsilon / 1e6, 6).replace(/\.?0+$/, "");
  const law = noise!.mechanism === "laplace" ? "discrete Laplace" : "discrete Gaussian";
  const delta =
    noise!.mechanism === "laplace" || noise!.delta === undefined ? "" : `, delta 10^${noise!.delta}`;
  const cells = cellsOf(report);
  const sizes = [
    sizeOf(
      "numbers of people",
      cells.map(({ people }) => people),
      0,
      report,
    ),
    ...measures.map(({ name, decimals }, i) =>
      sizeOf(
        named(name),
        cells.map(({ sums }) => sums[i]),
        decimals,
        report,
      ),
    ),
  ].filter((size) => size !== undefined);
  const negative = cells.some((cell) =>
    [cell.people, ...cell.sums].some((number) => (number?.value ?? 0n) < 0n),
  );
  return [
    say("noise", law, epsilon, delta),
    ...(sizes.length > 0 ? [say("noiseSize", sizes.join(", ")), say("nearThreshold")] : []),
    ...(negative ? [say("negative")] : []),
  ];
}

/** The typical reach of the noise in a column: the median over its numbers. */
function sizeOf(
  name: string,
  numbers: readonly (Released | undefined)[],
  decimals: number,
  { noise }: ReleasedReport,
): string | undefined {
  const halves = numbers
    .flatMap((number) => (number === undefined ? [] : halfWidth(number.variance, 0, noise)))
    .sort((a, b) => a - b);
  const median = halves[Math.floor(halves.length / 2)];
  if (median === undefined || median === 0) return undefined;
  return `${name} by at most ${halfText(median / 10 ** decimals, decimals)}`;
}

function pairNote(report: ReleasedReport): Sentence {
  const over = overPairCells(report);
  return over === 0 ? say("pairNowhere") : say("pairSomewhere", group(over));
}

function overPairCells(report: ReleasedReport): number {
  return cellsOf(report).filter(({ overPair }) => overPair === true).length;
}

function cellsOf({ partitions }: ReleasedReport): ReleasedCell[] {
  return partitions.flatMap(({ cells }) => cells);
}

/** What a number of people counts, and what numbers of several cells make together. */
function countingNotes(
  { agreed, kind, role, origin }: ReleasedReport,
  { overall }: DerivedReport,
): Sentence[] {
  const { match, entries, events } = agreed;
  return [
    ...(agreed.newPeople ? newPeopleNotes(role, origin?.newSince) : []),
    ...(match.length > 1 ? [say("pairs", listText(match.map(named), "or"))] : []),
    ...(entries > 1 && events === undefined ? [say("severalCells", group(entries))] : []),
    ...(kind === "attribution" ? [say("creditedOnce")] : []),
    ...(overall.kind === "people" && overall.source === "added" ? [addedNote(overall.people)] : []),
  ];
}

function newPeopleNotes(
  role: ReleasedReport["role"],
  since: NonNullable<ReleasedReport["origin"]>["newSince"],
): Sentence[] {
  const what = say("newPeople", role === "receiver" ? "our" : "the partner's");
  if (since === undefined) return [what];
  const { run, first } = since;
  return [what, run === first ? say("newFirst", group(run)) : say("newSince", group(first))];
}

function addedNote({
  known,
  missing,
}: Extract<DerivedReport["overall"], { kind: "people" }>["people"]): Sentence {
  if (missing === undefined) return say("added");
  return known === "at-least"
    ? say("addedAtLeast", missingText(missing))
    : say("addedInterval", missingText(missing));
}

function kindNotes(report: ReleasedReport, { partitions }: DerivedReport): Sentence[] {
  const noisy = report.noise !== undefined;
  const isIndexed = report.kind === "index" && partitions.some(({ profiles }) => profiles !== undefined);
  if (isIndexed) return [say("indexIntervals", noisy), say("indexShares")];
  const isCompared = report.kind === "lift" && partitions.some(({ lifts }) => lifts !== undefined);
  if (!isCompared) return [];
  const names = report.measures.filter(({ squares }) => squares).map(({ name }) => named(name));
  return [say("liftIntervals", noisy), ...(names.length > 0 ? [say("liftOfMeasures", listText(names))] : [])];
}

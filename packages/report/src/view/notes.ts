// What is suppressed, how noisy it is, and how to read it, in plain words.
import type { DerivedReport } from "../derived.ts";
import type { Released, ReleasedReport } from "../released.ts";
import { halfWidth } from "../stats/estimate.ts";
import { named } from "@halfroom/wire/words";
import { group } from "../decimal.ts";
import { decimal, halfText } from "./words.ts";

/** Sentences in the order of their weight. */
export function notesOf(report: ReleasedReport, { overall }: DerivedReport): string[] {
  const notes = [suppressionNote(report)];
  if (report.noise === undefined) notes.push(...exactNotes());
  else notes.push(...noiseNotes(report));
  if (report.rules === "pair") notes.push(pairNote(report));
  if (overall.kind === "people" && overall.atLeast) {
    notes.push(
      "People in common are the numbers shown, added up. Cells under the threshold may hold more, so the true number and rate are at least these.",
    );
  }
  if (report.kind === "index" || report.kind === "lift") {
    notes.push(
      "Intervals of an index or a lift cover both the noise and chance: how the number would vary among other people like these.",
    );
  }
  return notes;
}

function suppressionNote({ partitions, threshold, noise }: ReleasedReport): string {
  const least = group(threshold);
  const rule =
    noise === undefined
      ? `A number is opened only if at least ${least} matched people are behind it.`
      : `A number is opened only if the matched people behind it, noise included, are at least ${least}.`;
  const known = partitions.every(({ hiddenCells }) => hiddenCells !== undefined);
  if (!known) {
    return `${rule} Only the partner, who owns their labels, knows how many cohorts are under that threshold.`;
  }
  const hidden = partitions.reduce((sum, { hiddenCells = 0 }) => sum + hiddenCells, 0);
  const total = partitions.reduce((sum, { cellsTotal = 0 }) => sum + cellsTotal, 0);
  if (hidden === 0) return `${rule} All ${group(total)} cells of this report reached it.`;
  const which = hidden === 1 ? "One" : group(hidden);
  const say = hidden === 1 ? "says" : "say";
  return `${rule} ${which} of ${group(total)} cells did not and ${say} “under threshold”. That does not mean zero: neither side opened what such a cell holds.`;
}

function exactNotes(): string[] {
  return [
    "The numbers are exact: no noise was added. A difference between two exact reports can show what a few people added, and whoever chooses the values of a measure can encode in them who is in a cohort. A sum may be one person's value and little else.",
  ];
}

function noiseNotes(report: ReleasedReport): string[] {
  const { noise, partitions, measures } = report;
  const epsilon = decimal(noise!.microEpsilon / 1e6, 6).replace(/\.?0+$/, "");
  const law = noise!.mechanism === "laplace" ? "discrete Laplace" : "discrete Gaussian";
  const delta =
    noise!.mechanism === "laplace" || noise!.delta === undefined ? "" : `, delta 10^${noise!.delta}`;
  const cells = partitions.flatMap((partition) => partition.cells);
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
  const notes = [
    `Both sides added random noise to every number (${law}, epsilon ${epsilon}${delta}). Where both run this software unchanged, this bounds what the report says of any single person.`,
  ];
  if (sizes.length > 0) {
    notes.push(
      `In 95 of 100 cases the noise moves ${sizes.join(", ")}. A number behind ± is this distance: half of the 95 % interval.`,
    );
  }
  const negative = cells.some((cell) =>
    [cell.people, ...cell.sums].some((number) => (number?.value ?? 0n) < 0n),
  );
  if (negative) {
    notes.push(
      "A number below zero is a small one that the noise moved there. It is shown as it is, because cutting it off would bias sums.",
    );
  }
  return notes;
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

function pairNote({ partitions }: ReleasedReport): string {
  const over = partitions.flatMap(({ cells }) => cells.filter(({ overPair }) => overPair === true)).length;
  const rule =
    "Rules of PAIR: where more than 85 % of a base match, neither count nor sums are opened, only that fact.";
  if (over === 0) return `${rule} That was not the case anywhere in this report.`;
  return `${rule} That was the case in ${over === 1 ? "one cell" : `${group(over)} cells`}, which ${over === 1 ? "says" : "say"} “over 85 %”.`;
}

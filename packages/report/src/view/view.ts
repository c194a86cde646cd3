// A released report as its reader sees it, whatever it is drawn with: headline figures, sections with charts and their table,
// and notes in plain words.
import { deriveReport, matchedKind, type DerivedPartition, type DerivedReport } from "../derived.ts";
import type { ReleasedPartition, ReleasedReport, ReportKind } from "../released.ts";
import { liftSections } from "./lift.ts";
import { notesOf } from "./notes.ts";
import { overlapSections } from "./overlap.ts";
import { profileSections } from "./profile.ts";
import { reachSections } from "./reach.ts";
import { attributionSections, sumsSections } from "./sums.ts";
import type { Section } from "./section.ts";
import { group } from "../decimal.ts";
import {
  changeText,
  decimal,
  labelsText,
  OVER_PAIR,
  precisionText,
  pValueText,
  rangeText,
  rateText,
} from "./words.ts";

export interface ReportView {
  readonly title: string;
  readonly figures: readonly Figure[];
  readonly sections: readonly Section[];
  readonly notes: readonly string[];
}

/** A number that stands for itself. */
export interface Figure {
  readonly label: string;
  readonly value: string;
  readonly detail: string;
}

const TITLES: Record<ReportKind, string> = {
  overlap: "Audience overlap",
  sums: "Totals by cohort",
  index: "Audience profile",
  reach: "Reach and frequency",
  attribution: "Attribution",
  lift: "Lift",
};

type Sections = (
  partition: ReleasedPartition,
  derived: DerivedPartition,
  report: ReleasedReport,
) => Section[];

const SECTIONS: Record<ReportKind, Sections> = {
  overlap: overlapSections,
  sums: sumsSections,
  index: profileSections,
  reach: reachSections,
  attribution: attributionSections,
  lift: liftSections,
};

export function viewOf(report: ReleasedReport): ReportView {
  const derived = deriveReport(report);
  return {
    title: TITLES[report.kind],
    figures: [...kindFigures(report, derived), ...overallFigures(report, derived), ...sizeFigures(report)],
    sections: report.partitions.flatMap((partition, i) =>
      SECTIONS[report.kind](partition, derived.partitions[i]!, report),
    ),
    notes: notesOf(report, derived),
  };
}

function overallFigures(report: ReleasedReport, { overall, ownRate, partnerRate }: DerivedReport): Figure[] {
  if (!matchedKind(report) || overall.kind === "unknown") return [];
  if (overall.kind === "over-pair") {
    return [{ label: "People in common", value: OVER_PAIR, detail: "of a base; the number is not opened" }];
  }
  const { people, atLeast } = overall;
  const sign = atLeast ? "≥ " : "";
  return [
    {
      label: "People in common",
      value: sign + group(people.value),
      detail: atLeast ? "counted from the numbers shown" : precisionText(people, report.noise),
    },
    {
      label: "Match rate",
      value: ownRate === undefined ? "–" : `${sign}${ownRate.percent} %`,
      detail: `of our people; ${sign}${rateText(partnerRate)} of the partner's`,
    },
  ];
}

function sizeFigures({ ownPeople, partnerPeople }: ReleasedReport): Figure[] {
  return [
    { label: "Our people", value: group(ownPeople), detail: `the partner has ${group(partnerPeople)}` },
  ];
}

function kindFigures(report: ReleasedReport, { partitions }: DerivedReport): Figure[] {
  switch (report.kind) {
    case "index":
      return indexFigures(partitions);
    case "lift":
      return liftFigures(partitions);
    case "reach":
      return largestFigure("Largest reach", report);
    case "attribution":
      return largestFigure("Most people who converted", report);
    default:
      return [];
  }
}

/** The cell with most people, in the first partition that has several. */
function largestFigure(label: string, report: ReleasedReport): Figure[] {
  const cells = report.partitions.find((partition) => partition.cells.length > 1)?.cells ?? [];
  const [top] = cells
    .flatMap(({ labels, people }) => (people === undefined ? [] : [{ labels, people }]))
    .sort((a, b) => Number(b.people.value - a.people.value));
  if (top === undefined) return [];
  return [
    {
      label: `${label}: ${labelsText(top.labels)}`,
      value: group(top.people.value),
      detail: precisionText(top.people, report.noise),
    },
  ];
}

function indexFigures(partitions: readonly DerivedPartition[]): Figure[] {
  const cohorts = partitions.find(({ profiles }) => profiles !== undefined)?.profiles?.[0]?.cohorts ?? [];
  const [top] = cohorts
    .flatMap(({ labels, index }) => (index === undefined ? [] : [{ labels, index }]))
    .sort((a, b) => b.index.value - a.index.value);
  if (top === undefined) return [];
  const whole = (value: number) => decimal(value, 0);
  return [
    {
      label: `Highest index: ${labelsText(top.labels)}`,
      value: whole(top.index.value),
      detail: rangeText(top.index, whole),
    },
  ];
}

/** Figures of the first comparison: that of everybody, if the agreement lists it first. */
function liftFigures(partitions: readonly DerivedPartition[]): Figure[] {
  const stratum = partitions.flatMap(({ lifts }) => lifts ?? [])[0];
  const lift = stratum?.converted;
  if (lift === undefined) return [];
  const where = stratum!.labels.length === 0 ? "" : `: ${labelsText(stratum!.labels)}`;
  return [
    {
      label: `Lift${where}`,
      value: lift.relative === undefined ? "–" : changeText(lift.relative.value),
      detail: `${rangeText(lift.relative, changeText)}; p ${pValueText(lift.pValue).replace(/^(?=\d)/, "= ")}`,
    },
    {
      label: `Incremental people who converted${where}`,
      value: decimal(lift.incremental.value, 0),
      detail: rangeText(lift.incremental, (value) => decimal(value, 0)),
    },
  ];
}

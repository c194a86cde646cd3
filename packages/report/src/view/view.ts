// A released report as its reader sees it, whatever it is drawn with: headline figures, sections with charts and their table,
// and notes in plain words.
import { deriveReport, matchedKind, type DerivedPartition, type DerivedReport } from "../derived.ts";
import type { ReleasedPartition, ReleasedReport, ReportKind } from "../released.ts";
import { named } from "@halfroom/wire/words";
import { peopleEstimate, shownHalf, type Estimate } from "../stats/estimate.ts";
import { reachOf } from "../stats/reach.ts";
import { dataOf, factsOf, type Fact } from "./facts.ts";
import { liftSections } from "./lift.ts";
import { notesOf } from "./notes.ts";
import { overlapSections } from "./overlap.ts";
import { profileSections } from "./profile.ts";
import { reachSections } from "./reach.ts";
import { attributionSections, sumsSections } from "./sums.ts";
import { titleOf } from "./titles.ts";
import type { Section } from "./section.ts";
import { say, type Sentence } from "./sentences.ts";
import { group } from "../decimal.ts";
import {
  AT_LEAST,
  changeText,
  decimal,
  halfText,
  labelsText,
  missingText,
  OVER_PAIR,
  pValueText,
  rangeText,
  rateText,
} from "./words.ts";

export interface ReportView {
  readonly title: string;
  /** Partner, session, what was agreed. */
  readonly facts: readonly Fact[];
  readonly figures: readonly Figure[];
  readonly sections: readonly Section[];
  /** What became of this side's own data; [] where the report does not say. */
  readonly data: readonly Fact[];
  readonly notes: readonly Sentence[];
}

/** A number that stands for itself. */
export interface Figure {
  readonly label: string;
  readonly value: string;
  readonly detail: Sentence;
}

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
  const title = titleOf({ kind: report.kind, newPeople: report.agreed.newPeople });
  return {
    title: report.origin === undefined ? title : `${title} with ${named(report.origin.partner)}`,
    facts: factsOf(report),
    figures: [...kindFigures(report, derived), ...overallFigures(report, derived), ...sizeFigures(report)],
    sections: report.partitions.flatMap((partition, i) =>
      SECTIONS[report.kind](partition, derived.partitions[i]!, report),
    ),
    data: dataOf(report.own, report.measures),
    notes: notesOf(report, derived),
  };
}

function overallFigures(report: ReleasedReport, { overall, ownRate, partnerRate }: DerivedReport): Figure[] {
  if (!matchedKind(report) || overall.kind === "unknown") return [];
  if (overall.kind === "over-pair") {
    return [{ label: "People in common", value: OVER_PAIR, detail: say("overPair") }];
  }
  const { people } = overall;
  if (report.agreed.newPeople)
    return [{ label: "New people in common", value: figureValue(people), detail: knownDetail(people) }];
  return [
    { label: "People in common", value: figureValue(people), detail: knownDetail(people) },
    { label: "Match rate", value: rateText(ownRate), detail: say("ratesOf", rateText(partnerRate)) },
  ];
}

/** The number alone; `knownDetail` stands beside it. */
function figureValue(people: Estimate): string {
  return (people.known === "at-least" ? AT_LEAST : "") + decimal(people.value, 0);
}

/** How a number of people is known. */
function knownDetail(people: Estimate): Sentence {
  const { known, missing } = people;
  const half = halfText(shownHalf(people), 0);
  if (known === "exact" || missing === undefined)
    return known === "exact" ? say("isExact") : say("isInterval", half);
  return known === "at-least"
    ? say("isAtLeast", missingText(missing))
    : say("isShown", half, missingText(missing));
}

function sizeFigures({ ownPeople, partnerPeople }: ReleasedReport): Figure[] {
  return [{ label: "Our people", value: group(ownPeople), detail: say("partnerHas", group(partnerPeople)) }];
}

function kindFigures(report: ReleasedReport, derived: DerivedReport): Figure[] {
  switch (report.kind) {
    case "index":
      return indexFigures(derived.partitions);
    case "lift":
      return liftFigures(derived.partitions);
    case "reach":
      return largestFigure(
        report.agreed.newPeople ? "Most new people shown" : "Largest reach shown",
        reached(report, derived),
      );
    case "attribution":
      return largestFigure(
        "Most people who converted, of those shown",
        peopleOfCells(report, report.partitions),
      );
    default:
      return [];
  }
}

interface Group {
  readonly labels: readonly string[];
  readonly people: Estimate;
}

/** Of campaigns as they are; else of those whose contacts add up to their reach. A bucket of contacts is no reach. */
function reached(report: ReleasedReport, { partitions }: DerivedReport): Group[] {
  const whole = report.partitions.filter((_, i) => partitions[i]!.reach === undefined);
  const groups = peopleOfCells(report, whole);
  if (groups.length > 1) return groups;
  const curves = partitions.find(({ reach }) => reach !== undefined)?.reach ?? [];
  return curves.flatMap((curve) => {
    const people = reachOf(curve);
    return people === undefined ? [] : [{ labels: curve.labels, people }];
  });
}

/** Cells of the first of these partitions that has several. */
function peopleOfCells({ noise }: ReleasedReport, partitions: readonly ReleasedPartition[]): Group[] {
  const cells = partitions.find((partition) => partition.cells.length > 1)?.cells ?? [];
  return cells.flatMap(({ labels, people }) =>
    people === undefined ? [] : [{ labels, people: peopleEstimate(people, noise) }],
  );
}

/** There is a largest only among several. */
function largestFigure(label: string, groups: readonly Group[]): Figure[] {
  const [top, second] = groups.toSorted((a, b) => b.people.value - a.people.value);
  if (top === undefined || second === undefined) return [];
  return [
    {
      label: `${label}: ${labelsText(top.labels)}`,
      value: figureValue(top.people),
      detail: knownDetail(top.people),
    },
  ];
}

/** Over all profiles of the report. */
function indexFigures(partitions: readonly DerivedPartition[]): Figure[] {
  const [top] = partitions
    .flatMap(({ profiles = [] }) => profiles)
    .flatMap(({ category, cohorts }) =>
      cohorts.flatMap(({ labels, index }) => (index === undefined ? [] : [{ category, labels, index }])),
    )
    .sort((a, b) => b.index.value - a.index.value);
  if (top === undefined) return [];
  const whole = (value: number) => decimal(value, 0);
  const within = top.category.length === 0 ? "" : `, within ${labelsText(top.category)}`;
  return [
    {
      label: `Highest index shown: ${labelsText(top.labels)}${within}`,
      value: whole(top.index.value),
      detail: say("range", whole(top.index.low), whole(top.index.high)),
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
      detail: say(
        "liftRange",
        rangeText(lift.relative, changeText),
        pValueText(lift.pValue).replace(/^(?=\d)/, "= "),
      ),
    },
    {
      label: `Incremental people who converted${where}`,
      value: decimal(lift.incremental.value, 0),
      detail: say("range", decimal(lift.incremental.low, 0), decimal(lift.incremental.high, 0)),
    },
  ];
}

// An activation plan: which of this side's own cohorts to address. It names cohorts only, and of each all people, matched or not.
import type { ReleasedReport } from "../released.ts";
import type { Estimate } from "../stats/estimate.ts";
import { profiles, type Profile } from "../stats/profile.ts";
import { labelKey, ownDimensions } from "../stats/sides.ts";

/** How cohorts, ranked by index, are chosen. */
export type ActivationRule =
  /** The first so many cohorts. */
  | { readonly kind: "top"; readonly cohorts: number }
  /** Every cohort with a higher index; with `surely`, the low end of its interval must be higher too. */
  | { readonly kind: "index-over"; readonly index: number; readonly surely: boolean }
  /** From the first downward, until they hold at least so many of this side's people. */
  | { readonly kind: "people"; readonly people: number };

export interface ActivationCohort {
  readonly rank: number;
  /** This side's labels of `ActivationPlan.dimensions`. */
  readonly labels: readonly string[];
  /** This side's own people of the cohort, matched or not. */
  readonly people: number;
  readonly index: Estimate;
}

export interface ActivationPlan {
  readonly dimensions: readonly string[];
  /** The category of the other side that the index is about; [] for all its people. */
  readonly category: readonly string[];
  readonly rule: ActivationRule;
  readonly cohorts: readonly ActivationCohort[];
  /** This side's people in the chosen cohorts, and in all that the report knows. */
  readonly people: number;
  readonly peopleOfAll: number;
  /** Cohorts that could not be ranked, because too little of them was released. */
  readonly unranked: number;
}

export interface ActivationChoice {
  /** Which partition, from 0; by default the first that has cohorts of this side to rank. */
  readonly partition?: number;
  /** The other side's labels, where it has dimensions; by default the first category. */
  readonly category?: readonly string[];
}

/**
 * Ranks this side's cohorts by index, highest first (larger cohorts first where it is equal), and chooses by the rule.
 * Throws RangeError with a remedy if the report has nothing to rank.
 */
export function activationPlan(
  report: ReleasedReport,
  rule: ActivationRule,
  choice: ActivationChoice = {},
): ActivationPlan {
  const { dimensions, profile } = chosenProfile(report, choice);
  const ranked = profile.cohorts
    .flatMap(({ labels, base, index }) =>
      index === undefined ? [] : { labels, people: Number(base.value), index },
    )
    .sort((a, b) => b.index.value - a.index.value || b.people - a.people);
  const cohorts = chosen(ranked, rule).map((cohort, i) => ({ rank: i + 1, ...cohort }));
  return {
    dimensions,
    category: profile.category,
    rule,
    cohorts,
    people: sumPeople(cohorts),
    peopleOfAll: profile.cohorts.reduce((sum, { base }) => sum + Number(base.value), 0),
    unranked: profile.cohorts.length - ranked.length,
  };
}

type Ranked = Omit<ActivationCohort, "rank">;

function chosen(ranked: readonly Ranked[], rule: ActivationRule): readonly Ranked[] {
  if (rule.kind === "top") return ranked.slice(0, rule.cohorts);
  if (rule.kind === "index-over") {
    return ranked.filter(({ index }) => (rule.surely ? index.low : index.value) > rule.index);
  }
  let people = 0;
  const enough = ranked.findIndex((cohort) => (people += cohort.people) >= rule.people);
  return enough === -1 ? ranked : ranked.slice(0, enough + 1);
}

function sumPeople(cohorts: readonly { readonly people: number }[]): number {
  return cohorts.reduce((sum, { people }) => sum + people, 0);
}

function chosenProfile(
  report: ReleasedReport,
  choice: ActivationChoice,
): { readonly dimensions: readonly string[]; readonly profile: Profile } {
  if (report.kind === "attribution" || report.kind === "lift" || report.kind === "reach") {
    throw new RangeError(
      `A report of kind ${report.kind} ranks no cohorts; use an index, overlap or sums report.`,
    );
  }
  const at =
    choice.partition ?? report.partitions.findIndex((each) => ownDimensions(each, report.role).length > 0);
  const partition = report.partitions[at];
  if (partition === undefined || ownDimensions(partition, report.role).length === 0) {
    throw new RangeError(
      "The report has no such partition by this side's own columns; choose another partition.",
    );
  }
  const all = profiles(partition, report);
  if (all === undefined) {
    throw new RangeError(
      "The report holds no base of this side's cohorts; only the side that owns the columns can rank them.",
    );
  }
  const { category } = choice;
  const profile =
    category === undefined ? all[0] : all.find((each) => labelKey(each.category) === labelKey(category));
  if (profile === undefined) throw new RangeError("No cohort of this category was released.");
  return { dimensions: ownDimensions(partition, report.role), profile };
}

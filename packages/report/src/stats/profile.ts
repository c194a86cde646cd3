// The audience profile: how much more frequent a cohort of this side's own people is in the overlap than in the base.
import type { Released, ReleasedNoise, ReleasedPartition, ReleasedReport } from "../released.ts";
import { estimate, type Estimate } from "./estimate.ts";
import { addReleased } from "./rate.ts";
import { basePeople, labelKey, otherLabels, ownLabels } from "./sides.ts";

/** The cohorts of this side's dimensions, within one category of the other side's (one with no labels if it has none). */
export interface Profile {
  readonly category: readonly string[];
  /** In the order of the base. */
  readonly cohorts: readonly ProfileCohort[];
}

export interface ProfileCohort {
  /** This side's own labels. */
  readonly labels: readonly string[];
  /** This side's own people of the cohort. */
  readonly base: number;
  /** Matched people; undefined is under the threshold. */
  readonly people: Released | undefined;
  /** Share among the matched people of all shown cohorts, in percent. */
  readonly overlapShare: Estimate | undefined;
  /** Share among this side's people of the same cohorts, in percent. */
  readonly baseShare: number | undefined;
  /** overlapShare / baseShare x 100. */
  readonly index: Estimate | undefined;
}

/**
 * One profile for each category of the other side. Both shares are taken over the cohorts that were released, so that a
 * hidden one shifts neither. Undefined if the report has no base for the partition.
 */
export function profiles(partition: ReleasedPartition, report: ReleasedReport): Profile[] | undefined {
  if (partition.base === undefined) return undefined;
  const base = basePeople(partition, report)!;
  const categories = new Map<string, { category: readonly string[]; people: Map<string, Released> }>();
  for (const { labels, people } of partition.cells) {
    const category = otherLabels(partition, report.role, labels);
    const key = labelKey(category);
    if (!categories.has(key)) categories.set(key, { category, people: new Map() });
    if (people !== undefined) {
      categories.get(key)!.people.set(labelKey(ownLabels(partition, report.role, labels)), people);
    }
  }
  return [...categories.values()].map(({ category, people }) => ({
    category,
    cohorts: profileCohorts(partition.base!, people, base, report.noise),
  }));
}

function profileCohorts(
  cohorts: readonly { readonly labels: readonly string[]; readonly people: number }[],
  matched: ReadonlyMap<string, Released>,
  base: ReadonlyMap<string, number>,
  noise: ReleasedNoise | undefined,
): ProfileCohort[] {
  const total = addReleased([...matched.values()]);
  const baseTotal = [...matched.keys()].reduce((sum, key) => sum + (base.get(key) ?? 0), 0);
  return cohorts.map(({ labels, people: own }) => {
    const people = matched.get(labelKey(labels));
    if (people === undefined || total.value <= 0n || own <= 0) {
      return { labels, base: own, people, overlapShare: undefined, baseShare: undefined, index: undefined };
    }
    const share = overlapShare(people, total, noise);
    const baseShare = own / baseTotal;
    return {
      labels,
      base: own,
      people,
      overlapShare: scale(share, 100),
      baseShare: 100 * baseShare,
      index: scale(share, 100 / baseShare),
    };
  });
}

/**
 * f = p / P with P the sum of all shown cohorts, p among them. Noise by the delta method: Var = ((1 - f)^2 Var p +
 * f^2 (Var P - Var p)) / P^2. Sampling as of a binomial share, f (1 - f) / P: the interval is about people like these.
 */
function overlapShare(people: Released, total: Released, noise: ReleasedNoise | undefined): Estimate {
  const all = Number(total.value);
  const f = Number(people.value) / all;
  const noiseVariance =
    ((1 - f) ** 2 * people.variance + f ** 2 * (total.variance - people.variance)) / all ** 2;
  return estimate(f, noiseVariance, Math.max(0, f * (1 - f)) / all, noise);
}

function scale({ value, noiseError, samplingError, low, high }: Estimate, factor: number): Estimate {
  return {
    value: value * factor,
    noiseError: noiseError * factor,
    samplingError: samplingError * factor,
    low: low * factor,
    high: high * factor,
  };
}

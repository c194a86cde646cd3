// The audience profile: how much more frequent a cohort is in the overlap than in the base: of this side's own people or, where
// the receiver told the sender its bases, of the receiver's.
import type { Released, ReleasedNoise, ReleasedPartition, ReleasedReport } from "../released.ts";
import { estimate, scaled, type Estimate } from "./estimate.ts";
import { addReleased } from "./rate.ts";
import { groupPeople, labelKey, otherLabels, ownDimensions, ownLabels, type GroupPeople } from "./sides.ts";

/** The cohorts of one side's dimensions, within one category of the other side's (one with no labels if it has none). */
export interface Profile {
  readonly category: readonly string[];
  /** In the order of the base. */
  readonly cohorts: readonly ProfileCohort[];
}

export interface ProfileCohort {
  /** The labels of the side whose cohorts they are. */
  readonly labels: readonly string[];
  /** That side's people of the cohort. */
  readonly base: Released;
  /** Matched people; undefined is under the threshold. */
  readonly people: Released | undefined;
  /** Share among the matched people of all shown cohorts, in percent. */
  readonly overlapShare: Estimate | undefined;
  /** Share among that side's people of the same cohorts, in percent. */
  readonly baseShare: number | undefined;
  /** overlapShare / baseShare x 100. */
  readonly index: Estimate | undefined;
}

/**
 * One profile for each category of the other side. Both shares are taken over the cohorts that were released, so that a
 * hidden one shifts neither. Undefined if this side knows no base for the partition.
 */
export function profiles(partition: ReleasedPartition, report: ReleasedReport): Profile[] | undefined {
  const role = profiledRole(partition, report);
  const base = role && cohortPeople(partition, report, role);
  if (role === undefined || base === undefined) return undefined;
  const categories = new Map<string, { category: readonly string[]; people: Map<string, Released> }>();
  for (const { labels, people } of partition.cells) {
    const category = otherLabels(partition, role, labels);
    const key = labelKey(category);
    if (!categories.has(key)) categories.set(key, { category, people: new Map() });
    if (people !== undefined) {
      categories.get(key)!.people.set(labelKey(ownLabels(partition, role, labels)), people);
    }
  }
  return [...categories.values()].map(({ category, people }) => ({
    category,
    cohorts: profileCohorts(people, base, report.noise),
  }));
}

/** Whose cohorts are profiled: this side's, or the receiver's for a sender without columns of its own. */
export function profiledRole(
  partition: ReleasedPartition,
  { role }: Pick<ReleasedReport, "role">,
): ReleasedReport["role"] | undefined {
  if (ownDimensions(partition, role).length > 0) return role;
  return role === "sender" && partition.groupBy.length > 0 ? "receiver" : undefined;
}

function cohortPeople(
  partition: ReleasedPartition,
  report: ReleasedReport,
  role: ReleasedReport["role"],
): ReadonlyMap<string, GroupPeople> | undefined {
  if (role === "receiver") return groupPeople(partition, report);
  const own = partition.base?.map(({ labels, people }) => ({
    labels,
    people: { value: BigInt(people), variance: 0 },
  }));
  return own && new Map(own.map((each) => [labelKey(each.labels), each]));
}

function profileCohorts(
  matched: ReadonlyMap<string, Released>,
  base: ReadonlyMap<string, GroupPeople>,
  noise: ReleasedNoise | undefined,
): ProfileCohort[] {
  const total = addReleased([...matched.values()]);
  const baseTotal = addReleased([...matched.keys()].flatMap((key) => base.get(key)?.people ?? []));
  return [...base].map(([key, { labels, people: own }]) => {
    const people = matched.get(key);
    if (people === undefined || total.value <= 0n || own.value <= 0n || baseTotal.value <= 0n) {
      return { labels, base: own, people, overlapShare: undefined, baseShare: undefined, index: undefined };
    }
    const shared = shareOf(people, total);
    // Sampling as of a binomial share: the interval is about people like these.
    const sampling = Math.max(0, shared.value * (1 - shared.value)) / Number(total.value);
    const of = shareOf(own, baseTotal);
    const ratio = shared.value / of.value;
    const ratioNoise = (shared.noiseVariance + ratio ** 2 * of.noiseVariance) / of.value ** 2;
    return {
      labels,
      base: own,
      people,
      overlapShare: scaled(estimate(shared.value, shared.noiseVariance, sampling, noise), 100),
      baseShare: 100 * of.value,
      index: scaled(estimate(ratio, ratioNoise, sampling / of.value ** 2, noise), 100),
    };
  });
}

/**
 * f = p / P with P the sum of all shown cohorts, p among them. Noise by the delta method: Var = ((1 - f)^2 Var p +
 * f^2 (Var P - Var p)) / P^2.
 */
function shareOf(people: Released, total: Released) {
  const all = Number(total.value);
  const f = Number(people.value) / all;
  const noiseVariance =
    ((1 - f) ** 2 * people.variance + f ** 2 * (total.variance - people.variance)) / all ** 2;
  return { value: f, noiseVariance };
}

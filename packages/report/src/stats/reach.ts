// Reach and frequency: how many people a campaign reached with each number of contacts, and with at least that many.
import type { Released, ReleasedPartition, ReleasedReport } from "../released.ts";
import { peopleEstimate, scaled, type Estimate, type Missing } from "./estimate.ts";
import { missingIn, UNSEEN } from "./missing.ts";
import { addReleased } from "./rate.ts";
import { basePeople, labelKey, ownLabels } from "./sides.ts";

/** The frequency distribution of one campaign, or of whatever the other labels of the partition name. */
export interface ReachCurve {
  /** The labels beside the frequency: the receiver's, then the sender's. */
  readonly labels: readonly string[];
  /** By rising number of contacts. */
  readonly buckets: readonly ReachBucket[];
}

/**
 * opened: there is a number. closed: this side has people there, and no number opened. nobody: this side has none there.
 * unseen: the partner alone knows which of the two it is.
 */
export type BucketState = "opened" | "closed" | "nobody" | "unseen";

export interface ReachBucket {
  /** As the receiver wrote it, for example "4-5". */
  readonly label: string;
  /** Fewest contacts in the bucket. */
  readonly from: number;
  readonly state: BucketState;
  /** People with a number of contacts in this bucket, if it opened. */
  readonly people: Released | undefined;
  /** People with at least `from` contacts: the opened buckets from here upward, added up; undefined if none opened. */
  readonly atLeast: Estimate | undefined;
  /** `atLeast` in percent of the audience. */
  readonly share: Estimate | undefined;
}

/** The dimension that holds the number of contacts. */
export function frequencyOf({ frequency = "frequency" }: Pick<ReleasedReport, "frequency">): string {
  return frequency;
}

/** The number that a bucket's label begins with, such as 4 of "4-5" and 11 of "11+"; undefined for other labels. */
export function bucketStart(label: string): number | undefined {
  const digits = /^\s*(\d{1,9})(?!\d)/.exec(label)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The sender's people are the audience: those whom the receiver's campaigns can reach. */
export function audiencePeople({
  role,
  ownPeople,
  partnerPeople,
}: Pick<ReleasedReport, "role" | "ownPeople" | "partnerPeople">): number {
  return role === "sender" ? ownPeople : partnerPeople;
}

/** Those who saw something: from the first bucket that begins above zero contacts. */
export function reachOf({ buckets }: ReachCurve): Estimate | undefined {
  return buckets.find(({ from }) => from > 0)?.atLeast;
}

/**
 * One curve for each combination of the other labels. Buckets that occur anywhere in the partition or in the base are in
 * every curve; labels that do not begin with a number are left out. [] if the partition lacks the dimension.
 */
export function reachCurves(partition: ReleasedPartition, report: ReleasedReport): ReachCurve[] {
  const at = partition.groupBy.indexOf(frequencyOf(report));
  if (at === -1) return [];
  const labelsOf = (labels: readonly string[]) => labels[at]!;
  const own = report.role === "receiver" ? (partition.base ?? []) : [];
  const buckets = bucketsOf([...partition.cells, ...own].map(({ labels }) => labelsOf(labels)));
  const curves = new Map<string, { labels: readonly string[]; people: Map<string, Released> }>();
  for (const { labels, people } of partition.cells) {
    const others = labels.toSpliced(at, 1);
    const key = labelKey(others);
    if (!curves.has(key)) curves.set(key, { labels: others, people: new Map() });
    if (people !== undefined) curves.get(key)!.people.set(labelsOf(labels), people);
  }
  const stateOf = statesOf(partition, report);
  return [...curves.values()].map(({ labels, people }) => {
    const whole = (label: string) => labels.toSpliced(at, 0, label);
    const filled = buckets.map((bucket) => {
      const number = people.get(bucket.label);
      return { ...bucket, people: number, ...stateOf(whole(bucket.label), number) };
    });
    return { labels, buckets: cumulate(filled, partition, report) };
  });
}

function bucketsOf(labels: readonly string[]): { label: string; from: number }[] {
  return [...new Set(labels)]
    .flatMap((label) => {
      const from = bucketStart(label);
      return from === undefined ? [] : [{ label, from }];
    })
    .sort((a, b) => a.from - b.from);
}

interface Filled {
  readonly label: string;
  readonly from: number;
  readonly people: Released | undefined;
  readonly state: BucketState;
  readonly base: number | undefined;
}

/** What this side knows of the cell with these labels. */
function statesOf(partition: ReleasedPartition, report: ReleasedReport) {
  const base = report.role === "receiver" ? basePeople(partition, report) : undefined;
  return (
    labels: readonly string[],
    people: Released | undefined,
  ): { readonly state: BucketState; readonly base: number | undefined } => {
    const own = base?.get(labelKey(ownLabels(partition, report.role, labels))) ?? 0;
    if (people !== undefined) return { state: "opened", base: own };
    if (base === undefined) return { state: "unseen", base: undefined };
    return { state: own > 0 ? "closed" : "nobody", base: own };
  };
}

function cumulate(
  buckets: readonly Filled[],
  partition: ReleasedPartition,
  report: ReleasedReport,
): ReachBucket[] {
  const audience = audiencePeople(report);
  return buckets.map(({ label, from, people, state }, i) => {
    const above = buckets.slice(i);
    const shown = above.flatMap((bucket) => bucket.people ?? []);
    const missing = missingAbove(above, partition, report, shown[0]?.variance ?? 0);
    const atLeast =
      shown.length === 0 ? undefined : peopleEstimate(addReleased(shown), report.noise, missing);
    const share = atLeast === undefined || audience <= 0 ? undefined : scaled(atLeast, 100 / audience);
    return { label, from, state, people, atLeast, share };
  });
}

/** The sender sees neither closed buckets nor whether there are more of them. */
function missingAbove(
  above: readonly Filled[],
  { cellsTotal }: ReleasedPartition,
  report: ReleasedReport,
  variance: number,
): Missing | undefined {
  if (above.some(({ state }) => state === "unseen") || report.role === "sender") return UNSEEN;
  const closed = above.filter(({ state }) => state === "closed");
  return missingIn(closed, report, { variance, among: cellsTotal ?? above.length });
}

// Reach and frequency: how many people a campaign reached with each number of contacts, and with at least that many.
import type { Released, ReleasedPartition, ReleasedReport } from "../released.ts";
import { addReleased } from "./rate.ts";
import { labelKey } from "./sides.ts";

/** The frequency distribution of one campaign, or of whatever the other labels of the partition name. */
export interface ReachCurve {
  /** The labels beside the frequency: the receiver's, then the sender's. */
  readonly labels: readonly string[];
  /** By rising number of contacts. */
  readonly buckets: readonly ReachBucket[];
}

export interface ReachBucket {
  /** As the receiver wrote it, for example "4-5". */
  readonly label: string;
  /** Fewest contacts in the bucket. */
  readonly from: number;
  /** People with a number of contacts in this bucket; undefined is under the threshold. */
  readonly people: Released | undefined;
  /** People with at least `from` contacts: the shown buckets from here upward, added up; undefined if none is shown. */
  readonly atLeast: Released | undefined;
  /** Whether a bucket from here upward is hidden, so that `atLeast` counts too few. */
  readonly incomplete: boolean;
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

/**
 * One curve for each combination of the other labels. Buckets that occur anywhere in the partition or in the base are in
 * every curve; labels that do not begin with a number are left out. [] if the partition lacks the dimension.
 */
export function reachCurves(
  partition: ReleasedPartition,
  report: Pick<ReleasedReport, "frequency" | "role">,
): ReachCurve[] {
  const at = partition.groupBy.indexOf(frequencyOf(report));
  const { role } = report;
  if (at === -1) return [];
  const labelsOf = (labels: readonly string[]) => labels[at]!;
  const buckets = bucketsOf([
    ...partition.cells.map(({ labels }) => labelsOf(labels)),
    ...(role === "receiver" ? (partition.base ?? []).map(({ labels }) => labelsOf(labels)) : []),
  ]);
  const curves = new Map<string, { labels: readonly string[]; people: Map<string, Released> }>();
  for (const { labels, people } of partition.cells) {
    const others = labels.toSpliced(at, 1);
    const key = labelKey(others);
    if (!curves.has(key)) curves.set(key, { labels: others, people: new Map() });
    if (people !== undefined) curves.get(key)!.people.set(labelsOf(labels), people);
  }
  return [...curves.values()].map(({ labels, people }) => ({ labels, buckets: cumulate(buckets, people) }));
}

function bucketsOf(labels: readonly string[]): { label: string; from: number }[] {
  return [...new Set(labels)]
    .flatMap((label) => {
      const from = bucketStart(label);
      return from === undefined ? [] : [{ label, from }];
    })
    .sort((a, b) => a.from - b.from);
}

function cumulate(
  buckets: readonly { label: string; from: number }[],
  people: ReadonlyMap<string, Released>,
): ReachBucket[] {
  return buckets.map(({ label, from }, i) => {
    const above = buckets.slice(i).map((bucket) => people.get(bucket.label));
    const shown = above.filter((number) => number !== undefined);
    return {
      label,
      from,
      people: people.get(label),
      atLeast: shown.length === 0 ? undefined : addReleased(shown),
      incomplete: above.includes(undefined),
    };
  });
}

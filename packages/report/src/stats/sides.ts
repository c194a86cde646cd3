// Which labels of a cell belong to the side that reads the report, and how many people it has under them.
import type { ReleasedPartition, ReleasedReport } from "../released.ts";

type Role = ReleasedReport["role"];

/** The dimensions of the side itself. */
export function ownDimensions({ groupBy, senderGroupBy }: ReleasedPartition, role: Role): readonly string[] {
  return role === "receiver" ? groupBy : senderGroupBy;
}

/** The part of a cell's labels that belongs to `ownDimensions`. */
export function ownLabels(
  { groupBy }: ReleasedPartition,
  role: Role,
  labels: readonly string[],
): readonly string[] {
  return role === "receiver" ? labels.slice(0, groupBy.length) : labels.slice(groupBy.length);
}

/** The part of a cell's labels that belongs to the other side's dimensions. */
export function otherLabels(
  partition: ReleasedPartition,
  role: Role,
  labels: readonly string[],
): readonly string[] {
  return ownLabels(partition, role === "receiver" ? "sender" : "receiver", labels);
}

/** Labels as one string, for maps: no two lists give the same one. */
export function labelKey(labels: readonly string[]): string {
  return JSON.stringify(labels);
}

/**
 * This side's people by `labelKey` of its own labels. Without dimensions of its own that is everybody; undefined if the
 * report holds no base.
 */
export function basePeople(
  partition: ReleasedPartition,
  { role, ownPeople }: Pick<ReleasedReport, "role" | "ownPeople">,
): ReadonlyMap<string, number> | undefined {
  if (ownDimensions(partition, role).length === 0) return new Map([[labelKey([]), ownPeople]]);
  return partition.base && new Map(partition.base.map(({ labels, people }) => [labelKey(labels), people]));
}

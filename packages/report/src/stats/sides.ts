// Which labels of a cell belong to the side that reads the report, and how many people it has under them.
import type { Released, ReleasedPartition, ReleasedReport } from "../released.ts";

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

/** The receiver's people under its labels: exactly where it reads the report, as it told them where the sender does. */
export interface GroupPeople {
  readonly labels: readonly string[];
  readonly people: Released;
}

/** By `labelKey` of the receiver's labels; undefined on a side that does not know them. */
export function groupPeople(
  { base, cells, groupBy }: ReleasedPartition,
  { role }: Pick<ReleasedReport, "role">,
): ReadonlyMap<string, GroupPeople> | undefined {
  const groups =
    role === "receiver"
      ? base?.map(({ labels, people }) => ({ labels, people: { value: BigInt(people), variance: 0 } }))
      : cells.flatMap(({ labels, base: told }) =>
          told === undefined ? [] : { labels: labels.slice(0, groupBy.length), people: told },
        );
  // A sender that is told nothing has no cells with a base.
  if (groups === undefined || (role === "sender" && groups.length === 0)) return undefined;
  return new Map(groups.map((group) => [labelKey(group.labels), group]));
}

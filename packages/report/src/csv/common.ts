// Columns that both forms of CSV have.
import { textField } from "../csv-fields.ts";
import type { DerivedPartition } from "../derived.ts";
import type { ReleasedPartition, ReleasedReport } from "../released.ts";
import { profiledRole, type ProfileCohort } from "../stats/profile.ts";
import { labelKey } from "../stats/sides.ts";
import { droppedRows } from "../view/facts.ts";

export const ORIGIN_HEADS = ["session", "made"] as const;

/** The session's id and when the report was made, in ISO 8601; empty until a node keeps the report. */
export function originFields({ origin }: ReleasedReport): string[] {
  return [origin === undefined ? "" : textField(origin.session), origin?.made.toISOString() ?? ""];
}

/** Each dimension that any partition has. */
export function dimensionsOf({ partitions }: ReleasedReport): string[] {
  return [...new Set(partitions.flatMap(({ groupBy, senderGroupBy }) => [...groupBy, ...senderGroupBy]))];
}

/** A field for each dimension, empty where the partition lacks it. */
export function labelFields(
  dimensions: readonly string[],
  { groupBy, senderGroupBy }: ReleasedPartition,
  labels: readonly string[],
): string[] {
  const own = [...groupBy, ...senderGroupBy];
  return dimensions.map((name) => {
    const at = own.indexOf(name);
    return at === -1 ? "" : textField(labels[at]!);
  });
}

export const OWN_HEADS = [
  "own rows",
  "own people",
  "own rows dropped",
  "dropped because",
  "own people clipped",
] as const;

/** What became of this side's own rows; empty where the report does not say. */
export function ownFields({ own }: ReleasedReport): string[] {
  if (own === undefined) return OWN_HEADS.map(() => "");
  const { rows, people, dropped, clipped = [] } = own;
  const reasons = dropped.filter((each) => each.rows > 0).map((each) => `${each.reason}: ${each.rows}`);
  const bounds = clipped.map(({ measure, people: outside }) => `${measure}: ${outside}`);
  return [
    String(rows),
    String(people),
    String(droppedRows(dropped)),
    textField(reasons.join("; ")),
    textField(bounds.join("; ")),
  ];
}

/** The cohorts of the profiled side by their labels in the order of a cell's: where its index and shares are found. */
export function cohortsOf(
  partition: ReleasedPartition,
  { profiles = [] }: DerivedPartition,
  report: ReleasedReport,
): ReadonlyMap<string, ProfileCohort> {
  const role = profiledRole(partition, report);
  return new Map(
    profiles.flatMap(({ category, cohorts }) =>
      cohorts.map((cohort) => {
        const labels =
          role === "receiver" ? [...cohort.labels, ...category] : [...category, ...cohort.labels];
        return [labelKey(labels), cohort] as const;
      }),
    ),
  );
}

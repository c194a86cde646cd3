// Everything that follows from a released report and this side's own data. It is computed where the report is read, and
// never sent.
import type { ReleasedCell, ReleasedPartition, ReleasedReport } from "./released.ts";
import { peopleEstimate, type Estimate } from "./stats/estimate.ts";
import { liftsOf, type StratumLift } from "./stats/lift-report.ts";
import { mean, variance } from "./stats/moments.ts";
import { profiles, type Profile } from "./stats/profile.ts";
import { matchRate, overallPeople, type MatchRate, type Overall } from "./stats/rate.ts";
import { frequencyOf, reachCurves, type ReachCurve } from "./stats/reach.ts";
import { basePeople, labelKey, ownDimensions, ownLabels } from "./stats/sides.ts";

export interface DerivedReport {
  readonly overall: Overall;
  /** The overall people in percent of this side's people and of the partner's. */
  readonly ownRate: MatchRate | undefined;
  readonly partnerRate: MatchRate | undefined;
  /** One for each partition, in order. */
  readonly partitions: readonly DerivedPartition[];
}

export interface DerivedPartition {
  /** One for each cell, in order. */
  readonly cells: readonly DerivedCell[];
  /** One for each of the totals, in order. */
  readonly totals: readonly DerivedCell[];
  /** overlap, sums and index, for the side that owns the cohorts or, in an index, is told their bases. */
  readonly profiles: readonly Profile[] | undefined;
  /** reach, for a partition with the frequency in it. */
  readonly reach: readonly ReachCurve[] | undefined;
  /** lift, for a partition with the groups in it. */
  readonly lifts: readonly StratumLift[] | undefined;
}

export type BaseOf = "cohort" | "category" | "everybody";

export interface DerivedCell {
  /** This side's own people under the cell's labels; undefined where the report holds no base. */
  readonly base: number | undefined;
  /** Whose people the base holds: those of the cell's labels, of the sender's labels among them, or all of this side. */
  readonly baseOf: BaseOf;
  readonly matchRate: MatchRate | undefined;
  /** One for each measure. */
  readonly means: readonly (Estimate | undefined)[];
  readonly variances: readonly (Estimate | undefined)[];
}

export function deriveReport(report: ReleasedReport): DerivedReport {
  const overall = overallPeople(report);
  // Of new people no rate of everybody can be told.
  const hasRate = overall.kind === "people" && report.agreed.newPeople === undefined;
  const rate = (base: number) => (hasRate ? matchRate(overall.people, base) : undefined);
  return {
    overall,
    ownRate: rate(report.ownPeople),
    partnerRate: rate(report.partnerPeople),
    partitions: report.partitions.map((partition) => derivePartition(partition, report)),
  };
}

function derivePartition(partition: ReleasedPartition, report: ReleasedReport): DerivedPartition {
  const base = basePeople(partition, report);
  const hasOwn = ownDimensions(partition, report.role).length > 0;
  const category = hasOwn ? "category" : "everybody";
  const cohort = hasOwn ? "cohort" : "everybody";
  const isReceiver = report.role === "receiver";
  const hasProfile =
    (report.kind === "index" && partition.groupBy.length > 0) ||
    (matchedKind(report) && report.kind !== "reach" && ownDimensions(partition, report.role).length > 0);
  return {
    cells: partition.cells.map((cell) => {
      const key = labelKey(ownLabels(partition, report.role, cell.labels));
      return deriveCell(cell, base?.get(key), isReceiver ? cohort : category, report);
    }),
    totals: (partition.totals ?? []).map((cell) => {
      const people = isReceiver ? report.ownPeople : base?.get(labelKey(cell.labels));
      return deriveCell(cell, people, isReceiver ? "everybody" : category, report);
    }),
    profiles: hasProfile ? profiles(partition, report) : undefined,
    reach:
      report.kind === "reach" && partition.groupBy.includes(frequencyOf(report))
        ? reachCurves(partition, report)
        : undefined,
    lifts: report.kind === "lift" ? liftsOf(partition, report) : undefined,
  };
}

/** Whether the people of a cell are those that match; in the other kinds they are those that converted. */
export function matchedKind({ kind }: Pick<ReleasedReport, "kind">): boolean {
  return kind !== "attribution" && kind !== "lift";
}

function deriveCell(
  cell: ReleasedCell,
  base: number | undefined,
  baseOf: BaseOf,
  report: ReleasedReport,
): DerivedCell {
  const { people } = cell;
  const { measures, noise } = report;
  return {
    base,
    baseOf,
    matchRate:
      people !== undefined && base !== undefined && matchedKind(report)
        ? matchRate(peopleEstimate(people, noise), base)
        : undefined,
    means: measures.map(({ decimals }, i) => {
      const sum = cell.sums[i];
      return people && sum && mean(people, sum, decimals, noise);
    }),
    variances: measures.map(({ decimals }, i) => {
      const [sum, squares] = [cell.sums[i], cell.squares?.[i]];
      return people && sum && squares && variance(people, sum, squares, decimals, noise);
    }),
  };
}

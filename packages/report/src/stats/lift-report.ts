// Lift from a released report: test and control cells are paired by their other labels.
import type { Released, ReleasedCell, ReleasedPartition, ReleasedReport } from "../released.ts";
import { asNumber } from "./estimate.ts";
import { conversionLift, convertedArm, measureArm, measureLift, type Arm, type Lift } from "./lift.ts";
import { basePeople, labelKey, otherLabels, ownLabels } from "./sides.ts";

/** Test against control within one stratum. */
export interface StratumLift {
  /** The labels beside the group: the receiver's, then the sender's. */
  readonly labels: readonly string[];
  /** People assigned to each group. */
  readonly testPeople: number;
  readonly controlPeople: number;
  /** Of the people column; undefined if a group is under the threshold. */
  readonly converted: Lift | undefined;
  /** One for each measure, undefined likewise. */
  readonly measures: readonly (Lift | undefined)[];
}

/**
 * One entry for each combination of other labels that has people in both groups, in the order of the base. undefined if
 * the partition is not cut by the group, or if this side does not own the groups.
 */
export function liftsOf(partition: ReleasedPartition, report: ReleasedReport): StratumLift[] | undefined {
  const { lift, role, measures, noise } = report;
  const at = lift === undefined ? -1 : partition.groupBy.indexOf(lift.dimension);
  const base = basePeople(partition, report);
  if (lift === undefined || at === -1 || role !== "receiver" || partition.base === undefined)
    return undefined;
  const cells = new Map(partition.cells.map((cell) => [labelKey(cell.labels), cell]));
  return strata(partition, report, at).flatMap((labels) => {
    const [test, control] = [lift.test, lift.control].map((group) => {
      const whole = labels.toSpliced(at, 0, group);
      const people = base?.get(labelKey(ownLabels(partition, role, whole))) ?? 0;
      return { people, cell: cells.get(labelKey(whole)) };
    });
    if (test!.people <= 0 || control!.people <= 0) return [];
    return {
      labels,
      testPeople: test!.people,
      controlPeople: control!.people,
      converted: compare(test!, control!, convertedOf, (t, c) => conversionLift(t, c, noise)),
      measures: measures.map((_, i) =>
        compare(
          test!,
          control!,
          (group) => measureOf(group, i, report),
          (t, c) => measureLift(t, c, noise),
        ),
      ),
    };
  });
}

interface Group {
  readonly people: number;
  readonly cell: ReleasedCell | undefined;
}

function compare(
  test: Group,
  control: Group,
  armOf: (group: Group) => Arm | undefined,
  lift: (test: Arm, control: Arm) => Lift,
): Lift | undefined {
  const [t, c] = [armOf(test), armOf(control)];
  return t === undefined || c === undefined ? undefined : lift(t, c);
}

function convertedOf({ people, cell }: Group): Arm | undefined {
  if (cell?.people === undefined) return undefined;
  const { value, variance } = asNumber(cell.people, 0);
  return convertedArm(people, value, variance);
}

function measureOf({ people, cell }: Group, i: number, { measures }: ReleasedReport): Arm | undefined {
  const sum: Released | undefined = cell?.sums[i];
  if (sum === undefined) return undefined;
  const { decimals } = measures[i]!;
  const { value, variance } = asNumber(sum, decimals);
  const squares = cell?.squares?.[i];
  return measureArm(people, value, variance, squares && asNumber(squares, 2 * decimals).value);
}

/** All combinations of the other labels, once each: those of the base crossed with the sender's that were released. */
function strata(partition: ReleasedPartition, { role }: ReleasedReport, at: number): string[][] {
  const own = (partition.base ?? []).map(({ labels }) => labels.toSpliced(at, 1));
  const senders = partition.cells.map(({ labels }) => otherLabels(partition, role, labels));
  const categories = partition.senderGroupBy.length === 0 ? [[]] : distinct(senders);
  return distinct(own.flatMap((labels) => categories.map((category) => [...labels, ...category])));
}

function distinct(lists: readonly (readonly string[])[]): string[][] {
  return [...new Map(lists.map((labels) => [labelKey(labels), [...labels]])).values()];
}

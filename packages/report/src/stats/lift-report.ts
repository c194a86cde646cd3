// Lift from a released report: test and control cells are paired by their other labels.
import type { Released, ReleasedCell, ReleasedPartition, ReleasedReport } from "../released.ts";
import { asNumber, estimate, type Estimate } from "./estimate.ts";
import {
  conversionLift,
  convertedArm,
  measureArm,
  measureLift,
  type Arm,
  type Group,
  type Lift,
} from "./lift.ts";
import { groupPeople, labelKey } from "./sides.ts";

/** Test against control within one stratum. */
export interface StratumLift {
  /** The receiver's labels beside the group; the sender has none where events are credited. */
  readonly labels: readonly string[];
  /** People assigned to each group; with noise, where the partner tells them. */
  readonly testPeople: Estimate;
  readonly controlPeople: Estimate;
  /** Of the people column; undefined if a group is under the threshold. */
  readonly converted: Lift | undefined;
  /** One for each measure, undefined likewise. */
  readonly measures: readonly (Lift | undefined)[];
}

/**
 * One entry for each combination of other labels that has people in both groups, in the order of the base. undefined if
 * the partition is not cut by the group, or if this side does not know how many people the groups have.
 */
export function liftsOf(partition: ReleasedPartition, report: ReleasedReport): StratumLift[] | undefined {
  const { lift, measures, noise } = report;
  const at = lift === undefined ? -1 : partition.groupBy.indexOf(lift.dimension);
  const base = groupPeople(partition, report);
  if (lift === undefined || at === -1 || base === undefined) return undefined;
  const cells = new Map(partition.cells.map((cell) => [labelKey(cell.labels), cell]));
  const strata = distinct([...base.values()].map(({ labels }) => labels.toSpliced(at, 1)));
  return strata.flatMap((labels) => {
    const [test, control] = [lift.test, lift.control].map((group): Assigned => {
      const key = labelKey(labels.toSpliced(at, 0, group));
      const known = base.get(key);
      const people = known === undefined ? { value: 0, variance: 0 } : asNumber(known.people, 0);
      return { people: people.value, peopleVariance: people.variance, cell: cells.get(key) };
    });
    if (test!.people <= 0 || control!.people <= 0) return [];
    return {
      labels,
      testPeople: estimate(test!.people, test!.peopleVariance, 0, noise),
      controlPeople: estimate(control!.people, control!.peopleVariance, 0, noise),
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

interface Assigned extends Group {
  readonly cell: ReleasedCell | undefined;
}

function compare(
  test: Assigned,
  control: Assigned,
  armOf: (group: Assigned) => Arm | undefined,
  lift: (test: Arm, control: Arm) => Lift,
): Lift | undefined {
  const [t, c] = [armOf(test), armOf(control)];
  return t === undefined || c === undefined ? undefined : lift(t, c);
}

function convertedOf({ cell, ...group }: Assigned): Arm | undefined {
  if (cell?.people === undefined) return undefined;
  const { value, variance } = asNumber(cell.people, 0);
  return convertedArm(group, value, variance);
}

function measureOf({ cell, ...group }: Assigned, i: number, { measures }: ReleasedReport): Arm | undefined {
  const sum: Released | undefined = cell?.sums[i];
  if (sum === undefined) return undefined;
  const { decimals } = measures[i]!;
  const { value, variance } = asNumber(sum, decimals);
  const squares = cell?.squares?.[i];
  return measureArm(group, value, variance, squares && asNumber(squares, 2 * decimals).value);
}

function distinct(lists: readonly (readonly string[])[]): string[][] {
  return [...new Map(lists.map((labels) => [labelKey(labels), [...labels]])).values()];
}

// The reports of a series beside each other: what each number was in each run, and how far two runs differ. The noises of two runs are
// independent, so that their variances add up: a difference is told as one only where it is larger than both may have moved it.
import type { Released, ReleasedNoise, ReleasedReport } from "../released.ts";
import { releasedInterval } from "../stats/estimate.ts";
import { labelKey } from "../stats/sides.ts";

export interface TrendRun {
  /** From 1. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly dueAt: number;
  readonly state: "open" | "taken" | "done" | "missed";
  /** In hex, once its budget is spent. */
  readonly session?: string | undefined;
}

export interface Trend {
  readonly partner: string;
  /** The short id of the series. */
  readonly series: string;
  readonly runs: readonly TrendRun[];
  readonly isExact: boolean;
  /** Of new people alone (`Agreed.newPeople`): the runs whose report says that everybody in it counts as new. */
  readonly beginnings?: readonly number[];
  readonly lines: readonly TrendLine[];
}

/** One number of the reports, through all runs. */
export interface TrendLine {
  /** From 1. */
  readonly partition: number;
  /** Names of the partition's dimensions, and the labels of the cell. */
  readonly dimensions: readonly string[];
  readonly labels: readonly string[];
  /** `people`, `new people`, or a measure. */
  readonly column: string;
  readonly decimals: number;
  /** One for each run; undefined where the run has no report, or did not open it. */
  readonly points: readonly (TrendPoint | undefined)[];
}

/** In units of 10^-decimals. */
export interface TrendPoint extends Interval {
  /** Since the last run before that shows the number. */
  readonly change?: TrendChange;
}

export interface Interval {
  readonly value: bigint;
  /** Its 95 % interval; the value itself in an exact report. */
  readonly low: bigint;
  readonly high: bigint;
}

export interface TrendChange extends Interval {
  /** The run that it is since. */
  readonly since: number;
  /** Whether the noise of both runs together is unlikely to make such a difference: its interval leaves out zero. */
  readonly isTold: boolean;
}

/** What a series is a trend of: a run, and its report where this side has one. */
export type ReportedRun = TrendRun & { readonly report?: ReleasedReport | undefined };

export function trendOf(partner: string, series: string, reported: readonly ReportedRun[]): Trend {
  const reports = reported.flatMap(({ report }) => report ?? []);
  const lines = new Map<string, Released1[]>();
  for (const [index, { report }] of reported.entries())
    for (const number of report === undefined ? [] : numbersOf(report)) {
      const key = labelKey([String(number.partition), number.column, ...number.labels]);
      const line = lines.get(key) ?? [];
      line.push({ ...number, index });
      lines.set(key, line);
    }
  return {
    partner,
    series,
    runs: reported.map(({ number, dueAt, state, session }) => ({ number, dueAt, state, session })),
    isExact: reports.length > 0 && reports.every(({ noise }) => noise === undefined),
    ...(reports.some(({ agreed }) => agreed.newPeople) && { beginnings: beginningsOf(reports) }),
    lines: [...lines.values()].toSorted(compareLines).map((numbers) => lineOf(numbers, reported)),
  };
}

function beginningsOf(reports: readonly ReleasedReport[]): number[] {
  const since = reports.flatMap(({ origin }) => origin?.newSince ?? []);
  return since.filter(({ run, first }) => run === first).map(({ run }) => run);
}

interface OpenedNumber extends Pick<
  TrendLine,
  "partition" | "dimensions" | "labels" | "column" | "decimals"
> {
  readonly released: Released;
  readonly noise: ReleasedNoise | undefined;
}

/** In the run of this place. */
type Released1 = OpenedNumber & { readonly index: number };

function numbersOf({ partitions, measures, noise, agreed }: ReleasedReport): OpenedNumber[] {
  return partitions.flatMap(({ groupBy, senderGroupBy, cells }, p) =>
    cells.flatMap(({ labels, people, sums }) => {
      const about = { partition: p + 1, dimensions: [...groupBy, ...senderGroupBy], labels, noise };
      const ofMeasures = measures.flatMap(({ name, decimals }, m) => {
        const released = sums[m];
        return released === undefined ? [] : [{ ...about, column: name, decimals, released }];
      });
      const ofPeople =
        people === undefined
          ? []
          : [{ ...about, column: agreed.newPeople ? "new people" : "people", decimals: 0, released: people }];
      return [...ofPeople, ...ofMeasures];
    }),
  );
}

function compareLines([a]: readonly OpenedNumber[], [b]: readonly OpenedNumber[]): number {
  if (a!.partition !== b!.partition) return a!.partition - b!.partition;
  const [x, y] = [labelKey(a!.labels), labelKey(b!.labels)];
  return x === y ? 0 : x < y ? -1 : 1;
}

function lineOf(numbers: readonly Released1[], runs: readonly ReportedRun[]): TrendLine {
  const { partition, dimensions, labels, column, decimals } = numbers[0]!;
  const points: (TrendPoint | undefined)[] = runs.map(() => undefined);
  let before: Released1 | undefined;
  for (const number of numbers) {
    const { value } = number.released;
    const own = { value, ...releasedInterval(number.released, number.noise) };
    points[number.index] = before === undefined ? own : { ...own, change: changeSince(before, number, runs) };
    before = number;
  }
  return { partition, dimensions, labels, column, decimals, points };
}

function changeSince(before: Released1, now: Released1, runs: readonly ReportedRun[]): TrendChange {
  const difference = {
    value: now.released.value - before.released.value,
    variance: now.released.variance + before.released.variance,
  };
  // The sum of four noises has lighter tails than that of two, whose quantile this takes: the interval is a little too wide.
  const { low, high } = releasedInterval(difference, now.noise);
  const isTold = low > 0n || high < 0n;
  return { value: difference.value, low, high, isTold, since: runs[before.index]!.number };
}

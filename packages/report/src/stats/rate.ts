// Match rates (design section 4): computed by each side from released people and its own base, in whole percent.
import type { Released, ReleasedCell, ReleasedNoise, ReleasedReport } from "../released.ts";
import { halfWidth } from "./estimate.ts";

/** Whole percent of a base; the bounds are rounded outward. */
export interface MatchRate {
  readonly percent: number;
  readonly low: number;
  readonly high: number;
}

/** 100 p / b, whole percent, with the 95 % interval of the noise. Undefined for an empty base. */
export function matchRate(
  matched: Released,
  base: number,
  noise: ReleasedNoise | undefined,
): MatchRate | undefined {
  if (base <= 0) return undefined;
  const percent = (100 * Number(matched.value)) / base;
  const half = (100 * halfWidth(matched.variance, 0, noise)) / base;
  // Adding zero turns -0 into 0.
  if (half === 0)
    return { percent: Math.round(percent) + 0, low: Math.round(percent) + 0, high: Math.round(percent) + 0 };
  return {
    percent: Math.round(percent) + 0,
    low: Math.floor(percent - half) + 0,
    high: Math.ceil(percent + half) + 0,
  };
}

/** The matched people of a whole report, as far as its partitions show. */
export type Overall =
  | { readonly kind: "people"; readonly people: Released; readonly atLeast: boolean }
  | { readonly kind: "over-pair" }
  | { readonly kind: "unknown" };

/**
 * The cell or the total of everybody, if the report has one. Otherwise the sum of a partition's shown cells or totals, for
 * the report kinds in which a person is in one cell: `atLeast` where cells are hidden or may be. Of several partitions, the
 * one that says most.
 */
export function overallPeople(report: ReleasedReport): Overall {
  const everybody = report.partitions.find((part) => part.groupBy.length + part.senderGroupBy.length === 0);
  const cell = everybody?.cells[0];
  if (cell?.overPair === true) return { kind: "over-pair" };
  if (cell?.people !== undefined) return { kind: "people", people: cell.people, atLeast: false };
  const total = report.partitions.find((part) => part.senderGroupBy.length === 0)?.totals?.[0];
  if (total?.overPair === true) return { kind: "over-pair" };
  if (total?.people !== undefined) return { kind: "people", people: total.people, atLeast: false };
  if (report.kind !== "overlap" && report.kind !== "sums" && report.kind !== "index")
    return { kind: "unknown" };
  const [best] = report.partitions
    .flatMap(({ cells, totals = [], hiddenCells }) => [
      shownPeople(cells, hiddenCells === 0),
      shownPeople(totals, false),
    ])
    .filter(({ cells }) => cells > 0)
    .sort(moreToldFirst);
  if (best === undefined) return { kind: "unknown" };
  return { kind: "people", people: best.people, atLeast: best.atLeast };
}

interface ShownPeople {
  readonly people: Released;
  readonly atLeast: boolean;
  readonly cells: number;
}

function shownPeople(cells: readonly ReleasedCell[], complete: boolean): ShownPeople {
  const shown = cells.flatMap(({ people }) => people ?? []);
  return {
    people: addReleased(shown),
    atLeast: !complete || shown.length < cells.length,
    cells: shown.length,
  };
}

/** Complete sums by rising noise, then lower bounds by falling size. */
function moreToldFirst(a: ShownPeople, b: ShownPeople): number {
  if (a.atLeast !== b.atLeast) return a.atLeast ? 1 : -1;
  return a.atLeast ? Number(b.people.value - a.people.value) : a.people.variance - b.people.variance;
}

/** The sum of released numbers of one column; their noise is independent. */
export function addReleased(numbers: readonly Released[]): Released {
  return {
    value: numbers.reduce((sum, { value }) => sum + value, 0n),
    variance: numbers.reduce((sum, { variance }) => sum + variance, 0),
  };
}

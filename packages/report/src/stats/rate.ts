// Match rates (design section 4): computed by each side from released people and its own base, in whole percent.
import type { Released, ReleasedCell, ReleasedPartition, ReleasedReport } from "../released.ts";
import { peopleEstimate, type Estimate, type Known, type Missing } from "./estimate.ts";
import { missingIn, UNSEEN, type ClosedCell } from "./missing.ts";
import { basePeople, labelKey } from "./sides.ts";

/** Whole percent of a base. The bounds are rounded outward, and "at least" is rounded down. */
export interface MatchRate {
  readonly percent: number;
  readonly known: Known;
  readonly low: number;
  /** Infinity where nothing bounds what closed cells hold. */
  readonly high: number;
  readonly missing?: true;
}

/** 100 p / b, whole percent, as people are known. Undefined for an empty base. */
export function matchRate(people: Estimate, base: number): MatchRate | undefined {
  if (base <= 0) return undefined;
  const of = (number: number) => (100 * number) / base;
  // Adding zero turns -0 into 0.
  const nearest = Math.round(of(people.value)) + 0;
  const missing = people.missing && { missing: true as const };
  switch (people.known) {
    case "exact":
      return { percent: nearest, known: "exact", low: nearest, high: nearest };
    case "at-least": {
      const least = Math.floor(of(people.value)) + 0;
      return {
        percent: least,
        known: "at-least",
        low: least,
        high: Math.ceil(of(people.high)) + 0,
        ...missing,
      };
    }
    case "unbounded":
    case "interval": {
      const [low, high] = [Math.floor(of(people.low)) + 0, Math.ceil(of(people.high)) + 0];
      return { percent: nearest, known: "interval", low, high, ...missing };
    }
  }
}

/** The matched people of a whole report, as far as its partitions show. */
export type Overall =
  | { readonly kind: "people"; readonly people: Estimate; readonly source: OverallSource }
  | { readonly kind: "over-pair" }
  | { readonly kind: "unknown" };

/** A number of its own, or shown cells added up. */
export type OverallSource = "opened" | "added";

/**
 * The cell or the total of everybody, if the report has one. Otherwise the sum of a partition's shown cells or totals, for
 * the report kinds in which a person is in one cell; what may be missing in it is said. Of several partitions, the one that
 * says most.
 */
export function overallPeople(report: ReleasedReport): Overall {
  const { noise } = report;
  const opened = ({ people, overPair }: ReleasedCell): Overall | undefined => {
    if (overPair === true) return { kind: "over-pair" };
    return people && { kind: "people", people: peopleEstimate(people, noise), source: "opened" };
  };
  const everybody = report.partitions.find((part) => part.groupBy.length + part.senderGroupBy.length === 0);
  const total = report.partitions.find((part) => part.senderGroupBy.length === 0)?.totals?.[0];
  const own = [everybody?.cells[0], total].flatMap((cell) => (cell && opened(cell)) ?? []);
  if (own.length > 0) return own[0]!;
  if (report.kind !== "overlap" && report.kind !== "sums" && report.kind !== "index")
    return { kind: "unknown" };
  const [best] = report.partitions
    .flatMap((partition) => [
      addedPeople(partition.cells, missingCells(partition, report), report),
      addedPeople(partition.totals ?? [], missingTotals(partition, report), report),
    ])
    .filter((people) => people !== undefined)
    .toSorted(moreToldFirst);
  if (best === undefined) return { kind: "unknown" };
  return { kind: "people", people: best, source: "added" };
}

function addedPeople(
  cells: readonly ReleasedCell[],
  missing: Missing | undefined,
  { noise }: ReleasedReport,
): Estimate | undefined {
  const shown = cells.flatMap(({ people }) => people ?? []);
  return shown.length === 0 ? undefined : peopleEstimate(addReleased(shown), noise, missing);
}

/** What is closed in a partition: the receiver can tell, the sender cannot. */
function missingCells(partition: ReleasedPartition, report: ReleasedReport): Missing | undefined {
  const { cells, hiddenCells, cellsTotal, senderGroupBy } = partition;
  if (report.role !== "receiver" || hiddenCells === undefined || cellsTotal === undefined) return UNSEEN;
  const shown = cells.flatMap(({ people }) => people ?? []);
  const about = { variance: shown[0]?.variance ?? 0, among: cellsTotal };
  const base = basePeople(partition, report);
  if (senderGroupBy.length === 0 && base !== undefined)
    return missingIn(closedRows(cells, base), report, about);
  const closed = hiddenCells + cells.length - shown.length;
  const missing = missingIn(Array<ClosedCell>(closed).fill({ base: undefined }), report, about);
  return missing && { ...missing, most: missing.most ?? (base && boundByRows(partition, report, base)) };
}

/** Rows that somebody is in and of which nothing opened. */
function closedRows(cells: readonly ReleasedCell[], base: ReadonlyMap<string, number>): ClosedCell[] {
  const shown = new Set(
    cells.flatMap(({ labels, people }) => (people === undefined ? [] : [labelKey(labels)])),
  );
  return [...base].flatMap(([key, people]) => (shown.has(key) || people <= 0 ? [] : [{ base: people }]));
}

/** In all categories together, the people of a row are at most its base for each key; exact ones that are shown are taken off. */
function boundByRows(
  { groupBy, cells }: ReleasedPartition,
  { agreed }: ReleasedReport,
  base: ReadonlyMap<string, number>,
): number {
  const rows = new Map([...base].map(([key, people]) => [key, people * agreed.match.length]));
  for (const { labels, people } of cells) {
    const key = labelKey(labels.slice(0, groupBy.length));
    if (people?.variance === 0) rows.set(key, (rows.get(key) ?? 0) - Number(people.value));
  }
  return [...rows.values()].reduce((sum, left) => sum + Math.max(0, left), 0);
}

/** Totals that did not open: the sender knows its categories, the receiver how many they are. */
function missingTotals(partition: ReleasedPartition, report: ReleasedReport): Missing | undefined {
  const { totals = [], base, cellsTotal } = partition;
  const opened = totals.filter(({ people }) => people !== undefined);
  if (base === undefined) return UNSEEN;
  if (report.role === "receiver") {
    if (cellsTotal === undefined || base.length === 0) return UNSEEN;
    const closed = cellsTotal / base.length - opened.length;
    return closed > 0 ? { cells: closed, most: undefined } : undefined;
  }
  const shown = new Set(opened.map(({ labels }) => labelKey(labels)));
  const closed = base.filter(({ labels, people }) => people > 0 && !shown.has(labelKey(labels)));
  return missingIn(
    closed.map(({ people }) => ({ base: people })),
    report,
    { variance: 0, among: base.length },
  );
}

/** Complete sums by rising noise, then the others by falling size. */
function moreToldFirst(a: Estimate, b: Estimate): number {
  if ((a.missing === undefined) !== (b.missing === undefined)) return a.missing === undefined ? -1 : 1;
  return a.missing === undefined ? a.noiseError - b.noiseError : b.value - a.value;
}

/** The sum of released numbers of one column; their noise is independent. */
export function addReleased(numbers: readonly Released[]): Released {
  return {
    value: numbers.reduce((sum, { value }) => sum + value, 0n),
    variance: numbers.reduce((sum, { variance }) => sum + variance, 0),
  };
}

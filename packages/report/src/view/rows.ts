// The cells of a partition as rows: those that were opened and, for the owner of the labels, those under the threshold.
import type { DerivedCell, DerivedPartition } from "../derived.ts";
import type { ReleasedCell, ReleasedPartition, ReleasedReport } from "../released.ts";
import { basePeople, labelKey, otherLabels } from "../stats/sides.ts";
import type { Mark } from "./chart.ts";
import { ALL_LABELS, labelText } from "./words.ts";

/** Most rows or bars in one chart; the table has all. */
export const DRAWN_MAX = 24;

export interface Row {
  readonly labels: readonly string[];
  /** Both undefined for a cell with nothing opened. */
  readonly cell: ReleasedCell | undefined;
  readonly derived: DerivedCell | undefined;
  readonly base: number | undefined;
  /** Nothing opened because this side has nobody there. */
  readonly nobody?: true;
  /** A total: it only has labels of the sender; the receiver's are empty. */
  readonly total?: true;
}

/**
 * Rows in the order of labels. A hidden cell is a row if this side knows its labels: its own, with each category of the
 * other side that appears at all.
 */
export function rowsOf(
  partition: ReleasedPartition,
  derived: DerivedPartition,
  report: ReleasedReport,
): Row[] {
  const opened = partition.cells.map((cell, i): Row => ({
    labels: cell.labels,
    cell,
    derived: derived.cells[i],
    base: derived.cells[i]!.base,
  }));
  const seen = new Set(opened.map(({ labels }) => labelKey(labels)));
  const hidden = knownLabels(partition, report).filter(({ labels }) => !seen.has(labelKey(labels)));
  return [
    ...opened,
    ...hidden.map(({ labels, base }): Row => {
      return { labels, cell: undefined, derived: undefined, base, ...(base === 0 ? { nobody: true } : {}) };
    }),
  ].sort((a, b) => compareLabels(a.labels, b.labels));
}

/** Totals over all cells, as far as they were opened; none where there is one cell anyway. */
export function totalRowsOf({ groupBy, totals = [] }: ReleasedPartition, derived: DerivedPartition): Row[] {
  if (groupBy.length === 0) return [];
  return totals.map((cell, i) => ({
    labels: [...groupBy.map(() => ""), ...cell.labels],
    cell,
    derived: derived.totals[i],
    base: derived.totals[i]!.base,
    total: true,
  }));
}

function knownLabels(
  partition: ReleasedPartition,
  report: ReleasedReport,
): { labels: readonly string[]; base: number }[] {
  const { role } = report;
  const base = basePeople(partition, report);
  if (base === undefined) return [];
  const others = new Map(
    partition.cells.map(({ labels }) => {
      const other = otherLabels(partition, role, labels);
      return [labelKey(other), other];
    }),
  );
  const othersEmpty =
    role === "receiver" ? partition.senderGroupBy.length === 0 : partition.groupBy.length === 0;
  if (othersEmpty) others.set(labelKey([]), []);
  return [...base].flatMap(([key, people]) => {
    const own: string[] = JSON.parse(key);
    return [...others.values()].map((other) => ({
      labels: role === "receiver" ? [...own, ...other] : [...other, ...own],
      base: people,
    }));
  });
}

/** Compares labels that begin with numbers by number, all others as text. */
function compareLabels(a: readonly string[], b: readonly string[]): number {
  for (const [i, label] of a.entries()) {
    const order = compareText(label, b[i]!);
    if (order !== 0) return order;
  }
  return 0;
}

function compareText(a: string, b: string): number {
  const [x, y] = [leadingNumber(a), leadingNumber(b)];
  if (x !== undefined && y !== undefined && x !== y) return x - y;
  return a < b ? -1 : Number(a > b);
}

function leadingNumber(label: string): number | undefined {
  const digits = /^\s*\d{1,15}/.exec(label)?.[0];
  return digits === undefined ? undefined : Number(digits);
}

/** All labels of a row as texts. */
export function labelTexts({ labels, total, cell }: Row): string[] {
  const own = total === true ? labels.length - cell!.labels.length : 0;
  return labels.map((label, i) => (i < own ? ALL_LABELS : labelText(label)));
}

/**
 * The marks that a chart draws and how many it leaves out. Labels that all begin with numbers (ages, buckets) keep their
 * order; others are ranked by value.
 */
export function drawn(marks: readonly Mark[]): { readonly rows: readonly Mark[]; readonly more: number } {
  const ordinal = marks.every(({ label }) => leadingNumber(label) !== undefined);
  const ranked = marks.toSorted((a, b) => b.value - a.value);
  const rows = (ordinal ? marks.filter((mark) => ranked.indexOf(mark) < DRAWN_MAX) : ranked).slice(
    0,
    DRAWN_MAX,
  );
  return { rows, more: marks.length - rows.length };
}

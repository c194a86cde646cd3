// Columns of a table and charts over them, shared by the kinds of report.
import type { Released, ReleasedMeasure, ReleasedPartition, ReleasedReport } from "../released.ts";
import { estimate, type Estimate } from "../stats/estimate.ts";
import { drawn, labelTexts, type Row } from "./rows.ts";
import type { BarsChart, Mark } from "./chart.ts";
import type { ViewTable } from "./section.ts";
import { ownDimensions } from "../stats/sides.ts";
import {
  countText,
  decimal,
  estimateText,
  labelsText,
  NOBODY,
  OVER_PAIR,
  rateText,
  releasedText,
  UNDER_THRESHOLD,
  valueDigits,
} from "./words.ts";
import { group } from "../decimal.ts";
import { named } from "@halfroom/wire/words";

export interface Column {
  readonly head: string;
  readonly text: (row: Row) => string;
}

/** A table with a column for each dimension, then `columns`. */
export function tableOf(
  { groupBy, senderGroupBy }: ReleasedPartition,
  rows: readonly Row[],
  columns: readonly Column[],
): ViewTable {
  const dimensions = [...groupBy, ...senderGroupBy].map(named);
  return {
    head: [...dimensions, ...columns.map(({ head }) => head)],
    textColumns: dimensions.length,
    rows: rows.map((row) => [...labelTexts(row), ...columns.map(({ text }) => text(row))]),
  };
}

/** This side's own people of each row, if the rows are by labels of this side; else they are the same in all. */
export function baseColumn(
  rows: readonly Row[],
  partition: ReleasedPartition,
  report: ReleasedReport,
): Column[] {
  if (ownDimensions(partition, report.role).length === 0) return [];
  return rows.some(({ base }) => base !== undefined)
    ? [
        {
          head: report.agreed.newPeople ? "our new people" : "our people",
          text: ({ base }) => countText(base),
        },
      ]
    : [];
}

export function peopleColumn(head: string, { noise }: ReleasedReport): Column {
  return { head, text: (row) => closedText(row) ?? releasedText(row.cell?.people, 0, noise) };
}

/** Why a row has no people; undefined if it has. */
function closedText({ cell, nobody }: Row): string | undefined {
  if (nobody === true) return NOBODY;
  if (cell?.overPair === true) return OVER_PAIR;
  return cell === undefined ? UNDER_THRESHOLD : undefined;
}

/** The head says by whom it divides. */
export function rateColumn(
  rows: readonly Row[],
  partition: ReleasedPartition,
  report: ReleasedReport,
): Column[] {
  if (rows.every(({ base }) => base === undefined)) return [];
  // Those of the row stand beside it.
  const isWhole = ownDimensions(partition, report.role).length === 0;
  const head = isWhole ? "of all our people" : "of our people";
  return [{ head, text: (row) => closedText(row) ?? rateText(row.derived?.matchRate) }];
}

/** Sum, mean and, from squares, standard deviation of each measure. */
export function measureColumns({ measures, noise }: ReleasedReport): Column[] {
  return measures.flatMap(({ name, decimals, squares }, i) => {
    const shown = named(name);
    const columns: Column[] = [
      {
        head: shown,
        text: (row) => (row.nobody === true ? NOBODY : releasedText(row.cell?.sums[i], decimals, noise)),
      },
      {
        head: `mean ${shown}`,
        text: ({ derived }) => estimateText(derived?.means[i], meanDecimals(decimals)),
      },
    ];
    if (squares) {
      columns.push({
        head: `${shown}, std. deviation`,
        text: ({ derived }) => deviationText(derived?.variances[i], meanDecimals(decimals)),
      });
    }
    return columns;
  });
}

/** Means of whole numbers have decimals too. */
export function meanDecimals(decimals: number): number {
  return Math.max(2, decimals);
}

/** The square root of a variance; where noise made the variance negative, there is nothing to show. */
function deviationText(variance: Estimate | undefined, decimals: number): string {
  return variance === undefined || variance.value < 0 ? "–" : decimal(Math.sqrt(variance.value), decimals);
}

/** A released number as a mark; none where it is hidden. */
export function releasedMark(
  label: string,
  number: Released | undefined,
  decimals: number,
  { noise }: ReleasedReport,
): Mark[] {
  if (number === undefined) return [];
  const unit = 10 ** decimals;
  const { value, low, high } = estimate(Number(number.value) / unit, number.variance / unit ** 2, 0, noise);
  return [{ label, value, low, high, shown: group(valueDigits(number.value, decimals, (high - low) / 2)) }];
}

/** Bars of the people of each row; [] without a bar to compare. */
export function peopleBars(
  title: string,
  axis: string,
  rows: readonly Row[],
  report: ReleasedReport,
): BarsChart[] {
  const marks = rows.flatMap(({ labels, cell }) => releasedMark(labelsText(labels), cell?.people, 0, report));
  return bars(title, axis, marks);
}

/** Bars of a measure's sums. */
export function sumBars(
  measure: ReleasedMeasure,
  i: number,
  rows: readonly Row[],
  report: ReleasedReport,
): BarsChart[] {
  const name = named(measure.name);
  const marks = rows.flatMap(({ labels, cell }) =>
    releasedMark(labelsText(labels), cell?.sums[i], measure.decimals, report),
  );
  return bars(`${capital(name)}`, name, marks);
}

/** Bars of a measure's means. */
export function meanBars(
  measure: ReleasedMeasure,
  i: number,
  rows: readonly Row[],
  per: string,
): BarsChart[] {
  const name = `${named(measure.name)} per ${per}`;
  const marks = rows.flatMap(({ labels, derived }) => {
    const mean = derived?.means[i];
    if (mean === undefined) return [];
    const { value, low, high } = mean;
    return [
      { label: labelsText(labels), value, low, high, shown: decimal(value, meanDecimals(measure.decimals)) },
    ];
  });
  return bars(capital(name), name, marks);
}

export function bars(title: string, axis: string, marks: readonly Mark[], percent = false): BarsChart[] {
  return marks.length < 2 ? [] : [{ kind: "bars", title, axis, percent, ...drawn(marks) }];
}

export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

// A released report as CSV (RFC 4180) for machines: numbers or empty fields, and beside them a status in words. Safe to open in a
// spreadsheet.
import { csvLine, plainNumber, textField, uniqueHeads } from "./csv-fields.ts";
import { formatDecimal } from "./decimal.ts";
import { deriveReport, matchedKind, type DerivedPartition } from "./derived.ts";
import type { Released, ReleasedPartition, ReleasedReport } from "./released.ts";
import { releasedInterval, type Estimate } from "./stats/estimate.ts";
import { labelKey, ownDimensions } from "./stats/sides.ts";
import {
  cohortsOf,
  dimensionsOf,
  labelFields,
  originFields,
  ORIGIN_HEADS,
  ownFields,
  OWN_HEADS,
} from "./csv/common.ts";
import { rowsOf, totalRowsOf, type Row } from "./view/rows.ts";
import { statusOf, sumStatusOf } from "./csv/status.ts";

/**
 * One line for each cell of each partition. The columns: `session` and `made` (empty until a node keeps the report); `partition`, from
 * 1; `row`, which is cell or total; each dimension that any partition has (empty where a line's partition lacks it); `status`; `base` and
 * `match rate` where this side knows them, with `base of` (cohort, category, everybody); people; each measure with its status and mean,
 * with squares also those and the variance; in an index report the index; last what became of this side's own rows, the same on
 * each line. With noise each opened number is followed by its standard error and the bounds of its 95 % interval. Labels and names
 * are guarded (`textField`).
 */
export function releasedCsv(report: ReleasedReport): string {
  const derived = deriveReport(report);
  const dimensions = dimensionsOf(report);
  const columns = columnsOf(report, derived.partitions);
  const heads = uniqueHeads([...ORIGIN_HEADS, "partition", "row"], dimensions, [
    "status",
    ...columns.flatMap((column) => column.heads),
    ...OWN_HEADS,
  ]);
  const [origin, own] = [originFields(report), ownFields(report)];
  const lines = [heads.map(textField)];
  for (const [p, partition] of report.partitions.entries()) {
    const context = contextOf(partition, derived.partitions[p]!, report);
    for (const row of context.rows) {
      lines.push([
        ...origin,
        String(p + 1),
        row.total === true ? "total" : "cell",
        ...labelFields(dimensions, partition, row.labels),
        statusOf(row),
        ...columns.flatMap(({ fields }) => fields(row, context)),
        ...own,
      ]);
    }
  }
  return lines.map(csvLine).join("");
}

interface Context {
  readonly partition: ReleasedPartition;
  /** The cells and then the totals. */
  readonly rows: readonly Row[];
  readonly cohorts: ReturnType<typeof cohortsOf>;
}

function contextOf(partition: ReleasedPartition, derived: DerivedPartition, report: ReleasedReport): Context {
  const rows = [...rowsOf(partition, derived, report), ...totalRowsOf(partition, derived)];
  return { partition, rows, cohorts: cohortsOf(partition, derived, report) };
}

interface Columns {
  readonly heads: readonly string[];
  readonly fields: (row: Row, context: Context) => readonly string[];
}

function columnsOf(report: ReleasedReport, derived: readonly DerivedPartition[]): Columns[] {
  const { measures, noise } = report;
  const hasBase = derived.some(({ cells }) => cells.some(({ base }) => base !== undefined));
  const hasIndex = report.kind === "index" && derived.some(({ profiles }) => profiles !== undefined);
  return [
    ...(hasBase ? [baseColumns(report)] : []),
    openedColumns(report.agreed.newPeople ? "new people" : "people", 0, report, ({ cell }) => cell?.people),
    ...(hasBase && matchedKind(report) ? [rateColumn()] : []),
    ...measures.flatMap(({ name, decimals, squares }, i) => [
      { heads: [`${name} status`], fields: (row: Row) => [sumStatusOf(row, i)] },
      openedColumns(name, decimals, report, ({ cell }) => cell?.sums[i]),
      estimateColumns(`${name} mean`, noise !== undefined, ({ derived: of }) => of?.means[i]),
      ...(squares
        ? [
            openedColumns(`${name} squares`, 2 * decimals, report, ({ cell }) => cell?.squares?.[i]),
            estimateColumns(`${name} variance`, noise !== undefined, ({ derived: of }) => of?.variances[i]),
          ]
        : []),
    ]),
    ...(hasIndex
      ? [
          estimateColumns("index", true, ({ total, labels }, { cohorts }) =>
            total === true ? undefined : cohorts.get(labelKey(labels))?.index,
          ),
        ]
      : []),
  ];
}

function baseColumns({ role, agreed }: ReleasedReport): Columns {
  return {
    heads: [agreed.newPeople && role === "receiver" ? "base of new people" : "base", "base of"],
    fields: ({ base, derived, total }, { partition }) => {
      if (base === undefined) return ["", ""];
      const hasOwn = ownDimensions(partition, role).length > 0 && !(total === true && role === "receiver");
      return [
        String(base),
        derived?.baseOf ?? (!hasOwn ? "everybody" : role === "receiver" ? "cohort" : "category"),
      ];
    },
  };
}

function openedColumns(
  name: string,
  decimals: number,
  { noise }: ReleasedReport,
  numberOf: (row: Row) => Released | undefined,
): Columns {
  const heads =
    noise === undefined ? [name] : [name, `${name} standard error`, `${name} low`, `${name} high`];
  return {
    heads,
    fields: (row) => {
      const number = numberOf(row);
      if (number === undefined) return heads.map(() => "");
      const value = formatDecimal(number.value, decimals);
      if (noise === undefined) return [value];
      const { low, high } = releasedInterval(number, noise);
      const error = Math.sqrt(number.variance) / 10 ** decimals;
      return [value, plainNumber(error), formatDecimal(low, decimals), formatDecimal(high, decimals)];
    },
  };
}

function rateColumn(): Columns {
  return {
    heads: ["match rate"],
    fields: ({ derived }) => [derived?.matchRate?.percent.toString() ?? ""],
  };
}

function estimateColumns(
  name: string,
  hasBounds: boolean,
  of: (row: Row, context: Context) => Estimate | undefined,
): Columns {
  const heads = hasBounds ? [name, `${name} low`, `${name} high`] : [name];
  return {
    heads,
    fields: (row, context) => {
      const number = of(row, context);
      if (number === undefined) return heads.map(() => "");
      const { value, low, high } = number;
      return (hasBounds ? [value, low, high] : [value]).map(plainNumber);
    },
  };
}

// A released report as CSV (RFC 4180), safe to open in a spreadsheet: one line for each cell of each partition.
import { csvLine, textField } from "./csv-fields.ts";
import { formatDecimal } from "./decimal.ts";
import { deriveReport, matchedKind, type DerivedCell, type DerivedPartition } from "./derived.ts";
import type { Released, ReleasedPartition, ReleasedReport } from "./released.ts";
import { releasedInterval, type Estimate } from "./stats/estimate.ts";
import { labelKey, otherLabels, ownLabels } from "./stats/sides.ts";
import { rowsOf, totalRowsOf, type Row } from "./view/rows.ts";
import { OVER_PAIR, UNDER_THRESHOLD } from "./view/words.ts";

/**
 * The columns: `partition` (from 1; "1 total" for totals over all its cells), each dimension that any partition has (empty where a line's partition lacks it), base
 * and match rate where this side knows them, people, each measure with its mean and variance, and in an
 * index report the index. With noise each
 * opened number is followed by its standard error and the bounds of its 95 % interval. What was not opened says
 * "under threshold". Labels and names are guarded (`textField`).
 */
export function releasedCsv(report: ReleasedReport): string {
  const derived = deriveReport(report);
  const dimensions = [
    ...new Set(report.partitions.flatMap(({ groupBy, senderGroupBy }) => [...groupBy, ...senderGroupBy])),
  ];
  const columns = columnsOf(report, derived.partitions);
  const lines = [
    ["partition", ...dimensions.map(textField), ...columns.flatMap(({ heads }) => heads.map(textField))],
  ];
  for (const [p, partition] of report.partitions.entries()) {
    const own = [...partition.groupBy, ...partition.senderGroupBy];
    const rows = [
      ...rowsOf(partition, derived.partitions[p]!, report),
      ...totalRowsOf(partition, derived.partitions[p]!),
    ];
    for (const row of rows) {
      const labels = dimensions.map((name) => {
        const at = own.indexOf(name);
        return at === -1 ? "" : textField(row.labels[at]!);
      });
      const context = { partition, derived: derived.partitions[p]! };
      lines.push([
        row.total === true ? `${p + 1} total` : String(p + 1),
        ...labels,
        ...columns.flatMap(({ fields }) => fields(row, context)),
      ]);
    }
  }
  return lines.map(csvLine).join("");
}

interface Context {
  readonly partition: ReleasedPartition;
  readonly derived: DerivedPartition;
}

interface Columns {
  readonly heads: readonly string[];
  readonly fields: (row: Row, context: Context) => readonly string[];
}

function columnsOf(report: ReleasedReport, derived: readonly DerivedPartition[]): Columns[] {
  const { measures } = report;
  const hasBase = derived.some(({ cells }) => cells.some(({ base }) => base !== undefined));
  const hasIndex = report.kind === "index" && derived.some(({ profiles }) => profiles !== undefined);
  return [
    ...(hasBase ? [{ heads: ["base"], fields: ({ base }: Row) => [base?.toString() ?? ""] }] : []),
    openedColumns("people", 0, report, ({ cell }) => cell?.people),
    ...(hasBase && matchedKind(report) ? [rateColumn()] : []),
    ...measures.flatMap(({ name, decimals, squares }, i) => [
      openedColumns(name, decimals, report, ({ cell }) => cell?.sums[i]),
      estimateColumns(`${name} mean`, report, ({ derived: of }) => of?.means[i]),
      ...(squares
        ? [
            openedColumns(`${name} squares`, 2 * decimals, report, ({ cell }) => cell?.squares?.[i]),
            estimateColumns(`${name} variance`, report, ({ derived: of }) => of?.variances[i]),
          ]
        : []),
    ]),
    ...(hasIndex ? [indexColumns(report)] : []),
  ];
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
      if (number === undefined) {
        return [row.cell?.overPair === true ? OVER_PAIR : UNDER_THRESHOLD, ...heads.slice(1).map(() => "")];
      }
      const value = formatDecimal(number.value, decimals);
      if (noise === undefined) return [value];
      const { low, high } = releasedInterval(number, noise);
      const error = Math.sqrt(number.variance) / 10 ** decimals;
      return [value, plain(error), formatDecimal(low, decimals), formatDecimal(high, decimals)];
    },
  };
}

function rateColumn(): Columns {
  return {
    heads: ["match rate"],
    fields: ({ derived }: { readonly derived: DerivedCell | undefined }) => [
      derived?.matchRate?.percent.toString() ?? "",
    ],
  };
}

function estimateColumns(
  name: string,
  { noise }: ReleasedReport,
  of: (row: Row, context: Context) => Estimate | undefined,
  always = noise !== undefined,
): Columns {
  const heads = always ? [name, `${name} low`, `${name} high`] : [name];
  return {
    heads,
    fields: (row, context) => {
      const number = of(row, context);
      if (number === undefined) return heads.map(() => "");
      const { value, low, high } = number;
      return (always ? [value, low, high] : [value]).map(plain);
    },
  };
}

function indexColumns(report: ReleasedReport): Columns {
  const { role } = report;
  const byLabels = new Map<DerivedPartition, ReadonlyMap<string, Estimate | undefined>>();
  const indexOf = (row: Row, { partition, derived }: Context): Estimate | undefined => {
    if (row.total === true) return undefined;
    const known = byLabels.get(derived) ?? indicesOf(derived);
    byLabels.set(derived, known);
    const [own, other] = [ownLabels(partition, role, row.labels), otherLabels(partition, role, row.labels)];
    return known.get(labelKey([...other, ...own]));
  };
  return estimateColumns("index", report, indexOf, true);
}

/** Keyed by the other side's labels, then by this side's. */
function indicesOf({ profiles = [] }: DerivedPartition): ReadonlyMap<string, Estimate | undefined> {
  return new Map(
    profiles.flatMap(({ category, cohorts }) =>
      cohorts.map(({ labels, index }) => [labelKey([...category, ...labels]), index] as const),
    ),
  );
}

/** A double without an exponent, which a spreadsheet might not understand. */
function plain(value: number): string {
  return Math.abs(value) < 1e21 && Math.abs(value) >= 1e-6 ? String(value) : value.toFixed(6);
}

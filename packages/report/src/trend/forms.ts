// A trend as a table for a terminal, as CSV with one number a line, and as JSON.
import { csvLine, textField, uniqueHeads } from "../csv-fields.ts";
import { formatDecimal, group } from "../decimal.ts";
import { drawList } from "../draw-table.ts";
import { labelsText } from "../view/words.ts";
import type { Interval, Trend, TrendChange, TrendLine, TrendPoint, TrendRun } from "./trend.ts";

/** What a reader must know, in sentences. */
export function trendNotes({ isExact, runs, beginnings }: Trend): string[] {
  const done = runs.filter(({ state }) => state === "done").length;
  const shown = [`${done} of ${runs.length} runs have a report.`, ...newPeopleNotes(beginnings)];
  if (isExact)
    return [
      ...shown,
      "The numbers are exact, and so is what is different between two runs: it shows what the people added whom only one of them has, and of few such people what each did.",
    ];
  return [
    ...shown,
    "In 95 of 100 cases a number lies within its interval. The noise of two runs is independent, so the interval of a difference is wider than that of either; “up” and “down” stand only where it leaves out zero, and “–” where the noise alone may make such a difference.",
    "Of many differences, one in twenty is told by chance.",
  ];
}

function newPeopleNotes(beginnings: Trend["beginnings"]): string[] {
  if (beginnings === undefined) return [];
  const anew =
    beginnings.length === 0
      ? ""
      : ` In run ${beginnings.join(", ")} everybody counts as new: it is the first one under its key.`;
  return [
    `People are new people alone: those whom the receiver's data has in a run and had in no earlier one with a report, under the same key. Whoever was in it before counts as known, even who matches only now because the sender has added them.${anew}`,
  ];
}

/** Lines of text. */
export function trendText(trend: Trend): string {
  const rows = trend.lines.flatMap((line) => rowsOf(line, trend.runs).map((row) => row.texts));
  const head = ["cell", "number", "run", "day", "value", "95 % interval", "since", "difference"];
  const table = rows.length === 0 ? "No run has a report with numbers yet." : drawList(head, rows);
  return `${[table, "", ...trendNotes(trend).map((note) => `- ${note}`)].join("\n")}\n`;
}

interface TextRow {
  readonly texts: readonly string[];
}

/** One for each run that shows the number. */
export function rowsOf(
  { labels, column, decimals, points }: TrendLine,
  runs: readonly TrendRun[],
): TextRow[] {
  return points.flatMap((point, i) => {
    if (point === undefined) return [];
    const { number, dueAt } = runs[i]!;
    const { change } = point;
    const texts = [
      labelsText(labels),
      column,
      String(number),
      dayOf(dueAt),
      group(formatDecimal(point.value, decimals)),
      intervalText(point, decimals),
      change === undefined ? "" : `run ${change.since}`,
      change === undefined ? "" : changeText(change, decimals),
    ];
    return [{ texts }];
  });
}

/** "" for an exact number. */
function intervalText({ low, high }: Interval, decimals: number): string {
  if (low === high) return "";
  return `${group(formatDecimal(low, decimals))} to ${group(formatDecimal(high, decimals))}`;
}

function changeText(change: TrendChange, decimals: number): string {
  if (change.low === change.high) return group(formatDecimal(change.value, decimals));
  if (!change.isTold) return `– (${intervalText(change, decimals)})`;
  return `${change.value > 0n ? "up" : "down"} (${intervalText(change, decimals)})`;
}

export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

const HEADS = [
  "column",
  "value",
  "low",
  "high",
  "since run",
  "difference",
  "difference low",
  "difference high",
  "told",
] as const;

/**
 * The columns: `run`, `due` (ISO 8601), `session`, `partition`, the dimensions; `column`, `value`, `low`, `high`; `since run`, `difference` with its
 * interval, and `told`, whether that leaves out zero. A number that a run did not open has no line.
 */
export function trendCsv({ runs, lines }: Trend): string {
  const dimensions = [...new Set(lines.flatMap((line) => line.dimensions))];
  const heads = uniqueHeads(["run", "due", "session", "partition"], dimensions, HEADS);
  const rows = lines.flatMap((line) =>
    line.points.flatMap((point, i) =>
      point === undefined ? [] : [fields(runs[i]!, dimensions, line, point)],
    ),
  );
  return [heads.map(textField), ...rows].map(csvLine).join("");
}

function fields(
  { number, dueAt, session = "" }: TrendRun,
  dimensions: readonly string[],
  { partition, dimensions: own, labels, column, decimals }: TrendLine,
  { value, low, high, change }: TrendPoint,
): string[] {
  const text = (amount: bigint) => formatDecimal(amount, decimals);
  return [
    String(number),
    new Date(dueAt).toISOString(),
    session,
    String(partition),
    ...dimensions.map((name) => (own.includes(name) ? textField(labels[own.indexOf(name)]!) : "")),
    textField(column),
    text(value),
    text(low),
    text(high),
    ...(change === undefined
      ? ["", "", "", "", ""]
      : [
          String(change.since),
          text(change.value),
          text(change.low),
          text(change.high),
          String(change.isTold),
        ]),
  ];
}

/** The same as data: numbers are decimals in text. */
export function trendJson({ lines, ...trend }: Trend): string {
  const record = {
    ...trend,
    lines: lines.map(({ decimals, points, ...line }) => ({
      ...line,
      points: points.map((point) => {
        if (point === undefined) return null;
        const text = ({ value, low, high }: Interval) => ({
          value: formatDecimal(value, decimals),
          low: formatDecimal(low, decimals),
          high: formatDecimal(high, decimals),
        });
        const { change } = point;
        return {
          ...text(point),
          ...(change && { change: { ...text(change), since: change.since, isTold: change.isTold } }),
        };
      }),
    })),
  };
  return `${JSON.stringify(record, undefined, 2)}\n`;
}

// A trend as one HTML file, as those of reports are: for each column of each partition its lines with their intervals, and the table behind them.
import { named } from "@halfroom/wire/words";
import { pageHtml, sectionHtml } from "../html/page.ts";
import { escapeHtml } from "../html/escape.ts";
import type { CurvesChart } from "../view/chart.ts";
import type { Section } from "../view/section.ts";
import { labelsText } from "../view/words.ts";
import { dayOf, rowsOf, trendNotes } from "./forms.ts";
import type { Trend, TrendLine } from "./trend.ts";

/** Runs that are named below a chart, so that it can be read on a telephone. */
const TICKS_MAX = 13;
/** Lines of one chart: more cannot be told apart. */
const DRAWN_MAX = 6;

/** What counts people, as a heading has it. */
const COUNTS: ReadonlyMap<string, string> = new Map([
  ["people", "People"],
  ["new people", "New people"],
]);

export function trendHtml(trend: Trend): string {
  const title = `Trend of series ${trend.series} with ${named(trend.partner)}`;
  const notes = trendNotes(trend).map((note) => `<li>${escapeHtml(note)}</li>`);
  const sections = sectionsOf(trend).map(sectionHtml);
  const body = `${sections.join("\n")}
${missedHtml(trend)}<section>
<h2>How to read this trend</h2>
<ul class="notes">
${notes.join("\n")}
</ul>
</section>
`;
  return pageHtml(title, "", body);
}

function sectionsOf(trend: Trend): Section[] {
  const groups = new Map<string, TrendLine[]>();
  for (const line of trend.lines) {
    const key = JSON.stringify([line.partition, line.column]);
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return [...groups.values()].map((lines) => sectionOf(lines, trend));
}

function sectionOf(lines: readonly TrendLine[], { runs }: Trend): Section {
  const { column, dimensions } = lines[0]!;
  const by = dimensions.length === 0 ? "" : ` by ${dimensions.map(named).join(", ")}`;
  const heading = `${COUNTS.get(column) ?? named(column)}${by}`;
  return {
    heading,
    remarks: [],
    charts: [chartOf(`${heading}, run by run`, lines, runs)],
    table: {
      head: ["cell", "number", "run", "day", "value", "95 % interval", "since", "difference"],
      textColumns: 2,
      rows: lines.flatMap((line) => rowsOf(line, runs).map(({ texts }) => texts)),
    },
  };
}

/** The largest lines; the table has all. */
function chartOf(title: string, lines: readonly TrendLine[], runs: Trend["runs"]): CurvesChart {
  const highest = ({ points }: TrendLine) =>
    points.reduce((most, point) => (point !== undefined && point.value > most ? point.value : most), 0n);
  const drawn = lines.toSorted((a, b) => (highest(a) < highest(b) ? 1 : highest(a) > highest(b) ? -1 : 0));
  return {
    kind: "curves",
    title,
    axis: "run",
    percent: false,
    more: Math.max(0, lines.length - DRAWN_MAX),
    ticks: runs.map(({ number }, i) => (i % Math.ceil(runs.length / TICKS_MAX) === 0 ? String(number) : "")),
    curves: drawn.slice(0, DRAWN_MAX).map(({ labels, points, decimals }) => ({
      label: labelsText(labels),
      points: points.flatMap((point, x) => {
        if (point === undefined) return [];
        const unit = 10 ** decimals;
        const { value, low, high } = point;
        return [{ x, y: Number(value) / unit, low: Number(low) / unit, high: Number(high) / unit }];
      }),
    })),
  };
}

function missedHtml({ runs }: Trend): string {
  const missed = runs.filter(({ state }) => state === "missed" || state === "taken");
  if (missed.length === 0) return "";
  const items = missed.map(({ number, dueAt }) => `<li>run ${number}, due on ${dayOf(dueAt)}</li>`);
  return `<section>
<h2>Runs without a report</h2>
<ul class="notes">
${items.join("\n")}
</ul>
</section>
`;
}

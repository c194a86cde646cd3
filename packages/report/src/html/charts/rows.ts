// Charts with one labelled row for each mark: bars from zero, and points against a reference.
import * as Plot from "@observablehq/plot";
import type { BarsChart, DotsChart, Mark } from "../../view/chart.ts";
import { cut, drawSvg, marginFor, textWidth, tickText, type Size } from "./plot.ts";

const MARGIN_TOP = 8;
const MARGIN_BOTTOM = 44;
const BAR_HEIGHT = 20;
const GAP = 3;
/** How much lower than its bar an interval's ends are. */
const WHISKER_INSET = 5;

/** Height of a label above its bar. */
const LABEL_HEIGHT = 18;
/** Width of a label above its bar, and the left margin of the bars in that case. */
const LABEL_ABOVE_WIDTH = 240;
const MARGIN_ABOVE = 20;

type Chart = BarsChart | DotsChart;
type Row = Mark & { readonly row: string };

export function drawBars(chart: BarsChart, size: Size): string {
  const rows = chart.rows.map((mark, i) => ({ ...mark, row: String(i) }));
  const labels = labelHeight(chart, size);
  return drawSvg(labelOf(chart), size, {
    ...frame(chart, size, [0]),
    marks: [
      grid(size),
      Plot.barX(rows, {
        x: "value",
        y: "row",
        fill: colorOf,
        insetTop: labels + GAP,
        insetBottom: GAP,
      }),
      ...whiskers(rows, labels, () => "var(--ink)"),
      Plot.ruleX([0], { stroke: "var(--muted)" }),
      ...texts(rows, chart, labels),
    ],
  });
}

export function drawDots(chart: DotsChart, size: Size): string {
  const { reference } = chart;
  const rows = chart.rows.map((mark, i) => ({ ...mark, row: String(i), tone: toneOf(mark, reference) }));
  const labels = labelHeight(chart, size);
  const line = { stroke: "var(--muted)", strokeWidth: 1.5, strokeDasharray: "4 3" };
  const point = { r: 5.5, fill: "tone", stroke: "var(--surface)", strokeWidth: 1, dy: labels / 2 };
  return drawSvg(labelOf(chart), size, {
    ...frame(chart, size, reference === undefined ? [] : [reference]),
    marks: [
      grid(size),
      ...(reference === undefined ? [] : [Plot.ruleX([reference], line)]),
      ...whiskers(rows, labels, ({ tone }) => tone),
      Plot.dot(rows, { x: "value", y: "row", ...point }),
      ...texts(rows, chart, labels),
    ],
  });
}

function colorOf({ control }: Mark): string {
  return control === true ? "var(--even)" : "var(--mark)";
}

/** Blue above the reference, orange below it, grey where the interval contains it. */
function toneOf({ low, high }: Mark, reference: number | undefined): string {
  if (reference === undefined) return "var(--mark)";
  if (low > reference) return "var(--over)";
  return high < reference ? "var(--under)" : "var(--even)";
}

function labelOf({ title, axis, rows }: Chart): string {
  return `${title}. A chart of ${rows.length} rows (${axis}); the table after it has the numbers.`;
}

/** The height of labels above their rows, on a narrow page that would cut them off; 0 if they are beside the rows. */
function labelHeight({ rows }: Chart, size: Size): number {
  const long = rows.some(({ label }) => textWidth(label) > size.labelWidth);
  return size.name === "narrow" && long ? LABEL_HEIGHT : 0;
}

/** Axes and margins; `also` are values that the horizontal axis must show. */
function frame(chart: Chart, size: Size, also: readonly number[]): Plot.PlotOptions {
  const { rows, axis, percent } = chart;
  const bounds = rows.flatMap(({ value, low, high }) => [value, low, high]);
  const labels = labelHeight(chart, size);
  return {
    height: MARGIN_TOP + MARGIN_BOTTOM + (labels + BAR_HEIGHT + 2 * GAP) * rows.length,
    marginTop: MARGIN_TOP,
    marginBottom: MARGIN_BOTTOM,
    marginLeft: labels > 0 ? MARGIN_ABOVE : marginFor(rows.map(({ label }) => cut(label, size.labelWidth))),
    marginRight: marginFor(rows.map(({ shown }) => shown)),
    x: {
      domain: [Math.min(...bounds, ...also), Math.max(...bounds, ...also)],
      nice: true,
      label: axis,
      labelAnchor: "center",
      labelArrow: "none",
      labelOffset: 36,
      ticks: size.ticks,
      tickFormat: tickText(percent),
      tickSize: 0,
    },
    y: {
      type: "band",
      domain: rows.map((_, i) => String(i)),
      padding: 0,
      ...(labels > 0 ? { axis: null } : { label: null, tickSize: 0 }),
      tickFormat: (row: string) => cut(rows[Number(row)]!.label, size.labelWidth),
    },
  };
}

function grid(size: Size): Plot.Markish {
  return Plot.gridX({ stroke: "var(--grid)", strokeOpacity: 1, ticks: size.ticks });
}

/** Intervals, where there are any. */
function whiskers<T extends Row>(
  rows: readonly T[],
  labels: number,
  tone: (row: T) => string,
): Plot.Markish[] {
  const uncertain = rows.filter(({ low, high }) => high > low);
  const line = { y: "row", stroke: tone, strokeWidth: 1.5 };
  const end = { ...line, insetTop: labels + GAP + WHISKER_INSET, insetBottom: GAP + WHISKER_INSET };
  return [
    Plot.ruleY(uncertain, { x1: "low", x2: "high", ...line, dy: labels / 2 }),
    Plot.tickX(uncertain, { x: "low", ...end }),
    Plot.tickX(uncertain, { x: "high", ...end }),
  ];
}

/** The values in a column at the right, and labels that go above their rows. */
function texts(rows: readonly Row[], chart: Chart, labels: number): Plot.Markish[] {
  const value = Plot.text(rows, {
    y: "row",
    text: "shown",
    frameAnchor: "right",
    textAnchor: "end",
    dx: marginFor(chart.rows.map(({ shown }) => shown)) - 2,
    dy: labels / 2,
    fill: "var(--ink)",
    fontVariant: "tabular-nums",
  });
  if (labels === 0) return [value];
  const label = Plot.text(rows, {
    y: "row",
    text: ({ label: text }: Row) => cut(text, LABEL_ABOVE_WIDTH),
    frameAnchor: "left",
    textAnchor: "start",
    dx: 6 - MARGIN_ABOVE,
    dy: -BAR_HEIGHT / 2,
    fill: "var(--ink)",
    // Lines of the chart stop short of the label.
    stroke: "var(--surface)",
    strokeWidth: 5,
  });
  return [value, label];
}

// Lines over ordered ticks, told apart by colour and by symbol.
import * as Plot from "@observablehq/plot";
import type { CurvesChart } from "../../view/chart.ts";
import { drawSvg, tickText, type Size } from "./plot.ts";

const SYMBOLS = ["circle", "square", "triangle", "diamond", "star", "wye"] as const;

function seriesColor(series: number): string {
  return `var(--series-${series % SYMBOLS.length})`;
}

export function drawCurves({ title, axis, percent, ticks, curves }: CurvesChart, size: Size): string {
  const points = curves.flatMap(({ points: own }, series) =>
    own.map((point) => ({
      ...point,
      series,
      color: seriesColor(series),
      symbol: SYMBOLS[series % SYMBOLS.length]!,
    })),
  );
  const uncertain = points.filter(({ low, high }) => high > low);
  const top = Math.max(0, ...points.map(({ high }) => high));
  return drawSvg(`${title}. A chart of ${curves.length} lines; the table after it has the numbers.`, size, {
    height: size.name === "wide" ? 320 : 260,
    marginTop: 14,
    marginBottom: 44,
    marginLeft: 48,
    marginRight: 16,
    symbol: { type: "identity" } as Plot.ScaleOptions,
    x: {
      type: "point",
      domain: ticks.map((_, i) => String(i)),
      padding: 0.3,
      tickFormat: (place: string) => ticks[Number(place)]!,
      label: axis,
      labelAnchor: "center",
      labelArrow: "none",
      labelOffset: 36,
      tickSize: 0,
    },
    y: {
      domain: [Math.min(0, ...points.map(({ low }) => low)), top],
      nice: true,
      label: null,
      ticks: 5,
      tickFormat: tickText(percent),
      tickSize: 0,
    },
    marks: [
      Plot.gridY({ stroke: "var(--grid)", strokeOpacity: 1, ticks: 5 }),
      Plot.ruleY([0], { stroke: "var(--muted)" }),
      Plot.ruleX(uncertain, { x: placeOf, y1: "low", y2: "high", stroke: "color", strokeWidth: 1.25 }),
      Plot.line(points, { x: placeOf, y: "y", z: "series", stroke: "color", strokeWidth: 2 }),
      Plot.dot(points, {
        x: placeOf,
        y: "y",
        r: 4.5,
        fill: "color",
        symbol: "symbol",
        stroke: "var(--surface)",
      }),
    ],
  });
}

function placeOf({ x }: { readonly x: number }): string {
  return String(x);
}

/** A line with its symbol, for the legend. */
export function legendKey(series: number): string {
  const color = seriesColor(series);
  const key = Plot.dot([0], { x: 11, y: 7, r: 4.5, fill: color, symbol: SYMBOLS[series % SYMBOLS.length]! });
  return drawKey([Plot.ruleY([7], { x1: 0, x2: 22, stroke: color, strokeWidth: 2 }), key]);
}

function drawKey(marks: Plot.Markish[]): string {
  const size: Size = { name: "narrow", width: 22, labelWidth: 0, ticks: 0 };
  return drawSvg("", size, {
    height: 14,
    margin: 0,
    axis: null,
    x: { type: "identity" },
    y: { type: "identity" },
    marks,
  });
}

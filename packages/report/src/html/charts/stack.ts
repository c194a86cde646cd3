// Shares of a whole, one bar per row.
import * as Plot from "@observablehq/plot";
import type { StackChart } from "../../view/chart.ts";
import { cut, drawSvg, marginFor, tickText, type Size } from "./plot.ts";

const ROW_HEIGHT = 30;
const MARGIN_BOTTOM = 44;

/** The tone of a part: one hue, darker with each part. */
export function stackOpacity(part: number, parts: number): number {
  return parts === 1 ? 1 : 0.2 + (0.8 * part) / (parts - 1);
}

export function drawStack(chart: StackChart, size: Size): string {
  const { rows, parts, title, axis } = chart;
  const pieces = rows.flatMap(({ shares }, row) => {
    let from = 0;
    return shares.flatMap((share, part) => {
      if (share === undefined) return [];
      const x1 = from;
      from += share;
      return [{ row: String(row), x1, x2: from, opacity: stackOpacity(part, parts.length) }];
    });
  });
  return drawSvg(`${title}. A chart of ${rows.length} bars; the table after it has the numbers.`, size, {
    height: MARGIN_BOTTOM + 8 + ROW_HEIGHT * rows.length,
    marginTop: 8,
    marginBottom: MARGIN_BOTTOM,
    marginLeft: marginFor(rows.map(({ label }) => cut(label, size.labelWidth))),
    marginRight: 22,
    opacity: { type: "identity" },
    x: {
      domain: [0, 100],
      label: axis,
      labelAnchor: "center",
      labelArrow: "none",
      labelOffset: 36,
      ticks: size.ticks,
      tickFormat: tickText(true),
      tickSize: 0,
    },
    y: {
      type: "band",
      domain: rows.map((_, i) => String(i)),
      label: null,
      tickSize: 0,
      padding: 0.2,
      tickFormat: (row: string) => cut(rows[Number(row)]!.label, size.labelWidth),
    },
    marks: [
      Plot.barX(pieces, {
        x1: "x1",
        x2: "x2",
        y: "row",
        fill: "var(--mark)",
        fillOpacity: "opacity",
        insetLeft: 0.75,
        insetRight: 0.75,
      }),
    ],
  });
}

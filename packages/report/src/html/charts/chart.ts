// A chart of a view as an HTML figure: its title, the drawing in two sizes, a legend where one is needed.
import type { Chart } from "../../view/chart.ts";
import { group } from "../../decimal.ts";
import { say } from "../../view/sentences.ts";
import { escapeHtml } from "../escape.ts";
import { drawCurves, legendKey } from "./curves.ts";
import { SIZES, type Size } from "./plot.ts";
import { drawBars, drawDots } from "./rows.ts";
import { drawStack, stackOpacity } from "./stack.ts";

export function chartHtml(chart: Chart): string {
  const drawings = SIZES.map((size) => `<div class="${size.name}">${draw(chart, size)}</div>`);
  const more = chart.more === 0 ? "" : ` <span class="more">${say("moreMarks", group(chart.more))}</span>`;
  return `<figure>
<figcaption>${escapeHtml(chart.title)}${more}</figcaption>
${legendHtml(chart)}${drawings.join("\n")}
</figure>`;
}

function draw(chart: Chart, size: Size): string {
  switch (chart.kind) {
    case "bars":
      return drawBars(chart, size);
    case "dots":
      return drawDots(chart, size);
    case "stack":
      return drawStack(chart, size);
    case "curves":
      return drawCurves(chart, size);
  }
}

function legendHtml(chart: Chart): string {
  if (chart.kind === "curves") {
    return list(
      chart.curves.map(
        ({ label }, i) => `<span aria-hidden="true">${legendKey(i)}</span>${escapeHtml(label)}`,
      ),
    );
  }
  if (chart.kind === "stack") {
    return list(
      chart.parts.map((part, i) => {
        const opacity = stackOpacity(i, chart.parts.length).toFixed(2);
        return `<span aria-hidden="true" class="swatch" style="opacity: ${opacity}"></span>${escapeHtml(part)}`;
      }),
    );
  }
  return "";
}

function list(items: readonly string[]): string {
  return `<ul class="legend">${items.map((item) => `<li>${item}</li>`).join("")}</ul>\n`;
}

// What all charts have in common: drawn with Observable Plot on a document of linkedom, so that no browser and no script is
// needed. Colours are CSS variables of the page (style.ts).
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** Each chart is drawn for wide pages and for telephones; the style shows one of the two. */
export interface Size {
  readonly name: "wide" | "narrow";
  readonly width: number;
  /** Room for a label beside a row, in pixels. */
  readonly labelWidth: number;
  readonly ticks: number;
}

export const SIZES: readonly Size[] = [
  { name: "wide", width: 840, labelWidth: 230, ticks: 6 },
  { name: "narrow", width: 330, labelWidth: 100, ticks: 3 },
];

const FONT_SIZE = 12;

const { document } = parseHTML("<!doctype html><title></title>");

/** The chart as SVG text, an image with `label` for screen readers. */
export function drawSvg(label: string, size: Size, options: Plot.PlotOptions): string {
  const svg = Plot.plot({
    document,
    className: "plot",
    width: size.width,
    style: { fontSize: `${FONT_SIZE}px` },
    ...options,
  });
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  return svg.outerHTML;
}

/** Space between a label and what it labels, and at the edge of the drawing. */
const LABEL_SPACE = 14;

/** Room for these texts beside the rows. */
export function marginFor(texts: readonly string[]): number {
  return Math.ceil(Math.max(0, ...texts.map(textWidth))) + LABEL_SPACE;
}

/**
 * Approximate width of a text in pixels: there is no browser here to measure it. The widths are those of DejaVu Sans, which
 * is wide, so that other fonts fit.
 */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (/[ijlI.,:;'|!()[\]\\ ]/.test(character)) return 5;
  if (/[mwMW@%…—±≥]/.test(character)) return 12;
  if (/[a-z0-9{}\-–·]/.test(character)) return 7.7;
  return character.codePointAt(0)! < 0x2e80 ? 9.6 : 12.5;
}

/** The text, or as much of its beginning as fits before an ellipsis. */
export function cut(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let room = width - textWidth("…");
  let kept = "";
  for (const character of text) {
    room -= characterWidth(character);
    if (room < 0) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

/** Numbers on an axis: short, with a percent sign for percentages. */
export function tickText(percent: boolean): (value: number) => string {
  return (value) => (percent ? `${Number(value.toPrecision(6))} %` : compact(value));
}

function compact(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9) return `${Number((value / 1e9).toPrecision(4))}bn`;
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(4))}m`;
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(4))}k`;
  return String(Number(value.toPrecision(6)));
}

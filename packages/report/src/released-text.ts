// A released report for people at a terminal.
import picocolors from "picocolors";
import { group } from "./decimal.ts";
import { named } from "@halfroom/wire/words";
import type { ReleasedReport } from "./released.ts";
import type { ReportOrigin } from "./statement.ts";
import { drawTable } from "./draw-table.ts";
import type { Section, ViewTable } from "./view/section.ts";
import { viewOf } from "./view/view.ts";

/** Longest label shown, in characters; files hold labels whole. */
const LABEL_LENGTH_MAX = 40;
/** Most rows of a table shown; files hold all of them. */
const ROWS_SHOWN_MAX = 200;
const NOTE_WIDTH = 100;

/**
 * Title, figures, each section's table and the notes, as text lines. Everything that came from data is made named.
 * `colors` turns escape sequences on.
 */
export function releasedText(
  report: ReleasedReport,
  { colors, origin = {} }: { readonly colors: boolean; readonly origin?: ReportOrigin },
): string {
  const paint = picocolors.createColors(colors);
  const { title, figures, sections, notes } = viewOf(report);
  const { partner } = origin;
  const headline = partner === undefined ? title : `${title} with ${named(partner)}`;
  return `${[
    paint.bold(headline),
    ...figures.map(({ label, value, detail }) => `${label}: ${paint.bold(value)} (${detail})`),
    ...sections.flatMap((section) => sectionLines(section, paint)),
    "",
    ...notes.flatMap(wrap),
  ].join("\n")}\n`;
}

type Paint = ReturnType<typeof picocolors.createColors>;

function sectionLines({ heading, remarks, table }: Section, paint: Paint): string[] {
  return ["", paint.bold(heading), ...tableLines(table, paint), ...remarks.flatMap(wrap)];
}

function tableLines({ head, textColumns, rows }: ViewTable, paint: Paint): string[] {
  if (rows.length === 0) return ["Nothing was opened."];
  const shown = rows
    .slice(0, ROWS_SHOWN_MAX)
    .map((row) => row.map((text, i) => (i < textColumns ? cut(text) : text)));
  const lines = [drawTable(head.map(cut), shown, textColumns, paint.bold)];
  const more = rows.length - shown.length;
  return more === 0 ? lines : [...lines, `${group(more)} more rows are in the JSON and CSV reports.`];
}

function cut(text: string): string {
  const characters = Array.from(text);
  if (characters.length <= LABEL_LENGTH_MAX) return text;
  return `${characters.slice(0, LABEL_LENGTH_MAX - 1).join("")}…`;
}

/** A paragraph as lines of at most NOTE_WIDTH characters, after a dash. */
function wrap(paragraph: string): string[] {
  const lines: string[] = [];
  let line = "-";
  for (const word of paragraph.split(" ")) {
    if (line.length + 1 + word.length > NOTE_WIDTH) {
      lines.push(line);
      line = `  ${word}`;
    } else line += ` ${word}`;
  }
  return [...lines, line];
}

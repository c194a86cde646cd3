// A released report for people at a terminal.
import picocolors from "picocolors";
import { group } from "./decimal.ts";
import type { ReleasedReport } from "./released.ts";
import { drawTable } from "./draw-table.ts";
import { dataOf, originOf, type Fact } from "./view/facts.ts";
import type { Section, ViewTable } from "./view/section.ts";
import { say } from "./view/sentences.ts";
import { viewOf } from "./view/view.ts";

/** Longest label shown, in characters; files hold labels whole. */
const LABEL_LENGTH_MAX = 40;
/** Most rows of a table shown; files hold all of them. */
const ROWS_SHOWN_MAX = 200;
const NOTE_WIDTH = 100;

/**
 * Title, what was agreed, figures, each section's table, this side's data and the notes, as text lines. Everything that came from
 * data is made named. `colors` turns escape sequences on.
 */
export function releasedText(report: ReleasedReport, { colors }: { readonly colors: boolean }): string {
  const paint = picocolors.createColors(colors);
  const { title, facts, figures, sections, data, notes } = viewOf(report);
  return `${[
    paint.bold(title),
    ...facts.flatMap(factLines),
    "",
    ...figures.map(({ label, value, detail }) => `${label}: ${paint.bold(value)} (${detail})`),
    ...sections.flatMap((section) => sectionLines(section, paint)),
    ...(data.length === 0 ? [] : ["", paint.bold("Our data"), ...data.flatMap(factLines)]),
    "",
    ...notes.flatMap((note) => wrap("-", note)),
  ].join("\n")}\n`;
}

/** What a side without numbers is told: whose session it was, and what became of its own rows. */
export function resultlessText({ origin, own }: Required<Pick<ReleasedReport, "origin" | "own">>): string {
  const lines = [...originOf(origin), ...dataOf(own, [])].flatMap(factLines);
  return `${[say("resultElsewhere"), ...lines].join("\n")}\n`;
}

function factLines({ label, text }: Fact): string[] {
  return wrap(`${label}:`, text);
}

type Paint = ReturnType<typeof picocolors.createColors>;

function sectionLines({ heading, remarks, table }: Section, paint: Paint): string[] {
  return [
    "",
    paint.bold(heading),
    ...tableLines(table, paint),
    ...remarks.flatMap((remark) => wrap("-", remark)),
  ];
}

function tableLines({ head, textColumns, rows }: ViewTable, paint: Paint): string[] {
  if (rows.length === 0) return [say("nothingOpened")];
  const shown = rows
    .slice(0, ROWS_SHOWN_MAX)
    .map((row) => row.map((text, i) => (i < textColumns ? cut(text) : text)));
  const lines = [drawTable(head.map(cut), shown, textColumns, paint.bold)];
  const more = rows.length - shown.length;
  return more === 0 ? lines : [...lines, say("moreRows", group(more))];
}

function cut(text: string): string {
  const characters = Array.from(text);
  if (characters.length <= LABEL_LENGTH_MAX) return text;
  return `${characters.slice(0, LABEL_LENGTH_MAX - 1).join("")}…`;
}

/** A paragraph as lines of at most NOTE_WIDTH characters, after what it begins with. */
function wrap(start: string, paragraph: string): string[] {
  const lines: string[] = [];
  let line = start;
  for (const word of paragraph.split(" ")) {
    if (line.length + 1 + word.length > NOTE_WIDTH) {
      lines.push(line);
      line = `  ${word}`;
    } else line += ` ${word}`;
  }
  return [...lines, line];
}

// What a rehearsal prints and writes: one plain object for the short form, the document of each side for other requests.
import {
  cellsMembers,
  parseReport,
  plainJson,
  releasedCsv,
  releasedText,
  type ReleasedReport,
} from "@halfroom/report";
import { SIDES, type Rehearsal, type Side } from "./rehearsal.ts";

export interface RehearsalOutput {
  /** For --json and report.json. */
  readonly json: string;
  /** For report.csv. */
  readonly csv: string;
  /** For a terminal. */
  readonly text: (colors: boolean) => string;
}

/**
 * The short form: cells, sizes and stages in one object. A report with noise has the documents of both sides beside them,
 * which say how far each number may be off.
 */
export function shortOutput(rehearsal: Rehearsal): RehearsalOutput {
  const report = reportOfReceiver(rehearsal);
  const members = report.noise === undefined ? detailsOf(rehearsal) : membersOf(rehearsal);
  const cells = cellsMembers(report).map((member) => `  ${member}`);
  return {
    json: `{\n${[...cells, ...members].join(",\n")}\n}\n`,
    csv: releasedCsv(report),
    text: (colors) => releasedText(report, { colors }),
  };
}

/** The receiver's copy, which knows how many cells there are. */
export function reportOfReceiver(rehearsal: Rehearsal): ReleasedReport {
  return reportOf(rehearsal, rehearsal.roles.ours === "receiver" ? "ours" : "theirs")!;
}

/** Each side's own document, as `halfroom report` would print it there. */
export function requestOutput(rehearsal: Rehearsal): RehearsalOutput {
  const seen = SIDES.flatMap((side) => {
    const report = reportOf(rehearsal, side);
    return report === undefined ? [] : [{ side, report }];
  });
  const [{ side, report }] = seen as [(typeof seen)[number]];
  return {
    json: `{\n${membersOf(rehearsal).join(",\n")}\n}\n`,
    csv: releasedCsv(report),
    text: (colors) => {
      const shown = releasedText(report, { colors });
      if (seen.length === 1) return `${aloneNote(side)}\n\n${shown}`;
      return `${shown}This is the report of --ours. The one of --theirs has the same numbers with its own bases; --json prints both.\n`;
    },
  };
}

/** "Our people" in a report are those of the side that it belongs to. */
function aloneNote(side: Side): string {
  const other = side === "ours" ? "theirs" : "ours";
  return `Only --${side} receives this report; --${other} receives no numbers.`;
}

function reportOf({ reports }: Rehearsal, side: Side): ReleasedReport | undefined {
  const json = reports[side];
  return json === undefined ? undefined : parseReport(json).report;
}

/** Documents stay as they are written: numbers in them are exact decimal literals. */
function membersOf(rehearsal: Rehearsal): string[] {
  const { roles, reports } = rehearsal;
  const documents = SIDES.map((side) => `    "${side}": ${indented(reports[side]?.trim() ?? "null")}`);
  return [
    `  "roles": ${plainJson(roles)}`,
    `  "reports": {\n${documents.join(",\n")}\n  }`,
    ...detailsOf(rehearsal),
  ];
}

function detailsOf({ details }: Rehearsal): string[] {
  return Object.entries(details).map(([name, value]) => `  ${plainJson(name)}: ${plainJson(value)}`);
}

function indented(document: string): string {
  return document.replaceAll("\n", "\n    ");
}

// What a rehearsal prints and writes: the short form one plain table, any other request the document of each side.
import { parseReport, releasedCsv, releasedText, reportCsv, reportJson, reportText, tableOf } from "@halfroom/report";
import type { ReleasedReport, ReleasedTable } from "@halfroom/report";
import { SIDES, type Rehearsal, type Side } from "./rehearsal.ts";

export interface RehearsalOutput {
  /** For --json and report.json. */
  readonly json: string;
  /** For report.csv. */
  readonly csv: string;
  /** For a terminal. */
  readonly text: (colors: boolean) => string;
}

/** The short form: cells, sizes and stages in one object. A report with noise has the documents of both sides beside them. */
export function shortOutput(rehearsal: Rehearsal): RehearsalOutput {
  const report = reportOf(rehearsal, rehearsal.roles.ours === "receiver" ? "ours" : "theirs")!;
  const table = tableOf(report);
  if (report.noise === undefined) {
    return {
      json: reportJson(table, { ...rehearsal.details }),
      csv: reportCsv(table),
      text: (colors) => reportText(table, { colors }),
    };
  }
  const cells = reportJson(table).replace(/\n\}\n$/, "");
  return {
    json: `${cells},\n${membersOf(rehearsal).join(",\n")}\n}\n`,
    csv: releasedCsv(report),
    text: (colors) => releasedText(report, { colors }),
  };
}

/** The receiver's copy of a report of one partition, in which all is exact. */
export function tableOfReceiver(rehearsal: Rehearsal): ReleasedTable {
  return tableOf(reportOf(rehearsal, rehearsal.roles.ours === "receiver" ? "ours" : "theirs")!);
}

/** Each side's own document, as `halfroom report` would print it there. */
export function requestOutput(rehearsal: Rehearsal): RehearsalOutput {
  const seen = SIDES.flatMap((side) => {
    const report = reportOf(rehearsal, side);
    return report === undefined ? [] : [{ side, report }];
  });
  const [{ side, report }] = seen as [(typeof seen)[number]];
  const other = side === "ours" ? "theirs" : "ours";
  return {
    json: `{\n${membersOf(rehearsal).join(",\n")}\n}\n`,
    csv: releasedCsv(report),
    text: (colors) =>
      releasedText(report, { colors }) +
      (seen.length > 1
        ? "This is the report of --ours. That of --theirs has the same numbers beside its own bases; --json has both.\n"
        : `Only --${side} receives this report; --${other} receives no numbers.\n`),
  };
}

function reportOf({ reports }: Rehearsal, side: Side): ReleasedReport | undefined {
  const json = reports[side];
  return json === undefined ? undefined : parseReport(json).report;
}

/** Documents stay as they are written: numbers in them are exact decimal literals. */
function membersOf({ roles, reports, details }: Rehearsal): string[] {
  const documents = SIDES.map((side) => `    "${side}": ${indented(reports[side]?.trim() ?? "null")}`);
  return [
    `  "roles": ${JSON.stringify(roles)}`,
    `  "reports": {\n${documents.join(",\n")}\n  }`,
    ...Object.entries(details).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`),
  ];
}

function indented(document: string): string {
  return document.replaceAll("\n", "\n    ");
}

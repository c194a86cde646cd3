// Stored reports, in the forms that people and programs read.
import { listReports, OperatorError, readReport } from "@halfroom/node";
import {
  DOCUMENT_VERSION,
  drawList,
  pairStatement,
  parseReport,
  parseResultless,
  releasedCsv,
  releasedCsvLong,
  releasedText,
  resultlessText,
  withEscapes,
} from "@halfroom/report";
import { badInput } from "../../failure.ts";
import { orBadInput, replaceFile } from "../../output.ts";
import { withNode, type HomeFlags } from "./folder.ts";
import { say, sayJson, sayWhole } from "../../print.ts";
import { moment } from "../../moment.ts";
import { datasetsText, tellOlder, type PageFlags } from "./pages.ts";

/** Digits of a session's id that are enough to tell it from others. */
export const SHORT = 12;

export async function reportsCommand(flags: HomeFlags & PageFlags): Promise<void> {
  const reports = await withNode(flags, (node) => listReports(node, flags));
  if (flags.json) return sayJson(reports);
  if (reports.length === 0) return say("There are no reports yet.");
  const rows = reports.map((each) => [
    each.session.slice(0, SHORT),
    each.partner,
    each.kind ?? "-",
    datasetsText(each.datasets),
    moment(each.createdAt),
  ]);
  say(drawList(["report", "partner", "kind", "datasets: ours, theirs", "made (UTC)"], rows));
  tellOlder(flags, reports.length, reports.at(-1)?.session.slice(0, SHORT));
}

/** The forms of a report, each a flag; without a flag it is a table for people. */
export const REPORT_FORMS = ["json", "csv", "csv-long", "html", "statement"] as const;
type ReportForm = (typeof REPORT_FORMS)[number] | "text";

export interface ReportFlags extends HomeFlags {
  readonly id: string;
  readonly forms: readonly ReportForm[];
  readonly out?: string | undefined;
}

export async function reportCommand({ id, forms, out, ...flags }: ReportFlags): Promise<void> {
  const [form = "text", other] = forms;
  if (other !== undefined) throw badInput(`Give one form: --${form} or --${other}.`);
  const { json, receipt } = await withNode(flags, (node) => readReport(node, id));
  await printOrWrite(await reportAs(form, json, receipt), out);
}

/** Of an earlier version, which said nothing else. */
const RESULTLESS = "The partner alone received the result of this session.\n";

/** Prints the text, or writes it to a file, all or nothing. */
export async function printOrWrite(text: string, out: string | undefined): Promise<void> {
  if (out === undefined) return sayWhole(text);
  await orBadInput(out, replaceFile(out, text));
}

/**
 * `receipt` is the commitment to the report that both sides signed, in hex. Throws OperatorError `report-form` if the report has no such
 * form.
 */
export async function reportAs(form: ReportForm, json: string, receipt?: string): Promise<string> {
  if (form === "json") return withEscapes(json);
  const { result, version } = JSON.parse(json) as { readonly result?: string; readonly version?: number };
  if (result !== undefined && form !== "text") {
    const words = "There is no report here: the partner alone received the result.";
    throw new OperatorError("report-form", words);
  }
  if (result !== undefined)
    return version === DOCUMENT_VERSION ? resultlessText(parseResultless(json)) : RESULTLESS;
  if (version !== DOCUMENT_VERSION) {
    throw new OperatorError(
      "report-form",
      "This report is from an earlier version; --json prints it as it is.",
    );
  }
  const { report } = parseReport(json);
  switch (form) {
    case "csv":
      return releasedCsv(report);
    case "csv-long":
      return releasedCsvLong(report);
    case "html":
      // The charting library is loaded only for pages.
      return (await import("@halfroom/report/html")).reportHtml(report, receipt);
    case "statement":
      if (report.rules !== "pair")
        throw new OperatorError("report-form", "This report was not agreed under `rules: pair`.");
      return `${pairStatement(report, receipt)}\n`;
    case "text":
      return releasedText(report, { colors: false });
  }
}

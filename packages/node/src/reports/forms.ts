// A stored report in the forms that people and programs read.
import {
  DOCUMENT_VERSION,
  pairStatement,
  parseReport,
  parseResultless,
  releasedCsv,
  releasedCsvLong,
  releasedText,
  resultlessText,
  trendCsv,
  trendJson,
  trendText,
  withEscapes,
  type Trend,
} from "@halfroom/report";
import { OperatorError } from "../errors.ts";

export type ReportForm = "text" | "json" | "csv" | "csv-long" | "html" | "statement";

/** Of an earlier version, which said nothing else. */
const RESULTLESS = "The partner alone received the result of this session.\n";

export type TrendForm = "text" | "json" | "csv" | "html";

/** The numbers of a series, run by run. */
export async function trendAs(form: TrendForm, trend: Trend): Promise<string> {
  switch (form) {
    case "text":
      return trendText(trend);
    case "json":
      return trendJson(trend);
    case "csv":
      return trendCsv(trend);
    case "html":
      // The charting library is loaded only for pages.
      return (await import("@halfroom/report/trend")).trendHtml(trend);
  }
}

/**
 * `json` as it is stored; `receipt` is the commitment to the report that both sides signed, in hex. Errors: `report-form`, if the report has
 * no such form.
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

// A stored report in the long form, one number a line, as it goes to a sink.
import {
  DOCUMENT_VERSION,
  kindText,
  parseReport,
  releasedLines,
  type ReleasedReport,
} from "@halfroom/report";
import type { SqlValue } from "@halfroom/prepare/databases";
import { Undelivered } from "../events/attempt.ts";
import type { StoredReport } from "../reports/reports.ts";

/** Names of the columns of a line, which tables and files have. */
export const COLUMNS = [
  "session",
  "line",
  "partner",
  "report",
  "partition_number",
  "place",
  "labels",
  "measure",
  "number",
  "detail",
  "status",
  "known",
  "value",
  "standard_error",
  "low",
  "high",
  "threshold",
  "noise",
  "epsilon",
  "made_at",
] as const;
export type Column = (typeof COLUMNS)[number];
export type ColumnKind = "name" | "text" | "json" | "whole" | "decimal" | "moment";

/** What each column holds; a name is a text that a key may have. */
export const KIND_OF: Readonly<Record<Column, ColumnKind>> = {
  session: "name",
  line: "whole",
  partner: "text",
  report: "text",
  partition_number: "whole",
  place: "text",
  labels: "json",
  measure: "text",
  number: "text",
  detail: "text",
  status: "text",
  known: "text",
  value: "decimal",
  standard_error: "decimal",
  low: "decimal",
  high: "decimal",
  threshold: "whole",
  noise: "text",
  epsilon: "decimal",
  made_at: "moment",
};

/** Numbers are decimals in text, exact as the report has them; `labels` is a JSON object of dimension to label. */
export type SinkLine = Readonly<Record<Column, SqlValue>>;

/** Whether this side has numbers to write: a side without a result keeps a document that says so. */
export function hasNumbers(json: string): boolean {
  const { result, version } = JSON.parse(json) as { readonly result?: string; readonly version?: number };
  return result === undefined && version === DOCUMENT_VERSION;
}

/** Errors: `Undelivered`, for a report without numbers here. */
export function linesOf({
  json,
  session,
  partner,
}: Pick<StoredReport, "json" | "session" | "partner">): SinkLine[] {
  if (!hasNumbers(json))
    throw new Undelivered("this node has no numbers of the report, or it is of an earlier version", {
      isFinal: true,
    });
  const { report } = parseReport(json);
  const common = { session, partner, ...aboutReport(report) };
  return releasedLines(report).map(
    ({ partition, row, labels, column, number, detail, status, found }, i): SinkLine => ({
      ...common,
      line: i + 1,
      partition_number: partition ?? null,
      place: row,
      labels: JSON.stringify(labels),
      measure: column,
      number,
      detail,
      status,
      known: found?.known ?? null,
      value: decimal(found?.value),
      standard_error: decimal(found?.error),
      low: decimal(found?.low),
      high: decimal(found?.high),
    }),
  );
}

function aboutReport({ kind, agreed, threshold, noise, origin }: ReleasedReport) {
  return {
    report: kindText({ kind, newPeople: agreed.newPeople }),
    threshold,
    noise: noise?.mechanism ?? "none",
    epsilon: noise === undefined ? null : String(noise.microEpsilon / 1e6),
    made_at: origin?.made.toISOString() ?? null,
  };
}

/** Empty for none and for infinity. */
function decimal(text: string | undefined): string | null {
  return text === undefined || text === "" ? null : text;
}

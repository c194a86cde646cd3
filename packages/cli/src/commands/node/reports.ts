// Stored reports, in the forms that people and programs read.
import type { HalfroomNode } from "@halfroom/node";
import {
  drawTable,
  pairStatement,
  parseReport,
  releasedCsv,
  releasedText,
  type ReportOrigin,
} from "@halfroom/report";
import { badInput } from "../../failure.ts";
import { orBadInput, replaceFile } from "../../output.ts";
import { withNode, type HomeFlags } from "./folder.ts";

/** Enough of a session id to tell it from others. */
const SHORT = 12;

export async function reportsCommand(flags: HomeFlags & { json: boolean }): Promise<void> {
  const reports = await withNode(flags, (node) => node.reports.list());
  if (flags.json) {
    const plain = reports.map(({ session, partner, createdAt }) => ({ session, partner, createdAt }));
    return console.log(JSON.stringify(plain, undefined, 2));
  }
  if (reports.length === 0) return console.log("There is no report yet.");
  const rows = reports.map((each) => [
    each.session.slice(0, SHORT),
    each.partner,
    new Date(each.createdAt).toISOString(),
  ]);
  console.log(drawTable(["report", "partner", "made"], rows, 3));
}

/** The forms of a report, each a flag; without one it is a table for people. */
export const REPORT_FORMS = ["json", "csv", "html", "statement"] as const;
type ReportForm = (typeof REPORT_FORMS)[number] | "text";

export interface ReportFlags extends HomeFlags {
  readonly id: string;
  readonly forms: readonly ReportForm[];
  readonly out?: string | undefined;
}

export async function reportCommand({ id, forms, out, ...flags }: ReportFlags): Promise<void> {
  const [form = "text", other] = forms;
  if (other !== undefined) throw badInput(`Give one form: --${form} or --${other}.`);
  const { json, origin } = await withNode(flags, (node) => storedReport(node, id));
  await printOrWrite(await reportAs(form, json, origin), out);
}

/** Prints the text, or writes it to a file, whole or not at all. */
export async function printOrWrite(text: string, out: string | undefined): Promise<void> {
  if (out === undefined) return void process.stdout.write(text);
  await orBadInput(out, replaceFile(out, text));
}

/** A stored report with what the node knows of where it comes from. */
export function storedReport(node: HalfroomNode, id: string): { json: string; origin: ReportOrigin } {
  const { session, partner, createdAt, json } = findReport(node, id);
  const receipt = node.receipts.get(session);
  return {
    json,
    origin: {
      partner,
      createdAt: new Date(createdAt),
      agreement: session,
      ...(receipt === undefined ? {} : { receipt: Buffer.from(receipt.report).toString("hex") }),
    },
  };
}

async function reportAs(form: ReportForm, json: string, origin: ReportOrigin): Promise<string> {
  if (form === "json") return json;
  const { result } = JSON.parse(json) as { readonly result?: string };
  if (result !== undefined) {
    if (form !== "text") throw badInput("There is no report here: the partner alone received the result.");
    return "The partner alone received the result of this session.\n";
  }
  const { report } = parseReport(json);
  switch (form) {
    case "csv":
      return releasedCsv(report);
    case "html":
      // The charting library is loaded for pages only.
      return (await import("@halfroom/report/html")).reportHtml(report, origin);
    case "statement":
      if (report.rules !== "pair") throw badInput("This report was not agreed under `rules: pair`.");
      return `${pairStatement(report, origin)}\n`;
    case "text":
      return releasedText(report, { colors: false, origin });
  }
}

/** By the id of its session as `sessions` shows it, or by the beginning of the session's hash. */
export function findReport(
  node: HalfroomNode,
  id: string,
): ReturnType<HalfroomNode["reports"]["list"]>[number] {
  const session = node.sessions.list().find((row) => row.id === id)?.session;
  const found = node.reports
    .list()
    .filter((report) => report.session === session || report.session.startsWith(id));
  const [report] = found;
  if (report === undefined) throw badInput(`There is no report ${id}; halfroom reports lists them.`);
  if (found.length > 1) throw badInput(`${id} begins the names of ${found.length} reports; give more of it.`);
  return report;
}

/** Prints a stored report as it is, or as a table. */
export async function printStored(json: string, { json: asJson }: { json: boolean }): Promise<void> {
  process.stdout.write(await reportAs(asJson ? "json" : "text", json, {}));
}

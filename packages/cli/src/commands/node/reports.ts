// Stored reports.
import type { HalfroomNode } from "@halfroom/node";
import { drawTable, parseReportTable, reportCsv, reportText } from "@halfroom/report";
import { badInput } from "../../failure.ts";
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

export interface ReportFlags extends HomeFlags {
  readonly id: string;
  readonly json: boolean;
  readonly csv: boolean;
}

export async function reportCommand(flags: ReportFlags): Promise<void> {
  const report = await withNode(flags, (node) => findReport(node, flags.id));
  printStored(report.json, flags);
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

/** Prints the report as it is stored, as CSV, or as a table. */
export function printStored(
  json: string,
  { json: asJson, csv = false }: { json: boolean; csv?: boolean },
): void {
  if (asJson) return void process.stdout.write(json);
  const stored = JSON.parse(json) as { readonly result?: string };
  if (stored.result !== undefined) return console.log(`The result went to ${stored.result}.`);
  const table = parseReportTable(json, JSON.parse(json).columns);
  process.stdout.write(csv ? reportCsv(table) : reportText(table, { colors: false }));
}

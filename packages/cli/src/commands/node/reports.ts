// Stored reports, in the forms that people and programs read.
import {
  listReports,
  readReport,
  reportAs,
  sendReport,
  type ReportForm,
  type SentRecord,
} from "@halfroom/node";
import { drawList, kindText } from "@halfroom/report";
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
    each.kind === undefined ? "-" : kindText({ kind: each.kind, newPeople: each.newPeople }),
    datasetsText(each.datasets),
    moment(each.createdAt),
    sentText(each.sent),
  ]);
  say(drawList(["report", "partner", "kind", "datasets: ours, theirs", "made (UTC)", "sent"], rows));
  tellOlder(flags, reports.length, reports.at(-1)?.session.slice(0, SHORT));
}

function sentText(sent: readonly SentRecord[] | undefined): string {
  if (sent === undefined) return "-";
  const marks = { delivered: "", waiting: " not yet", failed: " failed" } as const;
  return sent.map(({ sink, state }) => `${sink}${marks[state]}`).join(", ");
}

export async function reportsSendCommand({
  id,
  to,
  ...flags
}: HomeFlags & { readonly id: string; readonly to: string }): Promise<void> {
  const { session } = await withNode(flags, (node) => sendReport(node, id, to));
  say(`Report ${session.slice(0, SHORT)} is in ${to}.`);
}

/** The forms of a report, each a flag; without a flag it is a table for people. */
export const REPORT_FORMS = ["json", "csv", "csv-long", "html", "statement"] as const satisfies ReportForm[];

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

/** Prints the text, or writes it to a file, all or nothing. */
export async function printOrWrite(text: string, out: string | undefined): Promise<void> {
  if (out === undefined) return sayWhole(text);
  await orBadInput(out, replaceFile(out, text));
}

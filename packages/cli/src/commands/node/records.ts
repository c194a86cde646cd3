// What has happened: the ledger, the audit log, receipts.
import {
  correctClock,
  OperatorError,
  readAudit,
  readBudgets,
  readLedger,
  readOpenings,
  readReceipt,
  verifyAudit,
  verifyLedger,
  verifyOwnReceipt,
  type BudgetRecord,
  type BudgetState,
  type LedgerRecord,
  type LedgerGap,
  type ReceiptCheck,
} from "@halfroom/node";
import { drawList, group, plainJson } from "@halfroom/report";
import { badInput } from "../../failure.ts";
import { withNode, type HomeFlags } from "./folder.ts";
import { tellOlder, type PageFlags } from "./pages.ts";
import { SHORT } from "./reports.ts";
import { moment } from "../../moment.ts";
import { say, sayJson, sayJsonLine, sayJsonText, sayWhole, tell } from "../../print.ts";

const MILLIONTHS = 1e6;

export async function ledgerCommand(flags: HomeFlags & PageFlags & { json: boolean }): Promise<void> {
  const { entries, budgets, gaps } = await withNode(flags, async (node) => ({
    entries: await readLedger(node, flags),
    budgets: await readBudgets(node),
    gaps: await verifyLedger(node),
  }));
  if (flags.json) sayJson({ entries, budgets });
  else {
    printLedger(entries);
    tellOlder(flags, entries.length, entries.at(-1)?.session.slice(0, SHORT));
    printBudgets(budgets);
  }
  assertNoGaps(gaps);
}

function printLedger(entries: readonly LedgerRecord[]): void {
  if (entries.length === 0) return say("Nothing has been spent yet.");
  const rows = entries.map((entry) => [
    entry.session.slice(0, SHORT),
    entry.partner,
    entry.kind ?? "-",
    entry.population,
    entry.mode === "exact" ? "exact" : String(entry.microEpsilon / MILLIONTHS),
    String(entry.numbers),
    String(entry.bits),
    entry.settled ? "yes" : "no",
    moment(entry.takenAt).slice(0, "2026-11-29".length),
  ]);
  const head = ["session", "partner", "report", "population", "epsilon", "numbers", "bits", "out"];
  say(drawList([...head, "taken (UTC)"], rows));
  if (entries.some(({ settled }) => !settled)) say("Not out: spent by a session that released nothing.");
}

/** What each policy bounds, a line each. */
function printBudgets(budgets: readonly BudgetRecord[]): void {
  if (budgets.length === 0) return;
  say(
    "What each policy bounds. A period ends now: what was spent comes back as it gets older, the first of it when the table says.",
  );
  for (const each of budgets) {
    const days = `in ${each.periodDays} days`;
    const line = (what: string, { spent, budget, left, backAt }: BudgetState, unit: number) => [
      what,
      ...[spent, budget, left].map((amount) => String(amount / unit)),
      backAt === null ? "-" : moment(backAt),
    ];
    const rows = [
      line(`epsilon ${days}`, each.period, MILLIONTHS),
      line(`epsilon ${days}, all partners`, each.everybody, MILLIONTHS),
      line("epsilon for all time", each.lifetime, MILLIONTHS),
      line(`numbers ${days}`, each.numbers, 1),
      line(`numbers ${days}, all partners`, each.everybodyNumbers, 1),
      line(`exact reports ${days}`, each.exact, 1),
    ];
    say(`${each.partner}, ${each.dataset} (population ${each.population}):`);
    say(drawList(["what", "spent", "limit", "left", "first back (UTC)"], rows));
  }
}

export interface AuditListFlags extends HomeFlags {
  readonly json: boolean;
  readonly limit: number;
  /** A number of an entry. */
  readonly before?: number | undefined;
}

export async function auditListCommand({ json, limit, before, ...flags }: AuditListFlags): Promise<void> {
  const page = before === undefined ? { limit } : { limit, before };
  const entries = await withNode(flags, (node) => readAudit(node, page));
  for (const { number, at, kind, facts, hash } of entries) {
    if (json) sayJsonLine({ number, at, kind, facts, hash });
    else say(`${number} ${new Date(at).toISOString()} ${kind} ${plainJson(facts)}`);
  }
  const [first] = entries;
  if (!json && first !== undefined && first.number > 1) tell(`Earlier entries: --before ${first.number}`);
}

export async function auditVerifyCommand(flags: HomeFlags): Promise<void> {
  const { verdict, gaps } = await withNode(flags, async (node) => ({
    verdict: await verifyAudit(node, tellProgress("The chain")),
    gaps: await verifyLedger(node, { each: true, onProgress: tellProgress("What was spent") }),
  }));
  const { entries, faults } = verdict;
  for (const { number, fault, words } of faults) say(`entry ${number}: ${fault}: ${words}`);
  if (faults.length > 0) {
    for (const each of gaps) say(wordsOf(each));
    const count = `${faults.length} fault${faults.length === 1 ? "" : "s"}`;
    throw new OperatorError("audit", `The audit log is not intact: ${count}.`);
  }
  say(`The audit log is intact: ${entries} entries, none edited, removed or moved.`);
  assertNoGaps(gaps);
}

/** A line after each many entries: a long log takes minutes. */
function tellProgress(what: string): (done: number, total: number) => void {
  return (done, total) => tell(`${what}: ${group(done)} of ${group(total)} entries of the log`);
}

export async function correctClockCommand(flags: HomeFlags): Promise<void> {
  const { from, to } = await withNode(flags, correctClock);
  const [seen, now] = [from, to].map((at) => new Date(at).toISOString());
  say(`The audit log had seen ${seen}; time goes on from ${now}. What was spent stays spent.`);
}

/** What the log says was spent has to be in the ledger. */
function assertNoGaps(gaps: readonly LedgerGap[]): void {
  if (gaps.length === 0) return;
  const remedy = "Restore node.sqlite from a backup that has them; until then nothing runs.";
  throw new OperatorError("ledger", [...gaps.map(wordsOf), remedy].join("\n"));
}

function wordsOf({ number, words }: LedgerGap): string {
  return `entry ${number} of the audit log, ${words}`;
}

/** What a receipt can be printed as beside words, each a flag. */
export const RECEIPT_FORMS = ["json", "openings", "check"] as const;

export interface ReceiptFlags extends HomeFlags {
  readonly id: string;
  readonly forms: readonly (typeof RECEIPT_FORMS)[number][];
}

export async function receiptCommand({ id, forms, ...flags }: ReceiptFlags): Promise<void> {
  const [form, other] = forms;
  if (other !== undefined) throw badInput(`Give one form: --${form} or --${other}.`);
  if (form === "check") return printCheck(await withNode(flags, (node) => verifyOwnReceipt(node, id)));
  if (form === "openings") {
    const { session, openings } = await withNode(flags, (node) => readOpenings(node, id));
    return sayJson({ session, openings: openings ?? null });
  }
  const { text, json } = await withNode(flags, (node) => readReceipt(node, id));
  if (form === "json") return sayJsonText(`${json}\n`);
  sayWhole(text);
}

/** What each verdict says of data, filter and report. */
const CHECKED = {
  data: {
    same: "the dataset gives today what this side committed to.",
    other:
      "the dataset gives other data today than this side committed to. People who have opted out since are left out today.",
    unknown: "nothing is kept that could open the commitment: the session is of an earlier version.",
  },
  filter: {
    same: "the one that is kept is the one that this side committed to.",
    other: "the one that is kept is not the one that this side committed to.",
    unknown: "nothing is kept that could open the commitment: the session is of an earlier version.",
  },
  report: {
    same: "the stored one is the one that both sides signed.",
    other: "the stored one is not the one that both sides signed.",
    unknown:
      "there is none here that could be compared: it was deleted, or the partner alone has the result, or it is of an earlier version.",
  },
} as const;

function printCheck(check: ReceiptCheck & { readonly session: string }): void {
  for (const part of ["data", "filter", "report"] as const)
    say(`${part}: ${check[part]}: ${CHECKED[part][check[part]]}`);
}

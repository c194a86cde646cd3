import {
  activationPlan,
  DOCUMENT_VERSION,
  parseReport,
  type ActivationChoice,
  type ActivationPlan,
  type ActivationRule,
  type LabelExpressions,
  type ReleasedReport,
} from "@halfroom/report";
import { labelExpression } from "@halfroom/prepare";
import { encodeReceipt, toHex, type Receipt, type ReportKind } from "@halfroom/session";
import { quoted } from "@halfroom/wire/words";
import { OperatorError } from "../errors.ts";
import type { DeliveryState } from "../events/events.ts";
import type { NodeState } from "../node-state.ts";
import { checkReceipt, type ReceiptCheck } from "../receipts/check.ts";
import { openingsRecord, type OpeningsRecord } from "../receipts/openings.ts";
import { printReceipt } from "../receipts/print.ts";
import type { Reports, StoredReport } from "../reports/reports.ts";
import type { Page } from "../store/page.ts";
import { datasetsOf, newPeopleIn, type OursAndTheirs, type SessionRow } from "../sessions/row.ts";
import { withState, type HalfroomNode } from "./node.ts";

export interface ReportRecord {
  /** The session id in hex: the hash of the agreement. */
  readonly session: string;
  readonly partner: string;
  /** Left out, as the datasets are, where the session is not known any more. */
  readonly kind?: ReportKind;
  /** Of reach that counts those alone who were in no earlier run of its series. */
  readonly newPeople?: true;
  readonly datasets?: OursAndTheirs;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Which sinks have it, which are to get it, and which did not; left out where there is none. */
  readonly sent?: readonly SentRecord[];
}

export interface SentRecord {
  readonly sink: string;
  readonly state: DeliveryState;
  /** When it was written or given up, or is tried next, in milliseconds since 1970. */
  readonly at: number;
  /** Why the last attempt failed; "" if none has. */
  readonly words: string;
}

export interface ReportContent extends ReportRecord {
  /**
   * The report as it is stored, a JSON document. It is text because its numbers are exact decimals, which may not fit a
   * JavaScript number. A side that receives no result keeps a document with the member `result` instead.
   */
  readonly json: string;
  /** The commitment to the report that both sides signed, in hex; undefined if the receipt is gone. */
  readonly receipt: string | undefined;
}

/** The stored reports, newest first: all, or a page of them. Rejects with OperatorError `no-session`, if `before` is none. */
export async function listReports(node: HalfroomNode, page: Page = {}): Promise<ReportRecord[]> {
  return await withState(node, (state) => state.reports.list(page).map((report) => recordOf(state, report)));
}

/**
 * A stored report, by the id of its session as `listSessions` gives it or by the first digits of the session's hash.
 * Rejects with OperatorError `no-report`.
 */
export async function readReport(node: HalfroomNode, id: string): Promise<ReportContent> {
  return await withState(node, (state) => {
    const report = findReport(state, id);
    const receipt = state.receipts.get(report.session);
    return { ...recordOf(state, report), json: report.json, receipt: receipt && toHex(receipt.report) };
  });
}

function recordOf(
  { sessions, events, settings }: Pick<NodeState, "sessions" | "events" | "settings">,
  { session, partner, createdAt }: StoredReport,
): ReportRecord {
  const row = sessions.ofSession(session);
  const about = row && { kind: row.terms.report, ...newPeopleIn(row.terms), datasets: datasetsOf(row) };
  const sent = events
    .deliveriesOfSession(session)
    .filter(({ target }) => Object.hasOwn(settings.sinks, target))
    .map(({ target: sink, state, at, words }) => ({ sink, state, at, words }));
  return { session, partner, ...about, createdAt, ...(sent.length > 0 && { sent }) };
}

/**
 * Ranks this node's own cohorts by the index of a stored report, and chooses which to address.
 * Rejects with OperatorError `no-report` or `activation`.
 */
export async function activate(
  node: HalfroomNode,
  id: string,
  rule: ActivationRule,
  choice: ActivationChoice = {},
): Promise<ReportRecord & { readonly plan: ActivationPlan; readonly labels: LabelExpressions }> {
  return await withState(node, async (state) => {
    const kept = findReport(state, id);
    const { json } = kept;
    if (JSON.parse(json).version !== DOCUMENT_VERSION) {
      const words =
        "This report is of an earlier version, which holds no base to rank cohorts by; run it anew.";
      throw new OperatorError("activation", words);
    }
    const { report } = parseReport(json);
    const labels = await labelsOf(state, report.agreed.datasets.own);
    return { ...recordOf(state, kept), plan: planOf(report, rule, choice), labels };
  });
}

/** How today's definition of the dataset labels its rows; not at all if there is none any more. */
async function labelsOf(state: NodeState, name: string): Promise<LabelExpressions> {
  const { datasets } = await state.rules();
  const dataset = Object.hasOwn(datasets, name) ? datasets[name] : undefined;
  return (dimension) => dataset && labelExpression(dataset.definition, dimension);
}

function planOf(report: ReleasedReport, rule: ActivationRule, choice: ActivationChoice): ActivationPlan {
  try {
    return activationPlan(report, rule, choice);
  } catch (error) {
    if (error instanceof RangeError) throw new OperatorError("activation", error.message, { cause: error });
    throw error;
  }
}

export interface ReceiptText {
  readonly session: string;
  /** In words, for a person who has to judge what was agreed and done. */
  readonly text: string;
  /** Canonical JSON: what both sides keep, and may show to a third party. */
  readonly json: string;
}

/** The receipt that both sides signed. `id` is as for `readReport`. Rejects with OperatorError `no-report`. */
export async function readReceipt(node: HalfroomNode, id: string): Promise<ReceiptText> {
  return await withState(node, (state) => {
    const { row, session, receipt } = findReceipt(state, id);
    const nameOf = (role: "sender" | "receiver") => (role === row.role ? "this node" : row.partner);
    const names = { sender: nameOf("sender"), receiver: nameOf("receiver"), agreedAt: row.updatedAt };
    const json = Buffer.from(encodeReceipt(receipt)).toString("utf8");
    return { session, text: printReceipt(receipt, names), json };
  });
}

/**
 * What opens this node's own commitments in a receipt, for a third party that shall see data's digest and filter; undefined for a
 * session of an earlier version. Rejects with OperatorError `no-report`, `damaged`.
 */
export async function readOpenings(
  node: HalfroomNode,
  id: string,
): Promise<{ readonly session: string; readonly openings: OpeningsRecord | undefined }> {
  return await withState(node, (state) => {
    const { session } = findReceipt(state, id);
    const openings = state.openings.get(session);
    return { session, openings: openings && openingsRecord(openings) };
  });
}

/**
 * Whether today's data, the kept filter and the stored report are those that this side committed to. Prepares the dataset.
 * Rejects with OperatorError `no-report`, `no-dataset`, `damaged`, and those of the data.
 */
export async function verifyOwnReceipt(
  node: HalfroomNode,
  id: string,
): Promise<{ readonly session: string } & ReceiptCheck> {
  return await withState(node, async (state) => {
    const { row, session, receipt } = findReceipt(state, id);
    return { session, ...(await checkReceipt(state, row, receipt)) };
  });
}

interface FoundReceipt {
  readonly row: SessionRow;
  readonly session: string;
  readonly receipt: Receipt;
}

function findReceipt({ sessions, receipts }: NodeState, id: string): FoundReceipt {
  const [row] = onlyOne(sessions.named(id), id);
  const receipt = row?.session === undefined ? undefined : receipts.get(row.session);
  if (row?.session !== undefined && receipt !== undefined) return { row, session: row.session, receipt };
  throw noneOf("receipt", id, row);
}

/** Errors: `no-report`. */
export function findReport({ sessions, reports }: NodeState, id: string): StoredReport {
  const [own] = sessions.named(id).filter((row) => row.id === id);
  const [report] = own === undefined ? onlyOne(reports.named(id), id) : ofSession(reports, own);
  if (report !== undefined) return report;
  throw noneOf("report", id, own);
}

function ofSession(reports: Reports, { session }: SessionRow): StoredReport[] {
  const report = session === undefined ? undefined : reports.get(session);
  return report === undefined ? [] : [report];
}

/** A session that is known and has none says how far it got. */
function noneOf(what: "report" | "receipt", id: string, row: SessionRow | undefined): OperatorError {
  const why = row === undefined ? "" : `: the session is ${row.state}`;
  const list = what === "report" ? "halfroom reports lists them" : "halfroom sessions lists what is done";
  return new OperatorError("no-report", `There is no ${what} of ${quoted(id)}${why}; ${list}.`);
}

/** Throws OperatorError `no-report` for several: which of them is meant is not ours to guess. */
function onlyOne<T>(found: readonly T[], id: string): readonly T[] {
  if (found.length <= 1) return found;
  throw new OperatorError(
    "no-report",
    `${quoted(id)} begins the names of several sessions; give more of it.`,
  );
}

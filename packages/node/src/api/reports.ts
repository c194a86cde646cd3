import {
  activationPlan,
  DOCUMENT_VERSION,
  parseReport,
  type ActivationChoice,
  type ActivationPlan,
  type ActivationRule,
} from "@halfroom/report";
import { toHex } from "@halfroom/session";
import { OperatorError } from "../errors.ts";
import type { NodeState } from "../node-state.ts";
import { printReceipt } from "../receipts/print.ts";
import type { StoredReport } from "../reports/reports.ts";
import { withState, type HalfroomNode } from "./node.ts";

export interface ReportRecord {
  /** The session id in hex: the hash of the agreement. */
  readonly session: string;
  readonly partner: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
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

/** The stored reports, newest first. */
export async function listReports(node: HalfroomNode): Promise<ReportRecord[]> {
  return await withState(node, ({ reports }) =>
    reports.list().map(({ session, partner, createdAt }) => ({ session, partner, createdAt })),
  );
}

/**
 * A stored report, by the id of its session as `listSessions` gives it or by the first digits of the session's hash.
 * Rejects with OperatorError `no-report`.
 */
export async function readReport(node: HalfroomNode, id: string): Promise<ReportContent> {
  return await withState(node, (state) => {
    const { session, partner, createdAt, json } = findReport(state, id);
    const receipt = state.receipts.get(session);
    return { session, partner, createdAt, json, receipt: receipt && toHex(receipt.report) };
  });
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
): Promise<ReportRecord & { readonly plan: ActivationPlan }> {
  return await withState(node, (state) => {
    const { session, partner, createdAt, json } = findReport(state, id);
    if (JSON.parse(json).version !== DOCUMENT_VERSION) {
      const words =
        "This report is of an earlier version, which holds no base to rank cohorts by; run it anew.";
      throw new OperatorError("activation", words);
    }
    return { session, partner, createdAt, plan: planOf(json, rule, choice) };
  });
}

function planOf(json: string, rule: ActivationRule, choice: ActivationChoice): ActivationPlan {
  try {
    return activationPlan(parseReport(json).report, rule, choice);
  } catch (error) {
    if (error instanceof RangeError) throw new OperatorError("activation", error.message, { cause: error });
    throw error;
  }
}

/**
 * The receipt that both sides signed, in words for a person who has to judge what was agreed and done. `id` is as for
 * `readReport`. Rejects with OperatorError `no-report`.
 */
export async function readReceipt(
  node: HalfroomNode,
  id: string,
): Promise<{ readonly session: string; readonly text: string }> {
  return await withState(node, ({ sessions, receipts }) => {
    const named = sessions.list().filter((each) => each.id === id || each.session?.startsWith(id));
    const [row] = onlyOne(named, id);
    const receipt = row?.session === undefined ? undefined : receipts.get(row.session);
    if (row?.session === undefined || receipt === undefined) {
      const words = `There is no receipt of ${id}; halfroom sessions lists the sessions that are done.`;
      throw new OperatorError("no-report", words);
    }
    const nameOf = (role: "sender" | "receiver") => (role === row.role ? "this node" : row.partner);
    const names = { sender: nameOf("sender"), receiver: nameOf("receiver"), agreedAt: row.updatedAt };
    return { session: row.session, text: printReceipt(receipt, names) };
  });
}

function findReport({ sessions, reports }: NodeState, id: string): StoredReport {
  const session = sessions.list().find((row) => row.id === id)?.session;
  const found = reports.list().filter((each) => each.session === session || each.session.startsWith(id));
  const [report] = onlyOne(found, id);
  if (report !== undefined) return report;
  throw new OperatorError("no-report", `There is no report ${id}; halfroom reports lists them.`);
}

/** Throws OperatorError `no-report` for several: which of them is meant is not ours to guess. */
function onlyOne<T>(found: readonly T[], id: string): readonly T[] {
  if (found.length <= 1) return found;
  throw new OperatorError(
    "no-report",
    `"${id}" begins the names of ${found.length} sessions; give more of it.`,
  );
}

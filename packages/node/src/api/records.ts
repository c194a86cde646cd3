import type { ReportKind } from "@halfroom/session";
import type { AuditEntry, AuditVerdict, OnProgress } from "../audit/audit.ts";
import type { ClockChange } from "../ledger/clock.ts";
import { ledgerGaps, ledgerGapsIfAny, type LedgerGap } from "../ledger/against-log.ts";
import type { Page } from "../store/page.ts";
import { budgetsOf, type BudgetRecord } from "../ledger/budgets.ts";
import type { LedgerEntry } from "../ledger/entry.ts";
import { datasetsOf, type OursAndTheirs } from "../sessions/row.ts";
import { withState, type HalfroomNode } from "./node.ts";

export type { BudgetRecord, BudgetState } from "../ledger/budgets.ts";

/** An entry of the ledger, with the report that it paid for. */
export interface LedgerRecord extends LedgerEntry {
  /** Left out, as the datasets are, where the session is not known any more. */
  readonly kind?: ReportKind;
  readonly datasets?: OursAndTheirs;
}

/** What every partner has spent, newest first: all, or a page of it. Rejects with OperatorError `no-session`, if `before` is none. */
export async function readLedger(node: HalfroomNode, page: Page = {}): Promise<LedgerRecord[]> {
  return await withState(node, ({ ledger, sessions }) =>
    ledger.entries(page).map((entry) => {
      const row = sessions.ofSession(entry.session);
      return row === undefined ? entry : { ...entry, kind: row.terms.report, datasets: datasetsOf(row) };
    }),
  );
}

/** What is spent and what is allowed under each policy whose partner is pinned. */
export async function readBudgets(node: HalfroomNode): Promise<BudgetRecord[]> {
  return await withState(node, budgetsOf);
}

/**
 * What the audit log says was spent and the ledger no longer has, in the order of the log; empty if it is all there. Rows of before the log's
 * last checkpoint are looked at one by one with `each` alone, and otherwise only if their sums are not what they were.
 */
export async function verifyLedger(
  node: HalfroomNode,
  { each = false, onProgress }: { readonly each?: boolean; readonly onProgress?: OnProgress } = {},
): Promise<LedgerGap[]> {
  return await withState(node, (state) => (each ? ledgerGaps(state, onProgress) : ledgerGapsIfAny(state)));
}

export interface AuditPage {
  /** At most so many; without it all. */
  readonly limit?: number;
  /** Those before the entry of this number. */
  readonly before?: number;
}

/** The audit log, oldest entry first: all, or the last entries before one. */
export async function readAudit(node: HalfroomNode, page: AuditPage = {}): Promise<AuditEntry[]> {
  return await withState(node, ({ audit }) => audit.entries(page));
}

/**
 * The audit log was written by a clock that was ahead, and the system's is right now: time goes on from there. What was spent at later
 * moments stays spent until its period is over. Rejects with OperatorError `clock` if the clock is not behind the log.
 */
export async function correctClock(node: HalfroomNode): Promise<ClockChange> {
  return await withState(node, ({ clock }) => clock.correct());
}

/** Follows the hash chain of the audit log from its start to the head that is kept apart, and tells `onProgress` now and then how far it is. */
export async function verifyAudit(node: HalfroomNode, onProgress?: OnProgress): Promise<AuditVerdict> {
  return await withState(node, ({ audit }) => audit.verify(onProgress));
}

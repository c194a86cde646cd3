import type { AuditEntry, AuditVerdict } from "../audit/audit.ts";
import { ledgerGaps, type LedgerGap } from "../ledger/against-log.ts";
import type { LedgerEntry } from "../ledger/ledger.ts";
import { withState, type HalfroomNode } from "./node.ts";

/** What every partner has spent, newest first. */
export async function readLedger(node: HalfroomNode): Promise<LedgerEntry[]> {
  return await withState(node, ({ ledger }) => ledger.entries());
}

/** What the audit log says was spent and the ledger no longer has, in the order of the log; empty if it is all there. */
export async function verifyLedger(node: HalfroomNode): Promise<LedgerGap[]> {
  return await withState(node, ledgerGaps);
}

/** The audit log, oldest entry first. */
export async function readAudit(node: HalfroomNode): Promise<AuditEntry[]> {
  return await withState(node, ({ audit }) => audit.entries());
}

/** Follows the hash chain of the audit log from its start to the head that is kept apart. */
export async function verifyAudit(node: HalfroomNode): Promise<AuditVerdict> {
  return await withState(node, ({ audit }) => audit.verify());
}

import type { AuditEntry, AuditVerdict, OnProgress } from "../audit/audit.ts";
import type { ClockChange } from "../ledger/clock.ts";
import { ledgerGaps, ledgerGapsIfAny, type LedgerGap } from "../ledger/against-log.ts";
import type { Page } from "../store/page.ts";
import { POPULATION_DEFAULT } from "../config/schema.ts";
import type { LedgerEntry, Spending } from "../ledger/ledger.ts";
import { ownerOf } from "../partners/partners.ts";
import { withState, type HalfroomNode } from "./node.ts";

/** What every partner has spent, newest first: all, or a page of it. Rejects with OperatorError `no-session`, if `before` is none. */
export async function readLedger(node: HalfroomNode, page: Page = {}): Promise<LedgerEntry[]> {
  return await withState(node, ({ ledger }) => ledger.entries(page));
}

/** What a partner may still spend under one policy. Epsilons are in millionths. */
export interface BudgetRecord {
  readonly partner: string;
  readonly dataset: string;
  readonly population: string;
  readonly periodDays: number;
  /** Of the partner in the period. */
  readonly period: BudgetState;
  /** Of all partners together in the period. */
  readonly everybody: BudgetState;
  /** Of the partner at any time. */
  readonly lifetime: BudgetState;
  /** Numbers, no epsilons: those that may have opened in the period, and may open. */
  readonly numbers: BudgetState;
  /** The same of all partners together. */
  readonly everybodyNumbers: BudgetState;
}

export interface BudgetState {
  readonly spent: number;
  readonly budget: number;
}

/** What is spent and what is allowed under each policy whose partner is pinned. */
export async function readBudgets(node: HalfroomNode): Promise<BudgetRecord[]> {
  return await withState(node, async ({ ledger, partners, rules, clock }) => {
    const { policies, datasets } = await rules();
    const pinned = new Map(partners.list().map((partner) => [partner.name, ownerOf(partner).key]));
    const now = clock.now();
    return policies.flatMap((policy) => {
      const { partner, dataset, periodDays } = policy;
      const key = pinned.get(partner);
      if (key === undefined) return [];
      const population = datasets[dataset]?.population ?? POPULATION_DEFAULT;
      const state = (spending: Spending, budget: number) => ({ spent: spending.microEpsilon, budget });
      const everybody = ledger.populationSpending(population, periodDays, now);
      const period = ledger.balance(key, population, periodDays, now);
      return {
        partner,
        dataset,
        population,
        periodDays,
        period: state(period, policy.budgetMicroEpsilon),
        everybody: state(everybody, policy.populationMicroEpsilon),
        lifetime: state(ledger.lifetimeSpending(key, population), policy.lifetimeMicroEpsilon),
        numbers: { spent: period.numbers, budget: policy.numbersMax },
        everybodyNumbers: {
          spent: ledger.populationNumbers(population, periodDays, now),
          budget: policy.populationNumbersMax,
        },
      };
    });
  });
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

import type { ReportKind } from "@halfroom/session";
import type { AuditEntry, AuditVerdict, OnProgress } from "../audit/audit.ts";
import type { ClockChange } from "../ledger/clock.ts";
import { ledgerGaps, ledgerGapsIfAny, type LedgerGap } from "../ledger/against-log.ts";
import type { Page } from "../store/page.ts";
import { POPULATION_DEFAULT } from "../config/schema.ts";
import type { LedgerEntry } from "../ledger/entry.ts";
import type { SpentBy } from "../ledger/ledger.ts";
import { restoredOf, spentUntil } from "../ledger/restored.ts";
import { ownerOf } from "../partners/partners.ts";
import { datasetsOf, type OursAndTheirs } from "../sessions/row.ts";
import { DAY_MS } from "../time.ts";
import { withState, type HalfroomNode } from "./node.ts";

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
  /** Exact reports of the partner in the period. */
  readonly exact: BudgetState;
}

export interface BudgetState {
  readonly spent: number;
  readonly budget: number;
  /** What may still be spent; 0 where more was spent than the policy allows now. */
  readonly left: number;
  /** When the first of what is spent comes back, in milliseconds since 1970; null if nothing is spent, or nothing ever comes back. */
  readonly backAt: number | null;
}

/** What is spent and what is allowed under each policy whose partner is pinned. */
export async function readBudgets(node: HalfroomNode): Promise<BudgetRecord[]> {
  return await withState(node, async ({ ledger, partners, rules, clock, audit }) => {
    const { policies, datasets } = await rules();
    const pinned = new Map(partners.list().map((partner) => [partner.name, ownerOf(partner).key]));
    const now = clock.now();
    const restored = restoredOf(audit);
    return policies.flatMap((policy) => {
      const { partner, dataset, periodDays } = policy;
      const key = pinned.get(partner);
      if (key === undefined) return [];
      const population = datasets[dataset]?.population ?? POPULATION_DEFAULT;
      const since = now - periodDays * DAY_MS;
      const backAt = (of: SpentBy) => {
        const first = ledger.firstTaken({ population, since, ...of });
        return first === undefined ? null : first + periodDays * DAY_MS;
      };
      const unknownUntil = restored === undefined ? 0 : spentUntil(restored, periodDays, false);
      const state = (spent: number, budget: number, back: number | null): BudgetState => {
        if (now < unknownUntil)
          return { spent: Math.max(spent, budget), budget, left: 0, backAt: unknownUntil };
        return { spent, budget, left: Math.max(0, budget - spent), backAt: back };
      };
      const everybody = ledger.populationSpending(population, periodDays, now);
      const period = ledger.balance(key, population, periodDays, now);
      return {
        partner,
        dataset,
        population,
        periodDays,
        period: state(
          period.microEpsilon,
          policy.budgetMicroEpsilon,
          backAt({ partnerKey: key, mode: "noise" }),
        ),
        everybody: state(everybody.microEpsilon, policy.populationMicroEpsilon, backAt({ mode: "noise" })),
        lifetime: lifetimeState(
          ledger.lifetimeSpending(key, population, restored?.at).microEpsilon +
            (restored?.lifetimeMicroEpsilon ?? 0),
          policy.lifetimeMicroEpsilon,
        ),
        numbers: state(period.numbers, policy.numbersMax, backAt({ partnerKey: key })),
        everybodyNumbers: state(
          ledger.populationNumbers(population, periodDays, now),
          policy.populationNumbersMax,
          backAt({}),
        ),
        exact: state(period.exactSessions, policy.exactSessions, backAt({ partnerKey: key, mode: "exact" })),
      };
    });
  });
}

/** It never comes back. */
function lifetimeState(spent: number, budget: number): BudgetState {
  return { spent, budget, left: Math.max(0, budget - spent), backAt: null };
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

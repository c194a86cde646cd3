// What is left of what policies allow each partner.
import { POPULATION_DEFAULT } from "../config/schema.ts";
import type { NodeState } from "../node-state.ts";
import { ownerOf } from "../partners/partners.ts";
import { DAY_MS } from "../time.ts";
import { committed } from "./committed.ts";
import type { SpentBy } from "./ledger.ts";
import { restoredOf, spentUntil } from "./restored.ts";

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
  /** What series have reserved counts as spent in the period in which it is most. */
  readonly spent: number;
  readonly budget: number;
  /** What may still be spent; 0 where more was spent than the policy allows now. */
  readonly left: number;
  /** When the first of what is spent comes back, in milliseconds since 1970; null if nothing is spent, or nothing ever comes back. */
  readonly backAt: number | null;
}

/** What is spent and what is allowed under each policy whose partner is pinned. */
export async function budgetsOf({
  ledger,
  reserved,
  partners,
  rules,
  clock,
  audit,
}: Pick<NodeState, "ledger" | "reserved" | "partners" | "rules" | "clock" | "audit">): Promise<
  BudgetRecord[]
> {
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
    const { period, everybody, lifetime, exactSessions, numbers, everybodyNumbers } = committed(
      ledger,
      reserved,
      { partnerKey: key, population, periodDays, now, restoredAt: restored?.at },
    );
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
        lifetime.microEpsilon + (restored?.lifetimeMicroEpsilon ?? 0),
        policy.lifetimeMicroEpsilon,
      ),
      numbers: state(numbers, policy.numbersMax, backAt({ partnerKey: key })),
      everybodyNumbers: state(everybodyNumbers, policy.populationNumbersMax, backAt({})),
      exact: state(exactSessions, policy.exactSessions, backAt({ partnerKey: key, mode: "exact" })),
    };
  });
}

/** It never comes back. */
function lifetimeState(spent: number, budget: number): BudgetState {
  return { spent, budget, left: Math.max(0, budget - spent), backAt: null };
}

// Budgets of which a release, or a series that is agreed on, takes the last fifth. What series have reserved counts as spent, as it does
// wherever a policy is asked: nobody else can spend it.
import { committed } from "../ledger/committed.ts";
import { restoredOf } from "../ledger/restored.ts";
import type { NodeState } from "../node-state.ts";
import type { Owner } from "../partners/partners.ts";
import type { Judgement } from "../policy/judge.ts";

/** The part of a budget at which somebody is told. */
const TOLD = 0.8;

type Counting = Pick<NodeState, "ledger" | "reserved" | "audit" | "events">;
type Judged = Pick<Judgement, "policy" | "population">;

/** What is spent and reserved of each budget of a policy, 1 being all of it, by what an event calls it; of a period, the one in which it is most. */
export function usedOf(
  { ledger, reserved, audit }: Counting,
  { policy, population }: Judged,
  { key: partnerKey }: Owner,
  now: number,
): ReadonlyMap<string, number> {
  const { periodDays } = policy;
  const restored = restoredOf(audit);
  const by = { partnerKey, population, periodDays, now, restoredAt: restored?.at };
  const { period, everybody, lifetime, ...counts } = committed(ledger, reserved, by);
  const ever = lifetime.microEpsilon + (restored?.lifetimeMicroEpsilon ?? 0);
  const spent: readonly (readonly [string, number, number])[] = [
    ["epsilon in the period", period.microEpsilon, policy.budgetMicroEpsilon],
    ["epsilon in the period, all partners", everybody.microEpsilon, policy.populationMicroEpsilon],
    ["epsilon for all time", ever, policy.lifetimeMicroEpsilon],
    ["numbers in the period", counts.numbers, policy.numbersMax],
    ["numbers in the period, all partners", counts.everybodyNumbers, policy.populationNumbersMax],
    ["exact reports in the period", counts.exactSessions, policy.exactSessions],
  ];
  // What is not allowed at all does not run out.
  return new Map(spent.flatMap(([of, used, budget]) => (budget > 0 ? [[of, used / budget]] : [])));
}

/** Tells of each budget that was used to less than 80 % before and is not any more, in the transaction of the release or the series that takes it. */
export function tellLowBudgets(
  node: Counting,
  judged: Judged,
  owner: Owner,
  before: ReadonlyMap<string, number>,
  now: number,
): void {
  for (const [of, used] of usedOf(node, judged, owner, now)) {
    if (used < TOLD || (before.get(of) ?? 0) >= TOLD) continue;
    const percent = Math.floor(100 * used);
    const facts = { partner: owner.name, dataset: judged.policy.dataset, of, percent };
    node.events.record({ type: "budget.low", facts }, now);
  }
}

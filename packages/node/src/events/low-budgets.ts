// Budgets of which a release takes the last fifth.
import type { NodeState } from "../node-state.ts";
import type { Owner } from "../partners/partners.ts";
import type { Judgement } from "../policy/judge.ts";

/** The part of a budget at which somebody is told. */
const TOLD = 0.8;

type Counting = Pick<NodeState, "ledger" | "events">;
type Judged = Pick<Judgement, "policy" | "population">;

/** What is used of each budget of a policy, 1 being all of it, by what an event calls it. */
export function usedOf(
  { ledger }: Counting,
  { policy, population }: Judged,
  { key }: Owner,
  now: number,
): ReadonlyMap<string, number> {
  const { periodDays: days } = policy;
  const period = ledger.balance(key, population, days, now);
  const everybody = ledger.populationSpending(population, days, now).microEpsilon;
  const everybodyNumbers = ledger.populationNumbers(population, days, now);
  const lifetime = ledger.lifetimeSpending(key, population).microEpsilon;
  const spent: readonly (readonly [string, number, number])[] = [
    ["epsilon in the period", period.microEpsilon, policy.budgetMicroEpsilon],
    ["epsilon in the period, all partners", everybody, policy.populationMicroEpsilon],
    ["epsilon for all time", lifetime, policy.lifetimeMicroEpsilon],
    ["numbers in the period", period.numbers, policy.numbersMax],
    ["numbers in the period, all partners", everybodyNumbers, policy.populationNumbersMax],
    ["exact reports in the period", period.exactSessions, policy.exactSessions],
  ];
  // What is not allowed at all does not run out.
  return new Map(spent.flatMap(([of, used, budget]) => (budget > 0 ? [[of, used / budget]] : [])));
}

/** Tells of each budget that was used to less than 80 % before and is not any more, in the transaction of the release that takes it. */
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

// What a report costs under this side's policy, and what is left before it.
import { noisePlanOf, scheduleOf, type Terms } from "@halfroom/session";
import { epsilonWith, type Spending } from "../ledger/spending.ts";
import { formatEpsilon, lifetimeLeft, type Spent } from "./evaluate.ts";
import { numbersAtLeast } from "./numbers.ts";
import type { DatasetPolicy } from "./schema.ts";

/** One budget: what the report takes of it, and what is left before it does. Epsilons are in millionths. */
interface CostOf {
  readonly needed: number;
  readonly left: number;
  readonly budget: number;
}

export interface RunCost {
  readonly periodDays: number;
  /** Of a series: how many runs it has. What is needed is needed by all of them together, in the period in which it is most. */
  readonly runs?: number;
  /** Of this partner in the period; undefined for an exact report, which costs no epsilon. */
  readonly period?: CostOf;
  /** Of all partners together in the period. */
  readonly everybody?: CostOf;
  /** Of this partner at any time. */
  readonly lifetime?: CostOf;
  /** Exact reports of the period; undefined for a report with noise. */
  readonly exact?: CostOf;
  /** Numbers that may open; `needed` is the least as long as `isAtLeast`. */
  readonly numbers: CostOf & { readonly isAtLeast: boolean };
}

/** `numbers`: how many may open at most, once the sizes of the table are known. */
export function costOf(
  { spent, policy }: { readonly spent: Spent; readonly policy: DatasetPolicy },
  terms: Terms,
  numbers?: number,
): RunCost {
  const { reserved } = spent;
  const of = (spending: Spending, all: Spending | undefined, budget: number, within = budget): CostOf => {
    const after = all?.microEpsilon ?? epsilonWith(spending, [noisePlanOf(terms)!.cost]);
    const left = Math.max(0, within - spending.microEpsilon);
    return { needed: after - spending.microEpsilon, left, budget };
  };
  const runs = scheduleOf(terms)?.runs;
  const common = {
    periodDays: policy.periodDays,
    ...(runs !== undefined && { runs }),
    numbers: {
      needed: reserved === undefined ? (numbers ?? numbersAtLeast(terms)) : reserved.numbers - spent.numbers,
      left: Math.max(0, policy.numbersMax - spent.numbers),
      budget: policy.numbersMax,
      isAtLeast: reserved === undefined && numbers === undefined,
    },
  };
  if (terms.release.mode === "exact") {
    const left = Math.max(0, policy.exactSessions - spent.exactSessions);
    const needed = reserved === undefined ? 1 : reserved.exactSessions - spent.exactSessions;
    return { ...common, exact: { needed, left, budget: policy.exactSessions } };
  }
  return {
    ...common,
    period: of(spent, reserved?.period, policy.budgetMicroEpsilon),
    everybody: of(spent.everybody, reserved?.everybody, policy.populationMicroEpsilon),
    lifetime: of(
      spent.lifetime,
      reserved?.lifetime,
      policy.lifetimeMicroEpsilon,
      lifetimeLeft(policy, spent),
    ),
  };
}

/** Sentences about this side's own budgets; those of the partner are its own to know. */
export function costWords({
  periodDays,
  runs,
  period,
  everybody,
  lifetime,
  exact,
  numbers,
}: RunCost): string[] {
  const all = runs === undefined ? "It costs" : `Its ${runs} runs are reserved at once and cost`;
  const epsilon = ({ needed, left, budget }: CostOf) =>
    `${formatEpsilon(needed)}, of ${formatEpsilon(left)} left of ${formatEpsilon(budget)}`;
  const cost =
    exact !== undefined
      ? `${all} ${exact.needed === 1 ? "one exact report" : `${exact.needed} exact reports`}, of ${exact.left} left of ${exact.budget} in ${periodDays} days.`
      : `${all} epsilon ${epsilon(period!)} for this partner in ${periodDays} days; ${epsilon(everybody!)} for all partners together; ${epsilon(lifetime!)} for this partner at any time.`;
  return [
    cost,
    `${numbers.isAtLeast ? "At least" : "At most"} ${numbers.needed} numbers may open, padding included, of ${numbers.left} left of ${numbers.budget} in ${periodDays} days.`,
  ];
}

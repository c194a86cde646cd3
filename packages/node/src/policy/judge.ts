// This side's answer to a report: its policy, and what the partner has spent under it.
import type { Role, Terms } from "@halfroom/session";
import type { Settings } from "../config/schema.ts";
import { evaluatePolicy, type Spent, type Verdict } from "./evaluate.ts";
import { defaultPolicy, type DatasetPolicy } from "./schema.ts";
import type { NodeState } from "../node-state.ts";

export interface Judgement {
  readonly verdict: Verdict;
  /** What is written for this partner and dataset, if anything. */
  readonly written: DatasetPolicy | undefined;
  /** What holds: what is written, or the defaults. */
  readonly policy: DatasetPolicy;
  readonly spent: Spent;
  readonly population: string;
}

export interface Question {
  readonly terms: Terms;
  readonly us: Role;
  /** This side's name of the partner. */
  readonly partner: string;
  readonly initiatedBy: "us" | "partner";
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function judge(node: NodeState, rules: Settings, question: Question): Judgement {
  const { terms, us, partner, now } = question;
  const name = terms.datasets[us];
  const dataset = Object.hasOwn(rules.datasets, name) ? rules.datasets[name] : undefined;
  const written = rules.policies.find((policy) => policy.partner === partner && policy.dataset === name);
  const policy = written ?? defaultPolicy(partner, name);
  const population = dataset?.population ?? "people";
  const { costs, microEpsilon, exactSessions } = node.ledger.balance(
    partner,
    population,
    policy.periodDays,
    now,
  );
  const spent = { costs, microEpsilon, exactSessions, evaluations: node.epochs.granted(partner, now) };
  const verdict = evaluatePolicy({ ...question, policy: written, columns: dataset, spent });
  return { verdict, written, policy, spent, population };
}

/**
 * Whether all that stands against the report is that its cost cannot be paid: then a stored report may still be served,
 * which costs nothing.
 */
export function isOnlyUnpaid({ decision, reasons }: Verdict, policy: DatasetPolicy): boolean {
  const unpaid = reasons.every(
    ({ code }) => code === "budget" || (code === "exact" && policy.exactSessions > 0),
  );
  return decision === "refuse" && unpaid;
}

// The second half of a policy's answer: what can only be judged once both sides have stated their sizes.
import {
  type AgreementContent,
  fewestToOpen,
  numbersAtMost,
  type Reason,
  refusal,
  type Role,
} from "@halfroom/session";
import { defaultPolicy, type DatasetPolicy } from "./schema.ts";
import { numbersReasons, type Spent } from "./evaluate.ts";

export interface SizesQuestion {
  readonly content: AgreementContent;
  readonly us: Role;
  /** This side's people, before its policy rounds them up. */
  readonly ownPeople: number;
  readonly partner: string;
  readonly policy: DatasetPolicy | undefined;
  readonly spent: Spent;
}

/** The objection to a side of so many people under a policy that asks for `peopleMin`. */
export function tooFewPeople(role: Role, people: number, peopleMin: number): Reason[] {
  if (people >= peopleMin) return [];
  const words = `the ${role} has fewer than ${peopleMin} people, the smallest set allowed`;
  return [{ code: "people", words }];
}

/** Why the session must not start with these sizes; empty if it may. */
export function evaluateSizes({ content, us, ownPeople, partner, policy, spent }: SizesQuestion): Reason[] {
  const { terms, sender, receiver } = content;
  const rules = policy ?? defaultPolicy(partner, terms.datasets[us]);
  const { peopleMin, evaluationsMax } = rules;
  const reasons: Reason[] = [];
  for (const { role, people } of [sender, receiver])
    reasons.push(...tooFewPeople(role, role === us ? ownPeople : people, peopleMin));
  // Both sides see this before anything is signed or paid.
  for (const { role, people } of [sender, receiver]) {
    const least = fewestToOpen(terms, role);
    if (people >= least) continue;
    const words = `nothing could open: the ${role} has fewer than ${least} people, and nothing is charged; lower the threshold, or take more people`;
    reasons.push({ code: "people", words });
  }
  const limit = refusal(terms, { sender: sender.people, receiver: receiver.people });
  if (limit !== undefined) reasons.push({ code: "people", words: limit });
  reasons.push(...numbersReasons(rules, spent, numbersAtMost(content).numbers));
  if (us === "sender" && spent.evaluations + receiver.evaluations > evaluationsMax) {
    const left = Math.max(0, evaluationsMax - spent.evaluations);
    const words = `the partner asks for ${receiver.evaluations} evaluations, and ${left} are left in this key epoch`;
    reasons.push({ code: "evaluations", words });
  }
  return reasons;
}

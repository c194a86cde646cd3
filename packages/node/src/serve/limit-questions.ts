// What a partner may ask in an hour and in a day, whatever the answer: answers cost nothing else, and say what a policy allows.
import { otherRole, type Reason, type Terms } from "@halfroom/session";
import type { Settings } from "../config/schema.ts";
import type { NodeState } from "../node-state.ts";
import { ownerOf, type Partner } from "../partners/partners.ts";
import { rateReason } from "../policy/evaluate.ts";
import { policyOf } from "../policy/judge.ts";

/**
 * Counts a question about the report of these terms under the limits of its policy. Returns why it is not answered; undefined if it is.
 */
export function limitQuestions(
  { rates, clock }: NodeState,
  rules: Settings,
  partner: Partner,
  { datasets, initiator }: Terms,
): Reason | undefined {
  const { policy } = policyOf(rules, partner, datasets[otherRole(initiator)]);
  const reached = rates.take(ownerOf(partner).key, "question", policy.questions, clock.now());
  return reached && rateReason("question", reached);
}

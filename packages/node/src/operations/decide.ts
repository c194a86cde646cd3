// A person's word on a held proposal.
import { judge } from "../policy/judge.ts";
import type { HalfroomNode } from "../open-node.ts";
import { describe } from "../policy/describe.ts";
import type { Reason } from "@halfroom/session";
import type { Disclosure } from "../policy/policy.types.ts";
import { RefusedError } from "../refused-error.ts";
import type { SessionRow } from "../sessions/sessions.types.ts";
import { SetupError } from "../setup-error.ts";

const REASON_LENGTH_MAX = 500;

/**
 * Lets the partner run the held proposal. What a policy forbids no person can approve: the policy has to change first.
 * Throws SetupError if the session waits for no decision here, RefusedError if the policy stands against it.
 */
export async function approveProposal(node: HalfroomNode, id: string): Promise<SessionRow> {
  const rules = await node.rules();
  return node.store.transaction(() => {
    const row = heldHere(node, id);
    const now = Date.now();
    const question = {
      terms: row.terms,
      us: row.role,
      partner: row.partner,
      initiatedBy: "partner",
      now,
    } as const;
    const { verdict } = judge(node, rules, question);
    if (verdict.decision === "refuse") throw new RefusedError("us", verdict.reasons);
    node.sessions.approve(id, verdict.terms, now);
    node.audit.append("approved", { id, partner: row.partner, by: "person" }, now);
    return node.sessions.get(id);
  });
}

/** Refuses the held proposal; the partner is told `words`. Throws SetupError if the session waits for no decision here. */
export function denyProposal(node: HalfroomNode, id: string, words: string): SessionRow {
  if (words.length > REASON_LENGTH_MAX)
    throw new SetupError(`A reason has at most ${REASON_LENGTH_MAX} characters.`);
  return node.store.transaction(() => {
    const row = heldHere(node, id);
    const now = Date.now();
    const reasons: Reason[] = [{ code: "denied", words }];
    node.sessions.refuse(id, reasons, now);
    node.audit.append("denied", { id, partner: row.partner }, now);
    return node.sessions.get(id);
  });
}

/** What the session would reveal, or has revealed, to each side. */
export async function discloseSession(node: HalfroomNode, row: SessionRow): Promise<Disclosure> {
  const { policies } = await node.rules();
  const { terms, role, partner } = row;
  const policy = policies.find((each) => each.partner === partner && each.dataset === terms.datasets[role]);
  return describe(terms, role, policy);
}

function heldHere(node: HalfroomNode, id: string): SessionRow {
  const row = node.sessions.get(id);
  if (row.state === "held" && row.initiatedBy === "partner") return row;
  const why = row.initiatedBy === "us" ? "was proposed here; its partner decides" : `is ${row.state}`;
  throw new SetupError(`Session ${id} ${why}. \`halfroom sessions\` lists what waits for a decision.`);
}

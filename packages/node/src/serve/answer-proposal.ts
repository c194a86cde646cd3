// How the answering node replies to a proposal: by its policy, by a person's decision, or as it replied before.
import { ProtocolError } from "@halfroom/wire";
import { type Answer, carriedAs, otherRole, type Reason, scheduleOf, type Terms } from "@halfroom/session";
import type { Settings } from "../config/schema.ts";
import { isOnlyUnpaid, judge, type Judgement } from "../policy/judge.ts";
import { assertBooksHold } from "../ledger/against-log.ts";
import type { NodeState } from "../node-state.ts";
import type { SessionRow } from "../sessions/row.ts";
import type { Partner } from "../partners/partners.ts";
import { runReasons, takeUpRun } from "../series/answer-run.ts";
import { answeredTemplate } from "../templates/answer.ts";
import { HOUR_MS } from "../time.ts";

export interface Answered {
  readonly answer: Answer;
  readonly row: SessionRow;
  readonly judgement: Judgement;
}

/**
 * Records the proposal and answers it. Errors: `replayed`, for one that has been run, or was made before under other terms;
 * OperatorError `audit`, `clock`, `ledger`.
 */
export function answerProposal(
  node: NodeState,
  rules: Settings,
  partner: Partner,
  proposal: string,
  terms: Terms,
): Answered {
  assertBooksHold(node);
  return node.store.transaction(() => {
    const known = openRow(node, partner, proposal, terms);
    // As it is asked for now: either side may have changed its settings while the proposal waited.
    const row = { ...known, terms: carriedAs(known.terms, terms) };
    const question = { partner, us: row.role, initiatedBy: "partner", now: node.clock.now() } as const;
    const judgement = judge(node, rules, { ...question, terms: row.terms });
    const decided = decide(node, row, judgement, runReasons(node, rules, partner, row.terms, judgement));
    const answer = { ...decided, peopleMin: judgement.policy.peopleMin };
    return { answer, row: node.sessions.get(row.id), judgement };
  });
}

function openRow(node: NodeState, partner: Partner, proposal: string, terms: Terms) {
  const { sessions, settings, audit, clock } = node;
  const now = clock.now();
  const expiresAt = now + settings.approval_hours * HOUR_MS;
  const role = otherRole(terms.initiator);
  const row = sessions.open({
    partner: partner.name,
    proposal,
    initiatedBy: "partner",
    role,
    terms,
    // The proposal itself has no filter of this side; a template that this side has published may.
    where: answeredTemplate(node, partner, terms, role, now)?.where,
    now,
    expiresAt,
  });
  if (row.state === "proposed")
    audit.append("proposed", { id: row.id, partner: partner.name, by: "partner" }, now);
  return row;
}

function decide(
  node: NodeState,
  row: SessionRow,
  { verdict, policy }: Judgement,
  ofRun: readonly Reason[],
): Omit<Answer, "peopleMin"> {
  const { sessions, audit, clock } = node;
  const now = clock.now();
  const { terms, reasons } = verdict;
  const facts = (why: readonly Reason[]) => ({
    id: row.id,
    partner: row.partner,
    reasons: why.map(({ code }) => code).join(" "),
  });
  if (row.state === "refused") return { decision: "refuse", terms: row.terms, reasons: row.reasons };
  // A series whose signatures did not reach the initiator is signed again.
  const isSignedAgain =
    row.state === "done" && scheduleOf(row.terms) !== undefined && node.series.isUnused(row.id);
  if (isSignedAgain) return { decision: "accept", terms: row.terms, reasons: [] };
  if (row.state !== "proposed" && row.state !== "held" && row.state !== "approved") {
    throw new ProtocolError("replayed", "the proposal has been run before");
  }
  if (ofRun.length > 0) {
    sessions.refuse(row.id, ofRun, now);
    audit.append("refused", facts(ofRun), now);
    return { decision: "refuse", terms: row.terms, reasons: ofRun };
  }
  if (verdict.decision === "refuse" && !isOnlyUnpaid(verdict, policy)) {
    sessions.refuse(row.id, reasons, now);
    audit.append("refused", facts(reasons), now);
    return { decision: "refuse", terms, reasons };
  }
  takeUpRun(node, row.terms, row.id);
  if (row.state === "approved") {
    // A policy may have become stricter since: what is answered is what is run.
    sessions.approve(row.id, terms, now);
    return { decision: "accept", terms, reasons: [] };
  }
  if (verdict.decision === "hold") {
    if (sessions.hold(row.id, reasons, now) && row.state !== "held")
      audit.append("held", facts(reasons), now);
    return { decision: "hold", terms, reasons };
  }
  sessions.approve(row.id, terms, now);
  audit.append("approved", { id: row.id, partner: row.partner, ...approvedBy(terms) }, now);
  return { decision: "accept", terms, reasons: [] };
}

function approvedBy({ template }: Terms) {
  if (template === undefined) return { by: "policy" };
  return { by: "template", template: template.name, version: template.version };
}

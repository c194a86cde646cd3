// One partner's connection: a question about the policy, or a proposal and the session that follows from it.
import type { TlsConnection } from "@halfroom/transport";
import { openChannel, ProtocolError, type OpenChannel } from "@halfroom/wire";
import type { Logger } from "pino";
import {
  decodeTerms,
  otherRole,
  sendAnswer,
  type Answer,
  type Reason,
  type Terms,
  type Threads,
  toHex,
} from "@halfroom/session";
import { every } from "../every.ts";
import type { OperatorErrorCode } from "../errors.ts";
import type { SessionEvent } from "../run/session-job.ts";
import { judge } from "../policy/judge.ts";
import type { NodeState } from "../node-state.ts";
import type { Partner } from "../partners/partners.ts";
import { codeOfFailure, runSession } from "../run/run-session.ts";
import { answerProposal, type Answered } from "./answer-proposal.ts";
import { limitQuestions } from "./limit-questions.ts";
import type { Metrics } from "./metrics.ts";
import type { QuietLog } from "./quiet-log.ts";
import type { Slots } from "./slots.ts";

/** How often a proposer in the queue is told that it is still queued. */
const QUEUED_MS = 10_000;

/** What a program that embeds a serving node is told, besides the operator's log. */
export type ServeEvent =
  | SessionEvent
  | { readonly type: "answered"; readonly id: string; readonly decision: Answer["decision"] }
  /** The session id in hex, and the report as it is stored. */
  | { readonly type: "done"; readonly session: string; readonly json: string }
  /** A connection ended early; the partner was told a code. */
  | { readonly type: "failed"; readonly code: OperatorErrorCode; readonly words: string };

export interface Service {
  readonly node: NodeState;
  readonly log: Logger;
  readonly quiet: QuietLog;
  readonly slots: Slots;
  readonly metrics: Metrics;
  readonly threads: Threads;
  readonly onEvent: (event: ServeEvent) => void;
}

/** Rejects with what ended the connection, once the partner has been told the code. */
export async function servePartner(service: Service, connection: TlsConnection): Promise<void> {
  const { node } = service;
  const { frames, peer } = connection;
  const partner = node.partners.byFingerprint(peer.fingerprint);
  const talk = openChannel(frames, "receiver");
  try {
    if (partner === undefined)
      throw new ProtocolError("identity", "the partner has been removed in the meantime");
    const message = await talk.recvOneOf(["propose", "preview"]);
    const terms = decodeTerms(message.terms);
    if (message.type === "preview") await answerPreview(service, partner, talk, terms);
    else await answerAndRun(service, partner, connection, talk, toHex(message.proposal), terms);
  } catch (error) {
    await talk.abort(error);
    throw error;
  }
}

async function answerPreview(
  { node }: Service,
  partner: Partner,
  talk: OpenChannel,
  terms: Terms,
): Promise<void> {
  const rules = await node.rules();
  const tooOften = limitQuestions(node, rules, partner, terms);
  if (tooOften !== undefined) return await refuse(talk, terms, tooOften);
  const us = otherRole(terms.initiator);
  const { verdict } = judge(node, rules, { terms, us, partner, initiatedBy: "partner", now: Date.now() });
  await sendAnswer(talk, verdict);
  await talk.close();
}

async function answerAndRun(
  service: Service,
  partner: Partner,
  { frames }: TlsConnection,
  talk: OpenChannel,
  proposal: string,
  terms: Terms,
): Promise<void> {
  const { node, log, quiet, slots, metrics, threads, onEvent } = service;
  const toldAnswer = (fields: object) => quiet.info(`answered ${partner.name}`, fields, "proposal answered");
  const rules = await node.rules();
  // Asking again after a proposal that waits is no new question.
  const known = node.sessions.isKnown({ partner: partner.name, initiatedBy: "partner", proposal });
  const tooOften = known ? undefined : limitQuestions(node, rules, partner, terms);
  if (tooOften !== undefined) {
    toldAnswer({ partner: partner.name, decision: "refuse", reasons: [tooOften.code] });
    return await refuse(talk, terms, tooOften);
  }
  const { answer, row, judgement } = answerProposal(node, rules, partner, proposal, terms);
  const about = { partner: partner.name, id: row.id };
  metrics.proposals.inc({ partner: partner.name, decision: answer.decision });
  toldAnswer({ ...about, decision: answer.decision, reasons: answer.reasons.map(({ code }) => code) });
  onEvent({ type: "answered", id: row.id, decision: answer.decision });
  if (answer.decision !== "accept") {
    await sendAnswer(talk, answer);
    await talk.close();
    return;
  }
  await takeTurn(slots, talk, answer);
  try {
    await sendAnswer(talk, answer);
    const toLog = stageLog(service, about);
    const tell = (event: SessionEvent) => {
      toLog(event);
      onEvent(event);
    };
    const job = { node, rules, partner, row, judgement, frames, talk, ...threads, onEvent: tell };
    const { session, json } = await runSession(job);
    onEvent({ type: "done", session, json });
    metrics.sessions.inc({ partner: partner.name, code: "done" });
    log.info(about, "session done");
  } catch (error) {
    metrics.sessions.inc({ partner: partner.name, code: codeOfFailure(error) });
    throw error;
  } finally {
    slots.leave();
  }
}

async function refuse(talk: OpenChannel, terms: Terms, reason: Reason): Promise<void> {
  await sendAnswer(talk, { decision: "refuse", terms, reasons: [reason] });
  await talk.close();
}

/** Waits in the queue, telling the proposer so. Errors: `busy`, if the queue is full. */
async function takeTurn(slots: Slots, talk: OpenChannel, { terms }: Answered["answer"]): Promise<void> {
  if (slots.full) throw new ProtocolError("busy");
  const tell = () => void sendAnswer(talk, { decision: "queued", terms, reasons: [] }).catch(() => {});
  const stopTelling = every(QUEUED_MS, tell, () => undefined);
  if (slots.waits) tell();
  await slots.enter();
  stopTelling();
}

function stageLog({ log, metrics }: Service, about: object): (event: SessionEvent) => void {
  let startedMs = 0;
  return (event) => {
    if (event.type === "prepared") log.info({ ...about, rows: event.rows, people: event.people }, "prepared");
    if (event.type === "warning") log.warn({ ...about, words: event.words }, "beside the session");
    if (event.type !== "stage") return;
    if (event.state === "started") startedMs = performance.now();
    else metrics.stageSeconds.observe({ stage: event.name }, (performance.now() - startedMs) / 1000);
    log.info({ ...about, stage: event.name, state: event.state }, "stage");
  };
}

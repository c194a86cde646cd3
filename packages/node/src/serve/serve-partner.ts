// One partner's connection: a question about the policy, or a proposal and the session that follows from it.
import type { LinkFrames, TlsConnection } from "@halfroom/transport";
import {
  detached,
  ignored,
  openChannel,
  ProtocolError,
  type Message,
  type OpenChannel,
} from "@halfroom/wire";
import type { Logger } from "pino";
import {
  decodeTerms,
  otherRole,
  overLink,
  scheduleOf,
  sendAnswer,
  sessionError,
  type Answer,
  type Reason,
  type Terms,
  type Threads,
  toHex,
} from "@halfroom/session";
import type { Cluster } from "../cluster/cluster.ts";
import { every } from "../every.ts";
import type { OperatorErrorCode } from "../errors.ts";
import type { SessionEvent, SessionJob } from "../run/session-job.ts";
import { judge } from "../policy/judge.ts";
import type { NodeState } from "../node-state.ts";
import { noteUnspoken } from "../events/versions.ts";
import { follow } from "../partners/met.ts";
import type { Partner } from "../partners/partners.ts";
import type { StreamFront } from "../streams/session-streams.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { answerCompletion } from "../run/complete.ts";
import { codeOfFailure, runSession } from "../run/run-session.ts";
import { agree } from "../series/agree.ts";
import { answerSeriesEnd } from "../series/end.ts";
import { answerProposal, type Answered } from "./answer-proposal.ts";
import { limitQuestions } from "./limit-questions.ts";
import type { Metrics } from "./metrics.ts";
import type { QuietLog } from "./quiet-log.ts";
import { PartnerFrames } from "./partner-frames.ts";
import type { Turn, Turns } from "./turns.ts";

/** How often a proposer in the queue is told that it is still queued. */
const QUEUED_MS = 10_000;

/** What a program that embeds a serving node is told, besides the operator's log. */
export type ServeEvent =
  | SessionEvent
  | { readonly type: "answered"; readonly id: string; readonly decision: Answer["decision"] }
  /** The session id in hex, and the report as it is stored. */
  | { readonly type: "done"; readonly session: string; readonly json: string }
  /** An earlier session lacked the partner's last message, and has it now. */
  | { readonly type: "completed"; readonly id: string; readonly session: string }
  /** Both sides have signed a series: its short name, and its id in hex. */
  | { readonly type: "series"; readonly id: string; readonly series: string }
  /** A connection ended early; the partner was told a code. */
  | { readonly type: "failed"; readonly code: OperatorErrorCode; readonly words: string };

export interface Service {
  readonly node: NodeState;
  readonly log: Logger;
  readonly quiet: QuietLog;
  readonly turns: Turns;
  readonly metrics: Metrics;
  readonly threads: Threads;
  /** Other machines of this side that compute for it, if there are any. */
  readonly cluster: Cluster | undefined;
  /** Where streams of shards' own arrive. */
  readonly front: StreamFront;
  /** A collector that is told of sessions, if there is one. */
  readonly telemetry: Telemetry | undefined;
  /** Aborted when the node is to end: what has not begun ends at once. */
  readonly ending: AbortSignal;
  /** Aborted when running sessions have had their time to end. */
  readonly cutting: AbortSignal;
  readonly onEvent: (event: ServeEvent) => void;
}

/** Rejects with what ended the connection, once the partner has been told the code. */
export async function servePartner(service: Service, connection: TlsConnection): Promise<void> {
  const { node, ending } = service;
  const shown = node.identity.signingKey;
  const frames = new PartnerFrames(connection.frames);
  const talk = openChannel(frames, "receiver");
  const leaving = new AbortController();
  const end = () => leaving.abort(new ProtocolError("busy", "this node is ending; try again later"));
  const left = () => leaving.abort(new ProtocolError("closed"));
  ending.addEventListener("abort", end);
  if (ending.aborted) end();
  detached(() => connection.frames.ended.then(left), left);
  try {
    const { fingerprint } = connection.peer;
    const gone = new ProtocolError("identity", "the partner has been removed in the meantime");
    if (node.successions.byFingerprint(fingerprint, node.clock.now()) === undefined) throw gone;
    const message = await firstMessage(talk, node.settings.connect_seconds, leaving.signal);
    // A certificate that only connects, to see whether it is let in, changes nothing yet.
    const partner = follow(node, fingerprint);
    if (partner === undefined) throw gone;
    if (message.type === "complete")
      return await answerCompletion(node, partner, toHex(message.session), talk);
    if (message.type === "seriesEnd") return await answerSeriesEnd(node, partner, message.series, talk);
    const terms = spokenTerms(node, partner, message.terms);
    const link = { frames, connection: connection.frames, shown };
    const asked = { partner, ...link, talk, terms, leaving: leaving.signal };
    if (message.type === "preview") await answerPreview(service, asked);
    else await answerAndRun(service, asked, toHex(message.proposal));
  } catch (error) {
    await talk.abort(error);
    throw sessionError(error);
  } finally {
    ending.removeEventListener("abort", end);
  }
}

/**
 * What the partner proposes, without streams of shards' own where this node has none: it answers so. Errors: `version`, which is told of once a
 * day; `malformed`.
 */
function spokenTerms(node: NodeState, partner: Partner, bytes: Uint8Array): Terms {
  try {
    const terms = decodeTerms(bytes);
    return node.settings.shard_streams === "own" ? terms : overLink(terms);
  } catch (error) {
    if (error instanceof ProtocolError && error.code === "version")
      noteUnspoken(node, partner, node.clock.now());
    throw error;
  }
}

/** What a partner asks, and where. */
interface Asked {
  readonly partner: Partner;
  readonly frames: PartnerFrames;
  readonly connection: LinkFrames;
  /** The signing key of the identity that this node had when the link was made. */
  readonly shown: Uint8Array;
  readonly talk: OpenChannel;
  readonly terms: Terms;
  /** Aborted when it is not to wait any longer: it has gone, or this node is ending. */
  readonly leaving: AbortSignal;
}

/** A partner that has connected says at once what for. Errors: `timeout`; the reason of `leaving`. */
async function firstMessage(
  talk: OpenChannel,
  seconds: number,
  leaving: AbortSignal,
): Promise<Message<"propose" | "preview" | "complete" | "seriesEnd">> {
  const words = `the partner connected and did not say what for within ${seconds} s`;
  const abort = (error: unknown) => detached(() => talk.abort(error), ignored);
  const timer = setTimeout(() => abort(new ProtocolError("timeout", words)), seconds * 1000);
  const leave = () => abort(leaving.reason);
  leaving.addEventListener("abort", leave);
  if (leaving.aborted) leave();
  try {
    return await talk.recvOneOf(["propose", "preview", "complete", "seriesEnd"]);
  } finally {
    clearTimeout(timer);
    leaving.removeEventListener("abort", leave);
  }
}

async function answerPreview({ node }: Service, { partner, talk, terms }: Asked): Promise<void> {
  const rules = await node.rules();
  const tooOften = limitQuestions(node, rules, partner, terms);
  if (tooOften !== undefined) return await refuse(talk, terms, tooOften);
  const us = otherRole(terms.initiator);
  const { verdict, policy } = judge(node, rules, {
    terms,
    us,
    partner,
    initiatedBy: "partner",
    now: node.clock.now(),
  });
  await sendAnswer(talk, { ...verdict, peopleMin: policy.peopleMin });
  await talk.close();
}

async function answerAndRun(service: Service, asked: Asked, proposal: string): Promise<void> {
  const { node, quiet, metrics, onEvent } = service;
  const { partner, talk, terms } = asked;
  const toldAnswer = (fields: object) => quiet.info(`answered ${partner.name}`, fields, "proposal answered");
  const rules = await node.rules();
  // Asking again after a proposal that waits is no new question.
  const before = node.sessions.stateOf({ partner: partner.name, initiatedBy: "partner", proposal });
  const isNew = before === undefined;
  const tooOften = isNew ? limitQuestions(node, rules, partner, terms) : undefined;
  if (tooOften !== undefined) {
    toldAnswer({ partner: partner.name, decision: "refuse", reasons: [tooOften.code] });
    return await refuse(talk, terms, tooOften);
  }
  const { answer, row, judgement } = answerProposal(node, rules, partner, proposal, terms);
  const about = { partner: partner.name, id: row.id };
  // However often it is asked about: one proposal, and a line for each decision.
  if (isNew) metrics.proposals.inc({ partner: partner.name, decision: answer.decision });
  if (before !== row.state || answer.decision === "accept") {
    toldAnswer({ ...about, decision: answer.decision, reasons: answer.reasons.map(({ code }) => code) });
    onEvent({ type: "answered", id: row.id, decision: answer.decision });
  }
  if (answer.decision !== "accept") {
    await sendAnswer(talk, answer);
    await talk.close();
    return;
  }
  if (scheduleOf(row.terms) !== undefined) return await agreeAsAsked(service, asked, { answer, row, rules });
  const turn = await takeTurn(service, asked, answer);
  try {
    await assertStillShown(node, asked.shown);
    await sendAnswer(talk, answer);
    await runAccepted(service, asked, turn, { row, judgement, rules });
  } finally {
    turn.leave();
  }
}

/** A series that was accepted: both sign it, and nothing is computed. */
async function agreeAsAsked(
  { node, log, onEvent }: Service,
  { partner, talk, shown }: Asked,
  { answer, row, rules }: Pick<Answered, "answer" | "row"> & Pick<SessionJob, "rules">,
): Promise<void> {
  await assertStillShown(node, shown);
  await sendAnswer(talk, answer);
  const { id, name } = await agree({ node, rules, partner, row, terms: answer.terms, talk });
  log.info({ partner: partner.name, id: name, series: id }, "series agreed");
  onEvent({ type: "series", id: name, series: id });
}

/**
 * A link that was made before another identity took this node's place cannot carry a session of the new one: the partner asks again,
 * and meets it. Errors: `busy`.
 */
async function assertStillShown({ identity }: NodeState, shown: Uint8Array): Promise<void> {
  // Where the keys are being replaced they cannot be read, and are others in a moment.
  const isRead = await identity.refresh().then(
    () => true,
    () => false,
  );
  if (isRead && Buffer.compare(identity.signingKey, shown) === 0) return;
  throw new ProtocolError("busy", "this node's identity has been replaced; ask again");
}

async function runAccepted(
  service: Service,
  { partner, frames, connection, talk }: Asked,
  turn: Turn,
  accepted: Pick<SessionJob, "row" | "judgement" | "rules">,
): Promise<void> {
  const { node, log, metrics, threads, cluster, front, telemetry, onEvent, cutting } = service;
  const about = { partner: partner.name, id: accepted.row.id };
  const toLog = stageLog(service, about);
  const tell = (event: SessionEvent) => {
    if (event.type === "stage" && event.name !== "prepare" && event.name !== "agree") frames.turn = undefined;
    toLog(event);
    onEvent(event);
  };
  const cut = () => detached(() => frames.close("closed"), ignored);
  cutting.addEventListener("abort", cut);
  frames.turn = turn;
  try {
    const { session, json } = await runSession({
      ...accepted,
      ...threads,
      // The proposer knows this side's; its own it has not said.
      partnersPeopleMin: 0,
      node,
      cluster,
      front,
      telemetry,
      partner,
      frames,
      line: connection,
      talk,
      onEvent: tell,
      onMessages: (record) => metrics.countMessages(record),
    });
    onEvent({ type: "done", session, json });
    metrics.sessions.inc({ partner: partner.name, code: "done" });
    log.info(about, "session done");
  } catch (error) {
    metrics.sessions.inc({ partner: partner.name, code: codeOfFailure(error) });
    throw error;
  } finally {
    cutting.removeEventListener("abort", cut);
  }
}

/** Whoever asks too often is told nothing else of the policy. */
async function refuse(talk: OpenChannel, terms: Terms, reason: Reason): Promise<void> {
  await sendAnswer(talk, { decision: "refuse", terms, reasons: [reason], peopleMin: 0 });
  await talk.close();
}

/**
 * Waits in the queue, telling the proposer so. Errors: `busy`, if the queue or the partner's share of it is full, or this node is
 * ending; `closed`, if the partner has gone.
 */
async function takeTurn(
  { turns }: Service,
  { partner, connection, talk, leaving }: Asked,
  { terms, peopleMin }: Answered["answer"],
): Promise<Turn> {
  const words = "the partner said nothing while others waited for its turn";
  const asking = {
    partner: partner.name,
    isThere: () => connection.isConnected,
    giveUp: () => detached(() => talk.abort(new ProtocolError("timeout", words)), ignored),
  };
  const taking = turns.take(asking, leaving);
  const queued = { decision: "queued", terms, reasons: [], peopleMin } as const;
  const tell = () => detached(() => sendAnswer(talk, queued), ignored);
  const stopTelling = every(QUEUED_MS, tell, () => undefined);
  try {
    if (turns.isQueued(asking)) tell();
    return await taking;
  } finally {
    stopTelling();
  }
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

// The initiator: proposes a report, waits while a person decides, runs the session.
import { availableParallelism } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { systemRng } from "@halfroom/crypto";
import { ProtocolError } from "@halfroom/wire";
import {
  requestDigest,
  runOf,
  toHex,
  transfersAs,
  type Answer,
  type Terms,
  type Threads,
} from "@halfroom/session";
import type { Cluster } from "../cluster/cluster.ts";
import { openCluster } from "../cluster/open.ts";
import { costOf, costWords } from "../policy/cost.ts";
import { isOnlyUnpaid, judge } from "../policy/judge.ts";
import { runTerms, termsWords } from "../policy/run-terms.ts";
import { assertBooksHold } from "../ledger/against-log.ts";
import { jumpWords } from "../ledger/clock.ts";
import { tidyIfFree, type NodeState } from "../node-state.ts";
import { askToComplete, isFinal } from "./complete.ts";
import { AskedMembers } from "./asked-members.ts";
import { BusyWait } from "./busy-wait.ts";
import { codeOfFailure, runSession } from "./run-session.ts";
import type { RunEvent } from "./run-events.ts";
import type { SessionReport } from "./session-job.ts";
import { giveUp } from "../sessions/give-up.ts";
import { LAPSED, SILENT_MS } from "../sessions/sessions.ts";
import type { SessionRow } from "../sessions/row.ts";
import { reach, type Reached } from "./reach.ts";
import { untilApproved } from "./until-approved.ts";
import { ENDING, type Plan } from "./plan.ts";
import { proposedTransfers } from "./transfers.ts";
import { thisAccount } from "../people/actor.ts";
import { openTelemetry, type Telemetry } from "../telemetry/telemetry.ts";
import { refusedBy, safeWords } from "../errors.ts";
import { every } from "../every.ts";
import { HOUR_MS } from "../time.ts";

const PROPOSAL_BYTES = 16;
/** Errors: `refused-here`, if this side's own policy forbids the report. */
export function assertOwnPolicy({ judgement }: Plan): void {
  const { verdict, policy } = judgement;
  if (verdict.decision !== "refuse" || isOnlyUnpaid(verdict, policy)) return;
  throw refusedBy("us", verdict.reasons);
}

/**
 * Runs the plan. A proposal of the same report that is still waiting is taken up again, even after a restart; where another run of it is
 * under way, its end is waited for, and an earlier session of it that lacks only the partner's last message is completed first.
 * Errors: `refused-here`, `refused-there`, `no-address`, `audit`, `clock`, `ledger`, `cluster`, and those of `runSession`.
 */
export async function initiate(
  node: NodeState,
  plan: Plan,
  onEvent: (event: RunEvent) => void,
): Promise<SessionReport> {
  assertOwnPolicy(plan);
  // A program may run reports for months.
  const jumped = tidyIfFree(node).jumped ?? node.jumped;
  assertBooksHold(node);
  if (jumped !== undefined) onEvent({ type: "warning", words: jumpWords(jumped) });
  const onTrouble = (words: string) => onEvent({ type: "warning", words });
  const cluster = await openCluster(node, onTrouble);
  const telemetry = await openTelemetry(node, onTrouble);
  const runIt: Act<SessionReport> = async (row, reached) =>
    await run(node, { ...plan, cluster, telemetry }, row, reached, onEvent);
  try {
    return await untilDone(node, plan, onEvent, runIt);
  } finally {
    await telemetry?.close();
    await cluster?.close();
  }
}

/** A plan with the other machines of this side, and the collector that is told, if there are any. */
interface RunPlan extends Plan {
  readonly cluster: Cluster | undefined;
  readonly telemetry: Telemetry | undefined;
}

/** What follows once the partner has accepted. */
type Act<Result> = (row: SessionRow, reached: Reached) => Promise<Result>;

/** Proposes the plan until the partner accepts, and then does `act`. Errors: as `initiate`, and those of `act`. */
export async function untilDone<Result>(
  node: NodeState,
  plan: Plan,
  onEvent: (event: RunEvent) => void,
  act: Act<Result>,
): Promise<Result> {
  for (;;) {
    const { row, resumed } = await takeUp(node, plan, onEvent);
    try {
      onEvent({ type: "proposed", id: row.id, role: row.role, resumed });
      await completeEarlier(node, plan, onEvent);
      return await runProposal(node, asProposed(plan, row, onEvent), row, onEvent, act);
    } catch (error) {
      const isEnding = plan.signal?.aborted === true;
      if (isEnding && plan.signal.reason !== ENDING) giveUp(node, row.id);
      if (isEnding || !resumed || !isForgotten(node, row, error)) throw error;
    } finally {
      node.sessions.letGo(row.id);
    }
  }
}

/** The plan of a proposal that was made before, whose transfers stay what people may have approved. */
function asProposed(plan: Plan, { terms }: SessionRow, onEvent: (event: RunEvent) => void): Plan {
  if (terms.transfers === plan.terms.transfers) return plan;
  const transfers = proposedTransfers(terms.transfers ?? "softspoken");
  onEvent({ type: "transfers", words: transfers.why });
  return { ...plan, terms: transfersAs(plan.terms, terms), transfers };
}

/** Whether the partner has run a proposal, or given it up, that this side took up again after a crash: a new one takes its place. */
function isForgotten({ sessions }: NodeState, { id }: SessionRow, error: unknown): boolean {
  const isReplayed = error instanceof ProtocolError && error.fromPartner && error.code === "replayed";
  return isReplayed && sessions.get(id).state === "failed";
}

/** Proposes until the partner accepts, and does what follows. */
async function runProposal<Result>(
  node: NodeState,
  plan: Plan,
  row: SessionRow,
  onEvent: (event: RunEvent) => void,
  act: Act<Result>,
): Promise<Result> {
  let held = row.state !== "proposed";
  let told = false;
  let answered: string | undefined;
  const busy = new BusyWait(node.settings.busy_seconds, Date.now);
  const members = new AskedMembers(node.settings, plan.transfers);
  const touch = () => node.store.inPassing(() => node.sessions.touch(row.id, node.clock.now()));
  const stopTouching = every(SILENT_MS / 2, touch, (error) =>
    onEvent({ type: "warning", words: safeWords(error) }),
  );
  try {
    if (row.state === "proposed") await untilApproved(node, plan, row, onEvent);
    for (;;) {
      const reached = await reach(node, plan, row, { held, busy, members }, onEvent);
      if (reached !== undefined && reached.answer.decision !== "refuse")
        answered = tellTerms(plan, reached.answer.terms, answered, onEvent);
      if (reached?.answer.decision === "accept") {
        stopTouching();
        return await act(row, reached);
      }
      if (reached !== undefined) {
        await reached.talk.close();
        reached.letGo();
        const { reasons } = reached.answer;
        const isNews = settleAnswer(node, row, reached.answer);
        if (isNews || !told) onEvent({ type: "held", id: row.id, reasons });
        held = told = true;
      }
      await pause(node.settings.ask_seconds * 1000, undefined, { signal: plan.signal });
    }
  } finally {
    stopTouching();
  }
}

/** Our proposal, a new one or one that waits, once no other run works on the same report. */
async function takeUp(
  node: NodeState,
  plan: Plan,
  onEvent: (event: RunEvent) => void,
): Promise<{ readonly row: SessionRow; readonly resumed: boolean }> {
  let told: string | undefined;
  for (;;) {
    const { row, resumed, isTaken } = openProposal(node, plan);
    if (isTaken) return { row, resumed };
    if (told !== row.id) onEvent({ type: "elsewhere", id: row.id });
    told = row.id;
    await pause(node.settings.ask_seconds * 1000, undefined, { signal: plan.signal });
  }
}

/** What an earlier session of the report has opened is not paid for twice. Errors: those of the connection. */
async function completeEarlier(
  node: NodeState,
  { request: { where }, partner, terms }: Plan,
  onEvent: (event: RunEvent) => void,
): Promise<void> {
  const asked = requestDigest(terms);
  const isOfReport = (row: SessionRow) =>
    row.partner === partner.name && row.asked === asked && row.where === where;
  for (const row of node.sessions.completable().filter(isOfReport)) {
    try {
      const { session } = await askToComplete(node, row, partner);
      onEvent({ type: "completed", id: row.id, session });
    } catch (error) {
      if (!isFinal(error)) throw error;
      const words = `session ${row.id}, which lacks the partner's last message, cannot be completed (${codeOfFailure(error)})`;
      onEvent({ type: "warning", words });
    }
  }
}

/** Once for terms, however often they are answered with. Returns their digest. */
function tellTerms(
  { asked, terms: ours, judgement }: Plan,
  terms: Terms,
  before: string | undefined,
  onEvent: (event: RunEvent) => void,
): string {
  const digest = requestDigest(terms);
  if (digest === before) return digest;
  const runs = runTerms(asked, ours, terms);
  const cost = costOf(judgement, terms);
  onEvent({ type: "terms", ...runs, cost, words: [...termsWords(runs), ...costWords(cost)] });
  return digest;
}

/** Not taken, if another run works on the report. */
function openProposal(
  node: NodeState,
  { request: { role, where, sink }, partner, terms, transfers }: Plan,
): { readonly row: SessionRow; readonly resumed: boolean; readonly isTaken: boolean } {
  const now = node.clock.now();
  return node.store.transaction(() => {
    const asker = node.actor ?? thisAccount();
    const ordered = transfers.isOrdered ? transfers.source : undefined;
    const known = node.sessions.takeUp(
      { partner: partner.name, asked: requestDigest(terms), where, transfers: ordered },
      now,
    );
    if (known?.isTaken === true) node.approvals.ask(known.row.id, asker, now);
    const series = runOf(terms);
    if (known !== undefined && sink !== undefined) node.askedSinks.ask(known.row.id, sink);
    if (known !== undefined) return { ...known, resumed: true };
    const row = node.sessions.open({
      partner: partner.name,
      proposal: toHex(systemRng.bytes(PROPOSAL_BYTES)),
      initiatedBy: "us",
      role,
      terms,
      where,
      now,
      expiresAt: now + node.settings.approval_hours * HOUR_MS,
    });
    node.approvals.ask(row.id, asker, now);
    if (series !== undefined) node.series.attempt(toHex(series.id), series.number, row.id);
    if (sink !== undefined) node.askedSinks.ask(row.id, sink);
    node.audit.append("proposed", { id: row.id, partner: partner.name, by: "us" }, now);
    return { row, resumed: false, isTaken: true };
  });
}

/**
 * Records that the partner holds the proposal. Returns whether that is news. Errors: `refused-there`, if it refused or nobody
 * answered in time.
 */
function settleAnswer(
  { store, sessions, audit, clock }: NodeState,
  row: SessionRow,
  { decision, reasons, terms }: Answer,
): boolean {
  const now = clock.now();
  const refusal = decision === "refuse" ? reasons : row.expiresAt <= now ? [LAPSED] : undefined;
  const isNews = store.transaction(() => {
    if (refusal === undefined) return sessions.hold(row.id, reasons, now, terms);
    sessions.refuse(row.id, refusal, now);
    const codes = refusal.map(({ code }) => code).join(" ");
    audit.append("refused", { id: row.id, partner: row.partner, by: "partner", reasons: codes }, now);
    return true;
  });
  if (refusal !== undefined) throw refusedBy("partner", refusal);
  return isNews;
}

async function run(
  node: NodeState,
  { rules, anyway, cluster, telemetry }: RunPlan,
  proposed: SessionRow,
  { partner, connection, talk, answer: { terms, peopleMin } }: Reached,
  onEvent: (event: RunEvent) => void,
): Promise<SessionReport> {
  const { settings, sessions, works } = node;
  let threads: Threads | undefined;
  try {
    // The partner may have taken days to answer.
    assertBooksHold(node);
    sessions.approve(proposed.id, terms, node.clock.now());
    const row = sessions.get(proposed.id);
    const question = { terms, us: row.role, partner, initiatedBy: "us" } as const;
    const judgement = judge(node, rules, { ...question, now: node.clock.now() });
    threads = await works.openThreads(settings.threads || availableParallelism());
    const { frames } = connection;
    const partnersPeopleMin = peopleMin;
    const ours = { node, cluster, front: undefined, telemetry, rules, partner, row, judgement, anyway };
    return await runSession({ ...ours, ...threads, partnersPeopleMin, frames, line: frames, talk, onEvent });
  } catch (error) {
    // The partner has accepted and waits; of a session that has begun it knows already.
    await talk.abort(error);
    closeUnbegun(node, proposed, error);
    throw lateRefusal(error);
  } finally {
    if (threads !== undefined) await works.closeThreads(threads);
  }
}

/** The partner has been told that it is over: the next run has to propose anew. */
function closeUnbegun(
  { store, sessions, audit, clock }: NodeState,
  { id, partner }: SessionRow,
  error: unknown,
): void {
  if (sessions.get(id).state !== "approved") return;
  const now = clock.now();
  const code = codeOfFailure(error);
  store.transaction(() => {
    sessions.fail(id, code, now);
    audit.append("failed", { id, partner, stage: "agree", code }, now);
  });
}

/** What the partner finds only after both have counted, it reports by code alone; these are the words for it. */
function lateRefusal(error: unknown): unknown {
  if (!(error instanceof ProtocolError) || error.code !== "refused" || !error.fromPartner) return error;
  const words =
    "its policy refuses what both sides counted: too few people, or no budget, numbers, exact report or evaluations left; halfroom preview says more";
  return new ProtocolError("refused", words, { fromPartner: true, cause: error });
}

import { scheduleOf, type Answer, type Reason, type StageTiming } from "@halfroom/session";
import { OperatorError, toOperatorError, type OperatorErrorCode } from "../errors.ts";
import type { NodeState } from "../node-state.ts";
import { describe, type Disclosure } from "../policy/describe.ts";
import { costOf, costWords } from "../policy/cost.ts";
import { isOnlyUnpaid } from "../policy/judge.ts";
import { runTerms, termsWords } from "../policy/run-terms.ts";
import { assertOwnPolicy, initiate } from "../run/initiate.ts";
import { previewAtPartner } from "../run/reach.ts";
import type { RunEvent } from "../run/run-events.ts";
import { lookAhead, type Outlook } from "../run/outlook.ts";
import { outlookWords } from "../run/outlook-words.ts";
import { ENDING, planReport, type Plan, type PlanSource } from "../run/plan.ts";
import { askForSeries } from "../series/ask.ts";
import { withState, type HalfroomNode } from "./node.ts";
import { contentOf, type SeriesContent } from "./series.ts";

/**
 * The request, or a run of a partner's template; the partner that it must be for, if the caller insists on one, and whether to go on although
 * more of this side's data does not fit than the settings allow.
 */
export type RunRequest = PlanSource & {
  readonly partner?: string | undefined;
  readonly anyway?: boolean | undefined;
};

export interface RunResult {
  /** The session id in hex; of a stored report, that of the session that made it. */
  readonly session: string;
  readonly partner: string;
  /** The report as it is stored, a JSON document (`ReportContent.json`). */
  readonly json: string;
  /** True if an identical request over identical data had been run: then nothing was computed and nothing spent. */
  readonly isStored: boolean;
  /** False if the partner alone receives the result. */
  readonly hasResult: boolean;
  /** Of the session; empty for a stored report. */
  readonly stages: readonly StageTiming[];
}

/**
 * Proposes a report to the partner, waits for its answer (hours, if a person decides there), runs the session and keeps the
 * report. A proposal of the same report that still waits is taken up again. `onEvent` is told how it goes. Where `signal` is aborted, a
 * session that runs ends as if the connection had broken, and a proposal that waits is closed; for the reason "ending" it goes on waiting.
 * Rejects with OperatorError `yaml`, `no-partner`, `wrong-partner`, `no-dataset`, `no-key`, `no-address`, `ledger`, `refused-here`,
 * `refused-there`, `cancelled`, `stopped`, `data-` codes for this side's data, and `protocol-` codes for the session.
 */
export async function run(
  node: HalfroomNode,
  request: RunRequest,
  onEvent: (event: RunEvent) => void = () => {},
  signal?: AbortSignal,
): Promise<RunResult> {
  return await withState(node, async (state) => {
    const plan = await planWithin(state, request, onEvent, signal);
    const { partner } = plan;
    if (scheduleOf(plan.terms) !== undefined) {
      const words = "The request is for a series: it is asked for as one, and a serving node makes its runs.";
      throw new OperatorError("series-state", words);
    }
    const { session, json, fresh } = await initiate(state, plan, onEvent).catch(orEnded(signal));
    return {
      session,
      partner: partner.name,
      json,
      isStored: fresh === undefined,
      hasResult: fresh === undefined || fresh.report !== undefined,
      stages: fresh?.stages ?? [],
    };
  });
}

/**
 * Asks the partner for the series of a request, waits for its answer (hours, if a person decides there), and signs it: from then on a node that
 * serves makes its runs. Otherwise as `run`. Rejects as `run` does, and with OperatorError `series-state` for a request without `series`, or whose
 * first run was due already.
 */
export async function askSeries(
  node: HalfroomNode,
  request: RunRequest,
  onEvent: (event: RunEvent) => void = () => {},
  signal?: AbortSignal,
): Promise<SeriesContent> {
  return await withState(node, async (state) => {
    const plan = await planWithin(state, request, onEvent, signal);
    if (scheduleOf(plan.terms) === undefined)
      throw new OperatorError("series-state", "The request asks for one report; write `series` for more.");
    const series = await askForSeries(state, plan, onEvent).catch(orEnded(signal));
    return contentOf(state, series);
  });
}

async function planWithin(
  state: NodeState,
  request: RunRequest,
  onEvent: (event: RunEvent) => void,
  signal: AbortSignal | undefined,
): Promise<Plan> {
  const planned = await planReport(state, request, request.partner);
  const plan = { ...planned, anyway: request.anyway, signal };
  assertOwnPolicy(plan);
  if (plan.roleWords !== undefined) onEvent({ type: "role", words: plan.roleWords });
  const { why } = plan.transfers;
  if (why !== undefined) onEvent({ type: "transfers", words: why });
  return plan;
}

function orEnded(signal: AbortSignal | undefined): (error: unknown) => never {
  return (error) => {
    throw signal?.aborted === true ? ended(signal, error) : error;
  };
}

function ended({ reason }: AbortSignal, cause: unknown): OperatorError {
  if (reason !== ENDING)
    return new OperatorError("cancelled", "The run was cancelled before it had ended.", { cause });
  const words =
    "The node ended before the run did; a proposal that waits is taken up by the next run of the same request.";
  return new OperatorError("stopped", words, { cause });
}

/**
 * Checks a request against this node's settings and policy; nothing is read or sent. Returns in sentences what this side's policy leaves of
 * it and what it would cost here. Rejects with OperatorError as `run` does before it dials the partner.
 */
export async function checkRequest(node: HalfroomNode, request: RunRequest): Promise<readonly string[]> {
  return await withState(node, async (state) => {
    const plan = await planReport(state, request, request.partner);
    assertOwnPolicy(plan);
    const { asked, terms, judgement } = plan;
    const ahead = [...termsWords(runTerms(asked, terms, terms)), ...costWords(costOf(judgement, terms))];
    const { why } = plan.transfers;
    return [...ahead, ...(why === undefined ? [] : [why]), ...ownApprovalWords(plan)];
  });
}

export interface PolicyAnswer {
  readonly decision: "accept" | "hold" | "refuse" | "queued";
  readonly reasons: readonly Reason[];
}

export interface Preview extends Disclosure {
  /** What would come of the report; left out if this side's own policy refuses it, and then nothing is read. */
  readonly outlook?: Outlook;
  /** The same in sentences. */
  readonly ahead: readonly string[];
  /** What this side's policy says, its limits on people and numbers included. */
  readonly ours: PolicyAnswer;
  /** What the partner's policy says, or would say to the sizes that it does not know yet, or why it could not be asked. */
  readonly theirs:
    PolicyAnswer | { readonly error: { readonly code: OperatorErrorCode; readonly words: string } };
  /** What `run` would do now. `stored`: both sides have the report, if the partner's data is what it was. */
  readonly outcome: "run" | "stored" | "wait" | "refuse" | "unknown";
}

/**
 * What would come of a report: the terms that both policies leave of it, what each side would learn, what it costs, whether anything can
 * open, how long it takes. The partner is asked and this side's data read; nothing is proposed and no data moves. Rejects with
 * OperatorError as `run` does before it dials the partner, and with `data-` codes for this side's data.
 */
export async function preview(node: HalfroomNode, request: RunRequest): Promise<Preview> {
  return await withState(node, async (state) => {
    const plan = await planReport(state, request, request.partner);
    const asked = await previewAtPartner(state, plan).catch((error: unknown) => ({ error: recordOf(error) }));
    const answered = "error" in asked ? undefined : asked;
    const answer = answered?.answer;
    const { verdict, policy } = plan.judgement;
    const isRefused = verdict.decision === "refuse" && !isOnlyUnpaid(verdict, policy);
    const outlook = isRefused ? undefined : await lookAhead(state, plan, answered);
    const ours = withReasons(verdict, outlook?.ours ?? []);
    const theirs = "error" in asked ? asked : withReasons(asked.answer, outlook?.theirs ?? []);
    return {
      ...disclosureOf(plan, answer),
      ...(outlook !== undefined && { outlook }),
      ahead: outlook === undefined ? [] : outlookWords(outlook),
      ours,
      theirs,
      outcome: outcomeOf(ours, theirs, outlook),
    };
  });
}

function disclosureOf(
  { request, judgement, terms, roleWords }: Plan,
  answer: Answer | undefined,
): Disclosure {
  const said = describe(answer?.terms ?? terms, request.role, judgement.written);
  const more = [...(roleWords === undefined ? [] : [roleWords]), ...ownApprovalWords({ judgement })];
  return { ...said, report: [...said.report, ...more] };
}

/** Who has to approve it here before it is proposed. */
function ownApprovalWords({ judgement: { policy } }: Pick<Plan, "judgement">): string[] {
  return policy.approval === "two-people"
    ? [
        "Our policy asks two people here, neither of them the one who asks, to approve it before it is proposed.",
      ]
    : [];
}

function withReasons({ decision, reasons }: PolicyAnswer, more: readonly Reason[]): PolicyAnswer {
  // Only a refusal's reasons say why it is one.
  if (more.length === 0) return { decision, reasons };
  return { decision: "refuse", reasons: decision === "refuse" ? [...reasons, ...more] : more };
}

function outcomeOf(
  ours: PolicyAnswer,
  theirs: Preview["theirs"],
  outlook: Outlook | undefined,
): Preview["outcome"] {
  if (ours.decision === "refuse" && outlook?.stored === undefined) return "refuse";
  if ("error" in theirs) return "unknown";
  if (theirs.decision === "refuse") return "refuse";
  if (theirs.decision === "hold") return "wait";
  if (outlook?.stored !== undefined) return "stored";
  return outlook?.opening.canOpen === false ? "refuse" : "run";
}

function recordOf(error: unknown) {
  const inWords = toOperatorError(error);
  if (!(inWords instanceof OperatorError)) throw error;
  return inWords.toJSON();
}

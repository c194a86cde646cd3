import type { Reason, StageTiming } from "@halfroom/session";
import { OperatorError, toOperatorError, type OperatorErrorCode } from "../errors.ts";
import { describe, type Disclosure } from "../policy/describe.ts";
import type { RequestSource } from "../request/request.ts";
import { assertOwnPolicy, initiate, previewAtPartner, type RunEvent } from "../run/initiate.ts";
import { planReport } from "../run/plan.ts";
import { withState, type HalfroomNode } from "./node.ts";

/**
 * The request, the partner that it must be for, if the caller insists on one, and whether to go on although more of this side's data
 * does not fit than the settings allow.
 */
export type RunRequest = RequestSource & {
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
 * report. A proposal of the same report that still waits is taken up again. `onEvent` is told how it goes.
 * Rejects with OperatorError `yaml`, `no-partner`, `wrong-partner`, `no-dataset`, `no-key`, `no-address`, `ledger`, `refused-here`,
 * `refused-there`, `data-` codes for this side's data, and `protocol-` codes for the session.
 */
export async function run(
  node: HalfroomNode,
  request: RunRequest,
  onEvent: (event: RunEvent) => void = () => {},
): Promise<RunResult> {
  return await withState(node, async (state) => {
    const plan = { ...(await planReport(state, request, request.partner)), anyway: request.anyway };
    const { roleWords, partner } = plan;
    assertOwnPolicy(plan);
    if (roleWords !== undefined) onEvent({ type: "role", words: roleWords });
    const { session, json, fresh } = await initiate(state, plan, onEvent);
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
 * Checks a request against this node's data and policy; nothing is sent. Rejects with OperatorError as `run` does before it
 * dials the partner.
 */
export async function checkRequest(node: HalfroomNode, request: RunRequest): Promise<void> {
  await withState(node, async (state) => assertOwnPolicy(await planReport(state, request, request.partner)));
}

export interface PolicyAnswer {
  readonly decision: "accept" | "hold" | "refuse" | "queued";
  readonly reasons: readonly Reason[];
}

export interface Preview extends Disclosure {
  readonly ours: PolicyAnswer;
  /** What the partner's policy says, or why it could not be asked. */
  readonly theirs:
    PolicyAnswer | { readonly error: { readonly code: OperatorErrorCode; readonly words: string } };
}

/**
 * What each side would learn from a report, in sentences, and what each side's policy says. The partner is asked; nothing is
 * proposed and no data moves. Rejects with OperatorError as `run` does before it dials the partner.
 */
export async function preview(node: HalfroomNode, request: RunRequest): Promise<Preview> {
  return await withState(node, async (state) => {
    const plan = await planReport(state, request, request.partner);
    const { judgement, terms, roleWords } = plan;
    const { report, weLearn, partnerLearns } = describe(terms, plan.request.role, judgement.written);
    const { decision, reasons } = judgement.verdict;
    return {
      report: roleWords === undefined ? report : [...report, roleWords],
      weLearn,
      partnerLearns,
      ours: { decision, reasons },
      theirs: await previewAtPartner(state, plan).then(
        (answer) => ({ decision: answer.decision, reasons: answer.reasons }),
        (error: unknown) => ({ error: recordOf(error) }),
      ),
    };
  });
}

function recordOf(error: unknown) {
  const inWords = toOperatorError(error);
  if (!(inWords instanceof OperatorError)) throw error;
  return inWords.toJSON();
}

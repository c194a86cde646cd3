// A request file as this node would propose it.
import { type MatchKey, requestDigest, type Role, type Terms } from "@halfroom/session";
import { quoted } from "@halfroom/wire/words";
import type { Settings } from "../config/schema.ts";
import { namedDataset } from "../datasets/named-dataset.ts";
import { judge, type Judgement } from "../policy/judge.ts";
import type { NodeState } from "../node-state.ts";
import type { Partner } from "../partners/partners.ts";
import { readRequest, type ReportRequest, type RequestSource } from "../request/request.ts";
import { requestOfTemplate, type TemplateSource } from "../templates/ask.ts";
import { termsOf } from "../request/terms-of.ts";
import { transfersOf } from "./choose-transfers.ts";
import { chooseRole, lastSizes } from "./roles.ts";
import type { TransfersChoice } from "./transfers.ts";
import { OperatorError } from "../errors.ts";

/** The process ends, and a later one may go on. */
export const ENDING = "ending";

/** What of a request is not in its terms, as this side sees it. */
type PlannedRequest = Pick<ReportRequest, "partner" | "role" | "ours" | "theirs" | "where" | "sink">;

export interface Plan {
  readonly request: PlannedRequest;
  readonly partner: Partner;
  readonly rules: Settings;
  /** As the request asks. */
  readonly asked: Terms;
  /** As asked for, made stricter by this side's own policy. */
  readonly terms: Terms;
  readonly judgement: Judgement;
  /** Whether to go on although more of this side's data does not fit than the settings allow. */
  readonly anyway?: boolean | undefined;
  /** Aborted when the run is to end: given up, or for the reason `ENDING`, so that a proposal that waits can be taken up again. */
  readonly signal?: AbortSignal | undefined;
  /** Why this side has its role, where there was a choice. */
  readonly roleWords: string | undefined;
  /** Where its transfers come from, as `terms` have it, and why. */
  readonly transfers: TransfersChoice;
}

/** A request as it is written, or a run of a partner's template. */
export type PlanSource = RequestSource | TemplateSource;

/**
 * Errors: `yaml`; `no-template`, `template`; `no-partner`, `wrong-partner` for another than `withPartner`, `no-dataset`, `no-key`,
 * `no-event`.
 */
export async function planReport(node: NodeState, source: PlanSource, withPartner?: string): Promise<Plan> {
  const request = "template" in source ? requestOfTemplate(node, source) : await readRequest(source);
  if (withPartner !== undefined && withPartner !== request.partner) {
    throw new OperatorError(
      "wrong-partner",
      `The request is for the partner ${quoted(request.partner)}, not for ${quoted(withPartner)}; make them agree.`,
    );
  }
  const partner = node.partners.named(request.partner);
  const rules = await node.rules();
  const match = matchKeys(rules, request);
  assertSink(rules, request);
  const inRole = (role: Role, transfers = request.transfers) => {
    const inThatRole = { ...request, role, transfers };
    const terms = termsOf(inThatRole, match);
    const question = { terms, us: role, partner, initiatedBy: "us", now: node.clock.now() } as const;
    return { request: inThatRole, asked: terms, judgement: judge(node, rules, question) };
  };
  const askedAs = (role: Role) => requestDigest(inRole(role).judgement.verdict.terms);
  const ranAs =
    request.roles === "fixed"
      ? undefined
      : node.sessions.roleBefore(partner.name, { sender: askedAs("sender"), receiver: askedAs("receiver") });
  const { role, why } = chooseRole(request, ranAs, lastSizes(node, request));
  const { asked, judgement } = inRole(role);
  const transfers = await transfersOf(node, request, role, asked, judgement.policy);
  const planned = inRole(role, transfers.source);
  const { terms } = planned.judgement.verdict;
  return { ...planned, partner, rules, terms, roleWords: why, transfers };
}

/** Errors: `no-event`. A sink of `rules` that was added since `serve` was started is written to once that is started again. */
function assertSink({ sinks }: Settings, { sink }: ReportRequest): void {
  if (sink === undefined || Object.hasOwn(sinks, sink)) return;
  const known = Object.keys(sinks);
  const remedy = known.length === 0 ? "`sinks` in config.yaml names them" : `there are ${known.join(", ")}`;
  throw new OperatorError("no-event", `There is no sink ${quoted(sink)} here; ${remedy}.`);
}

/** The match keys that the request names, or else the first of this side's dataset, with the rules that both sides must share. */
function matchKeys(rules: Settings, { ours, match }: ReportRequest): MatchKey[] {
  const dataset = namedDataset(rules, ours);
  const keys = Object.keys(dataset.keys);
  return (match ?? keys.slice(0, 1)).map((key) => {
    const label = Object.hasOwn(dataset.keys, key) ? dataset.keys[key] : undefined;
    if (label === undefined) {
      throw new OperatorError(
        "no-key",
        `The dataset ${quoted(ours)} has no match key ${quoted(key)}; it has ${keys.join(", ")}.`,
      );
    }
    return { key, label };
  });
}

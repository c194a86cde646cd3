// The policy under which a side of a rehearsal answers: the request is allowed, and nothing else.
import { THRESHOLD_FLOOR, type RequestRecord } from "@halfroom/node";
import type { Side } from "./rehearsal.ts";

/** An exact report needs no epsilon, but a policy has to name one. */
const EPSILON_UNUSED = 1;
const BUDGET = 10_000;
/** As many as there may be. */
const NUMBERS = 1e9;
const EVALUATIONS = 1_000_000_000;

export interface ColumnsUsed {
  readonly dimensions: readonly string[];
  readonly measures: readonly string[];
}

/** The columns of one side's dataset that the request names. */
export function columnsUsed(request: RequestRecord, side: Side): ColumnsUsed {
  const { role, partitions, senderGroupBy, measures } = request;
  const groups = (role === "receiver") === (side === "ours");
  return groups
    ? { dimensions: [...new Set(partitions.flat())], measures: [] }
    : { dimensions: senderGroupBy, measures: measures.map(({ name }) => name) };
}

/** An entry of `policies:` for one session, approved without a person. */
export function policyFor(
  request: RequestRecord,
  side: Side,
  { partner, peopleMin }: { readonly partner: string; readonly peopleMin: number },
): Record<string, unknown> {
  const { release, rules } = request;
  const { dimensions, measures } = columnsUsed(request, side);
  return {
    partner,
    dataset: request[side],
    group_by: dimensions,
    sum: measures,
    threshold: THRESHOLD_FLOOR,
    people: Math.max(1, peopleMin),
    epsilon: release.mode === "noise" ? release.microEpsilon / 1e6 : EPSILON_UNUSED,
    budget: BUDGET,
    numbers: NUMBERS,
    evaluations: EVALUATIONS,
    exact: release.mode === "exact",
    rules,
    approval: "automatic",
  };
}

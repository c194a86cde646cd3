// A run of a series as this node would propose it: the terms of the series, and nothing of today but the data.
import { encodeTerms, otherRole, termsOfRun, type Reason, type Terms } from "@halfroom/session";
import { quoted } from "@halfroom/wire/words";
import { OperatorError, refusedBy } from "../errors.ts";
import type { NodeState } from "../node-state.ts";
import { judge, type Judgement } from "../policy/judge.ts";
import type { Plan } from "../run/plan.ts";
import { orderedTransfers } from "../run/transfers.ts";
import { partnerOf } from "./partner-of.ts";
import { filterOfRun } from "./relative-dates.ts";
import type { SeriesRow } from "./row.ts";

/** Errors: `no-partner`; `refused-here`, if this side's policy no longer allows the series as it was agreed on. */
export async function planRun(node: NodeState, series: SeriesRow, number: number): Promise<Plan> {
  const { agreement, role, where } = series;
  const partner = partnerOf(node, series);
  if (partner === undefined)
    throw new OperatorError(
      "no-partner",
      `The partner ${quoted(series.partner)} of this series has been removed.`,
    );
  const rules = await node.rules();
  const terms = termsOfRun(agreement, number);
  const judgement = judge(node, rules, {
    terms,
    us: role,
    partner,
    initiatedBy: "us",
    now: node.clock.now(),
  });
  const reasons = asAgreed(terms, judgement);
  if (reasons.length > 0) throw refusedBy("us", reasons);
  const { datasets } = terms;
  const transfers = orderedTransfers(terms.transfers ?? "softspoken");
  const request = {
    partner: partner.name,
    role,
    ours: datasets[role],
    theirs: datasets[otherRole(role)],
    where: filterOfRun(where, agreement.terms.series, number),
    // As the session asked that asked for the series.
    sink: node.askedSinks.of(series.name),
  };
  return { request, partner, rules, asked: terms, terms, judgement, roleWords: undefined, transfers };
}

/** The objections to a run, whose terms a policy may neither change nor refuse. */
export function asAgreed(terms: Terms, { verdict }: Judgement): readonly Reason[] {
  if (verdict.decision === "refuse") return verdict.reasons;
  if (Buffer.compare(encodeTerms(verdict.terms), encodeTerms(terms)) === 0) return [];
  const words = "the policy has become stricter than the series: end it, and ask for another one";
  return [{ code: "series-terms", words }];
}

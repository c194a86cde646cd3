// What each side does to agree on a series, once its terms are accepted: it signs, keeps, and reserves what all runs may cost.
import { systemRng } from "@halfroom/crypto";
import {
  agreeOnSeries,
  noisePlanOf,
  seriesName,
  signerOf,
  SERIES_NONCE_BYTES,
  type Reason,
  type SignedSeries,
  type Terms,
} from "@halfroom/session";
import { ProtocolError, type OpenChannel } from "@halfroom/wire";
import type { Settings } from "../config/schema.ts";
import { assertBooksHold } from "../ledger/against-log.ts";
import type { NodeState } from "../node-state.ts";
import { ownerOf, type Partner } from "../partners/partners.ts";
import { tellLowBudgets, usedOf } from "../events/low-budgets.ts";
import { judge, type Judgement } from "../policy/judge.ts";
import type { SessionRow } from "../sessions/row.ts";
import type { SeriesRow } from "./row.ts";

export interface SeriesJob {
  readonly node: NodeState;
  /** The settings as they were read for it. */
  readonly rules: Settings;
  readonly partner: Partner;
  /** The session that asked for it, approved. */
  readonly row: SessionRow;
  /** That both policies leave of it. */
  readonly terms: Terms;
  readonly talk: OpenChannel;
}

/** Errors: `refused`, if this side's policy or budgets do not allow it any more; `agreement`, `malformed`, those of the connection. */
export async function agree(job: SeriesJob): Promise<SeriesRow> {
  const { node, partner, row, terms, talk } = job;
  let kept: SeriesRow | undefined;
  await agreeOnSeries(talk, {
    terms,
    us: row.role,
    nonce: systemRng.bytes(SERIES_NONCE_BYTES),
    sign: signerOf(node.identity.privateKey),
    signingKey: node.identity.signingKey,
    partnerKey: partner.signingKey,
    accept: () => assertAllowed(job),
    keep: (signed) => (kept = keep(job, signed)),
  });
  await talk.close();
  return kept!;
}

/** Errors: `refused`. */
function assertAllowed({ node, rules, partner, row, terms }: SeriesJob): Judgement {
  assertBooksHold(node);
  const { role: us, initiatedBy } = row;
  const judgement = judge(node, rules, {
    terms,
    us,
    partner,
    initiatedBy,
    now: node.clock.now(),
  });
  const { decision, reasons } = judgement.verdict;
  if (decision === "refuse") throw new ProtocolError("refused", wordsOf(reasons));
  return judgement;
}

function keep(job: SeriesJob, signed: SignedSeries): SeriesRow {
  const { node, partner, row, terms } = job;
  const { runs, numbers } = signed.agreement.terms.series;
  const { initiatedBy, role, where } = row;
  const owner = ownerOf(partner);
  return node.store.transaction(() => {
    const now = node.clock.now();
    const cost = noisePlanOf(terms)?.cost;
    // What was reserved under signatures that did not arrive is free for these.
    node.series.forgetUnused(row.id);
    const judgement = assertAllowed(job);
    const before = usedOf(node, judgement, owner, now);
    const about = { signed, name: row.id, partner: owner, initiatedBy, role, where };
    const series = node.series.add({ ...about, population: judgement.population, cost, now });
    tellLowBudgets(node, judgement, owner, before, now);
    if (node.sessions.get(row.id).state !== "done") node.sessions.finish(row.id, now);
    const microEpsilon = terms.release.mode === "exact" ? 0 : runs * terms.release.microEpsilon;
    const facts = { id: row.id, partner: owner.name, series: seriesName(signed.agreement) };
    node.audit.append("series-agreed", { ...facts, runs, microEpsilon, numbers: runs * numbers }, now);
    return series;
  });
}

function wordsOf(reasons: readonly Reason[]): string {
  return reasons.map(({ words }) => words).join("; ");
}

// This node as a session sees it: its keys, the final say of its policy, and its store, which records each step before the next
// message depends on it.
import {
  type Agreement,
  microEpsilon,
  noisePlanOf,
  numbersAtMost,
  type Openings,
  otherRole,
  type Reason,
  requestDigest,
  runOf,
  signerOf,
  type SignedAgreement,
  type Site,
  toHex,
  VERSIONS,
} from "@halfroom/session";
import { ProtocolError } from "@halfroom/wire";
import { isOnlyUnpaid } from "../policy/judge.ts";
import { RESTORED_REMEDY } from "../policy/evaluate.ts";
import { evaluateSizes } from "../policy/sizes.ts";
import { ownerOf } from "../partners/partners.ts";
import { assertBooksHold } from "../ledger/against-log.ts";
import { restoredOf } from "../ledger/restored.ts";
import type { KeptSecrets } from "../replay/kept-sessions.ts";
import { DAY_MS } from "../time.ts";
import { tellLowBudgets, usedOf } from "../events/low-budgets.ts";
import { noteVersions } from "../events/versions.ts";
import { drawTemplateRun } from "../templates/answer.ts";
import type { SessionJob } from "./session-job.ts";

/** What a session begins with here. */
interface Begun {
  /** Of this side's data, in hex. */
  readonly digest: string;
  /** This side's, before they are rounded up. */
  readonly people: number;
  /** This side's data for a replay. */
  readonly everybody: Uint8Array | undefined;
  /** When it was taken up, in milliseconds since 1970. */
  readonly begunAt: number;
}

export function nodeSite(job: SessionJob, begun: Begun): Omit<Site, "keepUnsigned" | "settle"> {
  const { everybody } = begun;
  const { node, row, partner } = job;
  const { privateKey, signingKey } = node.identity;
  return {
    sign: signerOf(privateKey),
    signingKey,
    partnerKey: partner.signingKey,
    versions: VERSIONS,
    filter: row.where ?? "",
    stored: node.reports
      .find(ownerOf(partner).key, requestDigest(row.terms), begun.digest)
      .map(({ session }) => session),
    last: node.ledger.lastSettled(ownerOf(partner).key),
    now: () => node.clock.now(),
    accept: (agreement) => accept(job, agreement, begun),
    takeUp: (signed, openings, secrets) => takeUp(job, signed, openings, everybody && { secrets, everybody }),
    takeBudget: (agreement, noise) => takeBudget(job, agreement, noise),
  };
}

function accept(job: SessionJob, { content }: Agreement, { people: ownPeople, begunAt }: Begun): void {
  const { row, judgement, partner, rules } = job;
  // The terms that the partner answered with may ask for it where ours did not.
  if (content.terms.replay && rules.recovery_key === "")
    throw new ProtocolError("refused", "the partner asks for replay, and this node has no recovery key");
  assertClocksAgree(job, content[otherRole(row.role)].at, begunAt);
  assertNothingMissed(job, content[otherRole(row.role)].last);
  const { spent, written, verdict, policy } = judgement;
  if (isOnlyUnpaid(verdict, policy)) throw refused(verdict.reasons);
  assertWithinSeries(job, content);
  const us = row.role;
  const reasons = evaluateSizes({ content, us, ownPeople, partner: partner.name, policy: written, spent });
  if (reasons.length > 0) throw refused(reasons);
}

/** A run of a series opens no more numbers than were reserved for it. Errors: `refused`. */
function assertWithinSeries({ node, row }: SessionJob, content: Agreement["content"]): void {
  const run = runOf(row.terms);
  if (run === undefined) return;
  const most = node.series.get(toHex(run.id))?.agreement.terms.series.numbers ?? 0;
  const { numbers } = numbersAtMost(content);
  if (numbers <= most) return;
  const words = `the run may open ${numbers} numbers, padding included, and its series allows ${most}: ask for a series with more`;
  throw new ProtocolError("refused", words);
}

/**
 * The partner states its time while it has the session: a clock that is wrong would give budgets back before their period is over.
 * Errors: `clock`.
 */
function assertClocksAgree({ node, rules }: SessionJob, theirs: number, begunAt: number): void {
  const bound = rules.clock_seconds * 1000;
  const now = node.clock.now();
  if (theirs >= begunAt - bound && theirs <= now + bound) return;
  const [side, ms] = theirs < begunAt ? ["behind", begunAt - theirs] : ["ahead of", theirs - now];
  const remedy =
    "set the clock that is wrong; `clock_seconds` is the most that is allowed, and `halfroom audit correct-clock` helps a node whose clock was ahead";
  const words = `the partner's clock is ${duration(ms)} ${side} this node's: ${remedy}`;
  throw new ProtocolError("clock", words);
}

function duration(ms: number): string {
  return ms >= 2 * DAY_MS ? `${Math.round(ms / DAY_MS)} days` : `${Math.ceil(ms / 60_000)} minutes`;
}

/**
 * A session that the partner completed was signed here before, unless this folder is a copy from before it. Until all that it
 * spent is out of the period, the policy refuses. Errors: `restored`.
 */
function assertNothingMissed({ node, row, partner }: SessionJob, last: Uint8Array | undefined): void {
  if (last === undefined || node.missed.isKnown(toHex(last))) return;
  const now = node.clock.now();
  const { key: partnerKey } = ownerOf(partner);
  const session = toHex(last);
  node.store.transaction(() => {
    node.missed.note(partnerKey, session, now);
    node.audit.append("session-missed", { id: row.id, partner: partner.name, partnerKey, session }, now);
  });
  throw new ProtocolError("restored", `the partner has completed session ${session}: ${RESTORED_REMEDY}`);
}

/** From here on the agreement belongs to this session, and the evaluations that it grants are counted. */
function takeUp(
  { node, row, partner, judgement, rules }: SessionJob,
  { agreement }: SignedAgreement,
  openings: Openings,
  kept: KeptSecrets | undefined,
): void {
  const now = node.clock.now();
  const session = toHex(agreement.session);
  const { sender, receiver } = agreement.content;
  const about = { id: row.id, partner: partner.name, session };
  node.store.transaction(() => {
    node.agreements.claim(agreement, partner.name, now);
    node.openings.add(session, openings);
    node.sessions.agree(row.id, agreement, now);
    node.audit.append("agreed", { ...about, role: row.role }, now);
    noteVersions(node, partner, agreement.content[otherRole(row.role)].versions, now);
    if (kept !== undefined) node.kept.keep(session, Buffer.from(rules.recovery_key, "hex"), kept, now);
    if (row.role === "receiver") return;
    const { evaluations } = receiver;
    const { evaluationsMax } = judgement.policy;
    const { epoch } = sender;
    const partnerKey = ownerOf(partner).key;
    node.epochs.grant({ partnerKey, epoch, session, evaluations, evaluationsMax, now });
    node.audit.append("evaluations-granted", { ...about, partnerKey, epoch, evaluations }, now);
  });
}

/** On disk before the first message of the release. */
function takeBudget(
  { node, row, partner, judgement }: SessionJob,
  agreement: Agreement,
  noise: Uint8Array | undefined,
): void {
  const session = toHex(agreement.session);
  const { numbers, bits } = numbersAtMost(agreement.content);
  const { policy, population } = judgement;
  const owner = ownerOf(partner);
  const { release } = row.terms;
  const cost = noisePlanOf(row.terms)?.cost;
  // The log's entry says all that the ledger's row is counted by, so that a row that is changed is noticed.
  const facts = {
    id: row.id,
    partner: owner.name,
    session,
    microEpsilon: microEpsilon(row.terms),
    partnerKey: owner.key,
    population,
    mode: release.mode,
    picoRho: (cost?.picoRho ?? 0n).toString(),
    numbers,
    bits,
  };
  node.store.transaction(() => {
    // The data may have taken hours.
    assertBooksHold(node);
    const now = node.clock.now();
    const run = runOf(row.terms);
    if (row.initiatedBy === "partner") drawTemplateRun(node, row.terms, session, now);
    const before = usedOf(node, judgement, owner, now);
    if (run !== undefined) node.series.draw(toHex(run.id), run.number, session, now);
    node.ledger.take({
      session,
      partner: owner,
      population,
      release,
      cost,
      budgetMicroEpsilon: policy.budgetMicroEpsilon,
      populationMicroEpsilon: policy.populationMicroEpsilon,
      lifetimeMicroEpsilon: policy.lifetimeMicroEpsilon,
      restored: restoredOf(node.audit),
      numbers,
      bits,
      numbersMax: policy.numbersMax,
      populationNumbersMax: policy.populationNumbersMax,
      exactSessions: policy.exactSessions,
      periodDays: policy.periodDays,
      noise,
      now,
    });
    node.audit.append("budget-taken", facts, now);
    tellLowBudgets(node, judgement, owner, before, now);
  });
}

function refused(reasons: readonly Reason[]): ProtocolError {
  return new ProtocolError("refused", reasons.map(({ words }) => words).join("; "));
}

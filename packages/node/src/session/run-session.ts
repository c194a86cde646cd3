// A session between two nodes that have come to terms: prepare, agree and sign, run the pipeline, keep what came out.
// Both sides run this; every step is in the store before the next message depends on it.
import { systemRng } from "@halfroom/crypto";
import { InputError } from "@halfroom/prepare";
import { openChannel, ProtocolError } from "@halfroom/wire";
import { claimSession, composeAgreement } from "../agreement/agreement.ts";
import type { SenderStatement } from "../agreement/agreement.types.ts";
import { toHex } from "../agreement/canonical.ts";
import { prepareDataset, type PreparedDataset } from "../data/prepare-dataset.ts";
import { isOnlyUnpaid } from "../node/judge.ts";
import { evaluateSizes } from "../policy/sizes.ts";
import { SetupError } from "../setup-error.ts";
import { StageClock } from "../stage-clock.ts";
import { QuotaError } from "../epochs/epochs.ts";
import {
  exchangeSignatures,
  stateAsReceiver,
  stateAsSender,
  type Exchanged,
  type SignedAgreement,
  type StatementExchange,
} from "../talk/agreeing.ts";
import { compute } from "./compute.ts";
import type { SessionJob, SessionReport } from "./session.types.ts";
import { settleStored } from "./settle.ts";
import { receiverPseudonyms, SenderPseudonyms, type Pseudonyms } from "./pseudonyms.ts";
import { receiverStatement, senderStatement } from "./statement.ts";

/**
 * Runs the session and closes the connection. Rejects with ProtocolError, InputError for this side's data, or SetupError;
 * by then the session is closed in the store with its code, and the partner was told the code.
 */
export async function runSession(job: SessionJob): Promise<SessionReport> {
  try {
    return await agreeAndCompute(job);
  } catch (error) {
    closeFailed(job, error);
    await job.talk.abort(partnersView(error));
    throw error;
  }
}

async function agreeAndCompute(job: SessionJob): Promise<SessionReport> {
  const { node, row, judgement, partner, talk } = job;
  const { role, terms } = row;
  const clock = new StageClock();
  const data = await clock.time("prepare", () => prepare(job));
  job.onEvent({ type: "prepared", rows: data.counts.rows, people: data.counts.people });
  const digest = toHex(data.digest);
  const { exchanged, pseudonyms } = await exchange(job, data, digest);
  try {
    if (exchanged.stored !== undefined) return await settleStored(job, exchanged.stored);
    if (isOnlyUnpaid(judgement.verdict, judgement.policy)) throw refused(judgement.verdict.reasons);
    const text = composeAgreement(terms, exchanged.sender, exchanged.receiver);
    const { spent, written: policy } = judgement;
    const reasons = evaluateSizes({ content: text.content, us: role, partner: partner.name, policy, spent });
    if (reasons.length > 0) throw refused(reasons);
    const signed = await exchangeSignatures(talk, text, role, node.identity, partner.signingKey);
    takeUp(job, signed);
    const ch = openChannel(job.frames, role);
    return await compute(job, { ch, data, digest, signed, pseudonyms, clock });
  } finally {
    await pseudonyms.stop();
  }
}

interface Exchange {
  readonly exchanged: Exchanged;
  readonly pseudonyms: Pseudonyms;
}

async function exchange(job: SessionJob, data: PreparedDataset, digest: string): Promise<Exchange> {
  const { node, row, partner } = job;
  const stored = node.reports.find(partner.name, row.asked, digest).map(({ session }) => session);
  const about = { partnerKey: partner.signingKey, stored };
  return row.role === "sender"
    ? await exchangeAsSender(job, data, about)
    : await exchangeAsReceiver(job, data, about);
}

async function exchangeAsSender(
  job: SessionJob,
  data: PreparedDataset,
  about: StatementExchange,
): Promise<Exchange> {
  const { node, partner, pool, talk } = job;
  const epoch = node.epochs.current(partner.name, pool.kernel, systemRng.fork("oprf-key"), Date.now());
  const own = new SenderPseudonyms(job, data.takeIdentifiers(), epoch);
  try {
    const exchanged = await stateAsSender(talk, senderStatement(job, data, epoch), about);
    return { exchanged, pseudonyms: own.forSession(exchanged.receiver.evaluations) };
  } catch (error) {
    await own.stop();
    throw error;
  }
}

async function exchangeAsReceiver(
  job: SessionJob,
  data: PreparedDataset,
  about: StatementExchange,
): Promise<Exchange> {
  let pseudonyms: Pseudonyms | undefined;
  const state = async (sender: SenderStatement) => {
    const own = await receiverPseudonyms(job, data.takeIdentifiers(), sender);
    pseudonyms = own;
    return receiverStatement(job, data, own.evaluations);
  };
  const exchanged = await stateAsReceiver(job.talk, state, about);
  return { exchanged, pseudonyms: pseudonyms! };
}

/** The agreement is this session's from here on, and the evaluations that it grants are counted. */
function takeUp({ node, row, partner, judgement }: SessionJob, { text }: SignedAgreement): void {
  const now = Date.now();
  const session = toHex(text.session);
  const { sender, receiver } = text.content;
  try {
    node.store.transaction(() => {
      claimSession(node.store, text, partner.name, now);
      node.sessions.agree(row.id, text, now);
      node.audit.append("agreed", { id: row.id, partner: partner.name, session, role: row.role }, now);
      if (row.role === "receiver") return;
      const { evaluations } = receiver;
      const { evaluationsMax } = judgement.policy;
      node.epochs.grant({
        partner: partner.name,
        epoch: sender.epoch,
        session,
        evaluations,
        evaluationsMax,
        now,
      });
      node.audit.append(
        "evaluations-granted",
        { id: row.id, partner: partner.name, session, evaluations },
        now,
      );
    });
  } catch (error) {
    throw error instanceof QuotaError ? new ProtocolError("refused", error.message, { cause: error }) : error;
  }
}

async function prepare({ node, rules, row }: SessionJob): Promise<PreparedDataset> {
  const { role, terms, where } = row;
  const dataset = rules.datasets[terms.datasets[role]];
  if (dataset === undefined) throw new SetupError(`There is no dataset "${terms.datasets[role]}" any more.`);
  return await prepareDataset({ node, dataset, role, terms, where });
}

function refused(reasons: readonly { readonly words: string }[]): ProtocolError {
  return new ProtocolError("refused", reasons.map(({ words }) => words).join("; "));
}

/** Of this side's data and settings the partner learns only that they are no good. */
function partnersView(error: unknown): unknown {
  return error instanceof InputError || error instanceof SetupError ? new ProtocolError("internal") : error;
}

export function codeOfFailure(error: unknown): string {
  if (error instanceof ProtocolError) return error.code;
  if (error instanceof InputError) return "data";
  return error instanceof SetupError ? "setup" : "internal";
}

function closeFailed({ node, row, partner }: SessionJob, error: unknown): void {
  const now = Date.now();
  const code = codeOfFailure(error);
  const phase = error instanceof ProtocolError ? (error.phase ?? "agree") : "prepare";
  node.store.transaction(() => {
    node.sessions.fail(row.id, code, now);
    node.audit.append("failed", { id: row.id, partner: partner.name, stage: phase, code }, now);
  });
}

// The pipeline of a signed agreement, and around it what a node promises: budget first, limits by stage, receipts.
import { ProtocolError, type OpenChannel, type Phase } from "@halfroom/wire";
import { toHex } from "../agreement/canonical.ts";
import { microEpsilon, otherRole } from "../agreement/terms.ts";
import type { PreparedDataset } from "../data/prepare-dataset.ts";
import type { Role } from "../half.types.ts";
import { publicKeyOf } from "../identity/fingerprint.ts";
import { LedgerError } from "../ledger/ledger.ts";
import { noisePlanOf } from "../noise-plan.ts";
import type { Observer } from "../pipeline.ts";
import { reportDigest } from "../receipts/digest.ts";
import { signReceipt } from "../receipts/receipts.ts";
import type { Receipt } from "../receipts/receipts.types.ts";
import { SILENT_MS } from "../sessions/sessions.ts";
import type { StageClock } from "../stage-clock.ts";
import type { SignedAgreement } from "../talk/agreeing.ts";
import type { Pseudonyms } from "./pseudonyms.ts";
import type { SessionJob, SessionReport } from "./session.types.ts";
import { settleFresh } from "./settle.ts";
import { StageLimit } from "./stage-limit.ts";

export interface Computation {
  readonly ch: OpenChannel;
  readonly data: PreparedDataset;
  /** Of this side's data, in hex. */
  readonly digest: string;
  readonly signed: SignedAgreement;
  readonly pseudonyms: Pseudonyms;
  readonly clock: StageClock;
}

/** Rejects with ProtocolError; the channel is dead then. */
export async function compute(job: SessionJob, computation: Computation): Promise<SessionReport> {
  const { row, pool, shardWorkers, judgement, node } = job;
  const { ch, data, digest, signed, pseudonyms, clock } = computation;
  const { content, session } = signed.text;
  const limit = new StageLimit(node.settings.stage_seconds, (error) => void ch.abort(error));
  const touching = setInterval(() => node.sessions.touch(row.id, Date.now()), SILENT_MS / 2);
  try {
    const { report } = await data.run(ch, {
      terms: row.terms,
      policy: judgement.policy,
      pool,
      shardWorkers,
      observe: observer(job, computation, limit),
      agreement: {
        session,
        senderPeople: content.sender.people,
        receiverPeople: content.receiver.people,
        categories: content.sender.categories,
        cells: content.receiver.cells,
      },
      pseudonymise: pseudonyms.pseudonymise,
      takeBudget: (noise) => takeBudget(job, toHex(session), noise),
    });
    await pseudonyms.kept();
    const released = report && reportDigest(report, session);
    const receipt = await exchangeReceipts(ch, job, signed, released);
    const settled = settleFresh(job, { report, digest, receipt, clock, counts: data.counts });
    await ch.close();
    return settled;
  } catch (error) {
    await ch.abort(error);
    throw error;
  } finally {
    limit.stop();
    clearInterval(touching);
  }
}

function observer(
  { node, row, onEvent }: SessionJob,
  { ch, clock }: Computation,
  limit: StageLimit,
): Observer {
  const enter = (name: Phase) => {
    limit.start(name);
    clock.start(name, ch);
    node.sessions.enter(row.id, name, Date.now());
  };
  return {
    stage(name, state) {
      if (state === "started") enter(name);
      else clock.stop(ch);
      onEvent({ type: "stage", name, state });
    },
    progress: (name, done, total) => onEvent({ type: "progress", name, done, total }),
    divide: (costs) => clock.divide(costs),
  };
}

/** On the disk before the first message of the release. */
function takeBudget(
  { node, row, partner, judgement }: SessionJob,
  session: string,
  noise: Uint8Array | undefined,
): void {
  const { policy, population } = judgement;
  const { release } = row.terms;
  const now = Date.now();
  try {
    node.store.transaction(() => {
      node.ledger.take({
        session,
        partner: partner.name,
        population,
        release,
        cost: noisePlanOf(row.terms)?.cost,
        budgetMicroEpsilon: policy.budgetMicroEpsilon,
        exactSessions: policy.exactSessions,
        periodDays: policy.periodDays,
        noise,
        now,
      });
      const facts = { id: row.id, partner: partner.name, session, microEpsilon: microEpsilon(row.terms) };
      node.audit.append("budget-taken", facts, now);
    });
  } catch (error) {
    throw error instanceof LedgerError
      ? new ProtocolError("refused", error.message, { cause: error })
      : error;
  }
}

/**
 * A side that gets no result takes the other's word for the report's digest, and signs that it was told so.
 * Errors: `agreement`, if the partner signs another report or does not sign.
 */
async function exchangeReceipts(
  ch: OpenChannel,
  { node, row, partner }: SessionJob,
  { text, signatures }: SignedAgreement,
  ours: Uint8Array | undefined,
): Promise<Receipt> {
  const us = row.role;
  const told = ours === undefined ? await ch.recv("receipt") : undefined;
  const report = ours ?? told!.report;
  const signature = signReceipt(text, report, us, node.identity.privateKey);
  await ch.send({ type: "receipt", report, signature });
  const theirs = told ?? (await ch.recv("receipt"));
  if (Buffer.compare(theirs.report, report) !== 0) {
    throw new ProtocolError("agreement", "the partner has another report; do not use this one");
  }
  const spki = (key: Uint8Array) => new Uint8Array(publicKeyOf(key).export({ format: "der", type: "spki" }));
  return {
    agreement: text,
    signatures,
    report,
    receiptSignatures: both(us, signature, theirs.signature),
    publicKeys: both(us, spki(node.identity.signingKey), spki(partner.signingKey)),
  };
}

function both(us: Role, ours: Uint8Array, theirs: Uint8Array): Record<Role, Uint8Array> {
  return { [us]: ours, [otherRole(us)]: theirs } as Record<Role, Uint8Array>;
}

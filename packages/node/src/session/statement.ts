// What this side states of its prepared data.
import { systemRng } from "@halfroom/crypto";
import type { ReceiverStatement, SenderStatement } from "../agreement/agreement.types.ts";
import { commitTo } from "../agreement/statement.ts";
import type { PreparedDataset } from "../data/prepare-dataset.ts";
import type { Epoch } from "../epochs/epochs.types.ts";
import { keyFingerprint } from "../identity/fingerprint.ts";
import type { SessionJob } from "./session.types.ts";

const SALT_BYTES = 32;
const NONCE_BYTES = 32;

function common({ node, row }: SessionJob, data: PreparedDataset) {
  return {
    nonce: systemRng.bytes(NONCE_BYTES),
    fingerprint: keyFingerprint(node.identity.signingKey),
    people: data.counts.people,
    data: commitTo("data", systemRng.bytes(SALT_BYTES), data.digest),
    filter: commitTo("filter", systemRng.bytes(SALT_BYTES), row.where ?? ""),
  };
}

/** The sender states the partner's running key epoch. */
export function senderStatement(job: SessionJob, data: PreparedDataset, epoch: Epoch): SenderStatement {
  const { number, publicKey: epochKey, endsAt: epochEndsAt } = epoch;
  const [categories = 1] = data.shape;
  return { role: "sender", ...common(job, data), epoch: number, epochKey, epochEndsAt, categories };
}

/** The receiver states the evaluations that it asks for. */
export function receiverStatement(
  job: SessionJob,
  data: PreparedDataset,
  evaluations: number,
): ReceiverStatement {
  return { role: "receiver", ...common(job, data), cells: data.shape, evaluations };
}

// What this side states of its prepared data, and the pseudonyms that it has and still needs for it.
import { systemRng, type ByteRows } from "@halfroom/crypto";
import { oprfReceiver, oprfSender } from "@halfroom/match";
import type { ReceiverStatement, SenderStatement } from "../agreement/agreement.types.ts";
import { commitTo } from "../agreement/statement.ts";
import type { PreparedDataset } from "../data/prepare-dataset.ts";
import { MissingRows } from "../epochs/enrolment.ts";
import type { Known, PseudonymCache } from "../epochs/pseudonym-cache.ts";
import type { HashRows } from "../epochs/tags.ts";
import type { Epoch } from "../epochs/epochs.types.ts";
import { keyFingerprint } from "../identity/fingerprint.ts";
import type { SessionInput } from "../pipeline.ts";
import type { SessionJob } from "./session.types.ts";

const SALT_BYTES = 32;
const NONCE_BYTES = 32;

type Pseudonymise = NonNullable<SessionInput["pseudonymise"]>;

function common({ node, row }: SessionJob, data: PreparedDataset) {
  return {
    nonce: systemRng.bytes(NONCE_BYTES),
    fingerprint: keyFingerprint(node.identity.signingKey),
    people: data.counts.people,
    data: commitTo("data", systemRng.bytes(SALT_BYTES), data.digest),
    filter: commitTo("filter", systemRng.bytes(SALT_BYTES), row.where ?? ""),
  };
}

export interface SenderParts {
  readonly statement: SenderStatement;
  readonly epoch: Epoch;
}

/** The sender states the partner's running key epoch. */
export function senderParts(job: SessionJob, data: PreparedDataset): SenderParts {
  const { node, partner, pool } = job;
  const epoch = node.epochs.current(partner.name, pool.kernel, systemRng.fork("oprf-key"), Date.now());
  const { number, publicKey: epochKey, endsAt: epochEndsAt } = epoch;
  const [categories = 1] = data.shape;
  const ofEpoch = { epoch: number, epochKey, epochEndsAt };
  return { statement: { role: "sender", ...common(job, data), ...ofEpoch, categories }, epoch };
}

/** Evaluates what the receiver was granted and the own people who have no pseudonym under this key yet. */
export function senderPseudonyms(
  job: SessionJob,
  { identifiers, enrolled }: PreparedDataset,
  { epoch }: SenderParts,
  evaluations: number,
): Pseudonymise {
  return async (ch, progress) => {
    const cache = openCache(job, epoch.publicKey, epoch.endsAt);
    const known = await cache.find(enrolled);
    const rows = new MissingRows(known, enrolled);
    const total = evaluations + rows.count;
    await oprfSender(ch, rows, evaluations, epoch.secretKey, job.pool, (done) => progress(done, total));
    await cache.keep(known);
    return await pseudonymsOf(identifiers, enrolled, known, cache);
  };
}

export interface ReceiverParts {
  readonly statement: ReceiverStatement;
  readonly pseudonymise: Pseudonymise;
}

/** The receiver asks for the evaluations that it lacks under the sender's key, padded to the public step. */
export async function receiverParts(
  job: SessionJob,
  data: PreparedDataset,
  sender: SenderStatement,
): Promise<ReceiverParts> {
  const { identifiers, enrolled, shape: cells } = data;
  const cache = openCache(job, sender.epochKey, sender.epochEndsAt);
  const known = await cache.find(enrolled);
  const rows = new MissingRows(known, enrolled, systemRng.fork("enrolment"));
  const pseudonymise: Pseudonymise = async (ch, progress) => {
    const blinds = systemRng.fork("oprf-blinds");
    await oprfReceiver(ch, rows, job.pool, blinds, (done) => progress(done, rows.count));
    await cache.keep(known);
    return await pseudonymsOf(identifiers, enrolled, known, cache);
  };
  const statement = { role: "receiver", ...common(job, data), cells, evaluations: rows.count } as const;
  return { statement, pseudonymise };
}

/** Of the people of the session, once all of the dataset are enrolled. */
async function pseudonymsOf(
  identifiers: ByteRows,
  enrolled: ByteRows,
  { pseudonyms }: Known,
  cache: PseudonymCache,
): Promise<Uint8Array> {
  return identifiers === enrolled ? pseudonyms : (await cache.find(identifiers)).pseudonyms;
}

function openCache(
  { node, partner, pool }: SessionJob,
  epochKey: Uint8Array,
  endsAt: number,
): PseudonymCache {
  const { kernel } = pool;
  const hashRows: HashRows = (prefix, rows, suffix) => kernel.hashRows(prefix, rows, suffix);
  return node.caches.open(partner.name, epochKey, endsAt, Date.now(), hashRows);
}

// Pseudonymise (design section 2.2): both roles of the OPRF, streamed in batches of OPRF_BATCH rows.
//
//     receiver                                     sender
//     blind            -- blinded, rows x 32 -->
//                                                  blind evaluate, prove; between batches, its own identifiers
//     verify, finalize <-- evaluated, rows x 32, and its proof, 64 --
//
// Number and length of the messages follow from the receiver's number of rows, which is public. The order in which
// each side sends and receives does so too, however fast its threads are.
import { POINT_BYTES, randomScalars } from "@halfroom/crypto";
import { ProtocolError } from "@halfroom/wire";
import { batchesOf, handled, inOrder, staggered } from "./batches.ts";
import { blindBatch, blindEvaluateBatch, evaluateBatch, finalizeBatch } from "./jobs.ts";
import { PROOF_RANDOM_BYTES } from "./proof.ts";
import type { JobRunner, Rng } from "@halfroom/crypto";
import type { Channel, Message } from "@halfroom/wire";
import type { Batch, OprfRows } from "./batches.ts";
import type { Answered } from "./jobs.ts";
import type { KeyPair } from "./suite.ts";

/** Batches that the receiver sends before it waits for the first reply: 2 MiB, half of what a transport buffers. */
const RECEIVER_WINDOW = 8;
/** Batches that the sender receives before it sends the first reply; fewer than the window, or both would wait. */
const SENDER_QUEUE = 4;

type Progress = (done: number) => void;
type Bytes = Uint8Array<ArrayBuffer>;
type Evaluated = Message<"evaluated">;
/** What the receiver keeps of a batch until it is answered. */
type Sent = Pick<Answered, "blinds" | "blinded">;

/**
 * The receiver: gives `rows` their pseudonyms under the key with `publicKey`, a valid point. `rng` gives the blinds; `onProgress`
 * hears how many rows are finished. `finalizing` is the last step of a batch, for tests of a receiver that lacks a part of it.
 * Errors: `count`, `point`; `check` if the sender does not prove that it used the key.
 */
export async function oprfReceiver(
  ch: Channel<"blinded", "evaluated">,
  rows: OprfRows,
  publicKey: Uint8Array,
  pool: JobRunner,
  rng: Rng,
  onProgress: Progress = () => {},
  finalizing: typeof finalizeBatch = finalizeBatch,
): Promise<void> {
  const batches = batchesOf(rows.count);
  const advance = counter(onProgress);

  const blinded = inOrder(
    batches,
    () => pool.width + 1,
    async (batch) => {
      const blinds = randomScalars(pool.kernel, rng, batch.end - batch.start);
      const job = await pool.run(blindBatch, { ...(await rows.copy(batch)), blinds: blinds.slice() });
      if (!job) throw new ProtocolError("internal");
      return { blinds, points: job.points };
    },
  );
  const finish = async (batch: Batch, sent: Sent, { data, proof }: Evaluated) => {
    const answered = { ...sent, points: data.slice(), proof: proof.slice(), publicKey: publicKey.slice() };
    const job = await pool.run(finalizing, { ...(await rows.copy(batch)), ...answered } as Answered);
    if (!job) throw new ProtocolError("point");
    if (job.outputs.length === 0) throw new ProtocolError("check");
    await rows.keep(batch, job.outputs);
    advance(batch);
  };

  const unanswered: Sent[] = [];
  const finishing: Promise<void>[] = [];
  await staggered(
    batches,
    RECEIVER_WINDOW,
    async () => {
      const { blinds, points } = (await blinded.next()).value!;
      unanswered.push({ blinds, blinded: points });
      await ch.send({ type: "blinded", data: points });
    },
    async (batch) => {
      const evaluated = await ch.recv("evaluated");
      if (evaluated.data.length !== pointBytes(batch)) throw new ProtocolError("count");
      finishing.push(handled(finish(batch, unanswered.shift()!, evaluated)));
      if (finishing.length > pool.width) await finishing.shift();
    },
  );
  await Promise.all(finishing);
}

/**
 * The sender: evaluates `partnerCount` blinded elements for the receiver and gives its own `rows` their pseudonyms. The
 * receiver's batches go first. `rng` is that of the proofs; `onProgress` hears how many rows of both sides are finished. Errors:
 * `count`, `point`.
 */
export async function oprfSender(
  ch: Channel<"evaluated", "blinded">,
  rows: OprfRows,
  partnerCount: number,
  keys: KeyPair,
  pool: JobRunner,
  rng: Rng,
  onProgress: Progress = () => {},
): Promise<void> {
  const done = { own: 0, partner: 0 };
  const advance = (part: keyof typeof done) => (rowsDone: number) => {
    done[part] = rowsDone;
    onProgress(done.own + done.partner);
  };
  const failed = new AbortController();
  try {
    await Promise.all([
      evaluateOwn(rows, keys.secretKey, pool, advance("own"), failed.signal),
      evaluateForPartner(ch, partnerCount, keys, pool, rng, advance("partner")),
    ]);
  } finally {
    failed.abort();
  }
}

/** The sender's own part, which needs no partner: its jobs start only when no others wait. Rejects once `signal` aborts. */
export async function evaluateOwn(
  rows: OprfRows,
  key: Uint8Array,
  pool: JobRunner,
  onProgress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const advance = counter(onProgress);
  const evaluated = inOrder(
    batchesOf(rows.count),
    () => pool.width + 1,
    async (batch) => {
      const input = { ...(await rows.copy(batch)), secretKey: new Uint8Array(key) };
      return { batch, job: await pool.run(evaluateBatch, input, { background: true }) };
    },
  );
  for await (const { batch, job } of evaluated) {
    signal.throwIfAborted();
    if (!job) throw new ProtocolError("internal");
    await rows.keep(batch, job.outputs);
    advance(batch);
  }
}

/**
 * The sender's part for the receiver: evaluates `partnerCount` blinded elements and proves of each batch that it did so under the
 * public key. `rng` gives 64 bytes a batch. Errors: `count`, `point`.
 */
export async function evaluateForPartner(
  ch: Channel<"evaluated", "blinded">,
  partnerCount: number,
  { secretKey, publicKey }: KeyPair,
  pool: JobRunner,
  rng: Rng,
  onProgress: Progress,
): Promise<void> {
  const advance = counter(onProgress);
  const evaluating: Promise<{ points: Bytes; proof: Bytes } | undefined>[] = [];
  await staggered(
    batchesOf(partnerCount),
    SENDER_QUEUE,
    async (batch) => {
      const { data } = await ch.recv("blinded");
      if (data.length !== pointBytes(batch)) throw new ProtocolError("count");
      // Its own buffer, which moves to a thread.
      const points = new Uint8Array(data);
      const keys = { secretKey: new Uint8Array(secretKey), publicKey: new Uint8Array(publicKey) };
      const randomness = rng.bytes(PROOF_RANDOM_BYTES);
      evaluating.push(handled(pool.run(blindEvaluateBatch, { points, randomness, ...keys })));
    },
    async (batch) => {
      const job = await evaluating.shift();
      if (!job) throw new ProtocolError("point");
      await ch.send({ type: "evaluated", data: job.points, proof: job.proof });
      advance(batch);
    },
  );
}

/** Length of a batch's points, which go in one message. */
function pointBytes({ start, end }: Batch): number {
  return (end - start) * POINT_BYTES;
}

function counter(onProgress: Progress): (batch: Batch) => void {
  let done = 0;
  return ({ start, end }) => onProgress((done += end - start));
}

// Pseudonymise (design section 2.2): both roles of the OPRF, streamed in batches of OPRF_BATCH rows.
//
//     receiver                                     sender
//     blind            -- blinded, rows x 32 -->
//                                                  blind evaluate; between batches, its own identifiers
//     finalize         <-- evaluated, rows x 32 --
//
// Number and length of the messages follow from the receiver's number of rows, which is public. The order in which
// each side sends and receives does so too, however fast its threads are.
import { POINT_BYTES, randomScalars, rowCount } from "@halfroom/crypto";
import { ProtocolError, recvBulk, sendBulk } from "@halfroom/wire";
import { batchesOf, copyRows, handled, inOrder, staggered } from "./batches.ts";
import { blindBatch, blindEvaluateBatch, evaluateBatch, finalizeBatch } from "./jobs.ts";
import { OUTPUT_BYTES } from "./steps.ts";
import type { ByteRows, GroupPool, Rng } from "@halfroom/crypto";
import type { Channel } from "@halfroom/wire";
import type { Batch } from "./batches.ts";

/** Batches that the receiver sends before it waits for the first reply: together one chunk of the wire. */
const RECEIVER_WINDOW = 8;
/** Batches that the sender takes in before it sends the first reply; less than the window, or both would wait. */
const SENDER_QUEUE = 4;

type Progress = (done: number) => void;

/**
 * The receiver: pseudonyms of its identifiers (each at most 65,535 bytes), n x 64 bytes in their order. `rng` gives
 * the blinds; `onProgress` hears how many rows are finished. Errors: `count`, `point`.
 */
export async function oprfReceiver(
  ch: Channel<"blinded", "evaluated">,
  identifiers: ByteRows,
  pool: GroupPool,
  rng: Rng,
  onProgress: Progress = () => {},
): Promise<Uint8Array> {
  const batches = batchesOf(rowCount(identifiers));
  const pseudonyms = new Uint8Array(rowCount(identifiers) * OUTPUT_BYTES);
  const advance = counter(onProgress);

  const blinded = inOrder(batches, pool.width + 1, async (batch) => {
    const blinds = randomScalars(pool.kernel, rng, batch.end - batch.start);
    const job = await pool.run(blindBatch, { ...copyRows(identifiers, batch), blinds: blinds.slice() });
    if (!job) throw new ProtocolError("internal");
    return { blinds, points: job.points };
  });
  const finish = async (batch: Batch, blinds: Uint8Array<ArrayBuffer>, points: Uint8Array<ArrayBuffer>) => {
    const job = await pool.run(finalizeBatch, { ...copyRows(identifiers, batch), blinds, points });
    if (!job) throw new ProtocolError("point");
    pseudonyms.set(job.outputs, batch.start * OUTPUT_BYTES);
    advance(batch);
  };

  const unanswered: Uint8Array<ArrayBuffer>[] = [];
  const finishing: Promise<void>[] = [];
  await staggered(
    batches,
    RECEIVER_WINDOW,
    async () => {
      const { blinds, points } = (await blinded.next()).value!;
      unanswered.push(blinds);
      await sendBulk(ch, "blinded", points);
    },
    async (batch) => {
      const points = await recvBulk(ch, "evaluated", pointBytes(batch));
      finishing.push(handled(finish(batch, unanswered.shift()!, points)));
      if (finishing.length > pool.width) await finishing.shift();
    },
  );
  await Promise.all(finishing);
  return pseudonyms;
}

/**
 * The sender: evaluates `partnerCount` blinded elements for the receiver and returns the pseudonyms of its own
 * identifiers (each at most 65,535 bytes), n x 64 bytes in their order. The receiver's batches go first.
 * `onProgress` hears how many rows of both sides are finished. Errors: `count`, `point`.
 */
export async function oprfSender(
  ch: Channel<"evaluated", "blinded">,
  identifiers: ByteRows,
  partnerCount: number,
  key: Uint8Array,
  pool: GroupPool,
  onProgress: Progress = () => {},
): Promise<Uint8Array> {
  const advance = counter(onProgress);
  const failed = new AbortController();
  try {
    const [pseudonyms] = await Promise.all([
      evaluateOwn(identifiers, key, pool, advance, failed.signal),
      evaluateForPartner(ch, partnerCount, key, pool, advance),
    ]);
    return pseudonyms;
  } finally {
    failed.abort();
  }
}

async function evaluateOwn(
  identifiers: ByteRows,
  key: Uint8Array,
  pool: GroupPool,
  advance: (batch: Batch) => void,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const pseudonyms = new Uint8Array(rowCount(identifiers) * OUTPUT_BYTES);
  const evaluated = inOrder(batchesOf(rowCount(identifiers)), pool.width + 1, async (batch) => {
    const input = { ...copyRows(identifiers, batch), key: new Uint8Array(key) };
    return { batch, job: await pool.run(evaluateBatch, input, { background: true }) };
  });
  for await (const { batch, job } of evaluated) {
    signal.throwIfAborted();
    if (!job) throw new ProtocolError("internal");
    pseudonyms.set(job.outputs, batch.start * OUTPUT_BYTES);
    advance(batch);
  }
  return pseudonyms;
}

async function evaluateForPartner(
  ch: Channel<"evaluated", "blinded">,
  partnerCount: number,
  key: Uint8Array,
  pool: GroupPool,
  advance: (batch: Batch) => void,
): Promise<void> {
  const evaluating: Promise<{ points: Uint8Array } | undefined>[] = [];
  await staggered(
    batchesOf(partnerCount),
    SENDER_QUEUE,
    async (batch) => {
      const points = await recvBulk(ch, "blinded", pointBytes(batch));
      evaluating.push(handled(pool.run(blindEvaluateBatch, { points, key: new Uint8Array(key) })));
    },
    async (batch) => {
      const job = await evaluating.shift();
      if (!job) throw new ProtocolError("point");
      await sendBulk(ch, "evaluated", job.points);
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

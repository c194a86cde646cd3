// Pseudonymise (design section 2.2): both roles of the OPRF, streamed in batches of OPRF_BATCH rows.
//
//     receiver                                     sender
//     blind            -- blinded, rows x 32 -->
//                                                  blind evaluate; between batches, its own identifiers
//     finalize         <-- evaluated, rows x 32 --
//
// Number and length of the messages follow from the receiver's number of rows, which is public. The order in which
// each side sends and receives does so too, however fast its threads are.
import { POINT_BYTES, randomScalars } from "@halfroom/crypto";
import { ProtocolError, recvBulk, sendBulk } from "@halfroom/wire";
import { batchesOf, handled, inOrder, staggered } from "./batches.ts";
import { blindBatch, blindEvaluateBatch, evaluateBatch, finalizeBatch } from "./jobs.ts";
import type { GroupPool, Rng } from "@halfroom/crypto";
import type { Channel } from "@halfroom/wire";
import type { Batch, OprfRows } from "./batches.ts";

/** Batches that the receiver sends before it waits for the first reply: 2 MiB, half of what a transport buffers. */
const RECEIVER_WINDOW = 8;
/** Batches that the sender receives before it sends the first reply; fewer than the window, or both would wait. */
const SENDER_QUEUE = 4;

type Progress = (done: number) => void;

/**
 * The receiver: gives `rows` their pseudonyms. `rng` gives the blinds; `onProgress` hears how many rows are finished.
 * Errors: `count`, `point`.
 */
export async function oprfReceiver(
  ch: Channel<"blinded", "evaluated">,
  rows: OprfRows,
  pool: GroupPool,
  rng: Rng,
  onProgress: Progress = () => {},
): Promise<void> {
  const batches = batchesOf(rows.count);
  const advance = counter(onProgress);

  const blinded = inOrder(batches, pool.width + 1, async (batch) => {
    const blinds = randomScalars(pool.kernel, rng, batch.end - batch.start);
    const job = await pool.run(blindBatch, { ...rows.copy(batch), blinds: blinds.slice() });
    if (!job) throw new ProtocolError("internal");
    return { blinds, points: job.points };
  });
  const finish = async (batch: Batch, blinds: Uint8Array<ArrayBuffer>, points: Uint8Array<ArrayBuffer>) => {
    const job = await pool.run(finalizeBatch, { ...rows.copy(batch), blinds, points });
    if (!job) throw new ProtocolError("point");
    rows.keep(batch, job.outputs);
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
}

/**
 * The sender: evaluates `partnerCount` blinded elements for the receiver and gives its own `rows` their pseudonyms. The
 * receiver's batches go first. `onProgress` hears how many rows of both sides are finished. Errors: `count`, `point`.
 */
export async function oprfSender(
  ch: Channel<"evaluated", "blinded">,
  rows: OprfRows,
  partnerCount: number,
  key: Uint8Array,
  pool: GroupPool,
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
      evaluateOwn(rows, key, pool, advance("own"), failed.signal),
      evaluateForPartner(ch, partnerCount, key, pool, advance("partner")),
    ]);
  } finally {
    failed.abort();
  }
}

/** The sender's own part, which needs no partner: its jobs start only when no others wait. Rejects once `signal` aborts. */
export async function evaluateOwn(
  rows: OprfRows,
  key: Uint8Array,
  pool: GroupPool,
  onProgress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const advance = counter(onProgress);
  const evaluated = inOrder(batchesOf(rows.count), pool.width + 1, async (batch) => {
    const input = { ...rows.copy(batch), key: new Uint8Array(key) };
    return { batch, job: await pool.run(evaluateBatch, input, { background: true }) };
  });
  for await (const { batch, job } of evaluated) {
    signal.throwIfAborted();
    if (!job) throw new ProtocolError("internal");
    rows.keep(batch, job.outputs);
    advance(batch);
  }
}

/** The sender's part for the receiver: evaluates `partnerCount` blinded elements. Errors: `count`, `point`. */
export async function evaluateForPartner(
  ch: Channel<"evaluated", "blinded">,
  partnerCount: number,
  key: Uint8Array,
  pool: GroupPool,
  onProgress: Progress,
): Promise<void> {
  const advance = counter(onProgress);
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

// A worker's part of a shard: it brings the leader the stream, runs the shard in threads of its own over it, or over a stream to the partner
// that is the shard's own, and puts its share of the table, sealed, into the share.
import { LostShard, type ShardRunner } from "@halfroom/session";
import type { StreamFrames } from "@halfroom/transport";
import { detached, ignored, ProtocolError, type Frames, type MessageRecord } from "@halfroom/wire";
import type { Vault } from "../vault/vault.ts";
import { SHARD_BYTES_MAX } from "./blocks.ts";
import type { JobSpans } from "./job-spans.ts";
import { openShard, sealShardResult, type ShardInput, type ShardPlace } from "./shard-jobs.ts";
import { blockFile, type Share } from "./share.ts";
import { openStream } from "./stream-door.ts";
import type { Stream } from "./stream.ts";
import { ToldStream, type WorkerStreams } from "./worker-streams.ts";

interface ShardShop {
  readonly key: Vault;
  readonly share: Share;
  readonly shards: ShardRunner;
  /** The worker's id. */
  readonly worker: string;
  readonly spans: JobSpans;
  readonly streams: WorkerStreams;
}

export interface ShardDone {
  readonly ms: number;
  /** Whether its frames went to the partner over a stream of its own. */
  readonly apart: boolean;
}

/** Rejects if the leader does not await the attempt, the share cannot be used, or the stream to the partner is lost. */
export async function computeShard(
  place: ShardPlace,
  bytes: number,
  { key, share, shards, worker, spans, streams }: ShardShop,
): Promise<ShardDone> {
  const { session, block } = place;
  const sealed = await share.read(session, blockFile(block, "in"), Math.min(bytes, SHARD_BYTES_MAX));
  if (sealed === undefined) throw new Error("the leader has computed the shard");
  const input = openShard(key, place, sealed);
  const { address, fingerprint, token, task, span } = input;
  spans.begin(session, span);
  const stream = await openStream(address, fingerprint, token);
  const begun = performance.now();
  let messages: readonly MessageRecord[] = [];
  let own: Own | undefined;
  const enter = (stage: "match" | "aggregate") => detached(() => stream.sendStage(stage), ignored);
  try {
    own = await ownStream(stream, input, streams);
    const lane = own?.frames ?? laneOver(stream);
    const outcome = await shards.run(task, lane, enter, (all) => (messages = all));
    const result = sealShardResult(key, place, { ...outcome, messages, worker });
    await share.write(session, blockFile(block, "out"), result);
    if (own !== undefined) streams.letFinish(own.told, own.frames);
    await stream.sendEnd("result");
  } catch (error) {
    await tellFailure(stream, error, own?.frames);
    own?.frames.drop();
    throw error;
  } finally {
    stream.finish();
  }
  return { ms: performance.now() - begun, apart: own !== undefined };
}

interface Own {
  readonly told: ToldStream;
  readonly frames: StreamFrames;
}

/** The shard's own stream; undefined if its frames go through the leader. Errors: LostShard. */
async function ownStream(
  stream: Stream,
  { apart, address: leader, task }: ShardInput,
  workers: WorkerStreams,
): Promise<Own | undefined> {
  if (apart === undefined) return undefined;
  const { streams, address } = await workers.of(apart, leader);
  const told = new ToldStream(stream, task.numbers.shard, apart, address);
  return { told, frames: await streams.open(told) };
}

/** What the shard's own protocol ended with is the session's end; all else is this machine's, or the stream's. */
async function tellFailure(stream: Stream, error: unknown, own: StreamFrames | undefined): Promise<void> {
  const told = error instanceof ProtocolError && error.code !== "internal" && error.code !== "closed";
  const end =
    error instanceof LostShard ? "unopened" : own?.isLost === true ? "stream-lost" : "worker-failed";
  await (told ? stream.sendFailure(error.code) : stream.sendEnd(end)).catch(() => {});
}

/** The lane's frames, which the leader passes on. Closing leaves the stream open: the result is still to be told. */
function laneOver(stream: Stream): Frames {
  let isClosed = false;
  return {
    async send(frame) {
      await orClosed(stream.sendFrame(frame));
    },
    async recv() {
      if (isClosed) throw new ProtocolError("closed");
      const message = await orClosed(stream.recv());
      if (!("frame" in message)) throw new ProtocolError("internal");
      return message.frame;
    },
    async close() {
      isClosed = true;
    },
  };
}

async function orClosed<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (cause) {
    throw new ProtocolError("closed", undefined, { cause });
  }
}

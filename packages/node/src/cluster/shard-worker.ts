// A worker's part of a shard: it brings the leader the stream, runs the shard in threads of its own over it, and puts its share of the table,
// sealed, into the share.
import type { ShardRunner } from "@halfroom/session";
import { detached, ignored, ProtocolError, type Frames, type MessageRecord } from "@halfroom/wire";
import type { Vault } from "../vault/vault.ts";
import { SHARD_BYTES_MAX } from "./blocks.ts";
import type { JobSpans } from "./job-spans.ts";
import { openShard, sealShardResult, type ShardPlace } from "./shard-jobs.ts";
import { blockFile, type Share } from "./share.ts";
import { openStream } from "./stream-door.ts";
import type { Stream } from "./stream.ts";

interface ShardShop {
  readonly key: Vault;
  readonly share: Share;
  readonly shards: ShardRunner;
  /** The worker's id. */
  readonly worker: string;
  readonly spans: JobSpans;
}

/** How many milliseconds it took. Rejects if the leader does not await the attempt, or the share cannot be used. */
export async function computeShard(
  place: ShardPlace,
  bytes: number,
  { key, share, shards, worker, spans }: ShardShop,
): Promise<number> {
  const { session, block } = place;
  const sealed = await share.read(session, blockFile(block, "in"), Math.min(bytes, SHARD_BYTES_MAX));
  if (sealed === undefined) throw new Error("the leader has computed the shard");
  const { address, fingerprint, token, task, span } = openShard(key, place, sealed);
  spans.begin(session, span);
  const stream = await openStream(address, fingerprint, token);
  const begun = performance.now();
  let messages: readonly MessageRecord[] = [];
  const enter = (stage: "match" | "aggregate") => detached(() => stream.sendStage(stage), ignored);
  try {
    const outcome = await shards.run(task, laneOver(stream), enter, (all) => (messages = all));
    const result = sealShardResult(key, place, { ...outcome, messages, worker });
    await share.write(session, blockFile(block, "out"), result);
    await stream.sendEnd("result");
  } catch (error) {
    await tellFailure(stream, error);
    throw error;
  } finally {
    stream.finish();
  }
  return performance.now() - begun;
}

/** What the shard's own protocol ended with is the session's end; all else is this machine's. */
async function tellFailure(stream: Stream, error: unknown): Promise<void> {
  const told = error instanceof ProtocolError && error.code !== "internal" && error.code !== "closed";
  await (told ? stream.sendFailure(error.code) : stream.sendEnd("worker-failed")).catch(() => {});
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

import { decodeRequest, workerFingerprint, workerId } from "../cluster/credential.ts";
import { EnrolledWorkers, type EnrolledWorker } from "../cluster/enrolled.ts";
import type { JobCount, Work } from "../cluster/jobs.ts";
import type { LiveWorker } from "../cluster/live.ts";
import type { Settings } from "../config/schema.ts";
import { OperatorError } from "../errors.ts";
import type { NodeState } from "../node-state.ts";
import { withState, type HalfroomNode } from "./node.ts";

export interface WorkerRecord {
  /** This node's own name for it. */
  readonly name: string;
  /** Of its public key, 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** Milliseconds since 1970. */
  readonly addedAt: number;
}

/** A worker as Redis knows it. */
interface WorkerState extends WorkerRecord {
  /** Left out if it is not connected. */
  readonly connected?: {
    readonly threads: number;
    /** Of its connection, which is used every few seconds; milliseconds since 1970. */
    readonly lastSeenAt: number;
  };
  /** What it did in the last five minutes. */
  readonly lately: Work;
}

export interface ClusterRecord {
  /** HOST:PORT. */
  readonly redis: string;
  readonly share: string;
  /** What carries shards' frames to and from partners, where these agree: the settings `shard_streams` and `workers_dial`. */
  readonly shardStreams: Settings["shard_streams"];
  readonly workersDial: Settings["workers_dial"];
  readonly workers: readonly WorkerState[];
  /** Workers that take jobs without having been added: without a key they can do none. */
  readonly strangers: number;
  readonly jobs: readonly JobCount[];
  /** Blocks in a minute, over the last five. */
  readonly blocksPerMinute: number;
  /** Since when the job waits that has waited longest, in milliseconds since 1970; left out if none waits. */
  readonly waitingSince?: number;
}

const LATELY_MINUTES = 5;
const MINUTE_MS = 60_000;

/**
 * Lets a worker take part in this node's sessions, from its request; `name` stands over the request's own. Rejects with OperatorError
 * `token`, `name`, `name-taken`.
 */
export async function addWorker(
  node: HalfroomNode,
  { request, name }: { readonly request: string; readonly name?: string | undefined },
): Promise<WorkerRecord> {
  return await withState(node, ({ store, audit, clock }) => {
    const asked = decodeRequest(request);
    const worker = { ...asked, name: name ?? asked.name };
    const fingerprint = workerFingerprint(worker.publicKey);
    const addedAt = clock.now();
    store.transaction(() => {
      new EnrolledWorkers(store).add(worker, addedAt);
      audit.append("worker-added", { worker: worker.name, fingerprint }, addedAt);
    });
    return { name: worker.name, fingerprint, addedAt };
  });
}

/** Gives a worker no further key; it keeps those of running sessions for some seconds. Rejects with OperatorError `no-worker`. */
export async function removeWorker(node: HalfroomNode, name: string): Promise<void> {
  await withState(node, ({ store, audit, clock }) => {
    store.transaction(() => {
      new EnrolledWorkers(store).remove(name);
      audit.append("worker-removed", { worker: name }, clock.now());
    });
  });
}

/** Workers, jobs and rates. Rejects with OperatorError `cluster`, if there is no cluster, or Redis cannot be used. */
export async function readCluster(node: HalfroomNode): Promise<ClusterRecord> {
  return await withState(node, readState);
}

/** As `readCluster`, of a node's own state. */
export async function readState({ settings, store }: NodeState): Promise<ClusterRecord> {
  const { redis: url, share, shard_streams: shardStreams, workers_dial: workersDial } = settings;
  if (url === "")
    throw new OperatorError(
      "cluster",
      "This node works on one machine; with the settings redis and share (HALFROOM_REDIS, HALFROOM_SHARE) it has workers.",
    );
  // Loaded here alone: the other verbs ask no Redis.
  const [
    { readJobs, readWork },
    { connectedWorkers },
    { blockQueue, connectChecked, redisAddress, shardQueue },
  ] = await Promise.all([
    import("../cluster/jobs.ts"),
    import("../cluster/live.ts"),
    import("../cluster/redis.ts"),
  ]);
  const redis = await connectChecked(url);
  const [blocksOut, shardsOut] = [blockQueue(redis), shardQueue(redis)];
  try {
    const now = Date.now();
    const live = await connectedWorkers(redis);
    const work = await readWork([blocksOut, shardsOut], now - LATELY_MINUTES * MINUTE_MS);
    const { counts, waitingSince } = await readJobs(blocksOut, shardsOut);
    const added = new EnrolledWorkers(store).list();
    const ids = new Set(added.map(({ id }) => id));
    const blocks = [...work.values()].reduce((sum, each) => sum + each.blocks, 0);
    return {
      redis: redisAddress(url),
      share,
      shardStreams,
      workersDial,
      workers: added.map((worker) => stateOf(worker, live, work, now)),
      strangers: live.filter(({ id }) => !ids.has(id)).length,
      jobs: counts,
      blocksPerMinute: blocks / LATELY_MINUTES,
      ...(waitingSince !== undefined && { waitingSince }),
    };
  } finally {
    await Promise.all([blocksOut.close(), shardsOut.close()]);
    redis.disconnect();
  }
}

function stateOf(
  { name, publicKey, addedAt }: EnrolledWorker,
  live: readonly LiveWorker[],
  work: ReadonlyMap<string, Work>,
  now: number,
): WorkerState {
  const id = workerId(publicKey);
  const known = live.find((each) => each.id === id);
  const connected = known && { threads: known.threads, lastSeenAt: now - known.silentSeconds * 1000 };
  return {
    name,
    fingerprint: workerFingerprint(publicKey),
    addedAt,
    ...(connected !== undefined && { connected }),
    lately: work.get(id) ?? { blocks: 0, seconds: 0, ownStreams: 0 },
  };
}

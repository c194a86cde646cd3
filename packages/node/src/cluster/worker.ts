// A worker: it takes blocks from the queue, computes them in threads of its own, and puts results into the share. It knows no partner, no
// dataset and no session's id; of a session it holds the key that was sealed to it, in memory alone, and only while the session lasts.
// The thread that talks to Redis computes nothing, so that locks are renewed in time whatever its blocks take.
import type { Arrays, JobRunner } from "@halfroom/crypto";
import { closeThreads, openThreads, type ShardRunner } from "@halfroom/session";
import { detached, guarded, ignored } from "@halfroom/wire";
import { UnrecoverableError, Worker, type Job } from "bullmq";
import type { Redis } from "ioredis";
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import { codeOf, OperatorError } from "../errors.ts";
import { every } from "../every.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { Vault } from "../vault/vault.ts";
import {
  jobDataSchema,
  jobOfKind,
  openInput,
  sealResult,
  type BlockKind,
  type BlockPlace,
  type JobData,
  type JobResult,
} from "./blocks.ts";
import { workerFingerprint, workerId, type Credential } from "./credential.ts";
import { GRANT_BYTES_MAX, openGrant, wipeGrant, type Grant } from "./grants.ts";
import { JobSpans } from "./job-spans.ts";
import { connectionName } from "./live.ts";
import {
  CLOSE_MS,
  connectChecked,
  ownAddress,
  ownerOfRedis,
  PREFIX,
  QUEUE,
  redisAddress,
  SHARD_QUEUE,
  waitingConnection,
} from "./redis.ts";
import { SHARD } from "./shard-jobs.ts";
import { computeShard } from "./shard-worker.ts";
import { WorkerStreams, type WorkerStreamsOptions } from "./worker-streams.ts";
import { openShare } from "./open-share.ts";
import { blockFile, keyFile, type Share } from "./share.ts";

/** Whoever does not renew its lock for so long is taken for dead, and its blocks are given to others: at worst one is computed twice. */
const LOCK_MS = 5000;
/** How often workers look for such blocks. */
const STALLED_MS = 2500;
/** How often a block may be with a worker that dies. */
const STALLED_MAX = 3;
/** How often a worker looks which of the sessions that it knows are over. */
const FORGET_MS = 5000;
/** A worker without a key gives others time to take the block. */
const NO_KEY_MS = 1000;

export interface WorkerOptions {
  readonly redis: string;
  readonly share: string;
  readonly credential: Credential;
  readonly threads: number;
  /** Of streams to and from partners: where it listens for them, where it is reached, through which proxy it dials. */
  readonly streams: Pick<WorkerStreamsOptions, "listen" | "address" | "proxy">;
  readonly log: Logger;
  /** A collector that is told of its jobs, if there is one. */
  readonly telemetry?: Telemetry | undefined;
}

export interface RunningWorker {
  /** Takes no more blocks, and resolves once those that it has are done; also where Redis is lost, which then is not told of them. */
  close(): Promise<void>;
}

interface Known {
  readonly grant: Grant;
  readonly key: Vault;
}

/** Errors: `cluster`, if Redis or share cannot be used as they are, or do not belong to one node. */
export async function startWorker(given: WorkerOptions): Promise<RunningWorker> {
  const { redis: url, credential, threads, log } = given;
  const share = await openShare(given.share);
  await assertOneNode(share, url).catch((error: unknown) => {
    share.close();
    throw error;
  });
  const id = workerId(credential.publicKey);
  const own = await openThreads(threads);
  const { pool, shardWorkers } = own;
  const spans = new JobSpans(given.telemetry);
  const keys = new SessionKeys(share, id, credential, spans);
  const busy = new Busy();
  const connection = waitingConnection(url, { connectionName: connectionName({ id, threads }) });
  const streams = new WorkerStreams({ ...given.streams, own: () => ownAddress(connection) }, (words) =>
    log.warn({ words }, "stream lost"),
  );
  const shop = { id, name: credential.name, share, keys, pool, shardWorkers, log, busy, spans, streams };
  const options = {
    connection,
    prefix: PREFIX,
    name: id,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_MS,
  };
  const common = { ...options, metrics: { maxDataPoints: 60 }, skipVersionCheck: true };
  const workers = [
    new Worker<JobData, JobResult>(QUEUE, (job) => compute(job, shop, computeBlock), {
      ...common,
      concurrency: threads,
      maxStalledCount: STALLED_MAX,
    }),
    new Worker<JobData, JobResult>(SHARD_QUEUE, (job) => compute(job, shop, runShard), {
      ...common,
      concurrency: shardWorkers.width,
      // Its token is taken: nobody else can go on with it.
      maxStalledCount: 0,
    }),
  ];
  tellOfRedis(workers, connection, log);
  const stopForgetting = every(FORGET_MS, () => detached(() => keys.forgetEnded(), ignored), ignored);
  await Promise.all(workers.map((worker) => worker.waitUntilReady()));
  await streams.open();
  const { name } = credential;
  const fingerprint = workerFingerprint(credential.publicKey);
  log.info({ worker: name, fingerprint, threads, redis: redisAddress(url) }, "ready");
  return {
    async close() {
      stopForgetting();
      const closing = Promise.allSettled(workers.map((worker) => worker.close()));
      // They would wait for a Redis that is down.
      await Promise.race([closing, busy.idleFor(CLOSE_MS)]);
      connection.disconnect();
      await closeThreads(own);
      await spans.close();
      await streams.close();
      keys.forgetAll();
      share.close();
      log.info({ worker: name }, "ended");
    },
  };
}

/** Before the leader's first start neither says whose it is. */
async function assertOneNode(share: Share, url: string): Promise<void> {
  const [redis, inShare] = [await connectChecked(url), await share.owner()];
  try {
    if (inShare === undefined || [undefined, inShare].includes(await ownerOfRedis(redis))) return;
  } finally {
    redis.disconnect();
  }
  throw new OperatorError(
    "cluster",
    `Redis at ${redisAddress(url)} and ${share.name} belong to different nodes; look at HALFROOM_REDIS and HALFROOM_SHARE.`,
  );
}

/** A line when it is lost, and one when it is there again. */
function tellOfRedis(workers: readonly Worker[], connection: Redis, log: Logger): void {
  let isLost = false;
  // What else fails with it is tried again by the queue itself.
  for (const worker of workers) worker.on("error", () => {});
  connection.on(
    "close",
    guarded(() => {
      if (!isLost) log.warn("Redis does not answer");
      isLost = true;
    }, ignored),
  );
  connection.on(
    "ready",
    guarded(() => {
      if (isLost) log.info("Redis answers again");
      isLost = false;
    }, ignored),
  );
}

interface Workshop extends Pick<WorkerOptions, "log"> {
  readonly id: string;
  readonly name: string;
  readonly share: Share;
  readonly keys: SessionKeys;
  readonly pool: JobRunner;
  readonly shardWorkers: ShardRunner;
  readonly busy: Busy;
  readonly spans: JobSpans;
  readonly streams: WorkerStreams;
}

/** The jobs that this worker has. */
class Busy {
  #jobs = 0;
  #onNone: () => void = () => {};

  async while<T>(work: () => Promise<T>): Promise<T> {
    this.#jobs++;
    try {
      return await work();
    } finally {
      if (--this.#jobs === 0) this.#onNone();
    }
  }

  /** Resolves once there are none, and were none `ms` milliseconds before. */
  async idleFor(ms: number): Promise<void> {
    do {
      if (this.#jobs > 0) await new Promise<void>((resolve) => (this.#onNone = resolve));
      await pause(ms, undefined, { ref: false });
    } while (this.#jobs > 0);
  }
}

/** `ms`: how long it took. */
type Work = (job: Job<JobData, JobResult>, shop: Workshop) => Promise<Pick<JobResult, "ms" | "apart">>;

/** What it rejects with is kept in Redis, so it is words of our own. */
async function compute(job: Job<JobData, JobResult>, shop: Workshop, work: Work): Promise<JobResult> {
  const { id, name: worker, log, spans } = shop;
  const startedMs = Date.now();
  const attempt = Math.max(1, job.attemptsStarted);
  const tell = (isDone: boolean) =>
    spans.add(job.data.session, { kind: job.name, worker, attempt, startedMs, endedMs: Date.now(), isDone });
  try {
    const done = await shop.busy.while(() => work(job, shop));
    log.debug({ kind: job.name, ms: Math.round(done.ms) }, "block done");
    tell(true);
    return { worker: id, ...done, attempt };
  } catch (error) {
    tell(false);
    const why = error instanceof BlockError ? error.message : `${(error as Error).name} ${codeOf(error)}`;
    log.warn({ kind: job.name, why }, "block failed");
    if (error instanceof BlockError && error.isFinal) throw new UnrecoverableError(why);
    throw new Error(why);
  }
}

class BlockError extends Error {
  /** Whether no other attempt can do better. */
  readonly isFinal: boolean;

  constructor(words: string, isFinal: boolean) {
    super(words);
    this.isFinal = isFinal;
  }
}

async function runShard({ name, data }: Job<JobData, JobResult>, shop: Workshop): ReturnType<Work> {
  const { id: worker, share, keys, shardWorkers: shards, spans, streams } = shop;
  const parsed = jobDataSchema.safeParse(data);
  if (name !== SHARD || !parsed.success) throw new BlockError("this is no shard", true);
  const { key } = await keys.of(parsed.data.session);
  const own = { key, share, shards, worker, spans, streams };
  return await computeShard(parsed.data, parsed.data.bytes, own);
}

async function computeBlock(
  { name, data }: Job<JobData, JobResult>,
  { share, keys, pool, spans }: Workshop,
): ReturnType<Work> {
  const job = jobOfKind(name);
  const parsed = jobDataSchema.safeParse(data);
  if (job === undefined || !parsed.success) throw new BlockError("this is no block", true);
  const { session, block, bytes } = parsed.data;
  const place: BlockPlace = { session, kind: name as BlockKind, block };
  const { grant, key } = await keys.of(session);
  const sealed = await share.read(session, blockFile(block, "in"), bytes);
  if (sealed === undefined) throw new BlockError("the leader has computed the block", true);
  const { input: open, span } = openInput(key, place, sealed);
  spans.begin(session, span);
  const input: Arrays = { ...open, ...secretsOf(grant, job.secrets) };
  const begun = performance.now();
  const result = await pool.run(job, input);
  const ms = performance.now() - begun;
  await share.write(session, blockFile(block, "out"), sealResult(key, place, result));
  return { ms };
}

/** Copies, which the job overwrites. */
function secretsOf({ secrets }: Grant, names: readonly string[]): Arrays {
  return Object.fromEntries(
    names.map((name) => {
      if (secrets[name] === undefined) throw new BlockError("the session has no such secret", true);
      return [name, secrets[name].slice()];
    }),
  ) as Arrays;
}

/** The keys of sessions, as they were sealed to this worker. */
class SessionKeys {
  readonly #share: Share;
  readonly #id: string;
  readonly #credential: Credential;
  readonly #spans: JobSpans;
  readonly #known = new Map<string, Known>();

  constructor(share: Share, id: string, credential: Credential, spans: JobSpans) {
    this.#spans = spans;
    this.#share = share;
    this.#id = id;
    this.#credential = credential;
  }

  /** Errors: BlockError. */
  async of(session: string): Promise<Known> {
    const known = this.#known.get(session);
    if (known !== undefined) return known;
    const grant = await this.#read(session);
    // Another block of the session may have come first.
    const first = this.#known.get(session);
    if (first !== undefined) {
      wipeGrant(grant);
      return first;
    }
    const opened = { grant, key: Vault.ofSecret(grant.sessionKey) };
    this.#known.set(session, opened);
    return opened;
  }

  /** Forgets sessions that are over, and those whose key was taken from this worker. */
  async forgetEnded(): Promise<void> {
    for (const session of this.#known.keys()) {
      const isThere = await this.#share.hasFile(session, keyFile(this.#id));
      if (!isThere && this.#known.has(session)) this.#forget(session);
    }
  }

  forgetAll(): void {
    for (const session of this.#known.keys()) this.#forget(session);
  }

  async #read(session: string): Promise<Grant> {
    const { privateKey } = this.#credential;
    const sealed = await this.#share.read(session, keyFile(this.#id), GRANT_BYTES_MAX);
    const grant = sealed && openGrant(privateKey, session, this.#id, sealed);
    if (grant !== undefined) return grant;
    if (sealed === undefined && !(await this.#share.has(session)))
      throw new BlockError("the session is over", true);
    await pause(NO_KEY_MS);
    throw new BlockError("this worker has no key of the session: was it added at the leader?", false);
  }

  #forget(session: string): void {
    const { grant, key } = this.#known.get(session)!;
    key.wipe();
    wipeGrant(grant);
    this.#known.delete(session);
    this.#spans.forget(session);
  }
}

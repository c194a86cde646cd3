// The Redis that leader and workers share, and BullMQ's queue in it. It only dispatches: what is lost with it is computed again.
import { Queue, type JobsOptions } from "bullmq";
import { Redis, type RedisOptions } from "ioredis";
import type { Socket } from "node:net";
import { codeOf, OperatorError } from "../errors.ts";
import { JOB_BYTES_MAX, type JobData, type JobResult } from "./blocks.ts";

/** Of what leader and workers say to each other; a worker of another version takes no jobs of this leader, nor does it see them. */
const VERSION = 3;
export const PREFIX = "halfroom";
export const QUEUE = `blocks-${VERSION}`;
export const SHARD_QUEUE = `shards-${VERSION}`;
const OWNER = `${PREFIX}:node`;

const CONNECT_MS = 5000;
/** A leader asks little at a time: what takes longer is lost. */
const COMMAND_MS = 3000;
const RETRY_MS_MAX = 5000;
/** How long queues may take to close. */
export const CLOSE_MS = 2000;

/** Of Redis. Valkey names the one that it is compatible with. */
const OLDEST = [6, 2] as const;

export type BlockQueue = Queue<JobData, JobResult>;

/** How BullMQ treats a block: three attempts by workers, then the leader computes it. */
export const JOB_OPTIONS: JobsOptions = {
  attempts: 3,
  backoff: { type: "fixed", delay: 200 },
  sizeLimit: JOB_BYTES_MAX,
  // `halfroom cluster` counts what was done lately.
  removeOnComplete: { age: 300, count: 1000 },
  removeOnFail: { age: 300, count: 1000 },
  stackTraceLimit: 0,
};

/** A shard: what became of it is told over its stream, and another start of the job finds its token taken. */
export const SHARD_OPTIONS: JobsOptions = { ...JOB_OPTIONS, attempts: 1 };

/** Foreground before background, as threads of a process have it. */
export const priorityOf = (background: boolean) => (background ? 2 : 1);

const retryStrategy = (times: number) => Math.min(times * 200, RETRY_MS_MAX);

/** For a worker, and for whoever waits for events: its commands wait for as long as there is no connection. */
export function waitingConnection(url: string, options: RedisOptions = {}): Redis {
  return quiet(
    new Redis(url, { ...options, retryStrategy, connectTimeout: CONNECT_MS, maxRetriesPerRequest: null }),
  );
}

/** For a leader: a command that cannot be done at once fails. */
function promptConnection(url: string): Redis {
  const prompt = { enableOfflineQueue: false, commandTimeout: COMMAND_MS, maxRetriesPerRequest: 0 };
  return quiet(new Redis(url, { ...prompt, retryStrategy, connectTimeout: CONNECT_MS, lazyConnect: true }));
}

/** What fails is told where it is waited for; without a listener it would end the process. */
function quiet(redis: Redis): Redis {
  redis.on("error", () => {});
  return redis;
}

/** The queue of blocks over a connection that is ready. */
export function blockQueue(connection: Redis): BlockQueue {
  return queueOf(QUEUE, connection);
}

/** That of shards. */
export function shardQueue(connection: Redis): BlockQueue {
  return queueOf(SHARD_QUEUE, connection);
}

function queueOf(name: string, connection: Redis): BlockQueue {
  const queue: BlockQueue = new Queue(name, { connection, prefix: PREFIX, skipVersionCheck: true });
  queue.on("error", () => {});
  return queue;
}

/** HOST:PORT, without what is secret in the setting. */
export function redisAddress(url: string): string {
  return new URL(url).host;
}

/** The address of this machine in the network that Redis is in. */
export function ownAddress({ stream }: Redis): string {
  return (stream as Socket | undefined)?.localAddress ?? "127.0.0.1";
}

/** Connects once, looks at how Redis is set up, and whose it is. Errors: `cluster`, with the setting that has to change. */
export async function connectChecked(url: string): Promise<Redis> {
  const redis = promptConnection(url);
  try {
    await firstConnection(redis, url);
    assertUsable(await redis.info(), url);
    return redis;
  } catch (error) {
    redis.disconnect();
    throw error;
  }
}

async function firstConnection(redis: Redis, url: string): Promise<void> {
  // What `connect` rejects with says less.
  let told: unknown;
  const hear = (error: Error) => (told ??= error);
  redis.on("error", hear);
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    const cause = told ?? error;
    const why = codeOf(cause) === "unknown" ? (cause as Error).message.split(" ")[0]! : codeOf(cause);
    const words = `Cannot use Redis at ${redisAddress(url)} (${why}); look at \`redis\` (HALFROOM_REDIS), and whether it runs.`;
    throw new OperatorError("cluster", words, { cause });
  } finally {
    redis.off("error", hear);
  }
}

/** `info`: what the command INFO answers. Errors: `cluster`. */
export function assertUsable(info: string, url: string): void {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1] ?? "";
  const refuse = (what: string, remedy: string) => {
    const words = `Redis at ${redisAddress(url)} (\`redis\`, HALFROOM_REDIS) ${what}; ${remedy}.`;
    throw new OperatorError("cluster", words);
  };
  const version = field("redis_version");
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (!(major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])))
    refuse(`is version ${version || "unknown"}`, `use ${OLDEST.join(".")} or newer`);
  if (field("maxmemory_policy") !== "noeviction")
    refuse(
      "may evict jobs when its memory is full",
      "set maxmemory-policy to noeviction in its configuration",
    );
  if (field("aof_enabled") !== "1")
    refuse("keeps nothing on disk", "set appendonly to yes in its configuration");
}

/** Makes it the Redis of the node with this id. Errors: `cluster`, if it is another node's. */
export async function claimRedis(redis: Redis, url: string, nodeId: string): Promise<void> {
  await redis.setnx(OWNER, nodeId);
  if ((await redis.get(OWNER)) === nodeId) return;
  throw new OperatorError(
    "cluster",
    `Redis at ${redisAddress(url)} serves another node; name another database of it in \`redis\` (HALFROOM_REDIS), such as .../1.`,
  );
}

/** The node whose Redis it is. */
export async function ownerOfRedis(redis: Redis): Promise<string | undefined> {
  return (await redis.get(OWNER)) ?? undefined;
}

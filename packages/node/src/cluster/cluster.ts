// The leader's side of a node on several machines: it looks which workers there are, hands out blocks and hears of their ends. Redis may
// be lost at any time; every block that is out can be taken back and computed here.
import { isIPv6 } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { JobRunner } from "@halfroom/crypto";
import { SHARDS_PER_THREAD, type ShardRunner } from "@halfroom/session";
import { detached, guarded, ignored } from "@halfroom/wire";
import { QueueEvents } from "bullmq";
import type { Redis } from "ioredis";
import type { Settings } from "../config/schema.ts";
import { every } from "../every.ts";
import type { Store } from "../store/store.ts";
import type { SessionStreams } from "../streams/session-streams.ts";
import { jobResultSchema, type BlockKind, type BlockPlace, type JobResult } from "./blocks.ts";
import { readJobs, type Jobs } from "./jobs.ts";
import { EnrolledWorkers, type EnrolledWorker } from "./enrolled.ts";
import { connectedWorkers, isAwake } from "./live.ts";
import { openShare } from "./open-share.ts";
import {
  blockQueue,
  claimRedis,
  CLOSE_MS,
  connectChecked,
  JOB_OPTIONS,
  ownAddress,
  PREFIX,
  priorityOf,
  QUEUE,
  SHARD_OPTIONS,
  shardQueue,
  waitingConnection,
  type BlockQueue,
} from "./redis.ts";
import { SessionBlocks, type SessionFacts } from "./session-blocks.ts";
import { SessionShards } from "./session-shards.ts";
import { SHARD, type ShardPlace } from "./shard-jobs.ts";
import { SessionFolders } from "./session-folders.ts";
import { claimShare, type Share } from "./share.ts";
import { StreamDoor } from "./stream-door.ts";
import { watchedShare, type WatchShare } from "./watched-share.ts";

const LOOK_MS = 2000;
const TOLD_MS = 60_000;
/** So many looks in vain, and Redis is lost. */
const MISSES_MAX = 2;
/** Blocks that are out at the same time at most: the input and the result of each lie in memory here. */
const AHEAD_MAX = 128;
/** Shards that are out at the same time at most: the frames of each go through this process. */
const SHARDS_AHEAD_MAX = 64;
/** States of jobs in which one that nobody waits for any more would stay. */
const STAYING = ["wait", "prioritized", "delayed", "failed"] as const;

/** What a leader is told of its blocks, for its metrics. */
export interface BlockWatch {
  /** A worker's result was taken. `bytes` went through the share, both ways. */
  done(block: {
    readonly kind: BlockKind | typeof SHARD;
    readonly worker: string;
    readonly seconds: number;
    readonly attempt: number;
    /** Of a shard: whether its frames went to the partner over a stream of its own. */
    readonly apart?: boolean;
    readonly bytes: { readonly input: number; readonly result: number };
  }): void;
  /**
   * The leader computes a block that was out. `waited`: nobody had taken it, or who had fell silent; `slow`: it is still being computed;
   * `lost`: Redis is, or the worker that had begun a shard.
   */
  returned(kind: BlockKind | typeof SHARD, why: ReturnReason): void;
  /** So many bytes of a worker's stream were passed on: as frames, or as TCP with what is inside unread. */
  passed(to: "partner" | "worker", as: "frames" | "tcp", bytes: number): void;
  /** How each use of the share ended. */
  readonly shared: WatchShare;
}
export type ReturnReason = "waited" | "slow" | "lost" | "failed";

export interface ClusterOptions {
  readonly redis: string;
  readonly share: string;
  /** Names the node, whichever certificate it has. */
  readonly nodeId: string;
  /** The node's folder. */
  readonly home: string;
  readonly store: Store;
  /** Whether this process's threads compute while workers are there. */
  readonly leaderComputes: boolean;
  /** HOST:PORT where workers bring the streams of shards; empty: a free port of the address from which Redis is reached. */
  readonly workersListen: string;
  /** What workers dial, if it is another. */
  readonly workersAddress: string;
  /** Who dials the partner for streams of shards' own. */
  readonly workersDial: Settings["workers_dial"];
  /** Told in words what is worth a line in the log, and what it is about. */
  readonly onTrouble: (words: string) => void;
  readonly watch?: BlockWatch;
}

/** What runs a session's work in this process. */
export interface LocalRunners {
  readonly pool: JobRunner;
  readonly shardWorkers: ShardRunner;
}

interface StreamFacts {
  /** Streams of shards' own, where the session may have them. */
  readonly streams?: SessionStreams | undefined;
}

/** What runs it over all machines. */
export interface SessionRunners {
  readonly blocks: SessionBlocks;
  readonly shards: SessionShards;
  close(): Promise<void>;
}

interface Ending {
  readonly resolve: (result: JobResult) => void;
  readonly reject: (error: Error) => void;
}

export class Cluster {
  readonly share: Share;
  readonly folders: SessionFolders;
  readonly watch: BlockWatch | undefined;
  /** Jobs that this process's own threads have. */
  busyHere = 0;
  readonly door: StreamDoor;
  /** HOST:PORT at which workers reach the door. */
  readonly workersAddress: string;
  readonly workersDial: ClusterOptions["workersDial"];
  readonly #leaderComputes: boolean;
  readonly #onTrouble: (words: string) => void;
  /** When it was told last, by the process's own clock. */
  readonly #told = new Map<string, number>();
  readonly #workers: EnrolledWorkers;
  readonly #redis: Redis;
  readonly #queue: BlockQueue;
  readonly #shards: BlockQueue;
  readonly #events: QueueEvents;
  readonly #eventsConnection: Redis;
  readonly #endings = new Map<string, Ending>();
  readonly #sessions = new Set<SessionRunners>();
  #stopLooking: () => void = () => {};
  #misses = 0;
  #threads = 0;

  private constructor(options: ClusterOptions, share: Share, redis: Redis, door: StreamDoor) {
    this.share = share;
    this.door = door;
    this.workersAddress = options.workersAddress || door.address;
    this.folders = new SessionFolders(share, join(options.home, "cluster"));
    this.watch = options.watch;
    this.workersDial = options.workersDial;
    this.#leaderComputes = options.leaderComputes;
    this.#onTrouble = options.onTrouble;
    this.#workers = new EnrolledWorkers(options.store);
    this.#redis = redis;
    this.#queue = blockQueue(redis);
    this.#shards = shardQueue(redis);
    this.#eventsConnection = waitingConnection(options.redis);
    this.#events = new QueueEvents(QUEUE, { connection: this.#eventsConnection, prefix: PREFIX });
    this.#events.on("error", () => {});
    this.#events.on(
      "completed",
      guarded(
        ({ jobId, returnvalue }: { jobId: string; returnvalue: unknown }) =>
          this.#completed(jobId, returnvalue),
        ignored,
      ),
    );
    this.#events.on(
      "failed",
      guarded(
        ({ jobId }: { jobId: string }) => this.#endings.get(jobId)?.reject(new Error("no worker could")),
        ignored,
      ),
    );
  }

  /** Errors: `cluster`, if Redis or share cannot be used as they are, with the setting that has to change. */
  static async open(options: ClusterOptions): Promise<Cluster> {
    const plain = await openShare(options.share);
    const share = options.watch === undefined ? plain : watchedShare(plain, options.watch.shared);
    let redis: Redis | undefined;
    let cluster: Cluster | undefined;
    let door: StreamDoor | undefined;
    try {
      await claimShare(share, options.nodeId);
      redis = await connectChecked(options.redis);
      await claimRedis(redis, options.redis, options.nodeId);
      door = await StreamDoor.open(options.workersListen || freePort(redis));
      cluster = new Cluster(options, share, redis, door);
      await cluster.#begin();
      return cluster;
    } catch (error) {
      await cluster?.close();
      door?.close();
      redis?.disconnect();
      share.close();
      throw error;
    }
  }

  async #begin(): Promise<void> {
    await this.#events.waitUntilReady();
    await this.folders.sweep();
    await this.#forgetJobs();
    await this.#look();
    this.#stopLooking = every(LOOK_MS, () => detached(() => this.#look(), ignored), ignored);
  }

  /** Of the workers that can be counted on. */
  get threads(): number {
    return this.#threads;
  }

  /** What is in the queue; undefined while Redis does not answer. */
  async jobs(): Promise<Jobs | undefined> {
    return await readJobs(this.#queue, this.#shards).catch(() => undefined);
  }

  /** How much at a time this process's own threads, which have room for `width`, take of what workers could do as well. */
  roomHere(width: number): number {
    return this.#leaderComputes || this.#threads === 0 ? width : 0;
  }

  /** How many blocks are to be out: enough that no thread of a worker waits for one, none if there is no worker. */
  get ahead(): number {
    return Math.min(2 * this.#threads, AHEAD_MAX);
  }

  /** How many may be. What is more than workers have threads for waits in the queue, where this process does not compute it meanwhile. */
  get blocksMax(): number {
    return this.#leaderComputes || this.#threads === 0 ? this.ahead : AHEAD_MAX;
  }

  /** How many shards may be out: as many as workers run at the same time. */
  get shardsAhead(): number {
    return Math.min(SHARDS_PER_THREAD * this.#threads, SHARDS_AHEAD_MAX);
  }

  workers(): EnrolledWorker[] {
    return this.#workers.list();
  }

  /** The runners of one session's jobs and shards, some of which run on workers, the others on `local`. Close it with the session. */
  async session(local: LocalRunners, facts: SessionFacts & StreamFacts): Promise<SessionRunners> {
    const blocks = await SessionBlocks.open(this, local.pool, facts);
    const shards = new SessionShards(this, local.shardWorkers, blocks, facts.streams);
    const session: SessionRunners = {
      blocks,
      shards,
      close: async () => {
        this.#sessions.delete(session);
        shards.close();
        await blocks.close();
      },
    };
    this.#sessions.add(session);
    return session;
  }

  /** Tells the operator, of the same trouble once in a minute. */
  trouble(words: string): void {
    const now = performance.now();
    if (now - (this.#told.get(words) ?? -Infinity) < TOLD_MS) return;
    this.#told.set(words, now);
    this.#onTrouble(words);
  }

  /** Hands a block out, whose input lies in the share. Resolves once a worker has put its result there. Rejects if none could. */
  async dispatch(
    { session, kind, block }: BlockPlace,
    bytes: number,
    background: boolean,
    onQueued: () => void,
  ): Promise<JobResult> {
    const jobId = jobIdOf({ session, block });
    const ended = new Promise<JobResult>((resolve, reject) => this.#endings.set(jobId, { resolve, reject }));
    ended.catch(() => {});
    try {
      const priority = priorityOf(background);
      await this.#queue.add(kind, { session, block, bytes }, { ...JOB_OPTIONS, jobId, priority });
      onQueued();
      return await ended;
    } finally {
      this.#endings.delete(jobId);
    }
  }

  /** Takes a block out of the queue. False as long as a living worker has it. Rejects where Redis does not answer. */
  async takeBack(place: Omit<BlockPlace, "kind">): Promise<boolean> {
    const jobId = jobIdOf(place);
    const isRemoved = (await this.#queue.remove(jobId)) === 1;
    if (isRemoved) this.#endings.delete(jobId);
    return isRemoved;
  }

  /** Hands a shard out, whose input lies in the share. */
  async dispatchShard(place: ShardPlace, bytes: number): Promise<void> {
    const jobId = jobIdOf(place);
    await this.#shards.add(SHARD, { ...place, bytes }, { ...SHARD_OPTIONS, jobId });
  }

  /** Takes a shard out of the queue that nobody can begin any more. Rejects where Redis does not answer. */
  async takeBackShard(place: ShardPlace): Promise<void> {
    await this.#shards.remove(jobIdOf(place));
  }

  async close(): Promise<void> {
    this.#stopLooking();
    this.door.close();
    await Promise.all([...this.#sessions].map((session) => session.close()));
    const closing = Promise.allSettled([this.#events.close(), this.#queue.close(), this.#shards.close()]);
    // They would wait for a Redis that is down.
    await Promise.race([closing, pause(CLOSE_MS, undefined, { ref: false })]);
    for (const connection of [this.#eventsConnection, this.#redis]) connection.disconnect();
    this.share.close();
  }

  #completed(jobId: string, returned: unknown): void {
    const ending = this.#endings.get(jobId);
    const result = jobResultSchema.safeParse(returned);
    if (result.success) ending?.resolve(result.data);
    else ending?.reject(new Error("a worker's answer is not in its form"));
  }

  async #look(): Promise<void> {
    try {
      const added = new Set(this.#workers.list().map(({ id }) => id));
      const live = await connectedWorkers(this.#redis);
      const mine = live.filter((worker) => added.has(worker.id) && isAwake(worker));
      this.#threads = mine.reduce((sum, { threads }) => sum + threads, 0);
      this.#misses = 0;
    } catch {
      if (++this.#misses === MISSES_MAX) this.#lose();
    }
  }

  /** All that is out is computed here; new blocks go out again once Redis answers. */
  #lose(): void {
    this.#threads = 0;
    this.trouble("Redis does not answer: this machine computes alone until it does");
    for (const { blocks, shards } of this.#sessions) {
      blocks.takeAllBack();
      shards.takeAllBack();
    }
  }

  /** Jobs of sessions that a killed leader left. */
  async #forgetJobs(): Promise<void> {
    const there = new Set(await this.share.sessions());
    for (const queue of [this.#queue, this.#shards]) {
      const jobs = await queue.getJobs([...STAYING], 0, 10_000);
      for (const { id, data } of jobs) if (!there.has(data.session)) await queue.remove(id!);
    }
  }
}

/** A free port of this machine, in the network that Redis is in. */
function freePort(redis: Redis): string {
  const own = ownAddress(redis);
  return `${isIPv6(own) ? `[${own}]` : own}:0`;
}

const jobIdOf = ({ session, block }: Omit<BlockPlace, "kind">) => `${session}-${block}`;

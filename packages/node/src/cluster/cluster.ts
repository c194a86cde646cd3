// The leader's side of a node on several machines: it looks which workers there are, hands out blocks and hears of their ends. Redis may
// be lost at any time; every block that is out can be taken back and computed here.
import { join } from "node:path";
import type { JobRunner } from "@halfroom/crypto";
import { detached, guarded, ignored } from "@halfroom/wire";
import { QueueEvents } from "bullmq";
import type { Redis } from "ioredis";
import { every } from "../every.ts";
import type { Store } from "../store/store.ts";
import { jobResultSchema, type BlockKind, type BlockPlace, type JobResult } from "./blocks.ts";
import { readJobs, type Jobs } from "./jobs.ts";
import { EnrolledWorkers, type EnrolledWorker } from "./enrolled.ts";
import { connectedWorkers, isAwake } from "./live.ts";
import {
  blockQueue,
  claimRedis,
  connectChecked,
  JOB_OPTIONS,
  PREFIX,
  priorityOf,
  QUEUE,
  waitingConnection,
  type BlockQueue,
} from "./redis.ts";
import { SessionBlocks, type SessionSecrets } from "./session-blocks.ts";
import { SessionFolders, Share } from "./share.ts";

const LOOK_MS = 2000;
const TOLD_MS = 60_000;
/** So many looks in vain, and Redis is lost. */
const MISSES_MAX = 2;
/** Blocks that are out at the same time at most: the input and the result of each lie in memory here. */
const AHEAD_MAX = 128;
/** States of jobs in which one that nobody waits for any more would stay. */
const STAYING = ["wait", "prioritized", "delayed", "failed"] as const;

/** What a leader is told of its blocks, for its metrics. */
export interface BlockWatch {
  /** A worker's result was taken. `bytes` went through the share, both ways. */
  done(block: {
    readonly kind: BlockKind;
    readonly worker: string;
    readonly seconds: number;
    readonly attempt: number;
    readonly bytes: { readonly input: number; readonly result: number };
  }): void;
  /** The leader computes a block that was out. `waited`: nobody had taken it, or who had fell silent; `slow`: it is still being computed. */
  returned(kind: BlockKind, why: ReturnReason): void;
}
export type ReturnReason = "waited" | "slow" | "lost" | "failed";

export interface ClusterOptions {
  readonly redis: string;
  readonly share: string;
  /** Of the node. */
  readonly fingerprint: string;
  /** The node's folder. */
  readonly home: string;
  readonly store: Store;
  /** Told in words what is worth a line in the log, and what it is about. */
  readonly onTrouble: (words: string) => void;
  readonly watch?: BlockWatch;
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
  readonly #onTrouble: (words: string) => void;
  /** When it was told last, by the process's own clock. */
  readonly #told = new Map<string, number>();
  readonly #workers: EnrolledWorkers;
  readonly #redis: Redis;
  readonly #queue: BlockQueue;
  readonly #events: QueueEvents;
  readonly #eventsConnection: Redis;
  readonly #endings = new Map<string, Ending>();
  readonly #sessions = new Set<SessionBlocks>();
  #stopLooking: () => void = () => {};
  #misses = 0;
  #threads = 0;

  private constructor(options: ClusterOptions, share: Share, redis: Redis) {
    this.share = share;
    this.folders = new SessionFolders(share, join(options.home, "cluster"));
    this.watch = options.watch;
    this.#onTrouble = options.onTrouble;
    this.#workers = new EnrolledWorkers(options.store);
    this.#redis = redis;
    this.#queue = blockQueue(redis);
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
    const share = new Share(options.share);
    await share.claim(options.fingerprint);
    const redis = await connectChecked(options.redis);
    let cluster: Cluster | undefined;
    try {
      await claimRedis(redis, options.redis, options.fingerprint);
      cluster = new Cluster(options, share, redis);
      await cluster.#begin();
      return cluster;
    } catch (error) {
      await cluster?.close();
      redis.disconnect();
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
    return await readJobs(this.#queue).catch(() => undefined);
  }

  /** How many blocks may be out: enough that no thread of a worker waits for one, none if there is no worker. */
  get ahead(): number {
    return Math.min(2 * this.#threads, AHEAD_MAX);
  }

  workers(): EnrolledWorker[] {
    return this.#workers.list();
  }

  /** The runner of one session's jobs, some of which run on workers, the others on `local`. Close it with the session. */
  async session(local: JobRunner, secrets: SessionSecrets): Promise<SessionBlocks> {
    const session = await SessionBlocks.open(this, local, secrets);
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

  forget(session: SessionBlocks): void {
    this.#sessions.delete(session);
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

  async close(): Promise<void> {
    this.#stopLooking();
    await Promise.all([...this.#sessions].map((session) => session.close()));
    await Promise.allSettled([this.#events.close(), this.#queue.close()]);
    for (const connection of [this.#eventsConnection, this.#redis]) connection.disconnect();
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
    for (const session of this.#sessions) session.takeAllBack();
  }

  /** Jobs of sessions that a killed leader left. */
  async #forgetJobs(): Promise<void> {
    const jobs = await this.#queue.getJobs([...STAYING], 0, 10_000);
    for (const { id, data } of jobs) if (!this.share.has(data.session)) await this.#queue.remove(id!);
  }
}

const jobIdOf = ({ session, block }: Omit<BlockPlace, "kind">) => `${session}-${block}`;

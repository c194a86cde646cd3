// What is in the queue, as it is told to operators.
import type { JobType } from "bullmq";
import { BLOCK_KINDS, jobResultSchema, type BlockKind } from "./blocks.ts";
import type { BlockQueue } from "./redis.ts";
import { SHARD } from "./shard-jobs.ts";

/** States of a job in the words of BullMQ, and in ours: whether one has a priority is nothing to an operator. */
const STATES = {
  waiting: ["wait", "prioritized"],
  active: ["active"],
  delayed: ["delayed"],
  failed: ["failed"],
} as const satisfies Record<string, readonly JobType[]>;

type JobState = keyof typeof STATES;

export interface JobCount {
  readonly kind: BlockKind | typeof SHARD;
  readonly state: JobState;
  readonly count: number;
}

/** Far more than leaders have out at a time. */
const JOBS_MAX = 10_000;

export interface Jobs {
  /** Each kind in each state, those with a count of 0 too. */
  readonly counts: readonly JobCount[];
  /** Since when the one has waited that has waited longest, in milliseconds since 1970; undefined if none waits. */
  readonly waitingSince: number | undefined;
}

/** Rejects where Redis does not answer. */
export async function readJobs(blocks: BlockQueue, shards: BlockQueue): Promise<Jobs> {
  const counts: JobCount[] = [];
  let waitingSince: number | undefined;
  for (const state of Object.keys(STATES) as JobState[]) {
    const found = await Promise.all([jobsIn(blocks, state), jobsIn(shards, state)]);
    const jobs = found.flat();
    for (const kind of [...BLOCK_KINDS, SHARD] as const)
      counts.push({ kind, state, count: jobs.filter(({ name }) => name === kind).length });
    if (state === "waiting" && jobs.length > 0)
      waitingSince = Math.min(...jobs.map(({ timestamp }) => timestamp));
  }
  return { counts, waitingSince };
}

/** One that has gone in the meantime is undefined. */
async function jobsIn(queue: BlockQueue, state: JobState) {
  return (await queue.getJobs([...STATES[state]], 0, JOBS_MAX)).filter((job) => job !== undefined);
}

/** What a worker did lately. */
export interface Work {
  /** Shards count as well. */
  readonly blocks: number;
  /** Of its threads, together. */
  readonly seconds: number;
  /** Shards whose frames went to the partner over streams of their own. */
  readonly ownStreams: number;
}

const NO_WORK: Work = { blocks: 0, seconds: 0, ownStreams: 0 };

/** By worker's id, what was completed since then, as far as Redis keeps it. Rejects where Redis does not answer. */
export async function readWork(queues: readonly BlockQueue[], since: number): Promise<Map<string, Work>> {
  const work = new Map<string, Work>();
  const done = await Promise.all(queues.map((queue) => queue.getJobs(["completed"], 0, JOBS_MAX)));
  for (const job of done.flat()) {
    const result = jobResultSchema.safeParse(job?.returnvalue);
    if (!result.success || (job?.finishedOn ?? 0) < since) continue;
    const { worker, ms, apart } = result.data;
    const before = work.get(worker) ?? NO_WORK;
    work.set(worker, {
      blocks: before.blocks + 1,
      seconds: before.seconds + ms / 1000,
      ownStreams: before.ownStreams + (apart === true ? 1 : 0),
    });
  }
  return work;
}

// The threads of a process: for elliptic-curve work, and for the shards of large sets.
import { GroupPool } from "@halfroom/crypto";
import { ShardWorkers } from "./shards/workers.ts";

export interface Threads {
  readonly pool: GroupPool;
  readonly shardWorkers: ShardWorkers;
}

/** `count` threads for each kind of work; those for shards start with the first session that has several. */
export async function openThreads(count: number): Promise<Threads> {
  return { pool: await GroupPool.open(count), shardWorkers: new ShardWorkers(count) };
}

/** Ends them; work under way rejects. */
export async function closeThreads({ pool, shardWorkers }: Threads): Promise<void> {
  await Promise.all([pool.close(), shardWorkers.close()]);
}

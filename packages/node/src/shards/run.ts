// All shards of a session: from pseudonyms to this side's share of the table. A single shard runs over the session's own
// frames; several run side by side, each over a lane of its own.
import { hash256, systemRng, type Rng } from "@halfroom/crypto";
import type { OtSource } from "@halfroom/mpc";
import { openChannel, ProtocolError, withHead, type OpenChannel } from "@halfroom/wire";
import type { EnterStage, ShardNumbers } from "../shard.ts";
import { shardSizes } from "./sizes.ts";
import { Split, type People } from "./split.ts";
import { runTask, sumCosts, type ShardCosts, type ShardTask } from "./task.ts";
import type { ShardOutcome, ShardWorkers } from "./workers.ts";

/** What both sides know and hold; the numbers of people are the session's. */
export interface ShardsContext extends Omit<ShardNumbers, "shard" | "shards"> {
  readonly rng: Rng;
  readonly transfers: OtSource;
  /** Without them, shards run in this thread. */
  readonly workers?: ShardWorkers | undefined;
  /** Replaced only by tests, which have few people. */
  readonly sizesOf?: typeof shardSizes | undefined;
}

const TRANSCRIPT_BYTES = 32;
/** Shards side by side in this thread. */
const WIDTH_HERE = 2;

export interface ShardsResult {
  /** This side's share of the table: all cells of all partitions x columns numbers. */
  readonly table: Uint32Array;
  /** Of all shards, where several ran at the same time. */
  readonly costs: ShardCosts | undefined;
}

/** Errors: `shard`, if one holds more people than it has room for; those of the shards; `transcript`. */
export async function runShards(
  ch: OpenChannel,
  people: People,
  context: ShardsContext,
  enter: EnterStage,
): Promise<ShardsResult> {
  const { sizesOf = shardSizes } = context;
  const sizes = sizesOf(context.senderPeople, context.receiverPeople);
  const { shards } = sizes;
  const taskOf = (shard: number, part: People) => makeTask(context, { ...sizes, shard }, part);
  if (shards === 1) {
    const { table } = await runTask(ch, taskOf(0, people), rngOf(context, 0), enter);
    return { table, costs: undefined };
  }

  const split = new Split(people.pseudonyms, context.session, shards);
  const size = context.role === "sender" ? sizes.senderPeople : sizes.receiverPeople;
  split.assertRoom(size);
  ch.lanes.create(shards);
  const table = new BigInt64Array(context.layout.cells * context.layout.columns);
  const transcripts = new Uint8Array(shards * TRANSCRIPT_BYTES);
  const costs: ShardCosts[] = [];
  let aggregating = 0;
  const { width, run } = runner(ch, context);
  await inOrder(shards, width, async (shard) => {
    const rng = rngOf(context, shard);
    const task = taskOf(shard, split.people(people, shard, size, rng.fork("padding")));
    const outcome = await run(task, rng, (stage) => {
      if (stage === "aggregate" && ++aggregating === shards) enter("aggregate");
    });
    const part = new BigInt64Array(outcome.table.buffer, outcome.table.byteOffset, table.length);
    // Storing into a BigInt64Array reduces mod 2^64.
    for (let i = 0; i < table.length; i++) table[i]! += part[i]!;
    transcripts.set(outcome.transcript, shard * TRANSCRIPT_BYTES);
    costs.push(outcome.costs);
  });
  await compareTranscripts(ch, context.session, transcripts);
  return { table: new Uint32Array(table.buffer), costs: sumCosts(costs) };
}

function makeTask(
  { session, role, layout, transfers }: ShardsContext,
  numbers: Omit<ShardNumbers, "session" | "role" | "layout">,
  people: People,
): ShardTask {
  return {
    people,
    numbers: { ...numbers, session, role, layout },
    transfers: transfers.state(),
  };
}

function rngOf({ rng }: ShardsContext, shard: number): Rng {
  return rng.fork(`shard/${shard}`);
}

type Run = (task: ShardTask, rng: Rng, enter: EnterStage) => Promise<ShardOutcome>;

/** In workers, which draw from the operating system; a generator given by the caller stays in the caller's thread. */
function runner(ch: OpenChannel, { workers, rng }: ShardsContext): { width: number; run: Run } {
  if (workers !== undefined && rng === systemRng) {
    const run: Run = (task, _, enter) => workers.run(task, ch.lanes.open(task.numbers.shard), enter);
    return { width: workers.width, run };
  }
  const run: Run = async (task, rng, enter) => {
    const { shard, role } = task.numbers;
    const lane = ch.lanes.open(shard);
    try {
      const own = openChannel(withHead(lane, shard), role);
      return { ...(await runTask(own, task, rng, enter)), transcript: own.transcript() };
    } finally {
      await lane.close();
    }
  };
  return { width: WIDTH_HERE, run };
}

/** Starts `work` on 0 .. count - 1 in this order, `width` at a time; after a failure nothing more. */
async function inOrder(count: number, width: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const one = async () => {
    try {
      while (next < count) await work(next++);
    } catch (error) {
      next = count;
      throw error;
    }
  };
  await Promise.all(Array.from({ length: width }, one));
}

/** Binds the lanes to the session: its own transcript covers this message. */
async function compareTranscripts(
  ch: OpenChannel,
  session: Uint8Array,
  transcripts: Uint8Array,
): Promise<void> {
  const digest = hash256("shards/transcripts", session, transcripts);
  await ch.send({ type: "laneTranscripts", digest });
  if (Buffer.compare((await ch.recv("laneTranscripts")).digest, digest) !== 0)
    throw new ProtocolError("transcript");
}

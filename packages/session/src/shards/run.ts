// All shards of a session: from pseudonyms to this side's share of the table. A single shard runs over the session's own
// channel; several run side by side, each over a lane of its own.
import { addInto, hash256, ringArray, type RingArray, type Rng } from "@halfroom/crypto";
import { OUTPUT_BYTES } from "@halfroom/match";
import type { OtSource, Role } from "@halfroom/mpc";
import { ProtocolError, type MessageRecord, type OpenChannel } from "@halfroom/wire";
import type { StageMeter, StageTiming } from "../meter.ts";
import { paddingRng, shardRng, shardSeed } from "../randomness.ts";
import type { EnterStage, ShardNumbers, ShardRunner, ShardTask } from "./runner.ts";
import type { ShardContext } from "./shard.ts";
import { shardSizes, type ShardSizes } from "./sizes.ts";
import { Split, type People } from "./split.ts";

/** What both sides know and hold; the numbers of people are the session's. */
export interface ShardsContext extends Omit<ShardNumbers, "shard" | "shards"> {
  readonly rng: Rng;
  readonly transfers: OtSource;
  /**
   * The joint seed of the bins. It takes what is left of the set-up, over the session's own channel: `transfers` are settled
   * with it.
   */
  readonly binSeed: () => Promise<Uint8Array>;
  readonly runner: ShardRunner;
  readonly meter: StageMeter;
  /** Told of each lane; resolves, once it has ended, to what went over it. */
  readonly keep: (shard: number, messages: Promise<readonly MessageRecord[]>) => void;
  /** From the terms. */
  readonly shardPeople: number;
  /** Runs a shard over the session's own channel. */
  readonly runShard: (ch: OpenChannel, shard: ShardContext, enter: EnterStage) => Promise<RingArray>;
}

const TRANSCRIPT_BYTES = 32;

/**
 * This side's share of the table: all cells of all partitions x columns numbers.
 * Errors: `shard`, if one holds more people than it has room for; those of the shards; `transcript`.
 */
export async function runShards(ch: OpenChannel, people: People, context: ShardsContext): Promise<RingArray> {
  const { senderPeople, receiverPeople, shardPeople, meter, runShard } = context;
  const sizes = shardSizes(senderPeople, receiverPeople, shardPeople);
  if (sizes.shards > 1) return await sideBySide(ch, people, context, sizes);
  const { session, role, layout, transfers, binSeed, rng } = context;
  const shard = { ...sizes, shard: 0, session, role, layout, transfers, binSeed };
  const own = { people: filledUp(people, context, sizes), rng: shardRng(shardSeed(rng, 0), session) };
  return await runShard(ch, { ...shard, ...own }, (stage) => meter.enter(stage));
}

/** All people in one shard, with made-up ones up to the number that this side stated. */
function filledUp(people: People, { session, role, rng }: ShardsContext, sizes: ShardSizes): People {
  const size = roomOf(sizes, role);
  if (people.pseudonyms.length === size * OUTPUT_BYTES) return people;
  const split = new Split(people.pseudonyms, session, 1);
  split.assertRoom(size);
  return split.people(people, 0, size, paddingRng(rng, 0));
}

/** This side's items in one shard, padding included. */
function roomOf({ senderPeople, receiverPeople }: ShardSizes, role: Role): number {
  return role === "sender" ? senderPeople : receiverPeople;
}

async function sideBySide(
  ch: OpenChannel,
  people: People,
  context: ShardsContext,
  sizes: ShardSizes,
): Promise<RingArray> {
  const { session, role, layout, runner, meter, rng, keep } = context;
  const { shards } = sizes;
  const split = new Split(people.pseudonyms, session, shards);
  const size = roomOf(sizes, role);
  split.assertRoom(size);
  const binSeed = await context.binSeed();
  ch.lanes.create(shards);
  const table = ringArray(layout.cells * layout.columns);
  const transcripts = new Uint8Array(shards * TRANSCRIPT_BYTES);
  const costs: (readonly StageTiming[])[] = [];
  let aggregating = 0;
  let failed = false;
  const onStage: EnterStage = (stage) => {
    // After a failure the session is over, though other shards still run until their lanes end.
    if (stage === "aggregate" && ++aggregating === shards && !failed) meter.enter("aggregate");
  };
  await inOrder(shards, runner.width, async (shard) => {
    const part = split.people(people, shard, size, paddingRng(rng, shard));
    const task = makeTask(context, { ...sizes, shard }, part, binSeed);
    let messages: readonly MessageRecord[] = [];
    const running = runner.run(task, ch.lanes.open(shard), onStage, (all) => (messages = all));
    keep(
      shard,
      running.then(
        () => messages,
        () => messages,
      ),
    );
    const outcome = await running;
    addInto(table, outcome.table);
    transcripts.set(outcome.transcript, shard * TRANSCRIPT_BYTES);
    costs.push(outcome.stages);
  }).catch((error: unknown) => {
    failed = true;
    throw error;
  });
  meter.divide(costs);
  await compareTranscripts(ch, session, transcripts);
  return table;
}

function makeTask(
  { session, role, layout, transfers, rng }: ShardsContext,
  numbers: Omit<ShardNumbers, "session" | "role" | "layout">,
  people: People,
  binSeed: Uint8Array,
): ShardTask {
  return {
    people,
    binSeed,
    numbers: { ...numbers, session, role, layout },
    transfers: transfers.state(),
    seed: shardSeed(rng, numbers.shard),
  };
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

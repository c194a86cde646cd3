// All shards of a session: from pseudonyms to this side's share of the table. A single shard runs over the session's own
// channel; several run side by side, each over a lane of its own.
import type { RecordStore, RingArray, Rng } from "@halfroom/crypto";
import type { OtSource } from "@halfroom/mpc";
import type { MessageRecord, OpenChannel } from "@halfroom/wire";
import type { StageMeter } from "../meter.ts";
import { paddingRng, shardRng, shardSeed } from "../randomness.ts";
import type { EnterStage, ShardNumbers, ShardRunner } from "./runner.ts";
import type { ShardContext } from "./shard.ts";
import { runSideBySide } from "./side-by-side.ts";
import { roomOf, shardSizes, type ShardSizes } from "./sizes.ts";
import { Split, type People, type SidePeople } from "./split.ts";

/** What both sides know and hold; the numbers of people are the session's. */
export interface ShardsContext extends Omit<ShardNumbers, "shard" | "shards"> {
  readonly rng: Rng;
  readonly transfers: OtSource;
  /**
   * The joint seed of the bins. It takes what is left of the set-up, over the session's own channel: `transfers` are settled
   * with it.
   */
  readonly binSeed: () => Promise<Uint8Array>;
  readonly scratch: RecordStore;
  readonly runner: ShardRunner;
  readonly meter: StageMeter;
  /** Told of each lane; resolves, once it has ended, to what went over it. */
  readonly keep: (lane: number, messages: Promise<readonly MessageRecord[]>) => void;
  /** From the terms. */
  readonly shardPeople: number;
  /** Whether first attempts have streams of their own, and which part this side has in them. */
  readonly ownStreams: "dials" | "is dialled" | undefined;
  /** Runs a shard over the session's own channel. */
  readonly runShard: (ch: OpenChannel, shard: ShardContext, enter: EnterStage) => Promise<RingArray>;
}

/**
 * This side's share of the table: all cells of all partitions x columns numbers.
 * Errors: `shard`, if one holds more people than it has room for; those of the shards; `lost`, `transcript`.
 */
export async function runShards(
  ch: OpenChannel,
  people: SidePeople,
  context: ShardsContext,
): Promise<RingArray> {
  const { senderPeople, receiverPeople, shardPeople, meter, runShard } = context;
  const sizes = shardSizes(senderPeople, receiverPeople, shardPeople);
  if (sizes.shards > 1) return await runSideBySide(ch, people, context, sizes);
  const { session, role, layout, transfers, binSeed, rng } = context;
  const shard = { ...sizes, shard: 0, session, role, layout, transfers, binSeed };
  const own = {
    people: await filledUp(people, context, sizes),
    rng: shardRng(shardSeed(rng, 0, 0), session),
  };
  return await runShard(ch, { ...shard, ...own }, (stage) => meter.enter(stage));
}

/** All people in one shard, with made-up ones up to the number that this side stated. */
async function filledUp(
  people: SidePeople,
  { session, role, rng, scratch }: ShardsContext,
  sizes: ShardSizes,
): Promise<People> {
  const size = roomOf(sizes, role);
  const split = await Split.of(people, session, 1, scratch);
  split.assertRoom(size);
  return await split.people(0, size, paddingRng(rng, 0, 0));
}

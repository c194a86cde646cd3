// The two steps of one shard, both roles: match gives shares for each bin (design 2.3); aggregate adds them up, once for each
// grouping (design 2.4), and between the two credits events to entries if the report has them. Shards are independent of
// each other, and their tables add up.
import {
  creditReceiver,
  creditSender,
  GroupAsks,
  groupReceiver,
  groupSender,
  NEVER,
  type ReceiverGrouping,
} from "@halfroom/aggregate";
import { addInto, ringArray, type RingArray, type Rng } from "@halfroom/crypto";
import { membershipReceiver, membershipSender } from "@halfroom/match";
import { openOtSource, type OtSource } from "@halfroom/mpc";
import type { OpenChannel } from "@halfroom/wire";
import { shardRng } from "../randomness.ts";
import type { Layout } from "../table/layout.ts";
import type { ShardNumbers, ShardTask } from "./runner.ts";
import type { People } from "./split.ts";

/** What both sides know and hold in one shard. */
export interface ShardContext extends ShardNumbers {
  readonly people: People;
  readonly rng: Rng;
  readonly transfers: OtSource;
  /** As the match takes it. */
  readonly binSeed: () => Promise<Uint8Array>;
}

export function shardContext({ people, numbers, transfers, seed, binSeed }: ShardTask): ShardContext {
  const rng = shardRng(seed, numbers.session);
  return { ...numbers, people, rng, transfers: openOtSource(transfers), binSeed: async () => binSeed };
}

/** What a side holds of the bins after the match. */
export interface Matched {
  /** Bins x (1 + payloads) numbers: this side's shares of the membership bit and of each payload. */
  readonly shares: RingArray;
  /** The receiver's person in each bin, -1 in an empty one; nothing on the sender's side, which must not know. */
  readonly binPeople: Int32Array | undefined;
  /** What the receiver has asked for already. */
  readonly asks: GroupAsks | undefined;
}

/** Errors: those of the match. */
export async function match(ch: OpenChannel, shard: ShardContext): Promise<Matched> {
  const { people, layout } = shard;
  const numbers = { ...shard, measures: layout.payloads };
  if (shard.role === "sender") {
    const shares = await membershipSender(ch, people.pseudonyms, people.payloads, numbers);
    return { shares, binPeople: undefined, asks: undefined };
  }
  let asks: GroupAsks | undefined;
  // Which trees there will be does not depend on what matched; credited events come before them.
  const ask = async (placed: Int32Array) => {
    if (layout.credit === undefined) asks = askForGroups(ch, shard, placed);
  };
  const { shares, people: binPeople } = await membershipReceiver(ch, people.pseudonyms, numbers, ask);
  return { shares, binPeople, asks };
}

function askForGroups(ch: OpenChannel, shard: ShardContext, binPeople: Int32Array): GroupAsks {
  return new GroupAsks(ch, receiverGroupings(shard, binPeople), shard.transfers);
}

function receiverGroupings(shard: ShardContext, binPeople: Int32Array): ReceiverGrouping[] {
  const { layout, people } = shard;
  return layout.groupings.map(({ cells }, partition) => {
    // An empty bin adds zero to whatever cell it is given.
    const cellOf = Uint32Array.from(binPeople, (person) => people.cellsOf[partition]![person] ?? 0);
    return { cellOf, context: { ...shard, partition, cells, columns: layout.columns } };
  });
}

/** This side's share of the table: all cells of all partitions x columns numbers. */
export async function aggregate(
  ch: OpenChannel,
  shard: ShardContext,
  { shares, binPeople, asks }: Matched,
): Promise<RingArray> {
  const { layout, transfers } = shard;
  const addends = countedColumns(shares, layout);
  if (binPeople === undefined) {
    const credited =
      layout.credit && (await creditSender(ch, addends, { ...shard, ...layout.credit }, transfers));
    return await addGroupings(layout, (grouping) => {
      const own = credited?.[grouping.entry] ?? addends;
      return groupSender(ch, own, { ...shard, ...grouping, columns: layout.columns }, transfers);
    });
  }
  const times = timesOfBins(shard.people.times, binPeople);
  const credited =
    layout.credit && (await creditReceiver(ch, addends, times, { ...shard, ...layout.credit }, transfers));
  const asked = asks ?? askForGroups(ch, shard, binPeople);
  const groupings = receiverGroupings(shard, binPeople);
  return await addGroupings(layout, ({ entry }, i) => {
    const { cellOf, context } = groupings[i]!;
    return groupReceiver(ch, credited?.[entry] ?? addends, cellOf, context, transfers, asked);
  });
}

/** Bins x entries times; an empty bin has no entries. */
function timesOfBins(times: readonly Uint32Array[], people: Int32Array): Uint32Array {
  const ofBins = new Uint32Array(people.length * times.length);
  for (const [entry, ofPeople] of times.entries()) {
    people.forEach((person, bin) => (ofBins[bin * times.length + entry] = ofPeople[person] ?? NEVER));
  }
  return ofBins;
}

/** The columns that are added up, bins x columns numbers: without the membership bit where a payload counts people. */
function countedColumns(shares: RingArray, { countsMembers, payloads }: Layout): RingArray {
  if (countsMembers) return shares;
  const from = (payloads + 1) * 2;
  const to = payloads * 2;
  const bins = shares.length / from;
  const counted = ringArray(bins * payloads);
  for (let bin = 0; bin < bins; bin++)
    counted.set(shares.subarray(bin * from + 2, (bin + 1) * from), bin * to);
  return counted;
}

interface GroupingNumbers {
  /** Each grouping is a partition of its own to the group-by. */
  readonly partition: number;
  readonly cells: number;
  readonly entry: number;
}

/** One group-by after the other, each added to the rows of its partition. */
async function addGroupings(
  { groupings, cells, columns }: Layout,
  group: (grouping: GroupingNumbers, i: number) => Promise<RingArray>,
): Promise<RingArray> {
  const table = ringArray(cells * columns);
  for (const [i, grouping] of groupings.entries()) {
    const numbers = { partition: i, cells: grouping.cells, entry: grouping.entry };
    addInto(table.subarray(grouping.firstCell * columns * 2), await group(numbers, i));
  }
  return table;
}

// The two steps of one shard, both roles: match gives shares for each bin (design 2.3); aggregate adds them up, once for each
// grouping (design 2.4), and between the two credits events to entries if the report has them. The leaves of aggregate, which need
// nothing of the match but the bins, move while it is under way, so that a long line is never idle while both sides compute.
// Shards are independent of each other, and their tables add up.
import {
  creditDraws,
  creditReceiver,
  creditSender,
  groupReceiver,
  groupSender,
  LeafAnswers,
  LeafAsks,
  leafDraws,
  leavesOfGroupings,
  NEVER,
  type GroupContext,
  type ReceiverGrouping,
  type ReceiverLeaves,
  type SenderLeaves,
} from "@halfroom/aggregate";
import { addInto, ringArray, type RingArray, type Rng } from "@halfroom/crypto";
import {
  binCount,
  keysFromMatrix,
  keysFromVector,
  membershipDraws,
  membershipReceiver,
  membershipSender,
  type BesideReceiver,
  type BesideSender,
} from "@halfroom/match";
import { openOtSource, type Draws, type OtSource } from "@halfroom/mpc";
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

/** What a side holds of the bins after the match: bins x (1 + payloads) numbers, its shares of the membership bit and of each payload. */
export type Matched =
  | { readonly role: "sender"; readonly shares: RingArray; readonly leaves: readonly SenderLeaves[] }
  | {
      readonly role: "receiver";
      readonly shares: RingArray;
      readonly leaves: readonly ReceiverLeaves[];
      /** The person in each bin, -1 in an empty one; the sender must not know. */
      readonly binPeople: Int32Array;
    };

/** Errors: those of the match, and of the leaves. */
export async function match(ch: OpenChannel, shard: ShardContext): Promise<Matched> {
  const { role, people, layout, transfers } = shard;
  const measures = layout.payloads;
  const draws = drawsOf(shard);
  const prepared = transfers.prepares;
  const contexts = groupContexts(shard, prepared);
  const prepare = () => transfers.prepare(ch, shard.shard, draws);
  const keysOfBins = prepared ? keysFromVector : keysFromMatrix();
  const numbers = { ...shard, measures, prepare, keysOfBins };
  if (role === "sender") {
    let leaves: readonly SenderLeaves[] = [];
    const grow = (bins: number): BesideSender => {
      const answers = new LeafAnswers(bins, contexts, transfers);
      return {
        take: () => answers.takeAhead(ch),
        answer: () => answers.answerAhead(ch),
        answerRest: async () => {
          leaves = await answers.answerRest(ch);
        },
      };
    };
    const shares = await membershipSender(ch, people.pseudonyms, people.payloads, numbers, grow);
    return { role, shares, leaves };
  }
  let leaves: readonly ReceiverLeaves[] = [];
  const ask = (placed: Int32Array): BesideReceiver => {
    const asks = new LeafAsks(receiverGroupings(shard, contexts, placed), transfers);
    return {
      ask: () => asks.askAhead(ch),
      askRest: () => asks.askRest(ch),
      take: async () => {
        leaves = await asks.take(ch);
      },
    };
  };
  const { shares, people: binPeople } = await membershipReceiver(ch, people.pseudonyms, numbers, ask);
  return { role, shares, leaves, binPeople };
}

/** What a shard draws behind its first message, in the order of its steps, where the source prepares it. */
export function drawsOf(shard: Omit<ShardNumbers, "role">): Draws {
  const { layout } = shard;
  const bins = binCount(shard.receiverPeople);
  const match = membershipDraws({ ...shard, measures: layout.payloads });
  const credit =
    layout.credit === undefined ? { sender: [], receiver: [] } : creditDraws(bins, layout.credit);
  return {
    sender: [...match.sender, ...leafDraws(bins, groupContexts(shard, true)), ...credit.sender],
    receiver: [...match.receiver, ...credit.receiver],
  };
}

/** Each grouping is a partition of its own to the group-by. `prepared`: whether the source prepares what the shard draws. */
export function groupContexts(
  { session, shard, layout: { groupings, columns } }: Omit<ShardNumbers, "role">,
  prepared: boolean,
): GroupContext[] {
  const cellsOf = groupings.map(({ cells }) => cells);
  const leaves = leavesOfGroupings(cellsOf, columns);
  return groupings.map(({ cells }, partition) => {
    return { session, shard, partition, cells, columns, leaves: prepared ? leaves[partition]! : "trees" };
  });
}

function receiverGroupings(
  shard: ShardContext,
  contexts: readonly GroupContext[],
  binPeople: Int32Array,
): ReceiverGrouping[] {
  return contexts.map((context, partition) => {
    // An empty bin adds zero to whatever cell it is given.
    const cellOf = Uint32Array.from(binPeople, (person) => shard.people.cellsOf[partition]![person] ?? 0);
    return { cellOf, context };
  });
}

/** This side's share of the table: all cells of all partitions x columns numbers. Takes the leaves up. */
export async function aggregate(ch: OpenChannel, shard: ShardContext, matched: Matched): Promise<RingArray> {
  const { layout, transfers } = shard;
  const { role, leaves, shares } = matched;
  const addends = countedColumns(shares, layout);
  const credit = layout.credit && { ...shard, ...layout.credit };
  if (role === "sender") {
    const credited = credit && (await creditSender(ch, addends, credit, transfers));
    return await addGroupings(layout, (entry, i) =>
      groupSender(ch, credited?.[entry] ?? addends, leaves[i]!),
    );
  }
  const times = timesOfBins(shard.people.times, matched.binPeople);
  const credited = credit && (await creditReceiver(ch, addends, times, credit, transfers));
  return await addGroupings(layout, (entry, i) =>
    groupReceiver(ch, credited?.[entry] ?? addends, leaves[i]!),
  );
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

/** One group-by after the other, each added to the rows of its partition. */
async function addGroupings(
  { groupings, cells, columns }: Layout,
  group: (entry: number, i: number) => Promise<RingArray>,
): Promise<RingArray> {
  const table = ringArray(cells * columns);
  for (const [i, { entry, firstCell }] of groupings.entries())
    addInto(table.subarray(firstCell * columns * 2), await group(entry, i));
  return table;
}

// One shard of a session, both roles: from pseudonyms to this side's share of the table. Match (design 2.3), then
// group-by (design 2.4) once for each grouping; between the two, if the report has events, they are credited to entries.
// Shards are independent of each other, and their tables add up.
import { creditReceiver, creditSender, groupReceiver, groupSender, NEVER } from "@halfroom/aggregate";
import type { Rng } from "@halfroom/crypto";
import { membershipReceiver, membershipSender } from "@halfroom/match";
import type { OtSource, Role } from "@halfroom/mpc";
import type { OpenChannel } from "@halfroom/wire";
import type { Layout } from "./layout.ts";
import type { People } from "./shards/split.ts";

/** What both sides know of one shard: plain data, which travels to worker threads. */
export interface ShardNumbers {
  /** The session id, 32 bytes. */
  readonly session: Uint8Array;
  readonly role: Role;
  /** The shard's number; part of every derivation. */
  readonly shard: number;
  /** Shards of the session. */
  readonly shards: number;
  readonly layout: Layout;
  /** Pseudonyms of each side in this shard, padding included. */
  readonly senderPeople: number;
  readonly receiverPeople: number;
}

/** What both sides know and hold in one shard. */
export interface ShardContext extends ShardNumbers {
  readonly rng: Rng;
  readonly transfers: OtSource;
}

/** Told when a part of the shard's work begins. */
export type EnterStage = (stage: "match" | "aggregate") => void;

/**
 * `pseudonyms`: people x 64 bytes; `payloads`: the layout's payload columns, a number per person. Returns the sender's
 * share of the table: all cells of all groupings' partitions x columns numbers.
 */
export async function senderShard(
  ch: OpenChannel,
  pseudonyms: Uint8Array,
  payloads: readonly BigInt64Array[],
  context: ShardContext,
  enter: EnterStage,
): Promise<Uint32Array> {
  const { layout, transfers } = context;
  enter("match");
  const measures = payloads.length;
  const shares = await membershipSender(ch, pseudonyms, payloads, { ...context, measures });
  enter("aggregate");
  const addends = countedColumns(shares, layout, measures);
  const { credit } = layout;
  const credited =
    credit === undefined ? undefined : await creditSender(ch, addends, { ...context, ...credit }, transfers);
  return await addGroupings(layout, (grouping) => {
    const own = credited?.[grouping.entry] ?? addends;
    return groupSender(ch, own, { ...context, ...grouping, columns: layout.columns }, transfers);
  });
}

/** Returns the receiver's share of the table: all cells of all groupings' partitions x columns numbers. */
export async function receiverShard(
  ch: OpenChannel,
  { pseudonyms, cellsOf, times }: People,
  context: ShardContext,
  enter: EnterStage,
): Promise<Uint32Array> {
  const { layout, transfers } = context;
  enter("match");
  const measures = layout.payloads;
  const { shares, people } = await membershipReceiver(ch, pseudonyms, { ...context, measures });
  enter("aggregate");
  const addends = countedColumns(shares, layout, measures);
  const { credit } = layout;
  const credited =
    credit === undefined
      ? undefined
      : await creditReceiver(ch, addends, timesOfBins(times, people), { ...context, ...credit }, transfers);
  return await addGroupings(layout, (grouping, i) => {
    const own = credited?.[grouping.entry] ?? addends;
    // An empty bin adds zero to whatever cell it is given.
    const cellOf = Uint32Array.from(people, (person) => cellsOf[i]![person] ?? 0);
    const numbers = { ...context, ...grouping, columns: layout.columns };
    return groupReceiver(ch, own, cellOf, numbers, transfers);
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
function countedColumns(shares: Uint32Array, layout: Layout, payloads: number): Uint32Array {
  if (layout.countsMembers) return shares;
  const from = (payloads + 1) * 2;
  const to = payloads * 2;
  const bins = shares.length / from;
  const counted = new Uint32Array(bins * to);
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
  group: (grouping: GroupingNumbers, i: number) => Promise<Uint32Array>,
): Promise<Uint32Array> {
  const table = new BigInt64Array(cells * columns);
  for (const [i, grouping] of groupings.entries()) {
    const numbers = { partition: i, cells: grouping.cells, entry: grouping.entry };
    const part = new BigInt64Array((await group(numbers, i)).buffer);
    const start = grouping.firstCell * columns;
    // Storing into a BigInt64Array reduces mod 2^64.
    for (let at = 0; at < part.length; at++) table[start + at] = table[start + at]! + part[at]!;
  }
  return new Uint32Array(table.buffer);
}

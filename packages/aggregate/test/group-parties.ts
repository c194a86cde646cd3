// Both roles of the group-by in memory, and a plain group-by.
import { asBigUint64 } from "@halfroom/crypto";
import {
  groupReceiver,
  groupSender,
  LeafAnswers,
  LeafAsks,
  leafDraws,
  type GroupContext,
} from "@halfroom/aggregate";
import type { Role } from "@halfroom/mpc";
import { testTransfers, runParties, seededRng, testSession } from "@halfroom/testkit";
import type { BothParties } from "@halfroom/testkit";
import type { OpenChannel } from "@halfroom/wire";

const session = testSession("group");

/** What leaves come from. */
export const LEAVES = ["trees", "slots", "network"] as const satisfies readonly GroupContext["leaves"][];

export interface GroupCase {
  readonly leaves: GroupContext["leaves"];
  readonly cells: number;
  readonly columns: number;
  /** Each side's addends, bins x columns numbers mod 2^64. */
  readonly sender: Uint32Array;
  readonly receiver: Uint32Array;
  /** The cell of each bin. */
  readonly cellOf: Uint32Array;
}

/** Where the randomness of a run comes from; a shard or a partition of its own makes a run independent of all others. */
export interface Coins {
  readonly seed: string;
  readonly shard: number;
  readonly partition: number;
}

/** A transfer's seeds serve many shards; tests of many cases share them. */
const seeds = new Map<string, ReturnType<typeof testTransfers>>();

function transfersOf(seed: string): ReturnType<typeof testTransfers> {
  const rngs = { sender: seededRng(`${seed}/sender`), receiver: seededRng(`${seed}/receiver`) };
  const transfers = seeds.get(seed) ?? testTransfers(session, rngs);
  seeds.set(seed, transfers);
  return transfers;
}

export interface GroupRun {
  /** Each side's share of the table, cells x columns numbers mod 2^64. */
  readonly sender: BigUint64Array;
  readonly receiver: BigUint64Array;
  readonly log: BothParties<unknown>["log"];
}

type Through = (ch: OpenChannel, role: Role) => OpenChannel;

/** Both roles; `through` is what stands between a role and its channel. */
export async function runGroup(
  input: GroupCase,
  coins: Coins,
  through: Through = (ch) => ch,
): Promise<GroupRun> {
  const [run] = await runOver(await transfersOf(coins.seed), coins, [input], through);
  return run!;
}

/** Groupings of the same bins, beginning with partition 0, with silent transfers that were prepared for them and for a filler. */
export async function runPrepared(inputs: readonly GroupCase[]): Promise<readonly GroupRun[]> {
  const transfers = await testTransfers(session, undefined, 4, "silent");
  const bins = inputs[0]!.cellOf.length;
  const filler = { purpose: "filler", kind: "bits", transfers: 65_536 } as const;
  const draws = { sender: [...leafDraws(bins, contextsOf(inputs, FIRST)), filler], receiver: [filler] };
  await runParties(async (ch, role) => await transfers[role].prepare(ch, FIRST.shard, draws));
  return await runOver(transfers, FIRST, inputs);
}
const FIRST = { shard: 0, partition: 0 };

function contextsOf(inputs: readonly GroupCase[], first: Omit<Coins, "seed">): GroupContext[] {
  return inputs.map(({ leaves, cells, columns }, i) => {
    return { session, shard: first.shard, partition: first.partition + i, cells, columns, leaves };
  });
}

async function runOver(
  transfers: Awaited<ReturnType<typeof testTransfers>>,
  first: Omit<Coins, "seed">,
  inputs: readonly GroupCase[],
  through: Through = (ch) => ch,
): Promise<readonly GroupRun[]> {
  const contexts = contextsOf(inputs, first);
  const { sender, receiver, log } = await runParties(async (own, role) => {
    const ch = through(own, role);
    const tables: Uint32Array[] = [];
    if (role === "sender") {
      const answers = new LeafAnswers(inputs[0]!.cellOf.length, contexts, transfers.sender);
      await answers.takeAhead(ch);
      await answers.answerAhead(ch);
      const leaves = await answers.answerRest(ch);
      for (const [i, input] of inputs.entries()) tables.push(await groupSender(ch, input.sender, leaves[i]!));
      return tables;
    }
    const groupings = inputs.map(({ cellOf }, i) => ({ cellOf, context: contexts[i]! }));
    const asks = new LeafAsks(groupings, transfers.receiver);
    const asking = asks.askAhead(ch).then(() => asks.askRest(ch));
    const [leaves] = await Promise.all([asks.take(ch), asking]);
    for (const [i, input] of inputs.entries())
      tables.push(await groupReceiver(ch, input.receiver, leaves[i]!));
    return tables;
  });
  return inputs.map((_, i) => {
    return { sender: asBigUint64(sender[i]!), receiver: asBigUint64(receiver[i]!), log };
  });
}

/** What two shares stand for. */
export function openTable({ sender, receiver }: Pick<GroupRun, "sender" | "receiver">): bigint[] {
  return Array.from(sender, (share, i) => BigInt.asUintN(64, share + receiver[i]!));
}

/** GROUP BY cell of the sums of both sides' addends. */
export function plainTable({ cells, columns, sender, receiver, cellOf }: GroupCase): bigint[] {
  const table = Array.from({ length: cells * columns }, () => 0n);
  const [ours, theirs] = [asBigUint64(sender), asBigUint64(receiver)];
  ours.forEach((addend, i) => {
    table[cellOf[Math.floor(i / columns)]! * columns + (i % columns)]! += addend + theirs[i]!;
  });
  return table.map((sum) => BigInt.asUintN(64, sum));
}

// Both roles of the group-by in memory, and a plain group-by.
import { asBigUint64 } from "@halfroom/crypto";
import { groupReceiver, groupSender, TreeAnswers, TreeAsks } from "@halfroom/aggregate";
import { testTransfers, runParties, seededRng, testSession } from "@halfroom/testkit";
import type { BothParties } from "@halfroom/testkit";

const session = testSession("group");

export interface GroupCase {
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

export async function runGroup(input: GroupCase, coins: Coins): Promise<GroupRun> {
  const transfers = await transfersOf(coins.seed);
  const { cells, columns } = input;
  const { shard, partition } = coins;
  const context = { session, shard, partition, cells, columns };
  const { sender, receiver, log } = await runParties((ch, role) =>
    role === "sender"
      ? (async () => {
          const answers = new TreeAnswers(input.cellOf.length, [context], transfers.sender);
          await answers.takeAhead(ch);
          await answers.answerAhead(ch);
          const [trees] = await answers.answerRest(ch);
          return await groupSender(ch, input.sender, trees!);
        })()
      : (async () => {
          const asks = new TreeAsks([{ cellOf: input.cellOf, context }], transfers.receiver);
          const asking = asks.askAhead(ch).then(() => asks.askRest(ch));
          const [[trees]] = await Promise.all([asks.take(ch), asking]);
          return await groupReceiver(ch, input.receiver, trees!);
        })(),
  );
  return { sender: asBigUint64(sender), receiver: asBigUint64(receiver), log };
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

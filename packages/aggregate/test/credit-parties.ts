// Both roles of attribution and lift in memory, and the same in the clear.
import { asBigUint64, randomWords } from "@halfroom/crypto";
import {
  creditColumns,
  creditInputColumns,
  creditReceiver,
  creditSender,
  eventCodes,
  type CreditTerms,
} from "@halfroom/aggregate";
import { establishTransfers, runParties, seededRng, testSession, type BothParties } from "@halfroom/testkit";

const session = testSession("credit");
let seeds: ReturnType<typeof establishTransfers> | undefined;
let shards = 0;

export interface Event {
  readonly time: number;
  readonly value: bigint;
}

/** A bin: the sign of the matched item (0: no match), the sender's events, the receiver's entry times in order. */
export interface Bin {
  readonly people: -1 | 0 | 1;
  readonly events: readonly Event[];
  readonly entries: readonly number[];
}

/** What both sides' addends stand for: one row a bin. */
function matched(bins: readonly Bin[], terms: CreditTerms): bigint[] {
  return bins.flatMap(({ people, events }) => {
    const slots = Array.from({ length: terms.events }, (_, i) => events[i] ?? { time: 0, value: 0n });
    const times = BigInt64Array.from(slots, ({ time }) => BigInt(time));
    const values = BigInt64Array.from(slots, ({ value }) => value);
    const codes = [...eventCodes(times, terms.values ? values : undefined)];
    // Where nothing matched every payload is 0; codes have no sign.
    const row = [1n, ...codes.map((code) => code * BigInt(people)), ...(terms.values ? values : [])];
    return row.map((number) => number * BigInt(people));
  });
}

export interface CreditRun {
  /** For each entry and bin the opened numbers. */
  readonly opened: bigint[][][];
  readonly log: BothParties<unknown>["log"];
  readonly shares: BothParties<Uint32Array[]>;
}

export async function runCredit(
  bins: readonly Bin[],
  terms: CreditTerms,
  seed = "credit",
): Promise<CreditRun> {
  seeds ??= establishTransfers(session);
  const transfers = await seeds;
  const shard = ++shards;
  const columns = creditInputColumns(terms);
  const sender = randomWords(seededRng(`${seed}/${shard}`), bins.length * columns * 2);
  const plain = matched(bins, terms);
  const receiver = BigInt64Array.from(plain, (number, i) =>
    BigInt.asIntN(64, number - asBigUint64(sender)[i]!),
  );
  const times = new Float64Array(bins.length * terms.entries);
  bins.forEach(({ entries }, bin) => times.set(entries, bin * terms.entries));
  const context = { ...terms, session, shard };
  const run = await runParties((ch, role) =>
    role === "sender"
      ? creditSender(ch, sender, context, transfers.sender)
      : creditReceiver(ch, new Uint32Array(receiver.buffer), times, context, transfers.receiver),
  );
  const width = creditColumns(terms);
  const opened = run.sender.map((share, entry) => {
    const theirs = asBigUint64(run.receiver[entry]!);
    const sums = Array.from(asBigUint64(share), (x, i) => BigInt.asIntN(64, x + theirs[i]!));
    return bins.map((_, bin) => sums.slice(bin * width, (bin + 1) * width));
  });
  return { opened, log: run.log, shares: run };
}

/** The definition in words, one event after the other: no code, bound or bit of the protocol. */
export function plainCredit(bins: readonly Bin[], terms: CreditTerms): bigint[][][] {
  const numbers = Array.from({ length: terms.entries }, () => bins.map((): bigint[] => []));
  bins.forEach(({ people, events, entries }, bin) => {
    const creditedTo = events.map(({ time }) => lastTouch(time, entries, terms.windowSeconds));
    const firstOf = (entryOf: readonly (number | undefined)[]) =>
      entryOf.find((entry) => entry !== undefined);
    const person = firstOf(creditedTo);
    const contributor = firstOf(creditedTo.map((entry, i) => (events[i]!.value === 0n ? undefined : entry)));
    for (let entry = 0; entry < terms.entries; entry++) {
      const own = events.filter((_, i) => creditedTo[i] === entry);
      const row = [BigInt(person === entry ? 1 : 0), BigInt(own.length)];
      if (terms.values) row.push(own.reduce((sum, { value }) => sum + value, 0n));
      if (terms.values && terms.contributors) row.push(BigInt(contributor === entry ? 1 : 0));
      numbers[entry]![bin] = row.map((number) => number * BigInt(people));
    }
  });
  return numbers;
}

function lastTouch(time: number, entries: readonly number[], windowSeconds: number): number | undefined {
  if (time === 0) return undefined;
  const last = entries.findLastIndex((entry) => entry !== 0 && entry <= time);
  if (last === -1) return undefined;
  if (windowSeconds > 0 && time - entries[last]! > windowSeconds) return undefined;
  return last;
}

// Both roles of attribution and lift in memory, and the same in the clear.
import { asBigUint64, randomWords } from "@halfroom/crypto";
import {
  creditReceiver,
  creditSender,
  inputColumns,
  NEVER,
  outputColumns,
  squareParts,
  type CreditTerms,
} from "@halfroom/aggregate";
import { testTransfers, runParties, seededRng, testSession, type BothParties } from "@halfroom/testkit";

const session = testSession("credit");
let seeds: ReturnType<typeof testTransfers> | undefined;
let shards = 0;

export interface Event {
  readonly time: number;
  /** One for each measure. */
  readonly values: readonly bigint[];
}

/** A bin: the sign of the matched item (0: no match), the sender's events, the receiver's entry times in order. */
export interface Bin {
  readonly people: -1 | 0 | 1;
  readonly events: readonly Event[];
  readonly entries: readonly number[];
}

/** What both sides' addends stand for: one row a bin; times and whether values are 0 have no sign. */
function matched(bins: readonly Bin[], terms: CreditTerms): bigint[] {
  const columns = inputColumns(terms);
  return bins.flatMap(({ people, events }) => {
    const row = Array.from({ length: columns.count }, () => 0n);
    if (people === 0) return row;
    row[columns.people] = BigInt(people);
    for (const [e, { time, values }] of events.entries()) {
      row[columns.time(e)] = BigInt(time);
      for (let m = 0; m < terms.measures; m++) {
        row[columns.value(m, e)] = BigInt(people) * values[m]!;
        if (terms.contributors) row[columns.notZero(m, e)] = values[m] === 0n ? 0n : BigInt(people);
      }
    }
    const parts = terms.squares.length === 0 ? [] : squareParts(terms);
    for (const [i, m] of terms.squares.entries()) {
      const value = (event: number) => events[event]?.values[m] ?? 0n;
      parts.forEach(({ event, later }, part) => {
        let other = event === later ? value(event) : 2n * value(later);
        if (terms.windowSeconds === 0)
          for (let after = event + 1; after < terms.events; after++) other += 2n * value(after);
        row[columns.square(i, part)] = BigInt(people) * value(event) * other;
      });
    }
    return row;
  });
}

export interface CreditRun {
  /** For each entry and bin the opened numbers. */
  readonly opened: bigint[][][];
  readonly log: BothParties<unknown>["log"];
  readonly shares: BothParties<Uint32Array[]>;
}

export async function runCredit(bins: readonly Bin[], terms: CreditTerms): Promise<CreditRun> {
  seeds ??= testTransfers(session);
  const transfers = await seeds;
  const shard = ++shards;
  const sender = randomWords(seededRng(`credit/${shard}`), bins.length * inputColumns(terms).count * 2);
  const receiver = BigInt64Array.from(matched(bins, terms), (number, i) =>
    BigInt.asIntN(64, number - asBigUint64(sender)[i]!),
  );
  const times = new Uint32Array(bins.length * terms.entries).fill(NEVER);
  bins.forEach(({ entries }, bin) => times.set(entries, bin * terms.entries));
  const context = { ...terms, session, shard };
  const run = await runParties((ch, role) =>
    role === "sender"
      ? creditSender(ch, sender, context, transfers.sender)
      : creditReceiver(ch, new Uint32Array(receiver.buffer), times, context, transfers.receiver),
  );
  const width = outputColumns(terms);
  const opened = run.sender.map((share, entry) => {
    const theirs = asBigUint64(run.receiver[entry]!);
    const sums = Array.from(asBigUint64(share), (x, i) => BigInt.asIntN(64, x + theirs[i]!));
    return bins.map((_, bin) => sums.slice(bin * width, (bin + 1) * width));
  });
  return { opened, log: run.log, shares: run };
}

/** The definition in words, one event after the other: no bound or bit of the protocol. */
export function plainCredit(bins: readonly Bin[], terms: CreditTerms): bigint[][][] {
  const numbers = Array.from({ length: terms.entries }, () => bins.map((): bigint[] => []));
  bins.forEach(({ people, events, entries }, bin) => {
    const creditedTo = events.map(({ time }) => lastTouch(time, entries, terms.windowSeconds));
    const person = creditedTo.find((entry) => entry !== undefined);
    for (let entry = 0; entry < terms.entries; entry++) {
      const row = [BigInt(person === entry ? 1 : 0)];
      for (let m = 0; m < terms.measures; m++) {
        const values = events.flatMap((event, e) => (creditedTo[e] === entry ? [event.values[m]!] : []));
        const total = values.reduce((sum, value) => sum + value, 0n);
        row.push(total);
        if (terms.squares.includes(m)) row.push(BigInt.asIntN(64, total * total));
        if (!terms.contributors) continue;
        const contributor = creditedTo.find((to, e) => to !== undefined && events[e]!.values[m] !== 0n);
        row.push(BigInt(contributor === entry ? 1 : 0));
      }
      numbers[entry]![bin] = row.map((number) => number * BigInt(people));
    }
  });
  return numbers;
}

function lastTouch(time: number, entries: readonly number[], windowSeconds: number): number | undefined {
  if (time === 0) return undefined;
  const last = entries.findLastIndex((entry) => entry !== NEVER && entry <= time);
  if (last === -1) return undefined;
  if (windowSeconds > 0 && time - entries[last]! > windowSeconds) return undefined;
  return last;
}

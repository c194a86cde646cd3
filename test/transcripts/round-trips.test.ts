// How many round trips a session of one shard waits for, from the proposal to the last receipt, by a logical clock: work takes no
// time, and a message half a trip. What a session takes on a long line is no less than this many of its trips.
import { GroupPool } from "@halfroom/crypto";
import { exactSums, preparePair, resultOf, runPair, TripClock, withCsvFiles } from "@halfroom/testkit";
import type { Terms } from "@halfroom/session";
import { afterAll, beforeAll, expect, test } from "vitest";

const PEOPLE = 300;
const EXACT = exactSums({
  groupBy: ["group"],
  measures: [{ name: "amount", low: 0n, high: 50_000n, decimals: 2 }],
  threshold: 20,
  otK: 4,
});
const NOISE: Terms["release"] = {
  mode: "noise",
  mechanism: "laplace",
  microEpsilon: 4_000_000,
  deltaExponent: 6,
  weights: { people: 1, measures: [1] },
};
const WIDE = { ...EXACT.measures[0]!, high: 2n ** 40n };

let pool: GroupPool;
beforeAll(async () => {
  pool = await GroupPool.open(0);
});
afterAll(() => pool.close());

test.each([
  [16.5, "exact, proposed by the sender", EXACT],
  [15.5, "with noise, proposed by the sender", { ...EXACT, release: NOISE }],
  [15, "with noise, proposed by the receiver", { ...EXACT, release: NOISE, initiator: "receiver" }],
  [16.5, "with noise and sums of 53 bits", { ...EXACT, measures: [WIDE], release: NOISE }],
  [18.5, "exact, with silent transfers", { ...EXACT, transfers: "silent" }],
  [16.5, "with noise, to the receiver alone", { ...EXACT, release: NOISE, resultTo: "receiver" }],
] as const)("%d round trips: %s", async (trips, _, terms) => {
  expect(await tripsOf(terms)).toBe(trips);
});

async function tripsOf(terms: Terms): Promise<number> {
  const numbers = Array.from({ length: PEOPLE }, (_, i) => i);
  const senderCsv = ["email,amount", ...numbers.map((i) => `p${i}@example.com,3`)].join("\n");
  const receiverCsv = ["email,group", ...numbers.map((i) => `p${i + 100}@example.com,${"abc"[i % 3]!}`)].join(
    "\n",
  );
  const data = await withCsvFiles({ senderCsv, receiverCsv }, (files) => preparePair(files, terms));
  const clock = new TripClock();
  const ended = await runPair({
    data,
    terms,
    pool,
    proposed: true,
    wrap: (frames, role) => clock.wrap(frames, role),
  });
  resultOf(terms.resultTo === "sender" ? ended.sender : ended.receiver);
  return clock.trips;
}

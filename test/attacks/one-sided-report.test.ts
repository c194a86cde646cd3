// A report for one side alone: the other signs a commitment to it. It tries the few numbers that the report can have against
// what it signed. Under a nonce that it knows this names the number; protocol-spec.md, section 14.2, keeps the nonce from it.
import { GroupPool } from "@halfroom/crypto";
import type { Role } from "@halfroom/session";
import {
  exactSums,
  noiseOf,
  preparePair,
  recordFrames,
  runPair,
  withCsvFiles,
  type RecordedFrame,
  type SessionResult,
} from "@halfroom/testkit";
import { decodeFrame } from "@halfroom/wire";
import { afterAll, describe, expect, test } from "vitest";
import { commitToReport } from "../../packages/session/src/receipt/commitment.ts";

const pool = await GroupPool.open(0);
afterAll(() => pool.close());

const PEOPLE = 1500;
const THRESHOLD = 100;
/** Noise of epsilon 1 on both sides adds more than this with probability below 2^-100. */
const NOISE_MOST = 100;

const csv = (from: number) =>
  ["email", ...Array.from({ length: PEOPLE }, (_, i) => `p${from + i}@example.com`), ""].join("\n");

/** One number for `resultTo`: how many of 1,500 and 1,500 people both have; 800 and noise. */
async function oneNumber(resultTo: Role) {
  const asked = exactSums({ groupBy: [], measures: [], threshold: THRESHOLD, otK: 4 });
  const terms = { ...asked, release: noiseOf(1_000_000), resultTo };
  const files = { senderCsv: csv(0), receiverCsv: csv(700) };
  const data = await withCsvFiles(files, (paths) => preparePair(paths, terms));
  const logs: Partial<Record<Role, readonly RecordedFrame[]>> = {};
  const ended = await runPair({
    data,
    terms,
    pool,
    wrap: (frames, role) => {
      const recorded = recordFrames(frames);
      logs[role] = recorded.log;
      return recorded;
    },
  });
  const { sender, receiver } = ended;
  if ("error" in sender) throw sender.error;
  if ("error" in receiver) throw receiver.error;
  const results = { sender: sender.result, receiver: receiver.result };
  const attacker = resultTo === "sender" ? "receiver" : "sender";
  return { owner: results[resultTo], attacker: results[attacker], seen: logs[attacker]! };
}

/** The number whose report gives the commitment under one of the nonces, and how many guesses it took. */
function search({ receipt }: SessionResult, nonces: readonly Uint8Array[]) {
  const { agreement, report } = receipt;
  let tries = 0;
  for (let people = THRESHOLD; people <= PEOPLE + NOISE_MOST; people++) {
    const cell = { labels: [], people: { value: BigInt(people), variance: 0 }, sums: [] };
    const guess = {
      threshold: THRESHOLD,
      partitions: [{ groupBy: [], senderGroupBy: [], cells: [cell] }],
    };
    for (const nonce of nonces) {
      tries++;
      const found = commitToReport(guess, agreement.session, nonce);
      if (Buffer.compare(found, report) === 0) return { people: BigInt(people), tries };
    }
  }
  return { people: undefined, tries };
}

/** Every string of 32 bytes that a side has sent or received, the session id and the commitment. */
function everythingSeen({ receipt }: SessionResult, seen: readonly RecordedFrame[]): Uint8Array[] {
  const fields = seen.flatMap(({ frame }) =>
    Object.values(decodeFrame(new Uint8Array(frame)).message).filter(
      (value): value is Uint8Array => value instanceof Uint8Array && value.length === 32,
    ),
  );
  return [new Uint8Array(32), receipt.agreement.session, receipt.report, ...fields];
}

describe.each(["sender", "receiver"] as const)("a report for the %s alone", (resultTo) => {
  test("the other side tries every number against what it signed: with the nonce it names the released one, with all that it saw none", async () => {
    const { owner, attacker, seen } = await oneNumber(resultTo);
    const released = owner.report!.partitions[0]!.cells[0]!.people!.value;
    expect(attacker.report).toBeUndefined();
    expect(attacker.receipt.report).toEqual(owner.receipt.report);

    const before = search(attacker, [owner.reportNonce!]);
    expect(before.people).toBe(released);
    expect(before.tries).toBe(Number(released) - THRESHOLD + 1);

    const known = everythingSeen(attacker, seen);
    expect(known.length).toBeGreaterThan(10);
    expect(search(attacker, known).people).toBeUndefined();
  });
});

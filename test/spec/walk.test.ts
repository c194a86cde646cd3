// The walk of protocol-spec.md, section 3.1, row by row against sessions of the sizes that it gives.
import { GroupPool } from "@halfroom/crypto";
import type { Terms } from "@halfroom/session";
import {
  exactSums,
  preparePair,
  recordFrames,
  resultOf,
  runPair,
  withCsvFiles,
  type RecordedFrame,
} from "@halfroom/testkit";
import { decodeFrame } from "@halfroom/wire";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { specNumber, specTable } from "./tables.ts";

/** A message as in the walk: the writer's sequence number, the type, the length of each field, 0 for a number. */
type Step = readonly [sequence: number, type: string, bytes: readonly number[]];

interface Walk {
  readonly sender: Step[];
  readonly receiver: Step[];
}

const PEOPLE = 2048;
const GROUPS = ["a", "b", "c"];

const EXACT = exactSums({
  groupBy: ["group"],
  measures: [{ name: "amount", low: 0n, high: 50_000n, decimals: 2 }],
  threshold: 100,
  otK: 4,
});
const NOISE: Terms["release"] = {
  mode: "noise",
  mechanism: "laplace",
  microEpsilon: 1_000_000,
  deltaExponent: 6,
  weights: { people: 1, measures: [1] },
};

let pool: GroupPool;
beforeAll(async () => {
  pool = await GroupPool.open(0);
});
afterAll(() => pool.close());

describe.each([
  ["exact", EXACT, 4],
  ["with noise", { ...EXACT, release: NOISE }, 5],
] as const)("%s", (_, terms, column) => {
  test("every message of both sides", async () => {
    const { talk, session } = await run(terms);
    expect(namesOf(talk)).toEqual(namesOf(writtenTalk()));
    expect(session).toEqual(writtenSession(column));
  });
});

/** Both sides have `people` people, half of them shared, and a third of the receiver's in each group. */
async function run(terms: Terms): Promise<{ talk: Walk; session: Walk }> {
  const numbers = Array.from({ length: PEOPLE }, (_, i) => i);
  const senderCsv = ["email,amount", ...numbers.map((i) => `p${i}@example.com,3`)].join("\n");
  const receiverCsv = [
    "email,group",
    ...numbers.map((i) => `p${i + PEOPLE / 2}@example.com,${GROUPS[i % GROUPS.length]!}`),
  ].join("\n");
  const data = await withCsvFiles({ senderCsv, receiverCsv }, (files) => preparePair(files, terms));
  let log: readonly RecordedFrame[] = [];
  const ended = await runPair({
    data,
    terms,
    pool,
    proposed: true,
    wrap(frames, role) {
      if (role === "receiver") return frames;
      const recorded = recordFrames(frames);
      log = recorded.log;
      return recorded;
    },
  });
  for (const ending of Object.values(ended)) resultOf(ending);
  const sender = stepsOf(log, "sent");
  const receiver = stepsOf(log, "received");
  return {
    talk: { sender: sender.talk, receiver: receiver.talk },
    session: { sender: sender.session, receiver: receiver.session },
  };
}

/** A side's messages up to its signature, and those after it. */
function stepsOf(log: readonly RecordedFrame[], direction: RecordedFrame["direction"]) {
  const steps = log
    .filter((entry) => entry.direction === direction)
    .map(({ frame }): Step => {
      const { sequence, message } = decodeFrame(frame);
      const { type, ...fields } = message;
      const bytes = Object.values(fields as Record<string, Uint8Array | string | number>).map((value) =>
        typeof value === "number" ? value : Buffer.from(value as Uint8Array).length,
      );
      return [sequence, type, bytes];
    });
  const signed = steps.findIndex(([, type]) => type === "signature") + 1;
  return { talk: steps.slice(0, signed), session: steps.slice(signed) };
}

/** The lengths of messages before the signatures are given in words. */
function writtenTalk(): Walk {
  return walkOf(specTable("talk"), () => []);
}

function namesOf({ sender, receiver }: Walk) {
  const names = (steps: readonly Step[]) => steps.map(([sequence, type]) => [sequence, type]);
  return { sender: names(sender), receiver: names(receiver) };
}

/** Rows without a length in the column are skipped, and do not count in the numbering. */
function writtenSession(column: number): Walk {
  const rows = specTable("walk");
  const left = rows.filter((row) => row[column] !== "—");
  const { sender, receiver } = walkOf(left, (row) => lengths(row[column]!));
  const renumbered = (steps: readonly Step[]) =>
    steps.map(([, type, bytes], sequence): Step => [sequence, type, bytes]);
  if (left.length === rows.length) return { sender, receiver };
  return { sender: renumbered(sender), receiver: renumbered(receiver) };
}

function walkOf(rows: readonly string[][], bytesOf: (row: string[]) => number[]): Walk {
  const walk: Walk = { sender: [], receiver: [] };
  for (const row of rows) {
    const [ofSender, ofReceiver, from, message] = row as [string, string, string, string];
    const type = /^\w+/.exec(message)![0];
    if (from.includes("S")) walk.sender.push([Number(ofSender), type, bytesOf(row)]);
    if (from.includes("R")) walk.receiver.push([Number(ofReceiver), type, bytesOf(row)]);
  }
  return walk;
}

/** "32 + 1,024" to [32, 1024]; a number in parentheses is the value of a field. */
function lengths(cell: string): number[] {
  return cell
    .replaceAll(/[()]/g, "")
    .split(" + ")
    .map((length) => specNumber(length));
}

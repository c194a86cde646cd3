// Shards whose machine is lost in the middle: the report is the plain join, and no two attempts have anything in common that could be
// masked alike. All lanes of both sides are recorded.
import { GroupPool } from "@halfroom/crypto";
import type { Role } from "@halfroom/mpc";
import {
  exactRelease,
  plainJoin,
  preparePair,
  recordFrames,
  resultOf,
  runPair,
  withCsvFiles,
  type Ending,
  type RecordedFrame,
} from "@halfroom/testkit";
import { LostShard, shardsHere, type ShardRunner, type Terms } from "@halfroom/session";
import { ATTEMPTS_MAX, decodeFrame, ProtocolError, type Frames, type MessageType } from "@halfroom/wire";
import { afterAll, beforeAll, expect, test } from "vitest";
import { csvOf, inShards, laneFrame, TERMS } from "./sharded.ts";

const SHARDS = 4;
const CSV = csvOf(120);

let pool: GroupPool;
beforeAll(async () => {
  pool = await GroupPool.open(0);
});
afterAll(() => pool.close());

/** Loses a shard in the attempts named, once so many of its frames have gone either way. */
function losing(shard: number, attempts: readonly number[], afterFrames: number): ShardRunner {
  return {
    ...shardsHere,
    async run(task, lane, enter, keep) {
      const { shard: number } = task.numbers;
      const isLost = number % SHARDS === shard && attempts.includes(Math.floor(number / SHARDS));
      if (!isLost) return await shardsHere.run(task, lane, enter, keep);
      let left = afterFrames;
      let lose: (error: LostShard) => void = () => {};
      const lost = new Promise<never>((_resolve, reject) => (lose = reject));
      lost.catch(() => {});
      const counted = async <T>(call: () => Promise<T>): Promise<T> => {
        // A machine that is gone neither sends nor takes anything.
        if (left-- <= 0) {
          lose(new LostShard());
          await new Promise(() => {});
        }
        return await call();
      };
      const broken: Frames = {
        send: (frame) => counted(() => lane.send(frame)),
        recv: () => counted(() => lane.recv()),
        close: async () => {},
      };
      const running = shardsHere.run(task, broken, enter, keep);
      running.catch(() => {});
      const outcome = await Promise.race([running, lost]);
      // It came to its end and is lost with its result.
      if (outcome) throw new LostShard();
      return outcome;
    },
  };
}

async function run(runners: Partial<Record<Role, ShardRunner>>, terms = inShards(SHARDS)) {
  const data = await withCsvFiles(CSV, (files) => preparePair(files, TERMS));
  const logs: Record<Role, readonly RecordedFrame[]> = { sender: [], receiver: [] };
  const ended = await runPair({
    data,
    terms,
    pool,
    seed: "lost shards",
    runnerOf: (role) => runners[role] ?? shardsHere,
    wrap(frames, role) {
      const recorded = recordFrames(frames);
      logs[role] = recorded.log;
      return recorded;
    },
  });
  return { ended, logs };
}

const cells = (ending: Ending) => resultOf(ending).table.cells;
const codeOf = (ending: Ending) => {
  if (!("error" in ending && ending.error instanceof ProtocolError)) throw new Error("no ProtocolError");
  return ending.error.fromPartner ? `${ending.error.code} from partner` : ending.error.code;
};
const expected = () =>
  withCsvFiles(CSV, async ({ sender, receiver }) => {
    const query = { measures: TERMS.measures, groupBy: TERMS.partitions[0]! };
    return exactRelease(await plainJoin(sender, receiver, query), TERMS).released;
  });

/** The frames that one side sent over lanes, by lane. */
function sentOver(log: readonly RecordedFrame[]): Map<number, Uint8Array[]> {
  const lanes = new Map<number, Uint8Array[]>();
  for (const { lane, direction, frame } of log.map(laneFrame))
    if (lane >= 0 && direction === "sent") lanes.set(lane, [...(lanes.get(lane) ?? []), frame]);
  return lanes;
}

const BLOCK_BYTES = 16;

/** What strings, matrices, stores and trees are masked into: all bulk data, in blocks. */
function blocksOf(frames: readonly Uint8Array[]): string[] {
  return frames.flatMap((frame) => {
    const { message } = decodeFrame(new Uint8Array(frame));
    if (!("data" in message)) return [];
    const { data } = message;
    const whole = Math.floor(data.length / BLOCK_BYTES);
    return Array.from({ length: whole }, (_, i) =>
      Buffer.from(data.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES)).toString("hex"),
    );
  });
}

test.each<[string, Role, number, readonly number[], number]>([
  ["the sender's first machine, before a frame", "sender", 0, [0], 0],
  ["the sender's in the middle", "sender", 2, [0], 9],
  ["the receiver's in the middle", "receiver", 1, [0], 9],
  ["three of the receiver's, one after the other", "receiver", 3, [0, 1, 2], 5],
  ["the receiver's with its result", "receiver", 2, [0], 1e9],
  ["the sender's with its result, twice", "sender", 2, [0, 1], 1e9],
])("the report is the plain join without %s", async (_, role, shard, attempts, afterFrames) => {
  const { ended, logs } = await run({ [role]: losing(shard, attempts, afterFrames) });
  for (const side of ["sender", "receiver"] as const) {
    expect(cells(ended[side])).toEqual(await expected());
    const sent = sentOver(logs[side]);
    const again = decoded(sent.get(ATTEMPTS_MAX * SHARDS)!).filter(({ type }) => type === "shardAgain");
    expect(again).toEqual(attempts.map((attempt) => ({ type: "shardAgain", shard, attempt: attempt + 1 })));
    const last = sent.get(shard + (attempts.at(-1)! + 1) * SHARDS)!;
    expect(last.length).toBe(sent.get((shard + 1) % SHARDS)!.length);
  }
});

const SILENT: Terms = { ...inShards(SHARDS), transfers: "silent" };

test.each([
  ["SoftSpokenOT", inShards(SHARDS), 0],
  ["silent transfers", SILENT, 7],
])(
  "no block of what either side sends in one attempt is sent in another, with %s",
  async (_, terms, proofs) => {
    const runners = { sender: losing(2, [0, 1], 1e9), receiver: losing(1, [0], 20) };
    const { ended, logs } = await run(runners, terms);
    expect(cells(ended.sender)).toEqual(await expected());
    const sent = [...sentOver(logs.receiver).values()].flatMap(decoded);
    expect(sent.filter(({ type }) => type === "silentProof").length).toBe(proofs);
    for (const log of Object.values(logs)) {
      const blocks = [...sentOver(log).values()].flatMap(blocksOf);
      expect(blocks.length).toBeGreaterThan(5000);
      expect(new Set(blocks).size).toBe(blocks.length);
    }
  },
);

test("the same attempt of the same shard repeats itself, so that the test above can fail", async () => {
  const first = sentOver((await run({})).logs.sender);
  const second = sentOver((await run({})).logs.sender);
  const blocks = new Set(blocksOf(first.get(0)!));
  expect(blocksOf(second.get(0)!).filter((block) => blocks.has(block)).length).toBeGreaterThan(100);
});

test("a shard that is lost in every attempt ends the session on both sides", async () => {
  const { ended } = await run({ sender: losing(1, [0, 1, 2, 3], 3) });
  expect([codeOf(ended.sender), codeOf(ended.receiver)]).toEqual(["lost", "lost from partner"]);
});

function decoded(frames: readonly Uint8Array[]): { type: MessageType }[] {
  return frames.map((frame) => decodeFrame(new Uint8Array(frame)).message);
}

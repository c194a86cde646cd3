// Attempts of shards: what is lost is run again by both sides, every shard counts once, and nobody waits for ever.
import { memoryFrames } from "@halfroom/testkit";
import { ATTEMPTS_MAX, openChannel, ProtocolError, withHead } from "@halfroom/wire";
import { expect, test } from "vitest";
import { Attempts } from "../src/shards/attempts.ts";
import { LostShard } from "../src/shards/runner.ts";
import { OwnStreams } from "../src/shards/own-streams.ts";
import { laneCount, laneOf, lastAttempts, talkLane } from "../src/shards/lane-numbers.ts";
import { faultOf, modelOf, playModel } from "./modelled-shards.ts";

const SHARDS = 3;

/** Both sides of the talk about attempts, and the shards that each was told to run again. */
function talk(ownStreams = false) {
  const ends = memoryFrames({ idleMs: 20_000 });
  return (["sender", "receiver"] as const).map((role, i) => {
    const ch = openChannel(ends[i]!, role);
    const { lanes } = ch;
    lanes.create(laneCount(SHARDS));
    const number = talkLane(SHARDS);
    const again: number[] = [];
    const own = openChannel(withHead(lanes.open(number), number), role);
    const streams = ownStreams ? new OwnStreams(own, SHARDS, role === "receiver") : undefined;
    const onAgain = (shard: number) => again.push(shard);
    const attempts = new Attempts({ ch: own, lanes, shards: SHARDS, streams, onAgain });
    return { attempts, again, own, lanes, streams };
  });
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProtocolError)) throw error;
  return error.code;
}

test("numbers of lanes", () => {
  expect([laneOf(2, 0, 5), laneOf(2, 3, 5), talkLane(5), laneCount(5)]).toEqual([2, 17, 20, 21]);
  expect([...lastAttempts([0, 1, 4, 7, 8], 3)]).toEqual([0, 2, 2]);
});

test("both sides settle without a word of attempts where nothing is lost", async () => {
  const [one, two] = talk();
  await Promise.all([
    one!.attempts.settled(),
    two!.attempts.settled(),
    one!.attempts.done(),
    two!.attempts.done(),
  ]);
  expect([one!.again, two!.again]).toEqual([[], []]);
});

test("an attempt that one side lost begins anew on both, also after the other side was done", async () => {
  const [one, two] = talk();
  const settled = Promise.all([one!.attempts.settled(), two!.attempts.settled()]);
  await two!.attempts.done();
  await one!.attempts.again(1);
  await expect.poll(() => two!.again).toEqual([1]);
  await one!.attempts.done();
  await two!.attempts.done();
  await settled;
  for (const { attempts, again } of [one!, two!]) {
    expect([...attempts.all]).toEqual([0, 1, 0]);
    expect([again, attempts.laneOf(1)]).toEqual([[1], SHARDS + 1]);
  }
});

test("what a side said before it heard of an attempt is void", async () => {
  const [one, two] = talk();
  let isSettled = false;
  const settled = [one!.attempts.settled().then(() => (isSettled = true)), two!.attempts.settled()];
  const lost = one!.attempts.again(1);
  await two!.attempts.done();
  await lost;
  await one!.attempts.done();
  await expect.poll(() => two!.again).toEqual([1]);
  // Longer than the answer and what was said before it take.
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(isSettled).toBe(false);
  await two!.attempts.done();
  await Promise.all(settled);
});

test("both may lose the same attempt at once, and several of one shard one after the other", async () => {
  const [one, two] = talk();
  const settled = Promise.all([one!.attempts.settled(), two!.attempts.settled()]);
  await Promise.all([one!.attempts.again(0), two!.attempts.again(0), one!.attempts.again(0)]);
  await expect.poll(() => two!.again).toEqual([0, 0]);
  await Promise.all([one!.attempts.done(), two!.attempts.done()]);
  await settled;
  expect([[...one!.attempts.all], [...two!.attempts.all]]).toEqual([
    [2, 0, 0],
    [2, 0, 0],
  ]);
});

test("the fourth loss of a shard ends the session", async () => {
  const [one] = talk();
  for (let attempt = 1; attempt < ATTEMPTS_MAX; attempt++) await one!.attempts.again(2);
  expect(await codeOf(one!.attempts.again(2))).toBe("lost");
});

test.each<[string, (send: ReturnType<typeof talk>[number]["own"]) => Promise<void>]>([
  ["skips an attempt", (ch) => ch.send({ type: "shardAgain", shard: 0, attempt: 2 })],
  ["names the first attempt", (ch) => ch.send({ type: "shardAgain", shard: 0, attempt: 0 })],
  ["names a shard that there is not", (ch) => ch.send({ type: "shardAgain", shard: SHARDS, attempt: 1 })],
  [
    "names an attempt twice",
    async (ch) => {
      for (let i = 0; i < 2; i++) await ch.send({ type: "shardAgain", shard: 0, attempt: 1 });
    },
  ],
])("a partner that %s is refused", async (_, say) => {
  const [one, two] = talk();
  const code = codeOf(one!.attempts.settled());
  await say(two!.own);
  expect(await code).toBe("unexpected");
});

test.each<[string, (send: ReturnType<typeof talk>[number]["own"]) => Promise<void>]>([
  [
    "tells twice where its end is",
    async (ch) => {
      for (let i = 0; i < 2; i++)
        await ch.send({ type: "streamDials", shard: 0, fingerprint: new Uint8Array(32) });
    },
  ],
  [
    "tells it of a shard that there is not",
    (ch) => ch.send({ type: "streamDials", shard: SHARDS, fingerprint: new Uint8Array(32) }),
  ],
  [
    "tells it of an attempt that it has given up",
    async (ch) => {
      await ch.send({ type: "shardAgain", shard: 1, attempt: 1 });
      await ch.send({ type: "streamDials", shard: 1, fingerprint: new Uint8Array(32) });
    },
  ],
  [
    "listens although it dials",
    (ch) =>
      ch.send({ type: "streamListens", shard: 1, name: new Uint8Array(16), fingerprint: new Uint8Array(32) }),
  ],
])("a partner with streams of shards' own that %s is refused", async (_, say) => {
  const [one, two] = talk(true);
  const code = codeOf(one!.attempts.settled());
  await say(two!.own);
  expect(await code).toBe("unexpected");
});

test("where nobody agreed on streams of shards' own, nothing is said of them", async () => {
  const [one, two] = talk();
  const code = codeOf(one!.attempts.settled());
  await two!.own.send({ type: "streamDials", shard: 0, fingerprint: new Uint8Array(32) });
  expect(await code).toBe("unexpected");
});

test("what the partner said of a stream before it heard that the attempt is given up is passed over", async () => {
  const [one, two] = talk(true);
  const settled = Promise.all([one!.attempts.settled(), two!.attempts.settled()]);
  const stream = one!.streams!.open(1);
  const telling = two!.streams!.open(1).tell({ name: undefined, fingerprint: new Uint8Array(32) });
  await one!.attempts.again(1);
  one!.streams!.drop(1);
  await telling;
  await expect(stream.partners).rejects.toThrow(LostShard);
  await expect(stream.tell({ name: new Uint8Array(16), fingerprint: new Uint8Array(32) })).rejects.toThrow(
    LostShard,
  );
  await Promise.all([one!.attempts.done(), two!.attempts.done()]);
  await two!.attempts.done();
  await settled;
});

/** `npm run test:slow` has 10,000 more of them. */
test("sides of any room, with losses at any moment, end with every shard counted once", async () => {
  for (let run = 0; run < 300; run++) expect(await faultOf(`attempts/${run}`)).toBeUndefined();
});

test("the model can fail: an attempt in the lane of an earlier one ends the run", async () => {
  const right = Attempts.prototype.laneOf;
  try {
    Attempts.prototype.laneOf = function (shard) {
      return right.call(this, shard) % 8;
    };
    const model = { ...modelOf("broken"), shards: 8, lossPercent: 100 };
    await expect(playModel("broken", model)).rejects.toThrow("no such lane");
  } finally {
    Attempts.prototype.laneOf = right;
  }
});

// What every runner of shards does, whatever it runs them on.
import { packRows, rowAt, systemRng } from "@halfroom/crypto";
import type { OtSource, Role } from "@halfroom/mpc";
import { exactSums, memoryFrames, seededRng, testSession, testTransfers } from "@halfroom/testkit";
import { ProtocolError, withHead, type Frames } from "@halfroom/wire";
import { afterAll, describe, expect, test } from "vitest";
import type { StageTiming } from "../src/meter.ts";
import { shardsHere } from "../src/shards/here.ts";
import type { ShardOutcome, ShardRunner, ShardTask } from "../src/shards/runner.ts";
import { ShardWorkers } from "../src/shards/workers.ts";
import { layoutOf } from "../src/table/layout.ts";

const SESSION = testSession("runner");
const CELLS = 4;
const TERMS = exactSums({
  measures: [{ name: "amount", low: -1000n, high: 1000n, decimals: 0 }],
  groupBy: ["campaign"],
  threshold: 11,
  otK: 4,
});
const LAYOUT = layoutOf(TERMS, { categories: 1, cells: [CELLS] });

/** Person i has the amount i - 20, and is in cell i mod 4; the sender has 0 .. 39, the receiver 25 .. 59. */
const SENDERS = Array.from({ length: 40 }, (_, i) => i);
const RECEIVERS = Array.from({ length: 35 }, (_, i) => 25 + i);
const everybody = packRows(Array.from({ length: 60 }, (_, i) => seededRng(`person ${i}`).bytes(64)));
const pseudonyms = (people: readonly number[]) =>
  new Uint8Array(Buffer.concat(people.map((person) => rowAt(everybody, person))));

/** People, sum and contributors of each cell, by the plain join. */
const EXPECTED = Array.from({ length: CELLS }, (_, cell) => {
  const matched = SENDERS.filter((person) => RECEIVERS.includes(person) && person % CELLS === cell);
  const amounts = matched.map((person) => BigInt(person) - 20n);
  const sum = amounts.reduce((total, amount) => total + amount, 0n);
  return [BigInt(matched.length), sum, BigInt(amounts.filter((amount) => amount !== 0n).length)];
}).flat();

const BIN_SEED = systemRng.bytes(32);

function taskOf(role: Role, source: OtSource): ShardTask {
  const amounts = BigInt64Array.from(SENDERS, (person) => BigInt(person) - 20n);
  const people =
    role === "sender"
      ? { payloads: [amounts, amounts.map((amount) => (amount === 0n ? 0n : 1n))], cellsOf: [], times: [] }
      : { payloads: [], cellsOf: [Uint32Array.from(RECEIVERS, (person) => person % CELLS)], times: [] };
  return {
    people: { pseudonyms: pseudonyms(role === "sender" ? SENDERS : RECEIVERS), ...people },
    numbers: {
      session: SESSION,
      role,
      shard: 3,
      shards: 5,
      layout: LAYOUT,
      senderPeople: SENDERS.length,
      receiverPeople: RECEIVERS.length,
    },
    transfers: source.state(),
    binSeed: BIN_SEED,
    seed: systemRng.bytes(32),
  };
}

/** A lane, and how often it was closed. */
function watched(frames: Frames): Frames & { closed(): number } {
  let closed = 0;
  return {
    send: (frame) => frames.send(frame),
    recv: () => frames.recv(),
    close: async (code) => {
      closed++;
      await frames.close(code);
    },
    closed: () => closed,
  };
}

const lanes = () => memoryFrames({ idleMs: 20_000 }).map(watched) as [Watched, Watched];
type Watched = ReturnType<typeof watched>;
const transfers = () =>
  testTransfers(SESSION, { sender: systemRng.fork("sender"), receiver: systemRng.fork("receiver") });

const workers = new ShardWorkers(1);
afterAll(() => workers.close());

describe.each<[string, () => ShardRunner]>([
  ["this thread", () => shardsHere],
  ["worker threads", () => workers],
])("shards in %s", (_, open) => {
  const runner = open();

  test.each<[string, Role, () => ShardRunner]>([
    ["as sender", "sender", () => shardsHere],
    ["as receiver", "receiver", () => shardsHere],
    ["on both sides", "sender", open],
  ])("share the table of the plain join, %s", async (_title, role, openPartner) => {
    const partner = role === "sender" ? "receiver" : "sender";
    const [own, other] = lanes();
    const sources = await transfers();
    const entered: string[] = [];
    const [ours, theirs] = await Promise.all([
      runner.run(
        taskOf(role, sources[role]),
        own,
        (stage) => entered.push(stage),
        () => {},
      ),
      openPartner().run(
        taskOf(partner, sources[partner]),
        other,
        () => {},
        () => {},
      ),
    ]);
    expect(sharedNumbers(ours, theirs)).toEqual(EXPECTED);
    expect(Buffer.compare(ours.transcript, theirs.transcript)).toBe(0);
    expect(ours.transcript).toHaveLength(32);
    expect(entered).toEqual(["match", "aggregate"]);
    expect(ours.stages.map(({ name }) => name)).toEqual(["match", "aggregate"]);
    // What the receiver asks for in the second it sends in the first.
    const cost = ({ seconds, bytesSent, bytesReceived }: StageTiming) =>
      seconds * (bytesSent + bytesReceived);
    expect(ours.stages.every((stage) => cost(stage) > 0)).toBe(true);
    expect(own.closed()).toBeGreaterThan(0);
  });

  test.each(["cuckoo", "refused", "timeout"] as const)(
    "reject with the partner's code, %s, as the partner's, and close the lane",
    async (code) => {
      const [own, other] = lanes();
      const sources = await transfers();
      const running = runner.run(
        taskOf("receiver", sources.receiver),
        own,
        () => {},
        () => {},
      );
      await other.close(code);
      const error = await running.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ProtocolError);
      expect(error).toMatchObject({ code, fromPartner: true });
      expect(own.closed()).toBeGreaterThan(0);
    },
  );

  test("reject with a code of their own where the partner sends what is no frame", async () => {
    const [own, other] = lanes();
    const sources = await transfers();
    const running = runner.run(
      taskOf("sender", sources.sender),
      own,
      () => {},
      () => {},
    );
    // The lane's head, then no message.
    await withHead(other, 3).send(Buffer.of(0xc1, 0xc1));
    const error = await running.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error).toMatchObject({ code: "malformed", fromPartner: false });
    expect(own.closed()).toBeGreaterThan(0);
  });

  test("run several at the same time", async () => {
    expect(runner.width).toBeGreaterThan(1);
    const runs = Array.from({ length: runner.width }, async () => {
      const [own, other] = lanes();
      const sources = await transfers();
      const [ours, theirs] = await Promise.all([
        runner.run(
          taskOf("sender", sources.sender),
          own,
          () => {},
          () => {},
        ),
        shardsHere.run(
          taskOf("receiver", sources.receiver),
          other,
          () => {},
          () => {},
        ),
      ]);
      return sharedNumbers(ours, theirs);
    });
    for (const numbers of await Promise.all(runs)) expect(numbers).toEqual(EXPECTED);
  });
});

/** The numbers that both sides' shares add up to, mod 2^64. */
function sharedNumbers({ table: ours }: ShardOutcome, { table: theirs }: ShardOutcome): bigint[] {
  const [left, right] = [ours, theirs].map(
    (table) => new BigInt64Array(table.buffer, table.byteOffset, table.length / 2),
  );
  return Array.from(left!, (share, i) => BigInt.asIntN(64, share + right![i]!));
}

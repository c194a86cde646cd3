// Work is cut into shards by pseudonym (design section 2.3). However many there are, the report equals the plain join, and
// what goes over the wire depends only on public sizes.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BLOCK_WORDS, GroupPool, RecordStore } from "@halfroom/crypto";
import { OUTPUT_BYTES } from "@halfroom/match";
import { ATTEMPTS_MAX, decodeFrame, encodeFrame, ProtocolError, withHead } from "@halfroom/wire";
import {
  exactRelease,
  memoryPseudonyms,
  plainJoin,
  preparePair,
  resultOf,
  seededRng,
  withCsvFiles,
  withFault,
  type Ending,
  type Fault,
  pseudonymRecords,
} from "@halfroom/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ShardWorkers, type PseudonymStore } from "@halfroom/session";
import type { Csv } from "../transcripts/recorded.ts";
import { csvOf, inShards, laneFrame, laneOutlines, runSharded, TERMS } from "./sharded.ts";

let pool: GroupPool;
beforeAll(async () => {
  pool = await GroupPool.open(0);
});
afterAll(() => pool.close());

const prepare = (csv: Csv) => withCsvFiles(csv, (files) => preparePair(files, TERMS));
const plain = (csv: Csv) =>
  withCsvFiles(csv, async ({ sender, receiver }) => {
    const query = { measures: TERMS.measures, groupBy: TERMS.partitions[0]! };
    return exactRelease(await plainJoin(sender, receiver, query), TERMS).released;
  });
const cells = (ending: Ending) => resultOf(ending).table.cells;
const codeOf = (ending: Ending) => {
  if (!("error" in ending && ending.error instanceof ProtocolError)) throw new Error("no ProtocolError");
  return ending.error.fromPartner ? `${ending.error.code} from partner` : ending.error.code;
};

const CSV = csvOf(120);

describe("the report is that of the plain join", () => {
  test.each([1, 2, 7])("with %d shards", async (shards) => {
    const data = await prepare(CSV);
    const { ended, log } = await runSharded(data, pool, {
      seed: `${shards} shards`,
      terms: inShards(shards),
    });
    const expected = await plain(CSV);
    expect(expected.length).toBeGreaterThan(3);
    expect(expected.length).toBeLessThan(9);
    expect(cells(ended.sender)).toEqual(expected);
    expect(cells(ended.receiver)).toEqual(expected);
    const lanes = [...laneOutlines(log).keys()].filter((lane) => lane >= 0);
    expect(lanes.toSorted((a, b) => a - b)).toEqual(
      shards === 1 ? [] : [...Array.from({ length: shards }, (_, lane) => lane), ATTEMPTS_MAX * shards],
    );
  });

  test("with 5 shards in worker threads of both sides, one and two", async () => {
    const data = await prepare(CSV);
    const workers = { sender: new ShardWorkers(1), receiver: new ShardWorkers(2) };
    try {
      const { ended } = await runSharded(data, pool, {
        terms: inShards(5),
        runnerOf: (role) => workers[role],
      });
      expect(cells(ended.sender)).toEqual(await plain(CSV));
      expect(cells(ended.receiver)).toEqual(await plain(CSV));
    } finally {
      await Promise.all([workers.sender.close(), workers.receiver.close()]);
    }
  });
});

test.each([1, 4])(
  "with %d shards all messages are the same, whether records lie in memory or on disk",
  async (shards) => {
    const data = await prepare(CSV);
    const folder = mkdtempSync(join(tmpdir(), "halfroom-records-"));
    let files = 0;
    const onDisk = () =>
      new RecordStore({ openFolder: async () => (files++, folder), memoryBytes: 0, pageBytes: 512 });
    const stores = { sender: onDisk(), receiver: onDisk() };
    try {
      const setup = { seed: "records", terms: inShards(shards) };
      const held = await runSharded(data, pool, setup);
      const written = await runSharded(data, pool, { ...setup, scratchOf: (role) => stores[role] });
      expect(cells(written.ended.receiver)).toEqual(await plain(CSV));
      const sorted = ({ log }: typeof held) =>
        log.map(({ direction, frame }) => `${direction} ${Buffer.from(frame).toString("base64")}`).sort();
      expect(sorted(written)).toEqual(sorted(held));
      // Of each side: what is sent, and what comes of it.
      expect(files).toBeGreaterThanOrEqual(4);
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      await Promise.all([stores.sender.close(), stores.receiver.close()]);
      rmSync(folder, { recursive: true });
    }
  },
);

test("each lane's messages depend on public sizes alone", async () => {
  const of = async (csv: Csv, shards: number, seed: string) =>
    laneOutlines((await runSharded(await prepare(csv), pool, { seed, terms: inShards(shards) })).log);
  const none = await of(csvOf(0, "example.org"), 4, "first");
  // Everything but what the release publishes.
  const all = await of(csvOf(250), 4, "second");
  for (let lane = 0; lane < 4; lane++) expect(all.get(lane)).toEqual(none.get(lane));
  expect(none.get(0)!.length).toBeGreaterThan(20);
  const larger = await of(csvOf(0), 3, "first");
  expect(larger.get(0)).not.toEqual(none.get(0));
});

test("more people in a shard than it has room for end the session on both sides", async () => {
  const { ended } = await runSharded(await prepare(CSV), pool, {
    seed: "overflow",
    terms: inShards(5),
    storeOf: (role) => (role === "receiver" ? oneShardStore() : memoryPseudonyms()),
  });
  expect([codeOf(ended.receiver), codeOf(ended.sender)]).toEqual(["shard", "shard from partner"]);
});

/** Has a pseudonym for everybody. All differ, but share the first 16 bytes, from which the shard follows. */
function oneShardStore(): PseudonymStore {
  return {
    async find({ count }, _scratch, found) {
      const pseudonyms = seededRng("one shard").bytes(count * OUTPUT_BYTES);
      for (let at = 0; at < pseudonyms.length; at += OUTPUT_BYTES)
        pseudonyms.fill(0, at, at + BLOCK_WORDS * 4);
      await found(pseudonymRecords(pseudonyms));
      return new Uint32Array(0);
    },
    collect: () => ({ add: () => Promise.resolve(), keep: () => Promise.resolve() }),
  };
}

describe("a fault in a lane ends the session", () => {
  /** Alters the first frame of this type in lane 1 that the sender sends. */
  async function endings(type: string, alter: Fault) {
    const data = await prepare(CSV);
    const setup = { seed: "faults", terms: inShards(3), idleMs: 60_000 };
    const clean = await runSharded(data, pool, setup);
    const sent = clean.log.filter(({ direction }) => direction === "sent").map(laneFrame);
    const index = sent.findIndex(
      ({ lane, frame }) => lane === 1 && decodeFrame(new Uint8Array(frame)).message.type === type,
    );
    expect(index).toBeGreaterThan(0);
    const { ended } = await runSharded(data, pool, {
      ...setup,
      wrap: (frames, role) => (role === "sender" ? withFault(frames, index, alter) : frames),
    });
    return [codeOf(ended.sender), codeOf(ended.receiver)];
  }

  test("another lane's number: the frame comes out of turn there", async () => {
    const other: Fault = (frame, frames) => frames.send(frame.with(2, 0));
    const [sender, receiver] = await endings("store", other);
    expect(["sequence", "unexpected"]).toContain(receiver);
    expect(sender).toBe(`${receiver} from partner`);
  });

  test("a lane that does not exist", async () => {
    const [sender, receiver] = await endings("store", (frame, frames) => frames.send(frame.with(2, 77)));
    expect([sender, receiver]).toEqual(["unexpected from partner", "unexpected"]);
  });

  test("a flipped bit that no step of the shard notices: the transcripts differ", async () => {
    const flip: Fault = async (frame, frames) => {
      const { sequence, message } = decodeFrame(new Uint8Array(frame.subarray(3)));
      if (message.type !== "store") throw new Error("another message");
      const data = new Uint8Array(message.data);
      data[data.length - 1]! ^= 1;
      await withHead(frames, 1).send(encodeFrame(sequence, { ...message, data }));
    };
    const codes = await endings("store", flip);
    expect(codes.map((code) => code.replace(" from partner", ""))).toEqual(["transcript", "transcript"]);
  });
});

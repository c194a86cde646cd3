// Every message of real sessions has the type and length that protocol-spec.md derives from public sizes.
import { randomBytes } from "node:crypto";
import { GroupPool, hash256, packRows, heldRows } from "@halfroom/crypto";
import {
  exactSums,
  recordFrames,
  resultOf,
  runPair,
  type PreparedPair,
  type RecordedFrame,
} from "@halfroom/testkit";
import { SHARD_PEOPLE_MAX, THRESHOLD_FLOOR, type Terms } from "@halfroom/session";
import { encodeIdentifier } from "@halfroom/prepare";
import { ATTEMPTS_MAX, decodeFrame } from "@halfroom/wire";
import { afterAll, beforeAll, expect, test } from "vitest";
import { evaluations, laneShape, sessionShape, shardCount, type PublicSizes, type Shape } from "./shape.ts";
import { laneFrame } from "../shards/sharded.ts";

let pool: GroupPool;
beforeAll(async () => {
  pool = await GroupPool.open(0);
});
afterAll(() => pool.close());

interface Case {
  readonly senderPeople: number;
  readonly receiverPeople: number;
  readonly measures: number;
  readonly labels: readonly (readonly string[])[];
  readonly k: 4 | 8;
  readonly silent?: boolean;
  readonly shardPeople?: number;
}

const labelled = (count: number) => Array.from({ length: count }, (_, i) => [`group ${i}`, i % 2 ? "ä" : ""]);

/** Sizes at which most kinds of bulk data take several pieces, and sizes at which none does. */
const CASES: readonly (readonly [name: string, sizes: Case])[] = [
  [
    "several batches, matrix pieces and tree pieces",
    { senderPeople: 1500, receiverPeople: 7001, measures: 1, labels: labelled(37), k: 4 },
  ],
  ["small sets, two cells", { senderPeople: 33, receiverPeople: 41, measures: 2, labels: labelled(2), k: 8 }],
  [
    "three shards for the sender's people",
    { senderPeople: 3000, receiverPeople: 500, measures: 1, labels: labelled(3), k: 4, shardPeople: 250 },
  ],
  [
    "three shards for the receiver's",
    {
      senderPeople: 1500,
      receiverPeople: 4000,
      measures: 1,
      labels: labelled(5),
      k: 4,
      shardPeople: 1334,
    },
  ],
  [
    "silent transfers",
    { senderPeople: 300, receiverPeople: 1500, measures: 1, labels: labelled(9), k: 4, silent: true },
  ],
  [
    "silent transfers, two expansions a direction",
    { senderPeople: 50, receiverPeople: 27_000, measures: 1, labels: labelled(3), k: 8, silent: true },
  ],
  [
    "silent transfers, a network",
    { senderPeople: 300, receiverPeople: 1501, measures: 1, labels: labelled(2049), k: 4, silent: true },
  ],
  ["one cell, no measure", { senderPeople: 100, receiverPeople: 77, measures: 0, labels: [[]], k: 8 }],
];

test.each(CASES)("%s", async (_, sizes) => {
  const { log, passing } = await runSession(sizes);
  const { labels, measures, receiverPeople, senderPeople, k, shardPeople = SHARD_PEOPLE_MAX } = sizes;
  const labelBytes = (row: readonly string[]) =>
    row.reduce((sum, text) => sum + 4 + Buffer.byteLength(text), 0);
  const cells = 2 ** Math.ceil(Math.log2(labels.length));
  const publicSizes: PublicSizes = {
    senderPeople,
    receiverPeople,
    measures: 2 * measures,
    k,
    silent: sizes.silent ?? false,
    cells,
    shardPeople,
    termsBytes: Buffer.from(termsText(sizes)).length,
    statementBytes: {
      sender: statementText("sender", senderPeople, SENDERS).length,
      receiver: statementText(
        "receiver",
        receiverPeople,
        `"cells":[${cells}],"step":${Math.max(1024, Math.ceil(receiverPeople / 100))},"evaluations":${evaluations(receiverPeople)}`,
      ).length,
    },
    threshold: THRESHOLD_FLOOR,
    bounds: { low: -5, high: 7 },
    openedRows: passing.length,
    labelsBytes:
      groupBy(measures).length === 0 ? undefined : passing.reduce((sum, row) => sum + labelBytes(row), 0),
  };
  expect(passing.length).toBeGreaterThan(0);
  const streams = log.map(laneFrame);
  const shards = shardCount(publicSizes);
  const lanes = shards === 1 ? 0 : shards;
  const talk = ATTEMPTS_MAX * shards;
  for (let lane = -1; lane < lanes; lane++) {
    const expected = lane < 0 ? sessionShape(publicSizes) : laneShape(publicSizes);
    const own = streams.filter((frame) => frame.lane === lane);
    expect(shapesOf(own, "sent")).toEqual(expected.sender);
    expect(shapesOf(own, "received")).toEqual(expected.receiver);
  }
  // Nothing is lost, so that nothing is said of attempts but that all are over.
  const ofTalk = streams.filter(({ lane }) => lane >= lanes);
  expect(ofTalk.map(({ lane, frame }) => [lane, decodeFrame(new Uint8Array(frame)).message.type])).toEqual(
    shards === 1 ? [] : Array.from({ length: 2 }, () => [talk, "shardsDone"]),
  );
  expect(shards).toBe(sizes.shardPeople === undefined ? 1 : 3);
});

/** The terms as the specification writes them. */
function termsText({ measures, k, silent = false, shardPeople = SHARD_PEOPLE_MAX }: Case): string {
  const ofMeasures = Array.from(
    { length: measures },
    (_, m) => `{"name":"measure ${m}","low":"-5","high":"7","decimals":0,"squares":false}`,
  );
  return (
    `{"protocol":"halfroom/3 voprf-ristretto255-SHA512 softspoken","initiator":"sender",` +
    `"datasets":{"sender":"conversions","receiver":"exposures"},` +
    `"report":"sums","match":[{"key":"email","label":"email/iab-1"}],"measures":[${ofMeasures.join(",")}],` +
    `"senderGroupBy":[],"partitions":${JSON.stringify([groupBy(measures)])},"entriesMax":1,"events":null,"arms":null,` +
    `"threshold":11,"release":{"mode":"exact"},"totals":false,"rules":"standard","resultTo":"both","otK":${k},` +
    `"shardPeople":${shardPeople},"replay":false${silent ? `,"transfers":"silent"` : ""}}`
  );
}

const HEX_32 = "0".repeat(64);
/** The sender's own members; its epoch ends with the year 2099. */
const SENDERS = `"epoch":1,"epochKey":"${HEX_32}","epochEndsAt":4102444800000,"categories":1`;

/** A statement as the specification writes it. */
function statementText(role: string, people: number, more: string): string {
  return (
    `{"role":"${role}","nonce":"${HEX_32}","fingerprint":"${HEX_32}","versions":[3],"last":null,"at":1780488000000,"people":${people},` +
    `"data":"${HEX_32}","filter":"${HEX_32}","seed":"${HEX_32}",${more}}`
  );
}

const groupBy = (measures: number) => (measures === 0 ? [] : ["one", "two"]);

/** Runs both sides in memory on people of whom half are shared; `log` is what went through the sender's end. */
async function runSession(
  sizes: Case,
): Promise<{ log: readonly RecordedFrame[]; passing: readonly (readonly string[])[] }> {
  const { measures, k, silent = false, shardPeople = SHARD_PEOPLE_MAX } = sizes;
  const terms: Terms = {
    ...exactSums({
      measures: Array.from({ length: measures }, (_, m) => {
        return { name: `measure ${m}`, low: -5n, high: 7n, decimals: 0 };
      }),
      groupBy: groupBy(measures),
      threshold: THRESHOLD_FLOOR,
      otK: k,
    }),
    shardPeople,
    ...(silent && { transfers: "silent" }),
  };
  let log: readonly RecordedFrame[] = [];
  const ended = await runPair({
    data: dataOf(sizes, terms),
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
  return { log, passing: resultOf(ended.receiver).table.cells.map(({ labels }) => labels) };
}

function dataOf(
  { senderPeople, receiverPeople, measures, labels }: Case,
  { partitions }: Terms,
): PreparedPair {
  const counts = { dropped: {}, merged: 0, filtered: 0, examples: {}, digest: new Uint8Array(32) };
  const sender = {
    ...counts,
    rows: senderPeople,
    people: senderPeople,
    identifiers: identifiers(senderPeople, 0),
    peoplePayload: undefined,
    measures: Array.from({ length: measures }, () => new BigInt64Array(senderPeople).fill(3n)),
    categories: new Uint32Array(senderPeople),
    categoryLabels: [[]],
  };
  // Nine in ten people are in the first cell, so that it passes and the others do not.
  const cells = Uint32Array.from({ length: receiverPeople }, (_, i) => (i % 10 ? 0 : i % labels.length));
  const base = Uint32Array.from(labels, (_, c) => cells.filter((cell) => cell === c).length);
  const receiver = {
    ...counts,
    rows: receiverPeople,
    people: receiverPeople,
    // Half of the smaller set is shared.
    identifiers: identifiers(
      receiverPeople,
      Math.max(Math.floor(senderPeople / 2), senderPeople - Math.floor(receiverPeople / 2)),
    ),
    partitions: [{ groupBy: partitions[0]!, cells, labels: labels.map((row) => [...row]), base }],
  };
  return { sender, receiver };
}

const SALT = randomBytes(4);

function identifiers(count: number, from: number) {
  return heldRows(
    packRows(
      Array.from({ length: count }, (_, i) =>
        encodeIdentifier("email", hash256("test/person", SALT, from + i)),
      ),
    ),
  );
}

function shapesOf(log: readonly RecordedFrame[], direction: RecordedFrame["direction"]): Shape[] {
  return log
    .filter((entry) => entry.direction === direction)
    .map(({ frame }) => {
      const { type, ...fields } = decodeFrame(frame).message;
      const bytes = Object.values(fields as Record<string, Uint8Array | string | number>).map((value) =>
        typeof value === "number" ? 0 : Buffer.from(value as Uint8Array).length,
      );
      return [type, bytes.reduce((sum, length) => sum + length, 0)];
    });
}

// The byte model beside what sessions moved: of each kind of message, from either side, the bytes are the same to the last one.
import { tmpdir } from "node:os";
import { GroupPool } from "@halfroom/crypto";
import { datasetSchema, prepareReceiverDataset, prepareSenderDataset } from "@halfroom/prepare";
import {
  exactSums,
  inMemory,
  noiseOf,
  preparePair,
  recordFrames,
  runPair,
  withCsvFiles,
  type PreparedPair,
  type RecordedFrame,
} from "@halfroom/testkit";
import { decodeFrame, type MessageType } from "@halfroom/wire";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Terms } from "../src/terms/terms.ts";
import { messagesOf } from "../src/traffic/messages.ts";

let pool: GroupPool;
beforeAll(async () => {
  pool = await GroupPool.open(0);
});
afterAll(() => pool.close());

type Files = Parameters<Parameters<typeof withCsvFiles>[1]>[0];

interface Case {
  readonly name: string;
  readonly people: readonly [sender: number, receiver: number];
  readonly cells: number;
  readonly measures: number;
  readonly change?: (terms: Terms) => Partial<Terms>;
  /** Whether transfers come from expansions. */
  readonly isPrepared?: boolean;
  /** By default each person once, and all sums small. */
  readonly prepare?: (files: Files, terms: Terms) => Promise<PreparedPair>;
}

const noisy = ({ measures }: Terms): Partial<Terms> => ({ release: noiseOf(6_000_000, measures.length) });
const silent = { transfers: "silent" } as const;

const CASES: readonly Case[] = [
  { name: "one cell, no sum", people: [300, 700], cells: 1, measures: 0, change: noisy },
  { name: "k = 8, exact", people: [2500, 1500], cells: 20, measures: 2, change: () => ({ otK: 8 }) },
  {
    name: "two shards",
    people: [1200, 3000],
    cells: 60,
    measures: 1,
    change: (terms) => ({ ...noisy(terms), shardPeople: 1700 }),
  },
  {
    name: "silent, slots",
    people: [2500, 1500],
    cells: 20,
    measures: 2,
    change: () => silent,
    isPrepared: true,
  },
  {
    name: "silent, trees and two shards",
    people: [2000, 5000],
    cells: 100,
    measures: 1,
    change: (terms) => ({ ...noisy(terms), ...silent, otK: 8, shardPeople: 4000 }),
    isPrepared: true,
  },
  {
    name: "silent, a network",
    people: [300, 1500],
    cells: 600,
    measures: 0,
    change: (terms) => ({ ...noisy(terms), ...silent }),
    isPrepared: true,
  },
  {
    name: "the result to the receiver alone",
    people: [900, 1100],
    cells: 50,
    measures: 1,
    change: (terms) => ({ ...noisy(terms), resultTo: "receiver" }),
  },
  {
    name: "the result to the sender alone",
    people: [900, 1100],
    cells: 3,
    measures: 1,
    change: () => ({ resultTo: "sender" }),
  },
  {
    name: "attribution",
    people: [900, 1100],
    cells: 3,
    measures: 1,
    change: () => ({
      report: "attribution",
      entriesMax: 2,
      events: { perPerson: 2, windowSeconds: 86_400 },
    }),
    prepare: preparedEvents,
  },
];

test.each(CASES)("$name", async (each) => {
  const { people, cells, measures, change, isPrepared, prepare } = each;
  const [sender, receiver] = people;
  const bounds = { low: 0n, high: 100n, decimals: 0 };
  const plain = exactSums({
    measures: Array.from({ length: measures }, (_, m) => ({ name: `m${m}`, ...bounds })),
    groupBy: ["cell"],
    threshold: 2,
    otK: 4,
  });
  const terms: Terms = { ...plain, ...change?.(plain) };
  const log = await recorded(csvOf(sender, receiver, cells, measures), terms, prepare ?? preparePair);
  const padded = 2 ** Math.ceil(Math.log2(cells + (terms.entriesMax > 1 ? 1 : 0)));
  const sizes = {
    sender: { people: sender, categories: 1 },
    receiver: { people: receiver, cells: [padded] },
  };
  const said = sums(messagesOf(terms, sizes, receiver).map(({ from, ...row }) => [from, row]));
  const moved = sums(log.flatMap(ofFrame));
  expect(moved.has("sender silentMask")).toBe(isPrepared === true);
  // Not all cells are of enough people, and padding never is.
  for (const from of ["sender", "receiver"]) {
    const opening = `${from} cellOpening`;
    expect(moved.get(opening) ?? 0).toBeLessThanOrEqual(said.get(opening) ?? 0);
    said.delete(opening);
    moved.delete(opening);
  }
  expect(Object.fromEntries(moved)).toEqual(Object.fromEntries(said));
});

/** What the model leaves out: it depends on words and on numbers that open. */
const LEFT_OUT: ReadonlySet<MessageType> = new Set([
  "statement",
  "signature",
  "labelsSize",
  "labels",
  "shardsDone",
  "receipt",
]);

type Row = readonly [from: string, of: { readonly type: MessageType; readonly bytes: number }];

function sums(rows: readonly Row[]): Map<string, number> {
  const all = new Map<string, number>();
  for (const [from, { type, bytes }] of rows)
    if (bytes > 0) all.set(`${from} ${type}`, (all.get(`${from} ${type}`) ?? 0) + bytes);
  return all;
}

const LANE_HEAD = 0xcd;

/** The sender's view. */
function ofFrame({ direction, frame }: RecordedFrame): Row[] {
  const { message } = decodeFrame(new Uint8Array(frame[0] === LANE_HEAD ? frame.subarray(3) : frame));
  if (LEFT_OUT.has(message.type)) return [];
  const fields = Object.values(message).filter((field) => field instanceof Uint8Array);
  const bytes = fields.reduce((sum, field) => sum + field.length, 0);
  return [[direction === "sent" ? "sender" : "receiver", { type: message.type, bytes }]];
}

async function recorded(
  csv: Parameters<typeof withCsvFiles>[0],
  terms: Terms,
  prepare: (files: Files, terms: Terms) => Promise<PreparedPair>,
): Promise<readonly RecordedFrame[]> {
  let log: readonly RecordedFrame[] = [];
  await withCsvFiles(csv, async (files) => {
    const wrap = (frames: Parameters<typeof recordFrames>[0], role: string) => {
      const recording = recordFrames(frames);
      if (role === "sender") log = recording.log;
      return recording;
    };
    const ended = await runPair({ data: await prepare(files, terms), terms, pool, wrap });
    expect(ended.sender).toHaveProperty("result");
  });
  return log;
}

function csvOf(sender: number, receiver: number, cells: number, measures: number) {
  const names = measures === 0 ? ["unused"] : Array.from({ length: measures }, (_, m) => `m${m}`);
  const lines = (header: string, count: number, row: (i: number) => string) =>
    [header, ...Array.from({ length: count }, (_, i) => row(i))].join("\n");
  const at = "2026-01-05 12:00:00";
  return {
    senderCsv: lines(
      `email,at,${names.join(",")}`,
      sender,
      (i) => `${i}@a.io,${at},${names.map(() => i % 50).join(",")}`,
    ),
    receiverCsv: lines("email,at,cell", receiver, (i) => `${i}@a.io,${at},c${i % cells}`),
  };
}

async function preparedEvents(
  files: Files,
  { measures, events, entriesMax, partitions }: Terms,
): Promise<PreparedPair> {
  const datasetOf = (file: string, columns: object) =>
    datasetSchema.parse({
      name: "sides",
      source: { csv: file },
      match: { email: { columns: "email" } },
      time: { column: "at" },
      ...columns,
    });
  const ofSender = { match: ["email"], measures, dimensions: [], events: { max: events!.perPerson } };
  const entries = { kind: "touches", max: entriesMax, keep: "last" } as const;
  const ofReceiver = { match: ["email"], partitions, entries };
  const purchases = datasetOf(files.sender, { measures: { m0: {} } });
  const exposures = datasetOf(files.receiver, { dimensions: { cell: {} } });
  return {
    sender: await inMemory(prepareSenderDataset(purchases, ofSender, { scratch: tmpdir() })),
    receiver: await inMemory(prepareReceiverDataset(exposures, ofReceiver, { scratch: tmpdir() })),
  };
}

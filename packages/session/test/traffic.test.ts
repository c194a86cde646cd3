// What `trafficOf` says a session moves, beside what sessions of three sizes moved, and the recorded runs of the benchmark.
import { readFileSync } from "node:fs";
import { GroupPool } from "@halfroom/crypto";
import {
  exactSums,
  noiseOf,
  preparePair,
  recordFrames,
  runPair,
  withCsvFiles,
  type RecordedFrame,
} from "@halfroom/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Terms } from "../src/terms/terms.ts";
import { trafficOf } from "../src/traffic.ts";

let pool: GroupPool;
beforeAll(async () => {
  pool = await GroupPool.open(0);
});
afterAll(() => pool.close());

interface Size {
  readonly sender: number;
  readonly receiver: number;
  readonly cells: number;
  readonly measures: number;
  readonly otK: 4 | 8;
  readonly isExact: boolean;
  readonly shardPeople: number;
  readonly isSilent?: boolean;
}

const SIZES: readonly Size[] = [
  { sender: 300, receiver: 700, cells: 1, measures: 0, otK: 4, isExact: false, shardPeople: 65_536 },
  { sender: 2500, receiver: 1500, cells: 20, measures: 2, otK: 8, isExact: true, shardPeople: 65_536 },
  { sender: 1200, receiver: 3000, cells: 60, measures: 1, otK: 4, isExact: false, shardPeople: 1700 },
  {
    sender: 2500,
    receiver: 1500,
    cells: 20,
    measures: 2,
    otK: 4,
    isExact: true,
    shardPeople: 65_536,
    isSilent: true,
  },
];

const total = (traffic: object) =>
  Object.values(traffic as Record<string, number>).reduce((sum, bytes) => sum + bytes, 0);

function termsOf({ cells, measures, otK, isExact, shardPeople, isSilent }: Size): Terms {
  const columns = Array.from({ length: measures }, (_, m) => ({
    name: `m${m}`,
    low: 0n,
    high: 100n,
    decimals: 0,
  }));
  const terms = exactSums({ measures: columns, groupBy: cells === 1 ? [] : ["cell"], threshold: 100, otK });
  return {
    ...terms,
    shardPeople,
    release: isExact ? terms.release : noiseOf(6_000_000, measures),
    ...(isSilent === true && { transfers: "silent" }),
  };
}

test.each(SIZES)(
  "$sender x $receiver people, $cells cells, $measures sums, k = $otK, silent: $isSilent: within 5 %",
  async (size) => {
    const { sender, receiver, cells, measures } = size;
    const names = measures === 0 ? ["unused"] : Array.from({ length: measures }, (_, m) => `m${m}`);
    const rows = (count: number, row: (i: number) => string) =>
      Array.from({ length: count }, (_, i) => row(i));
    const senderCsv = [
      `email,${names.join(",")}`,
      ...rows(sender, (i) => `${i}@a.io,${names.map(() => i % 50).join(",")}`),
    ].join("\n");
    const receiverCsv = ["email,cell", ...rows(receiver, (i) => `${i}@a.io,c${i % cells}`)].join("\n");
    const terms = termsOf(size);
    let log: readonly RecordedFrame[] = [];
    await withCsvFiles({ senderCsv, receiverCsv }, async (files) => {
      const data = await preparePair(files, terms);
      const wrap = (frames: Parameters<typeof recordFrames>[0], role: string) => {
        const recorded = recordFrames(frames);
        if (role === "sender") log = recorded.log;
        return recorded;
      };
      const ended = await runPair({ data, terms, pool, wrap });
      expect(ended.sender).toHaveProperty("result");
    });
    const moved = log.reduce((sum, { frame }) => sum + frame.length, 0);
    const padded = 2 ** Math.ceil(Math.log2(cells));
    const sizes = {
      sender: { people: sender, categories: 1 },
      receiver: { people: receiver, cells: [padded] },
    };
    expect(total(trafficOf(terms, sizes, receiver)) / moved).toBeGreaterThan(0.95);
    expect(total(trafficOf(terms, sizes, receiver)) / moved).toBeLessThan(1.05);
  },
);

interface Bench {
  readonly runs: readonly {
    readonly senderPeople: number;
    readonly receiverPeople: number;
    readonly warm: boolean;
    readonly stages: readonly { readonly senderBytes: number; readonly receiverBytes: number }[];
  }[];
}

test("up to a million people: within 1 % of what the benchmark has recorded, cold and warm", () => {
  const file = new URL("../../../docs/bench/bench.json", import.meta.url);
  const { runs } = JSON.parse(readFileSync(file, "utf8")) as Bench;
  expect(runs.length).toBeGreaterThan(5);
  const terms = termsOf({ ...SIZES[2]!, shardPeople: 65_536 });
  for (const { senderPeople, receiverPeople, warm, stages } of runs) {
    const moved = stages.reduce((sum, each) => sum + each.senderBytes + each.receiverBytes, 0);
    const sizes = {
      sender: { people: senderPeople, categories: 1 },
      receiver: { people: receiverPeople, cells: [64] },
    };
    const said = total(trafficOf(terms, sizes, warm ? 0 : receiverPeople));
    expect(Math.abs(said / moved - 1), `${senderPeople} x ${receiverPeople}`).toBeLessThan(0.01);
  }
});

// Sessions with silent transfers: each result is the plain join, to the unit, in one shard and in several, and expansions are what made it.
import { GroupPool } from "@halfroom/crypto";
import {
  preparePair,
  recordFrames,
  runPair,
  resultOf,
  withCsvFiles,
  type RecordedFrame,
} from "@halfroom/testkit";
import type { Terms } from "@halfroom/session";
import { decodeFrame, type BulkType, type Message } from "@halfroom/wire";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { caseTerms, expectPlainJoin } from "./against-oracle.ts";

let pool: GroupPool;
beforeAll(async () => {
  pool = await GroupPool.open(0);
});
afterAll(() => pool.close());

const AMOUNT = { name: "amount", low: -1000n, high: 1000n, decimals: 2 };
const CSV = {
  senderCsv: ["email,amount", ...people(0, 240, (i) => `${i}.25`), ""].join("\n"),
  receiverCsv: ["email,cell", ...people(100, 310, (i) => `c${i % 3}`), ""].join("\n"),
};

function people(from: number, to: number, of: (i: number) => string): string[] {
  return Array.from({ length: to - from }, (_, i) => `p${from + i}@example.com,${of(from + i)}`);
}

const TERMS: Terms = {
  ...caseTerms({ measures: [AMOUNT], groupBy: ["cell"], threshold: 11 }),
  transfers: "silent",
};

test.each([
  ["one shard", 65_536],
  ["several shards", 100],
])("%s", async (_, shardPeople) => {
  await withCsvFiles(CSV, (files) => expectPlainJoin(files, { ...TERMS, shardPeople }, pool, "silent"));
});

test("a column of cells alone, so that nothing of the sender's is multiplied", async () => {
  const terms = { ...TERMS, ...caseTerms({ measures: [], groupBy: ["cell"], threshold: 11 }) };
  const files = { ...CSV, senderCsv: CSV.senderCsv.replaceAll(/,[^\n]*/g, "") };
  await withCsvFiles(files, (paths) =>
    expectPlainJoin(paths, { ...terms, transfers: "silent" }, pool, "silent"),
  );
});

/** A session, what both sides hold at its end, and all its messages. */
async function run(csv: typeof CSV, terms: Terms) {
  return await withCsvFiles(csv, async (files) => {
    let log: readonly RecordedFrame[] = [];
    const data = await preparePair(files, terms);
    const ended = await runPair({
      data,
      terms,
      pool,
      seed: "bytes",
      wrap(frames) {
        const recorded = recordFrames(frames);
        log = recorded.log;
        return recorded;
      },
    });
    const { sender, receiver } = ended;
    const messages = log.map(({ frame }) => ({
      type: decodeFrame(frame).message.type,
      bytes: frame.length,
      frame,
    }));
    return { tables: [resultOf(sender).table, resultOf(receiver).table], messages };
  });
}

const { transfers: _, ...PLAIN } = TERMS;

test("expansions replace most of what transfers send", async () => {
  const bytesOf = async (terms: Terms) => {
    const { messages } = await run(CSV, terms);
    const types = ["otCorrections", "treeCorrections", "silentMask", "silentProof"];
    return {
      bytes: messages.filter(({ type }) => types.includes(type)).reduce((sum, { bytes }) => sum + bytes, 0),
      proofs: messages.filter(({ type }) => type === "silentProof").length,
    };
  };
  const [silent, softspoken] = [await bytesOf(TERMS), await bytesOf(PLAIN)];
  expect([silent.proofs, softspoken.proofs]).toEqual([2, 0]);
  expect(silent.bytes).toBeLessThan(softspoken.bytes);
});

/** All data of the messages of a type, in bytes, from message `from` on. */
function bulkBytes({ messages }: Awaited<ReturnType<typeof run>>, wanted: BulkType, from = 0): number {
  return messages
    .slice(from)
    .map(({ frame }) => decodeFrame(frame).message)
    .filter((message): message is Message<BulkType> => message.type === wanted)
    .reduce((sum, { data }) => sum + data.length, 0);
}

describe("the report is the same as without, and its leaves come", () => {
  const BINS = 1362;
  const words = (bits: number) => 4 * Math.ceil(bits / 32);

  async function both(cellOf: (i: number) => string) {
    const csv = { ...CSV, receiverCsv: ["email,cell", ...people(100, 310, cellOf), ""].join("\n") };
    return await bothOver(csv, PLAIN);
  }

  async function bothOver(csv: typeof CSV, terms: Terms) {
    const [silent, softspoken] = [await run(csv, { ...terms, transfers: "silent" }), await run(csv, terms)];
    expect(silent.tables).toEqual(softspoken.tables);
    const prepared = silent.messages.findLastIndex(({ type }) => type === "silentProof");
    return {
      cells: silent.tables[0]!.cells.map(({ labels }) => labels.join()),
      corrections: bulkBytes(silent, "treeCorrections", prepared),
      flips: [bulkBytes(silent, "treeFlips"), bulkBytes(softspoken, "treeFlips")],
    };
  }

  test("from slots where there are few cells: of 4 three flips a bin, and no corrections", async () => {
    expect(await both((i) => `c${i % 3}`)).toEqual({
      cells: ["c0", "c1", "c2"],
      corrections: 0,
      flips: [words(3 * BINS), words(2 * BINS)],
    });
  });

  test("from trees where there are many: of 128 seven levels a bin", async () => {
    // Half of the receiver's people are in one cell, the others in 70. Of 128 cells two pieces, 1,024 bins and 338.
    const flips = words(7 * 1024) + words(7 * 338);
    expect(await both((i) => (i % 2 === 1 ? "c0" : `c${i % 140}`))).toEqual({
      cells: ["c0"],
      corrections: 32 * 6 * BINS,
      flips: [flips, flips],
    });
  });

  test("from a network where there are many for the columns: of 1,024 and one column a correction for each gate", async () => {
    const bins = 1596;
    const counts = caseTerms({ measures: [], groupBy: ["cell"], threshold: 11 });
    const csv = {
      senderCsv: CSV.senderCsv.replaceAll(/,[^\n]*/g, ""),
      receiverCsv: ["email,cell", ...people(100, 1300, (i) => (i % 2 === 1 ? "c0" : `c${i}`)), ""].join("\n"),
    };
    const { cells, corrections } = await bothOver(csv, counts);
    expect(cells).toEqual(["c0"]);
    const switches = bins * 11 - 2048 + 1;
    // By two bits at a time: 1,596 wires to one of 1,024 places, these to the cells.
    expect(corrections).toBe(8 * (switches + 5 * bins + 5 * 1024));
  });
});

// Sessions with silent transfers: each result is the plain join, to the unit, in one shard and in several, and expansions are what made it.
import { GroupPool } from "@halfroom/crypto";
import {
  recordFrames,
  runPair,
  preparePair,
  resultOf,
  withCsvFiles,
  type RecordedFrame,
} from "@halfroom/testkit";
import type { Terms } from "@halfroom/session";
import { decodeFrame } from "@halfroom/wire";
import { afterAll, beforeAll, expect, test } from "vitest";
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

test("expansions replace most of what transfers send", async () => {
  const bytesOf = async (terms: Terms) =>
    await withCsvFiles(CSV, async (files) => {
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
      resultOf(ended.sender);
      const types = ["otCorrections", "treeCorrections", "silentMask", "silentProof"];
      const ofTransfers = log.filter(({ frame }) => types.includes(decodeFrame(frame).message.type));
      return {
        bytes: ofTransfers.reduce((sum, { frame }) => sum + frame.length, 0),
        proofs: log.filter(({ frame }) => decodeFrame(frame).message.type === "silentProof").length,
      };
    });
  const { transfers: _, ...plain } = TERMS;
  const [silent, softspoken] = [await bytesOf(TERMS), await bytesOf(plain)];
  expect([silent.proofs, softspoken.proofs]).toEqual([2, 0]);
  expect(silent.bytes).toBeLessThan(softspoken.bytes);
});

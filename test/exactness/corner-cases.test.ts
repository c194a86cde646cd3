// The ends of every range that the random cases draw from, each by name.
import { GroupPool } from "@halfroom/crypto";
import { withCsvFiles } from "@halfroom/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { caseTerms, expectPlainJoin, type Outcome } from "./against-oracle.ts";

let pool: GroupPool;
beforeAll(async () => {
  pool = await GroupPool.open(0);
});
afterAll(() => pool.close());

const AMOUNT = { name: "amount", low: -1000n, high: 1000n, decimals: 2 };

interface Corner {
  readonly sender: readonly (readonly [email: string, amount: string])[];
  readonly receiver: readonly (readonly [email: string, cell: string])[];
  readonly threshold?: number;
  readonly measures?: readonly (typeof AMOUNT)[];
}

async function check({ sender, receiver, threshold = 1, measures = [AMOUNT] }: Corner): Promise<Outcome> {
  const csv = (header: string, rows: Corner["sender"]) =>
    [header, ...rows.map((row) => row.join(","))].join("\n");
  const texts = { senderCsv: csv("email,amount", sender), receiverCsv: csv("email,cell", receiver) };
  const terms = caseTerms({ measures: [...measures], groupBy: ["cell"], threshold });
  return await withCsvFiles(texts, (files) => expectPlainJoin(files, terms, pool, "corner cases"));
}

function rows(count: number, cell: (person: number) => string, first = 0): [string, string][] {
  return Array.from({ length: count }, (_, i) => [`person${first + i}@example.com`, cell(first + i)]);
}

test("nobody on either side", async () => {
  expect(await check({ sender: [], receiver: [] })).toEqual({ released: [], suppressed: 0 });
});

test("nobody at the sender's", async () => {
  const { released, suppressed } = await check({ sender: [], receiver: rows(300, (i) => `c${i % 5}`) });
  expect([released.length, suppressed]).toEqual([0, 5]);
});

test("nobody at the receiver's", async () => {
  expect(await check({ sender: rows(300, String), receiver: [] })).toEqual({ released: [], suppressed: 0 });
});

test("one person, the same on both sides", async () => {
  const { released } = await check({ sender: rows(1, () => "-1.25"), receiver: rows(1, () => "only") });
  expect(released).toEqual([{ labels: ["only"], people: 1n, sums: [-125n] }]);
});

test("300 people a side and nobody in common", async () => {
  const { released, suppressed } = await check({
    sender: rows(300, () => "1"),
    receiver: rows(300, (i) => `c${i % 7}`, 300),
  });
  expect([released.length, suppressed]).toEqual([0, 7]);
});

test("300 people, all in common, one cell: no tree is grown", async () => {
  const { released } = await check({
    sender: rows(300, (i) => (i % 2 === 0 ? "3" : "-5.5")),
    receiver: rows(300, () => "all"),
  });
  expect(released).toEqual([{ labels: ["all"], people: 300n, sums: [-37_500n] }]);
});

test("300 people, all in common, 100 cells, each right at the threshold", async () => {
  const { released, suppressed } = await check({
    sender: rows(300, String),
    receiver: rows(300, (i) => `c${i % 100}`),
    threshold: 3,
  });
  expect([released.length, suppressed]).toEqual([100, 0]);
});

test("300 people, all in common, 100 cells, each one short of the threshold", async () => {
  const { released, suppressed } = await check({
    sender: rows(300, String),
    receiver: rows(300, (i) => `c${i % 100}`),
    threshold: 4,
  });
  expect([released.length, suppressed]).toEqual([0, 100]);
});

test("no measure at all: people alone", async () => {
  const { released } = await check({
    sender: rows(300, () => ""),
    receiver: rows(200, (i) => `c${i % 3}`, 150),
    measures: [],
  });
  expect(released.map(({ people }) => people)).toEqual([50n, 50n, 50n]);
});

test("every person in many rows on both sides", async () => {
  const { released } = await check({
    sender: [...rows(100, () => "6"), ...rows(100, () => "-1"), ...rows(100, () => "-1")],
    receiver: [...rows(100, () => "first"), ...rows(100, () => "second"), ...rows(100, () => "first")],
  });
  expect(released).toEqual([{ labels: ["first"], people: 100n, sums: [40_000n] }]);
});

test("sums right below the bound of 2^62", async () => {
  const high = (2n ** 62n - 1n) / 3n;
  const { released } = await check({
    sender: rows(3, () => "9".repeat(25)),
    receiver: rows(3, () => "c"),
    measures: [{ name: "amount", low: -high, high, decimals: 0 }],
  });
  expect(released).toEqual([{ labels: ["c"], people: 3n, sums: [high * 3n] }]);
});

// Sides that state their people rounded up: each result is that of their true people, to the unit, and no base grows.
import { GroupPool } from "@halfroom/crypto";
import { withCsvFiles, type ExactRelease } from "@halfroom/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { caseTerms, expectPlainJoin } from "./against-oracle.ts";

let pool: GroupPool;
beforeAll(async () => {
  pool = await GroupPool.open(0);
});
afterAll(() => pool.close());

const AMOUNT = { name: "amount", low: -1000n, high: 1000n, decimals: 2 };

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Person i spends i + 0.25 and is in cell i mod 3. */
async function check(
  sender: Span,
  receiver: Span,
  roundPeopleTo: { readonly sender?: number; readonly receiver?: number },
  shardPeople?: number,
): Promise<ExactRelease> {
  const people = ({ from, to }: Span, of: (i: number) => string) =>
    Array.from({ length: to - from }, (_, i) => `p${from + i}@example.com,${of(from + i)}`);
  const texts = {
    senderCsv: ["email,amount", ...people(sender, (i) => `${i}.25`), ""].join("\n"),
    receiverCsv: ["email,cell", ...people(receiver, (i) => `c${i % 3}`), ""].join("\n"),
  };
  const terms = caseTerms({ measures: [AMOUNT], groupBy: ["cell"], threshold: 11 });
  const cut = shardPeople === undefined ? terms : { ...terms, shardPeople };
  return await withCsvFiles(texts, (files) => expectPlainJoin(files, cut, pool, "rounded", roundPeopleTo));
}

const [SENDER, RECEIVER] = [
  { from: 0, to: 240 },
  { from: 100, to: 310 },
];

test.each([
  ["the sender", { sender: 1000 }],
  ["the receiver", { receiver: 1500 }],
  ["both", { sender: 700, receiver: 1000 }],
])("%s: the plain join", async (_, roundPeopleTo) => {
  const { released } = await check(SENDER, RECEIVER, roundPeopleTo);
  expect(released.map(({ people }) => Number(people))).toEqual([46, 47, 47]);
});

test("both, in several shards: the plain join", async () => {
  const { released } = await check(SENDER, RECEIVER, { sender: 400, receiver: 500 }, 200);
  expect(released.length).toBe(3);
});

test("people who all match are hidden, however many made-up ones there are beside them", async () => {
  const everybody = { from: 0, to: 90 };
  expect((await check(everybody, everybody, { sender: 1000, receiver: 1000 })).released).toEqual([]);
  // The sender has strangers, and of the receiver's people all match.
  expect((await check(SENDER, everybody, { sender: 1000, receiver: 1000 })).released).toEqual([]);
});

test("nobody at all is not to be seen either", async () => {
  const nobody = { from: 0, to: 0 };
  expect((await check(nobody, nobody, { sender: 100, receiver: 100 })).released).toEqual([]);
});

// The ends of every range that the random cases draw from, by name.
import { GroupPool } from "@halfroom/crypto";
import { withCsvFiles, type ExactRelease } from "@halfroom/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { caseTerms, expectPlainJoin } from "./against-oracle.ts";

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

async function check({
  sender,
  receiver,
  threshold = 1,
  measures = [AMOUNT],
}: Corner): Promise<ExactRelease> {
  const csv = (header: string, rows: Corner["sender"]) =>
    [header, ...rows.map((row) => row.join(","))].join("\n");
  const texts = { senderCsv: csv("email,amount", sender), receiverCsv: csv("email,cell", receiver) };
  const terms = caseTerms({ measures: [...measures], groupBy: ["cell"], threshold });
  return await withCsvFiles(texts, (files) => expectPlainJoin(files, terms, pool, "corner cases"));
}

function rows(count: number, cell: (person: number) => string, first = 0): [string, string][] {
  return Array.from({ length: count }, (_, i) => [`person${first + i}@example.com`, cell(first + i)]);
}

/** The same with people that only one side has: so many at the sender, and in each of the receiver's cells. */
function padded(corner: Corner, strangers = corner.threshold ?? 1): Corner {
  const cells = [...new Set(corner.receiver.map(([, cell]) => cell))];
  const named = (name: string, cell: string) =>
    Array.from({ length: strangers }, (_, i) => [`${name}.${i}@example.net`, cell] as const);
  return {
    ...corner,
    sender: [...corner.sender, ...named("buyer", "7")],
    receiver: [...corner.receiver, ...cells.flatMap((cell, c) => named(`viewer${c}`, cell))],
  };
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

test("300 people a side and nobody in common", async () => {
  const { released, suppressed } = await check({
    sender: rows(300, () => "1"),
    receiver: rows(300, (i) => `c${i % 7}`, 300),
  });
  expect([released.length, suppressed]).toEqual([0, 7]);
});

describe("all in common: nothing is opened, and with one stranger more on each side and in each cell it is", () => {
  const many = (cells: number): Corner => ({
    sender: rows(300, (i) => (i % 2 === 0 ? "3" : "-5.5")),
    receiver: rows(300, (i) => `c${i % cells}`),
  });
  test.each<[string, Corner, ExactRelease["released"]]>([
    [
      "one person",
      { sender: rows(1, () => "-1.25"), receiver: rows(1, () => "only") },
      [{ labels: ["only"], people: 1n, sums: [-125n] }],
    ],
    ["300 people, one cell: no tree is grown", many(1), [{ labels: ["c0"], people: 300n, sums: [-37_500n] }]],
    [
      "300 people, two cells, sums of either sign",
      many(2),
      [
        { labels: ["c0"], people: 150n, sums: [45_000n] },
        { labels: ["c1"], people: 150n, sums: [-82_500n] },
      ],
    ],
    [
      "every person in many rows on both sides",
      {
        sender: [...rows(100, () => "6"), ...rows(100, () => "-1"), ...rows(100, () => "-1")],
        receiver: [...rows(100, () => "first"), ...rows(100, () => "second"), ...rows(100, () => "first")],
      },
      [{ labels: ["first"], people: 100n, sums: [40_000n] }],
    ],
  ])("%s", async (_, corner, expected) => {
    expect((await check(corner)).released).toEqual([]);
    expect((await check(padded(corner))).released).toEqual(expected);
  });
});

describe("300 people, all in common, 100 cells", () => {
  const corner = (threshold: number, value: (i: number) => string = (i) => String(i + 1)): Corner => ({
    sender: rows(300, value),
    receiver: rows(300, (i) => `c${i % 100}`),
    threshold,
  });
  const counts = ({ released, suppressed }: ExactRelease) => [released.length, suppressed];

  test("each right at the threshold, in people as in strangers", async () => {
    const outcome = await check(padded(corner(3)));
    expect(counts(outcome)).toEqual([100, 0]);
    expect(outcome.released.flatMap(({ sums }) => sums)).not.toContain(undefined);
  });

  test("each one short of the threshold", async () => {
    expect(counts(await check(padded(corner(4))))).toEqual([0, 100]);
  });

  test("each with one stranger too few", async () => {
    expect(counts(await check(padded(corner(3), 2)))).toEqual([0, 100]);
  });

  test("each with one person too few whose value is not zero: people without sums", async () => {
    const { released } = await check(padded(corner(3, (i) => (i < 100 ? "0.00" : "1"))));
    expect(released.map(({ people, sums }) => [people, ...sums])).toEqual(Array(100).fill([3n, undefined]));
  });
});

test("enough strangers in the cell, and one too few at the sender's", async () => {
  const corner: Corner = { sender: rows(10, () => "1"), receiver: rows(20, () => "c"), threshold: 3 };
  const strangers = (count: number): Corner => ({
    ...corner,
    sender: [...corner.sender, ...rows(count, () => "1", 100)],
  });
  expect((await check(strangers(2))).released).toEqual([]);
  expect((await check(strangers(3))).released).toEqual([{ labels: ["c"], people: 10n, sums: [1000n] }]);
});

test("no measure at all: people alone", async () => {
  const { released } = await check({
    sender: rows(300, () => ""),
    receiver: rows(200, (i) => `c${i % 3}`, 150),
    measures: [],
  });
  expect(released.map(({ people }) => people)).toEqual([50n, 50n, 50n]);
});

test("sums right below the bound of 2^62", async () => {
  const high = (2n ** 62n - 1n) / 300n;
  const { released } = await check(
    padded({
      sender: rows(299, () => "9".repeat(25)),
      receiver: rows(299, () => "c"),
      measures: [{ name: "amount", low: -high, high, decimals: 0 }],
    }),
  );
  expect(released).toEqual([{ labels: ["c"], people: 299n, sums: [high * 299n] }]);
});

// The oracle against tables worked out by hand.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exactRelease, plainJoin } from "../src/index.ts";
import type { OracleJoin, OracleQuery } from "../src/index.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "halfroom-oracle-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function joinOf(senderCsv: string, receiverCsv: string, query: OracleQuery): Promise<OracleJoin> {
  const [senderFile, receiverFile] = [join(folder, "it's sender.csv"), join(folder, "receiver.csv")];
  await Promise.all([writeFile(senderFile, senderCsv), writeFile(receiverFile, receiverCsv)]);
  return plainJoin(senderFile, receiverFile, query);
}

const AMOUNT = { name: "amount", low: -1000n, high: 10_000n, decimals: 2 };

test("merges, clips, joins and groups", async () => {
  const sender = [
    "email,amount",
    " Ann@Example.com,10.5",
    "ann@example.com,0.25",
    "bea@example.com,-999",
    "cy@example.com,200",
    "dee@example.com,1",
    "nobody,50",
    "dee@example.com,1.001",
    "dee@example.com,1e1",
    "dee@example.com,",
  ].join("\r\n");
  const receiver = [
    "campaign,email",
    "spring,ANN@example.com",
    "autumn,ann@example.com",
    "spring,bea@example.com",
    "spring,eve@example.com",
    "autumn,cy@example.com",
    "autumn,dee@example.com",
    "winter,eve2@example.com",
    ",dee2@example.com",
  ].join("\n");
  expect(await joinOf(sender, receiver, { measures: [AMOUNT], groupBy: ["campaign"] })).toEqual({
    senderPeople: 4n,
    receiverPeople: 7n,
    cells: [
      { labels: [""], base: 1n, people: 0n, sums: [0n], contributors: [0n] },
      { labels: ["autumn"], base: 2n, people: 2n, sums: [10_100n], contributors: [2n] },
      { labels: ["spring"], base: 3n, people: 2n, sums: [75n], contributors: [2n] },
      { labels: ["winter"], base: 1n, people: 0n, sums: [0n], contributors: [0n] },
    ],
  });
});

test("sums far past 64 bits are exact before they are clipped", async () => {
  const huge = "9".repeat(30);
  const sender = `email,amount\na@b.cd,${huge}\na@b.cd,-${huge}\na@b.cd,0.07\nb@b.cd,-${huge}\nc@b.cd,+${huge}.00\n`;
  const receiver = "email,g\na@b.cd,1\nb@b.cd,2\nc@b.cd,3\n";
  const { cells } = await joinOf(sender, receiver, { measures: [AMOUNT], groupBy: ["g"] });
  expect(cells.map(({ sums }) => sums[0])).toEqual([7n, -1000n, 10_000n]);
});

test("labels keep every character and sort by UTF-16 code units", async () => {
  const labels = [
    "\ufeffmark",
    'a "quote"',
    "line\nbreak",
    "\uff5e",
    "🙂",
    " 7",
    "07",
    "NULL",
    "e\u0301",
    "é",
    "",
  ];
  const people = labels.map((_, i) => `p${i}@example.com`);
  const receiver = labels.map((label, i) => `"${label.replaceAll('"', '""')}","x, y",${people[i]}`);
  const { cells } = await joinOf(
    `email\r\n${people.join("\r\n")}`,
    `"odd ""g""","h\r\nh",email\n${receiver.join("\n")}`,
    {
      measures: [],
      groupBy: ['odd "g"', "h\r\nh"],
    },
  );
  expect(cells.map((cell) => cell.labels)).toEqual([...labels].sort().map((label) => [label, "x, y"]));
  expect(cells.every(({ base, people }) => base === 1n && people === 1n)).toBe(true);
});

test("spellings of one address are one person, invalid ones nobody", async () => {
  const spellings = ["ZOE\u0308@example.com", "\u00a0zo\u00eb@EXAMPLE.com\ufeff", '"zoë@example.com\r\n"'];
  const invalid = ["a b@example.com", "a@b", "@b.cd", "a@b..cd", "<a@b.cd>", `${"a".repeat(250)}@b.cd`];
  const csv = `email\n${[...spellings, ...invalid].join("\n")}\n`;
  expect(await joinOf(csv, csv, { measures: [], groupBy: [] })).toEqual({
    senderPeople: 1n,
    receiverPeople: 1n,
    cells: [{ labels: [], base: 1n, people: 1n, sums: [], contributors: [] }],
  });
});

test("people whose value is zero after clipping do not count as contributors", async () => {
  const sender = "email,amount\na@b.cd,0\nb@b.cd,\nc@b.cd,-5\nd@b.cd,1\nd@b.cd,-1\ne@b.cd,2\n";
  const receiver = "email,g\na@b.cd,\nb@b.cd,\nc@b.cd,\nd@b.cd,\ne@b.cd,\nf@b.cd,\n";
  const atLeastZero = { ...AMOUNT, low: 0n };
  const { cells } = await joinOf(sender, receiver, { measures: [atLeastZero], groupBy: ["g"] });
  expect(cells).toEqual([{ labels: [""], base: 6n, people: 5n, sums: [200n], contributors: [1n] }]);
});

describe("what an exact report opens", () => {
  const cell = (label: string, base: bigint, people: bigint, contributors: bigint) => {
    return { labels: [label], base, people, sums: [100n], contributors: [contributors] };
  };
  const passing = cell("passing", 10n, 5n, 5n);
  const join: OracleJoin = {
    senderPeople: 30n,
    receiverPeople: 46n,
    cells: [
      passing,
      cell("four matched", 10n, 4n, 4n),
      cell("four unmatched", 9n, 5n, 5n),
      cell("four contributors", 17n, 5n, 4n),
    ],
  };
  const report = (of: OracleJoin) => exactRelease(of, { threshold: 5 });
  const shown = { labels: ["passing"], people: 5n, sums: [100n] };
  const withoutSum = { labels: ["four contributors"], people: 5n, sums: [undefined] };

  test("people, unmatched people and contributors of each cell count", () => {
    expect(report(join)).toEqual({ released: [shown, withoutSum], suppressed: 2 });
  });

  test("so do all unmatched people of either side", () => {
    expect(report({ ...join, senderPeople: 24n }).released).toEqual([shown, withoutSum]);
    expect(report({ ...join, senderPeople: 23n })).toEqual({ released: [], suppressed: 4 });
    const alone = { senderPeople: 10n, receiverPeople: 10n, cells: [passing] };
    expect(report(alone)).toEqual({ released: [shown], suppressed: 0 });
    expect(report({ ...alone, receiverPeople: 9n })).toEqual({ released: [], suppressed: 1 });
  });
});

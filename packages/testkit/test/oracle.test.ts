// The oracle against tables worked out by hand.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { plainJoin } from "../src/index.ts";
import type { OracleCell, OracleQuery } from "../src/index.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "halfroom-oracle-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function joinOf(senderCsv: string, receiverCsv: string, query: OracleQuery): Promise<OracleCell[]> {
  const [senderFile, receiverFile] = [join(folder, "it's sender.csv"), join(folder, "receiver.csv")];
  await Promise.all([writeFile(senderFile, senderCsv), writeFile(receiverFile, receiverCsv)]);
  return plainJoin(senderFile, receiverFile, query);
}

const AMOUNT = { name: "amount", low: -1000n, high: 10_000n, decimals: 2 };

test("merges, clips, joins, groups and applies the threshold", async () => {
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
  const query = { measures: [AMOUNT], groupBy: ["campaign"], threshold: 2 };
  expect(await joinOf(sender, receiver, query)).toEqual([
    { labels: ["autumn"], people: 2n, sums: [10_100n] },
    { labels: ["spring"], people: 2n, sums: [75n] },
  ]);
  expect(await joinOf(sender, receiver, { ...query, threshold: 3 })).toEqual([]);
  const all = await joinOf(sender, receiver, { ...query, threshold: 0 });
  expect(all.map(({ labels, people }) => [labels[0], people])).toEqual([
    ["", 0n],
    ["autumn", 2n],
    ["spring", 2n],
    ["winter", 0n],
  ]);
});

test("sums far past 64 bits are exact before they are clipped", async () => {
  const huge = "9".repeat(30);
  const sender = `email,amount\na@b.cd,${huge}\na@b.cd,-${huge}\na@b.cd,0.07\nb@b.cd,-${huge}\nc@b.cd,+${huge}.00\n`;
  const receiver = "email,g\na@b.cd,1\nb@b.cd,2\nc@b.cd,3\n";
  const cells = await joinOf(sender, receiver, { measures: [AMOUNT], groupBy: ["g"], threshold: 1 });
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
  const cells = await joinOf(
    `email\r\n${people.join("\r\n")}`,
    `"odd ""g""","h\r\nh",email\n${receiver.join("\n")}`,
    {
      measures: [],
      groupBy: ['odd "g"', "h\r\nh"],
      threshold: 1,
    },
  );
  const expected = [...labels].sort().map((label) => ({ labels: [label, "x, y"], people: 1n, sums: [] }));
  expect(cells).toEqual(expected);
});

test("spellings of one address are one person, invalid ones nobody", async () => {
  const spellings = ["ZOE\u0308@example.com", "\u00a0zo\u00eb@EXAMPLE.com\ufeff", '"zoë@example.com\r\n"'];
  const invalid = ["a b@example.com", "a@b", "@b.cd", "a@b..cd", "<a@b.cd>", `${"a".repeat(250)}@b.cd`];
  const csv = `email\n${[...spellings, ...invalid].join("\n")}\n`;
  expect(await joinOf(csv, csv, { measures: [], groupBy: [], threshold: 1 })).toEqual([
    { labels: [], people: 1n, sums: [] },
  ]);
});

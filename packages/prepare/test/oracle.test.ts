// Both halves, joined here in clear text, against plain SQL on the same files.
import { tmpdir } from "node:os";
import fc from "fast-check";
import { expect, test } from "vitest";
import { rowAt, rowCount, allRows } from "@halfroom/crypto";
import type { ByteRows } from "@halfroom/crypto";
import { caseArbitrary, plainJoin, inMemory } from "@halfroom/testkit";
import type { OracleCell, OracleJoin, PreparedPair } from "@halfroom/testkit";
import { prepareReceiver, prepareSender } from "../src/index.ts";
import { scratchFiles } from "./scratch.ts";

const write = scratchFiles();

const keysOf = (rows: ByteRows): string[] =>
  Array.from({ length: rowCount(rows) }, (_, person) => Buffer.from(rowAt(rows, person)).toString("hex"));

async function joinPrepared({ sender, receiver }: PreparedPair): Promise<OracleJoin> {
  const senderPeople = new Map(keysOf(await allRows(sender.identifiers)).map((key, person) => [key, person]));
  const { labels: labelsOf, cells: cellsOf } = receiver.partitions[0]!;
  const cells = labelsOf.map((labels) => ({
    labels,
    base: 0n,
    people: 0n,
    sums: sender.measures.map(() => 0n),
    contributors: sender.measures.map(() => 0n),
  }));
  keysOf(await allRows(receiver.identifiers)).forEach((key, person) => {
    const cell = cells[cellsOf[person]!]!;
    cell.base++;
    const match = senderPeople.get(key);
    if (match === undefined) return;
    cell.people++;
    sender.measures.forEach((values, m) => {
      cell.sums[m]! += values[match]!;
      if (values[match] !== 0n) cell.contributors[m]!++;
    });
  });
  return {
    senderPeople: BigInt(sender.people),
    receiverPeople: BigInt(receiver.people),
    cells: cells.sort(byLabels),
  };
}

function byLabels(a: OracleCell, b: OracleCell): number {
  const g = a.labels.findIndex((label, i) => label !== b.labels[i]);
  return g < 0 ? 0 : a.labels[g]! < b.labels[g]! ? -1 : 1;
}

test("the prepared halves join to what plain SQL finds", async () => {
  let joined = 0;
  await fc.assert(
    fc.asyncProperty(caseArbitrary, async ({ senderCsv, receiverCsv, measures, groupBy }) => {
      const senderFile = await write("sender.csv", senderCsv);
      const receiverFile = await write("receiver.csv", receiverCsv);
      const sender = await inMemory(
        prepareSender(senderFile, { scratch: tmpdir(), match: "email", measures }),
      );
      const receiver = await inMemory(
        prepareReceiver(receiverFile, { scratch: tmpdir(), match: "email", groupBy }),
      );
      const expected = await plainJoin(senderFile, receiverFile, { measures, groupBy });
      joined += expected.cells.filter(({ people }) => people > 0n).length;
      expect(await joinPrepared({ sender, receiver })).toEqual(expected);
    }),
    { numRuns: 20 },
  );
  // Empty joins would prove nothing. Eight runs of this test had 69 to 171 cells with people in them.
  expect(joined).toBeGreaterThan(10);
}, 600_000);

// Characters whose case is younger than the Unicode version of either side are left out: there the two may differ.
const RANGES = [
  [0x0001, 0x1c88],
  [0x2000, 0xa7bf],
  [0xf900, 0xffff],
] as const;

test("the rule for addresses is the same as in SQL, character by character", async () => {
  const rows = RANGES.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, i) => {
      const character = String.fromCharCode(first + i).replace('"', '""');
      const code = (first + i).toString(16);
      return `"a${character}b@example.com",inside ${code}\n"${character}c@example.com",end ${code}\n`;
    }),
  );
  const file = await write("characters.csv", `email,code\n${rows.join("")}`);
  const sender = await inMemory(prepareSender(file, { scratch: tmpdir(), match: "email", measures: [] }));
  const receiver = await inMemory(
    prepareReceiver(file, { scratch: tmpdir(), match: "email", groupBy: ["code"] }),
  );
  const expected = await plainJoin(file, file, { measures: [], groupBy: ["code"] });
  expect(expected.cells.length).toBeGreaterThan(80_000);
  const found = new Set((await joinPrepared({ sender, receiver })).cells.map(({ labels }) => labels[0]));
  const wanted = new Set(expected.cells.map(({ labels }) => labels[0]));
  expect([...found].filter((label) => !wanted.has(label))).toEqual([]);
  expect([...wanted].filter((label) => !found.has(label))).toEqual([]);
});

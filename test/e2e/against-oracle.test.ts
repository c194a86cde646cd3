// What a user types, on files of realistic size and on hostile ones: two processes over loopback, compared with the plain join.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDecimal } from "@halfroom/report";
import { exactRelease, plainJoin, type OracleQuery } from "@halfroom/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { halfroom } from "../../packages/cli/test/halfroom.ts";
import { exactNumbers } from "../../packages/report/src/exact-numbers.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "halfroom-e2e-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const MEASURES: OracleQuery["measures"] = [
  { name: "amount", low: 0n, high: 50_000n, decimals: 2 },
  { name: "orders", low: 0n, high: 10n, decimals: 0 },
];
const GROUP_BY = ["campaign", "age_band"];

/** The object that a rehearsal prints, with each number as its literal. */
interface Printed {
  readonly cells: readonly Record<string, string | null>[];
  readonly suppressed: string;
}

/** The cells of a report's JSON text, digit for digit, and the cells of the plain join of its files that may be opened. */
async function bothTables(json: string, sender: string, receiver: string, threshold: number) {
  const printed = exactNumbers(json) as Printed;
  const numberOf = (literal: string | null, decimals: number) =>
    literal === null ? undefined : parseDecimal(literal, decimals);
  const cells = printed.cells.map((cell) => ({
    labels: GROUP_BY.map((name) => cell[name]),
    people: numberOf(cell["people"]!, 0),
    sums: MEASURES.map(({ name, decimals }) => numberOf(cell[name]!, decimals)),
  }));
  const query = { measures: MEASURES, groupBy: GROUP_BY };
  return {
    cells,
    suppressedCells: Number(printed.suppressed),
    ...exactRelease(await plainJoin(sender, receiver, query), { threshold }),
  };
}

test("the demo on 20,000 x 30,000 rows equals the plain join", async () => {
  const out = join(folder, "demo");
  const run = await halfroom(["demo", "--out", out]);
  expect(run.stderr).not.toContain("halfroom:");
  expect(run.exitCode).toBe(0);
  const [sender, receiver] = [join(out, "demo-conversions.csv"), join(out, "demo-exposures.csv")];
  for (const [file, rows] of [
    [sender, 20_000],
    [receiver, 30_000],
  ] as const) {
    expect(readFileSync(file, "utf8").trimEnd().split("\n")).toHaveLength(rows + 1);
  }
  const report = readFileSync(join(out, "report.json"), "utf8");
  const { cells, suppressedCells, released, suppressed } = await bothTables(report, sender, receiver, 50);
  expect(cells).toEqual(released);
  expect(suppressedCells).toBe(suppressed);
  expect(released.length).toBeGreaterThan(10);
  expect(suppressed).toBeGreaterThan(0);
});

test("a rehearsal on files with the mess of real lists equals the plain join", async () => {
  const spellings = [
    (text: string) => text,
    (text: string) => text.toUpperCase(),
    (text: string) => ` ${text}`,
    (text: string) => `"${text}\t"`,
  ];
  const address = (i: number, person: number) =>
    spellings[i % spellings.length]!(`ann.${person}+é@Example${person % 3}.com`);
  const sender = join(folder, "sender.csv");
  const receiver = join(folder, "receiver.csv");
  const senderRows = Array.from({ length: 1500 }, (_, i) => {
    return i % 50 === 0 ? `nobody,1,1` : `${address(i * 7, (i * 7) % 701)},${i % 977}.${i % 10}5,${i % 4}`;
  });
  const receiverRows = Array.from({ length: 2000 }, (_, i) => {
    return i % 40 === 0
      ? `,x,y`
      : `${address(i * 3, 250 + ((i * 3) % 701))},"campaign, ${i % 4}",${i % 5 === 0 ? i % 13 : 0}`;
  });
  writeFileSync(sender, `\ufeff${["email,amount,orders", ...senderRows].join("\r\n")}`);
  writeFileSync(receiver, ["email,campaign,age_band", ...receiverRows].join("\n"));

  const run = await halfroom([
    "rehearse",
    `--sender=${sender}`,
    `--receiver=${receiver}`,
    "--match=email",
    "--measure=amount:0:500:2",
    "--measure=orders:0:10:0",
    "--group-by=campaign,age_band",
    "--threshold=11",
    "--people-min=100",
    "--exact",
    "--json",
  ]);
  expect(run.stderr).not.toContain("halfroom:");
  expect(run.exitCode).toBe(0);
  const { cells, suppressedCells, released, suppressed } = await bothTables(run.stdout, sender, receiver, 11);
  expect(cells).toEqual(released);
  expect(suppressedCells).toBe(suppressed);
  expect(released.length).toBeGreaterThan(0);
  expect(suppressed).toBeGreaterThan(0);
  const report = JSON.parse(run.stdout);
  expect(report.cellsTotal).toBe(released.length + suppressed);
  expect(report.sizes).toMatchObject({ senderRows: 1500, receiverRows: 2000 });
  expect(report.dropped).toEqual({ sender: { "email: invalid": 30 }, receiver: { "email: empty": 50 } });
});

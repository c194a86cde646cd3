// The tables of docs/bench, as the benchmark prints them and as they stand there.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { benchMarkdown } from "../src/markdown.ts";
import type { Bench } from "../src/result.ts";
import { RUN_COLUMNS } from "../src/summary.ts";
import { runOf } from "./run-of.ts";

const LINK = { rttMs: 80, mbit: 100, lossPercent: 0 };
const MESSAGES = [
  { type: "store", modelled: { sender: 6000, receiver: 0 }, measured: { sender: 6010, receiver: 0 } },
] as const;

const BENCH: Bench = {
  machine: { processor: "Some processor", cores: 2, system: "Linux 6", node: "v20.1.0" },
  started: { at: "2026-12-01T10:00:00Z", load: 0.1 },
  ended: { at: "2026-12-01T11:00:00Z", load: 2 },
  threadsPerNode: 1,
  exact: false,
  kernel: "native",
  oprf: {
    receiverRowsPerSecond: 1,
    evaluatedRowsPerSecond: 1,
    unprovedRowsPerSecond: 1,
    senderRowsPerSecond: 1,
  },
  runs: [
    runOf({ messages: MESSAGES, kernelShare: 0.5, bytesPerRow: 61 }),
    runOf({ senderPeople: 200, warm: true, transfers: "silent", link: LINK, cells: 1024, measures: 4 }),
  ],
  growth: [],
};

const cellsOf = (line: string) =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());

test("a line a run, and below each table the machine", () => {
  const text = benchMarkdown(BENCH);
  const rows = text.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| ---"));
  expect(rows.map((row) => cellsOf(row).slice(0, 6))).toEqual([
    RUN_COLUMNS.slice(0, 6),
    ["100 x 100", "softspoken", "none", "64", "1", "cold"],
    ["200 x 100", "silent", "80ms,100mbit", "1,024", "4", "warm"],
    [
      "bytes a row: modelled, measured",
      "OPRF",
      "keys of bins",
      "store",
      "transfers",
      "trees, slots, networks",
    ],
    ["100 x 100, softspoken, link none, 64 cells, one sum, cold", ...zeros(2), "60.0, 60.1", ...zeros(2)],
    ["200 x 100, silent, link 80ms,100mbit, 1,024 cells, 4 sums, warm", ...zeros(5)],
  ]);
  expect(cellsOf(rows[1]!).slice(6)).toEqual(["1.0", "1.0", "1.00 (50 %)", "1", "61", "60", "0 and 0 MiB"]);
  const machine =
    "Some processor, 2 cores, Linux 6, Node v20.1.0; from 2026-12-01T10:00:00Z at a load of 0.1";
  expect(text.split(machine)).toHaveLength(3);
});

const zeros = (count: number) => Array<string>(count).fill("0.0, 0.0");

test("the main table of docs/bench has these columns", () => {
  const page = readFileSync(new URL("../../../docs/bench/README.md", import.meta.url), "utf8");
  expect(page).toContain(`\n| ${RUN_COLUMNS.join(" | ")} |\n`);
});

// Dates in a dataset's own filter that are relative to a run: of a series those of the run's slot, whoever answers; of any other session those
// of the moment when it was asked for, also when its receipt is checked later.
import { beforeEach, expect, test } from "vitest";
import { handleOf } from "../src/api/node.ts";
import { verifyOwnReceipt } from "../src/api/reports.ts";
import { checkNodeDataset } from "../src/datasets/check-dataset.ts";
import { loadSettings } from "../src/config/load.ts";
import type { NodeState } from "../src/node-state.ts";
import { planReport } from "../src/run/plan.ts";
import { openLog } from "../src/serve/log.ts";
import { askForSeries } from "../src/series/ask.ts";
import { DueRuns } from "../src/series/due-runs.ts";
import { cellsOf, requestOf, twoNodes } from "./two-nodes.ts";

const DAY_MS = 86_400_000;
const START = Date.UTC(2027, 0, 1, 12);
let now = START;
beforeEach(() => {
  now = START;
});
const clock = () => now;

/** Person i was seen at noon in Berlin on day i / 10 of January, from 0, and bought something. */
const PEOPLE = Array.from({ length: 300 }, (_, i) => i);
const dayOf = (i: number) => 1 + Math.floor(i / 10);
const seenAt = (i: number) => `2027-01-${String(dayOf(i)).padStart(2, "0")} 12:00:00`;
const bought = PEOPLE.filter((i) => i % 10 < 6);

const nodes = async (where: string) =>
  await twoNodes({
    advertiser: { clock, rows: bought.map((i) => `p${i}@example.com,1`) },
    publisher: {
      clock,
      header: "email,campaign,seen_at",
      rows: PEOPLE.map((i) => `p${i}@example.com,spring,${seenAt(i)}`),
      dataset: {
        columns: { seen_at: "timestamp" },
        zone: "Europe/Berlin",
        where,
      },
    },
  });

/** Buyers who were seen on one of these days. */
const count = (from: number, to: number) => bought.filter((i) => dayOf(i) >= from && dayOf(i) <= to).length;

const spring = (people: number) => [{ campaign: "spring", people, revenue: people }];

async function work(node: NodeState): Promise<void> {
  const never = new AbortController().signal;
  const log = openLog({ ...node.settings, log_level: "silent" });
  const due = new DueRuns({ node, log, ending: never, cutting: never, onEvent: () => undefined });
  due.work();
  await due.end();
}

test("the answering side's dataset follows the slots of a series, a run that begins late too", async () => {
  const { advertiser, publisher } = await nodes("seen_at >= {4 days before run} AND seen_at < {run}");
  const series = `exact: true
series: { every: week, on: monday, at: "06:00", timezone: Europe/Berlin, from: 2027-01-08, runs: 2, late_for: 2 days, numbers: 20 }
`;
  const plan = await planReport(advertiser, { text: requestOf(undefined) + series, name: "series" });
  await askForSeries(advertiser, plan, () => undefined);
  // The first is due on Monday the 11th, the second a week later, and begins a day after that.
  const reports: string[] = [];
  for (const at of [Date.UTC(2027, 0, 11, 6), Date.UTC(2027, 0, 19, 6)]) {
    now = at;
    await work(advertiser);
    reports.push(publisher.reports.list()[0]!.json);
  }
  expect(reports.map(cellsOf)).toEqual([spring(count(7, 10)), spring(count(14, 17))]);
});

test("of another session they are relative to when it was asked for, which a receipt is checked by; the check of a dataset takes now", async () => {
  const two = await nodes("seen_at >= {4 days before run}");
  now = Date.UTC(2027, 0, 20, 10, 59);
  const { session, json } = await two.run();
  // In Berlin it is a minute before noon.
  expect(cellsOf(json)).toEqual(spring(count(16, 30)));
  now += 5 * DAY_MS;
  const check = await verifyOwnReceipt(handleOf(two.publisher), session);
  expect(check).toMatchObject({ data: "same" });
  const question = { measures: [], threshold: 11 };
  expect((await checkNodeDataset(two.publisher, "exposures", question)).people).toBe(
    PEOPLE.filter((i) => dayOf(i) >= 21).length,
  );
});

test("a date that cannot be read is a fault of the settings", async () => {
  const two = await nodes("seen_at >= {4 days before run}");
  const { folder } = two.publisher;
  const { readFileSync, writeFileSync } = await import("node:fs");
  const text = readFileSync(folder.configFile, "utf8");
  writeFileSync(folder.configFile, text.replace("4 days before run", "four days before run"));
  await expect(loadSettings(folder)).rejects.toMatchObject({
    code: "settings",
    message: expect.stringMatching(/where.*\{7 days before run\}/s),
  });
});

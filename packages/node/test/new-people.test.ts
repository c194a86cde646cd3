// Reports of new people alone: several runs of a series over data that changes, equal to a plain SQL join with the earlier runs' data; what is
// kept for it, and when it goes.
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { sqlRows } from "@halfroom/testkit";
import { parseReport } from "@halfroom/report";
import { beforeEach, expect, test } from "vitest";
import { handleOf } from "../src/api/node.ts";
import { reportAs } from "../src/reports/forms.ts";
import { listReports } from "../src/api/reports.ts";
import { listSeries, readTrend } from "../src/api/series.ts";
import { listSessions } from "../src/api/sessions.ts";
import { readSubject, suppress } from "../src/api/suppress.ts";
import { tidy, type NodeState } from "../src/node-state.ts";
import { ownerOf } from "../src/partners/partners.ts";
import { planReport } from "../src/run/plan.ts";
import { openLog } from "../src/serve/log.ts";
import { askForSeries } from "../src/series/ask.ts";
import { DueRuns } from "../src/series/due-runs.ts";
import { emptyFolder } from "./home.ts";
import { twoNodes, type TwoNodes } from "./two-nodes.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START = Date.UTC(2027, 0, 1, 12);
const FIRST = Date.UTC(2027, 0, 2, 6);
const RUNS = 6;

let now = START;
beforeEach(() => {
  now = START;
});
const clock = () => now;

const KEYS = { email: { columns: "email" }, card: { type: "custom", columns: "card" } };

async function nodes(): Promise<TwoNodes> {
  const common = { clock, header: "email,card,campaign" };
  return await twoNodes({
    advertiser: { ...common, dataset: { match: KEYS, measures: {} }, policy: { sum: [], threshold: 11 } },
    publisher: { ...common, dataset: { match: KEYS }, policy: { threshold: 11 } },
  });
}

const REQUEST = `partner: publisher
report: reach
match: [email, card]
ours: { dataset: purchases }
theirs: { dataset: exposures, group_by: [campaign] }
entries: 2
threshold: 11
exact: true
new_people: true
series: { every: day, at: "06:00", from: 2027-01-02, runs: ${RUNS}, late_for: 12 hours, numbers: 20 }
`;

async function ask(node: NodeState, text = REQUEST): Promise<void> {
  await askForSeries(node, await planReport(node, { text, name: "new" }), () => undefined);
}

async function work(node: NodeState, number: number): Promise<void> {
  now = FIRST + (number - 1) * DAY_MS + HOUR_MS;
  const never = new AbortController().signal;
  const log = openLog({ ...node.settings, log_level: "silent" });
  const due = new DueRuns({ node, log, ending: never, cutting: never, onEvent: () => undefined });
  due.work();
  await due.end();
}

/** Person i of either side: by e-mail, by card, or by both; which of them a row has differs from run to run. */
type Row = readonly [email: string, card: string, campaign: string];
function rowsOf(run: number, from: number, to: number, campaigns: number): Row[] {
  const rows: Row[] = [];
  for (let i = from; i < to; i++) {
    const way = (i + run) % 3;
    const [email, card] = [way === 1 ? "" : `p${i}@example.com`, way === 0 ? "" : `c${i}`];
    for (let c = 0; c < campaigns; c++)
      if ((i + c) % 4 !== 0) rows.push([email, card, (i + c) % 2 === 0 ? "spring" : "autumn"]);
  }
  return rows;
}

/** Receivers of each run: they move on through the people, and back; senders have some whom they lacked before. */
const EXPOSED = [
  rowsOf(1, 0, 800, 2),
  rowsOf(2, 400, 1000, 2),
  rowsOf(3, 0, 600, 2),
  rowsOf(4, 700, 1500, 1),
  rowsOf(5, 600, 1600, 2),
  rowsOf(6, 200, 1400, 2),
];
const BOUGHT = [
  rowsOf(0, 100, 720, 1),
  rowsOf(0, 100, 920, 1),
  rowsOf(2, 150, 700, 1),
  rowsOf(2, 300, 1300, 1),
  rowsOf(0, 300, 1300, 1),
  rowsOf(1, 0, 1100, 1),
];

const csv = (rows: readonly Row[]) =>
  ["email,card,campaign", ...rows.map((row) => row.join(",")), ""].join("\n");

function put({ advertiser, publisher }: TwoNodes, run: number): void {
  writeFileSync(join(advertiser.folder.path, "purchases.csv"), csv(BOUGHT[run - 1]!));
  writeFileSync(join(publisher.folder.path, "exposures.csv"), csv(EXPOSED[run - 1]!));
}

/**
 * The plain join of one run, by campaign: pairs of people with an e-mail address or a card in common, where the receiver's has neither in
 * any run of `earlier`.
 */
async function plain(run: number, earlier: readonly number[]): Promise<Record<string, number>> {
  const folder = dirname(emptyFolder().path);
  const file = (name: string, rows: readonly Row[]) => {
    const path = join(folder, `${name}.csv`);
    writeFileSync(path, csv(rows));
    return `(select * from read_csv('${path}', header = true, all_varchar = true))`;
  };
  const exposed = file("exposed", EXPOSED[run - 1]!);
  const bought = file("bought", BOUGHT[run - 1]!);
  const before = file(
    "before",
    earlier.flatMap((each) => EXPOSED[each - 1]!),
  );
  const rows = await sqlRows(
    [],
    `
    with e as (select distinct email, card, campaign from ${exposed}), b as (select distinct email, card from ${bought})
    select campaign, count(*)::int as people from (
      select distinct e.email, e.card, e.campaign, b.email, b.card from e join b on e.email = b.email or e.card = b.card
      where not exists (select 1 from ${before} x where x.email = e.email) and not exists (select 1 from ${before} x where x.card = e.card)
    ) group by campaign order by campaign`,
  );
  return Object.fromEntries(rows.map(([campaign, people]) => [String(campaign), Number(people)]));
}

const reportOfRun = (node: NodeState, number: number) => {
  const [series] = node.series.list();
  return node.reports.get(node.series.run(series!.id, number)!.session!)!.json;
};

function peopleOf(json: string): Record<string, number> {
  const { report } = parseReport(json);
  return Object.fromEntries(
    report.partitions[0]!.cells.map(({ labels, people }) => [labels[0]!, Number(people!.value)]),
  );
}

/** Cells that the rules of an exact report leave open here: all with enough people. */
const open = (cells: Record<string, number>) =>
  Object.fromEntries(Object.entries(cells).filter(([, people]) => people >= 22));

const states = (node: NodeState) => node.series.runs(node.series.list()[0]!.id).map(({ state }) => state);

test("each run counts the people whom the receiver had in no earlier one, as a plain join does; another key begins anew, and the report says so", async () => {
  const both = await nodes();
  const { advertiser, publisher } = both;
  put(both, 1);
  await ask(advertiser);
  const counted: Record<string, number>[] = [];
  for (const run of [1, 2, 3]) {
    put(both, run);
    await work(advertiser, run);
    const cells = peopleOf(reportOfRun(advertiser, run));
    expect(cells).toEqual(open(await plain(run, [1, 2, 3].slice(0, run - 1))));
    expect(peopleOf(reportOfRun(publisher, run))).toEqual(cells);
    counted.push(cells);
  }
  for (const node of [advertiser, publisher]) {
    const [session, series, report] = [
      await listSessions(handleOf(node)),
      await listSeries(handleOf(node)),
      await listReports(handleOf(node)),
    ].map(([newest]) => newest!);
    expect([session!.newPeople, series!.newPeople, report!.newPeople]).toEqual([true, true, true]);
  }
  // All of the third run's people are within the first two runs' range, some by another identifier than then: those count as new.
  for (const cells of counted) expect(Object.keys(cells)).toEqual(["autumn", "spring"]);
  expect(counted[2]).not.toEqual(open(await plain(3, [])));
  // The fourth is missed: its people are in no run.
  now = FIRST + 3 * DAY_MS + 13 * HOUR_MS;
  for (const node of [advertiser, publisher]) tidy(node, now);
  put(both, 5);
  await work(advertiser, 5);
  expect(states(publisher)).toEqual(["done", "done", "done", "missed", "done", "open"]);
  expect(peopleOf(reportOfRun(advertiser, 5))).toEqual(open(await plain(5, [1, 2, 3])));
  for (const node of [advertiser, publisher]) {
    const { report } = parseReport(reportOfRun(node, 5));
    expect(report.origin!.newSince).toEqual({ run: 5, first: 1 });
    const text = await reportAs("text", reportOfRun(node, 5));
    expect(text).toContain("Only new people count");
    expect(text).toContain("the runs from run 1 on");
  }
  expect(publisher.seen.count()).toBe(1);

  // The sender's key ends before its time.
  advertiser.epochs.endRunning(ownerOf(advertiser.partners.list()[0]!).key, now);
  put(both, 6);
  await work(advertiser, 6);
  expect(peopleOf(reportOfRun(advertiser, 6))).toEqual(open(await plain(6, [])));
  expect(await reportAs("text", reportOfRun(publisher, 6))).toMatch(/everybody\s+counts as new/);
  const trend = await readTrend(handleOf(advertiser), advertiser.series.list()[0]!.name);
  expect(trend.beginnings).toEqual([1, 6]);
  expect(trend.lines.map(({ labels, column }) => [...labels, column])).toEqual([
    ["autumn", "new people"],
    ["spring", "new people"],
  ]);

  // No run is to come: nothing is kept of who was there.
  tidy(publisher, now);
  expect(publisher.seen.count()).toBe(0);
  expect(publisher.store.get("SELECT count(*) AS left FROM seen_tags")).toEqual({ left: 0 });
});

test("a run without a report leaves its people new; whoever opts out is forgotten, and whoever asks is told", async () => {
  const both = await nodes();
  const { advertiser, publisher } = both;
  put(both, 1);
  await ask(advertiser);
  await work(advertiser, 1);
  put(both, 2);
  await work(advertiser, 2);
  const { id, name } = publisher.series.list()[0]!;
  // As it is where the report did not come to be.
  publisher.store.run("UPDATE series_run SET state = 'taken' WHERE series = ? AND number = 2", id);
  put(both, 4);
  await work(advertiser, 3);
  const known = await plain(4, [1]);
  expect(peopleOf(reportOfRun(advertiser, 3))).toEqual(open(known));
  expect(known).not.toEqual(await plain(4, [1, 2]));

  const asked = { text: "card\nc10\nc11\nc12\n", kind: "csv" } as const;
  // Two of the three had a card in the first run; the third was found by e-mail alone.
  const { seen } = await readSubject(handleOf(publisher), asked);
  expect(seen).toEqual({ [name]: 2 });
  expect((await readSubject(handleOf(advertiser), asked)).seen).toEqual({});
  const tags = () =>
    publisher.store
      .all<{ sealed: Uint8Array }>("SELECT sealed FROM seen_tags")
      .reduce((sum, { sealed }) => sum + (sealed.length - 28) / 16, 0);
  const before = tags();
  await suppress(handleOf(publisher), asked);
  expect(tags()).toBe(before - 2);
  expect((await readSubject(handleOf(publisher), asked)).seen).toEqual({});
});

test("an epoch that has ended takes with it what was kept, and a request that cannot be counted so is refused with its remedy", async () => {
  const both = await nodes();
  const { advertiser, publisher } = both;
  put(both, 1);
  await ask(advertiser);
  await work(advertiser, 1);
  expect(publisher.seen.count()).toBe(1);
  publisher.seen.end(now + 30 * DAY_MS);
  expect(publisher.seen.count()).toBe(1);
  publisher.seen.end(now + 32 * DAY_MS);
  expect(publisher.seen.count()).toBe(0);
  for (const [text, field] of [
    [REQUEST.replace(/series:.*\n/, ""), "new_people"],
    [REQUEST.replace("report: reach", "report: sums").replace("entries: 2\n", ""), "new_people"],
    [`${REQUEST}replay: true\n`, "replay"],
  ] as const)
    await expect(ask(advertiser, text)).rejects.toMatchObject({
      code: "yaml",
      message: expect.stringContaining(field),
    });
});

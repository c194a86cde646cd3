// `halfroom report` and `halfroom activate` on reports in a node's store.
import { readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { initNode, nodeFolder } from "@halfroom/node";
import { openState } from "../../node/src/node-state.ts";
import { reportDocument, type ReleasedReport } from "@halfroom/report";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { halfroomHere, temporaryFolder, type Run } from "./halfroom.ts";

const HOME = temporaryFolder();
const PAIR = "a1".repeat(32);
const REACH = "b2".repeat(32);
/** Yesterday: reports are kept for some weeks. */
const MADE = new Date(Date.now() - 86_400_000);
const NONE = "d4".repeat(32);
const OLD = "c3".repeat(32);

const people = (value: number) => ({ value: BigInt(value), variance: 0 });

const REPORT: ReleasedReport = {
  kind: "index",
  role: "receiver",
  measures: [],
  threshold: 50,
  agreed: { datasets: { own: "crm", partner: "buyers" }, match: ["email"], entries: 1 },
  rules: "pair",
  ownPeople: 10_000,
  partnerPeople: 8000,
  partitions: [
    {
      groupBy: ["age"],
      senderGroupBy: [],
      cells: [
        { labels: ["18-34"], people: people(900), sums: [] },
        { labels: ["35-54"], people: people(500), sums: [] },
        { labels: ["55+"], people: people(600), sums: [] },
      ],
      hiddenCells: 1,
      cellsTotal: 4,
      base: [
        { labels: ["18-34"], people: 2000 },
        { labels: ["35-54"], people: 3000 },
        { labels: ["55+"], people: 4800 },
        { labels: [""], people: 200 },
      ],
    },
  ],
};

const ORIGIN = { session: PAIR, partner: "acme", made: MADE };

/** The index by hand: shares of 2,000 in common over shares of 9,800 of our people. */
const INDEX_18 = (100 * (900 / 2000)) / (2000 / 9800);

beforeAll(async () => {
  await initNode(HOME);
  const node = await openState(nodeFolder(HOME));
  const dataset = {
    source: { csv: "people.csv" },
    match: { email: { columns: "email" } },
    dimensions: { age: { derive: { bands: [18, 35, 55] } } },
  };
  writeFileSync(join(HOME, "config.yaml"), JSON.stringify({ datasets: { crm: dataset } }));
  const common = {
    partner: "acme",
    partnerKey: "acme",
    request: "00",
    data: "00",
    createdAt: MADE.getTime(),
  };
  node.reports.add({ ...common, session: PAIR, json: reportDocument({ ...REPORT, origin: ORIGIN }) });
  const { rules: _, ...plain } = REPORT;
  node.reports.add({
    ...common,
    session: REACH,
    json: reportDocument({ ...plain, kind: "reach", origin: { ...ORIGIN, session: REACH } }),
  });
  node.reports.add({ ...common, session: NONE, json: '{"result": "the partner alone"}' });
  node.reports.add({
    ...common,
    session: OLD,
    json: JSON.stringify({
      cells: [{ campaign: "spring", people: 60 }],
      suppressed: 0,
      cellsTotal: 1,
      columns: { groupBy: ["campaign"], measures: [], threshold: 50 },
    }),
  });
  node.close();
});

/** Reports are written to stdout as they are, not line by line. */
async function run(...args: string[]): Promise<Run> {
  let printed = "";
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  try {
    const done = await halfroomHere([...args, "--home", HOME]);
    return { ...done, stdout: printed + done.stdout };
  } finally {
    spy.mockRestore();
  }
}

describe("halfroom report", () => {
  test("prints a table for people, the stored JSON, CSV and a page", async () => {
    const text = await run("report", PAIR.slice(0, 8));
    expect(text.stdout).toContain("Audience profile with acme");
    expect(text.stdout).toMatch(/18-34 .* 221 /);
    expect(text.stdout).toMatch(/\(none\) .* under threshold/);
    expect((await run("report", PAIR, "--json")).stdout).toBe(reportDocument({ ...REPORT, origin: ORIGIN }));
    expect((await run("report", PAIR, "--csv")).stdout).toMatch(
      /^session,made,partition,row,age,status,base,base of,people,match rate,index,/,
    );
    expect((await run("report", PAIR, "--csv-long")).stdout).toMatch(
      /\r\na1a1[^\r]*,1,cell,18-34,people,index,,opened,interval,220\.5,/,
    );
    const page = await run("report", PAIR, "--html");
    expect(page.stdout).toMatch(/^<!doctype html>.*Audience profile with acme.*<svg/s);
    for (const fact of [PAIR, MADE.toISOString().slice(0, 10)]) expect(page.stdout).toContain(fact);
  });

  test("writes a file whole, and says where it cannot", async () => {
    const file = join(HOME, "page.html");
    expect(await run("report", PAIR, "--html", "--out", file)).toMatchObject({ exitCode: 0, stdout: "" });
    expect(readFileSync(file, "utf8")).toMatch(/^<!doctype html>.*<\/html>\n$/s);
    const nowhere = await run("report", PAIR, "--html", "--out", join(HOME, "no", "page.html"));
    expect(nowhere.exitCode).toBe(2);
    expect(nowhere.stderr).toContain("Cannot write to");
  });

  test("prints the statement of a report under the rules of pair, and of no other", async () => {
    expect((await run("report", PAIR, "--statement")).stdout).toContain(
      "Statement on the match rate rule of PAIR",
    );
    const other = await run("report", REACH, "--statement");
    expect(other).toMatchObject({ exitCode: 2, stdout: "" });
    expect(other.stderr).toContain("not agreed under `rules: pair`");
  });

  test("prints a report of an earlier version as it is, and in no other form", async () => {
    expect(JSON.parse((await run("report", OLD, "--json")).stdout)).toMatchObject({ cellsTotal: 1 });
    for (const form of [[], ["--csv"], ["--html"]]) {
      const refused = await run("report", OLD, ...form);
      expect(refused).toMatchObject({ exitCode: 2, stdout: "" });
      expect(refused.stderr).toContain("an earlier version; --json prints it");
    }
  });

  test("says that only the partner received a session's result", async () => {
    expect((await run("report", NONE)).stdout).toBe(
      "The partner alone received the result of this session.\n",
    );
    expect((await run("report", NONE, "--json")).stdout).toBe('{"result": "the partner alone"}');
    expect(await run("report", NONE, "--html")).toMatchObject({ exitCode: 2, stdout: "" });
  });

  test("takes one form", async () => {
    expect(await run("report", PAIR, "--csv", "--html")).toMatchObject({ exitCode: 2, stdout: "" });
  });
});

describe("halfroom activate", () => {
  test("takes every cohort with an index over 120 unless told otherwise", async () => {
    const { stdout, exitCode } = await run("activate", PAIR);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/1 +│ 18-34 │ +2,000 │ +221 /);
    expect(stdout).not.toContain("35-54");
    expect(stdout).toContain("1 cohort with 2,000 of our 10,000 people.");
    expect(stdout).toContain("Under the threshold and therefore not ranked: 1 cohort.");
  });

  test("as JSON and CSV, for programs", async () => {
    const json = JSON.parse((await run("activate", PAIR, "--top", "2", "--json")).stdout);
    expect(json).toMatchObject({
      session: PAIR,
      partner: "acme",
      people: 5000,
      rule: { kind: "top", cohorts: 2 },
    });
    expect(json.cohorts[0].index).toBeCloseTo(INDEX_18, 9);
    // The dataset's own definition of the column: bands of a number.
    expect(json.where).toMatch(/^\(coalesce\(case when .*"age".* = '18-34'\) OR \(.* = '35-54'\)$/s);
    const csv = await run("activate", PAIR, "--people", "2001", "--csv");
    expect(csv.stdout.split("\r\n").map((line) => line.split(",", 3).join())).toEqual([
      "age,rank,people",
      "18-34,1,2000",
      "35-54,2,3000",
      "",
    ]);
  });

  test.each([
    [["activate", PAIR, "--top", "1", "--people", "5"], "Give one rule: --top or --people."],
    [["activate", PAIR, "--top", "1", "--surely"], "--surely goes with --index-over"],
    [["activate", PAIR, "--top", "none"], "--top none"],
    [["activate", PAIR, "--partition", "2"], "choose another partition"],
    [["activate", PAIR, "--category", "gold"], "No cohort of this category"],
    [["activate", REACH], "ranks no cohorts"],
    [["activate", OLD], "run it anew"],
    [["activate", "ffff"], 'There is no report of "ffff"'],
  ])("%j is refused with a remedy", async (args, words) => {
    const refused = await run(...args);
    expect(refused).toMatchObject({ exitCode: 2, stdout: "" });
    expect(refused.stderr).toContain(words);
  });
});

test("what a killed process left of a file goes with the next one, and what is being written stays", async () => {
  const folder = temporaryFolder();
  const out = join(folder, "report.csv");
  const [left, young] = ["0", "1"].map((digit) => `${out}.${digit.repeat(16)}.tmp`) as [string, string];
  for (const draft of [left, young, `${out}.tmp`]) writeFileSync(draft, "partition,");
  utimesSync(left, 0, 0);
  utimesSync(`${out}.tmp`, 0, 0);
  await run("report", PAIR, "--csv", "--out", out);
  expect(readdirSync(folder).sort()).toEqual(["report.csv", basename(young), "report.csv.tmp"].sort());
});

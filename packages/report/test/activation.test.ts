import { DuckDBInstance } from "@duckdb/node-api";
import { expect, test } from "vitest";
import {
  activationCondition,
  activationCsv,
  activationJson,
  activationPlan,
  type ActivationPlan,
  type ActivationRule,
  type ReleasedReport,
} from "../src/index.ts";
import { asSender, attributionReport, indexReport, partitionOf, sumsReport } from "./reports.ts";
import { uniform } from "./draws.ts";
import { HOSTILE_LABELS } from "./plain-reports.ts";

const report = indexReport();
const names = (plan: ActivationPlan) => plan.cohorts.map(({ labels }) => labels.join());

test("the ranking is by index, and each rule takes its part of it", () => {
  const all = activationPlan(report, { kind: "top", cohorts: 10 });
  expect(names(all)).toEqual(["35-44", "25-34", "45-54", "55-64", "18-24", "65+"]);
  expect(all.cohorts.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5, 6]);
  const indices = all.cohorts.map(({ index }) => index.value);
  expect(indices.toSorted((a, b) => b - a)).toEqual(indices);
  const rules: [ActivationRule, string[]][] = [
    [{ kind: "top", cohorts: 2 }, ["35-44", "25-34"]],
    [{ kind: "index-over", index: 120, surely: false }, ["35-44", "25-34"]],
    [{ kind: "index-over", index: all.cohorts[0]!.index.low + 1, surely: true }, []],
    [{ kind: "people", people: 10_401 }, ["35-44", "25-34"]],
    [{ kind: "people", people: 10_400 }, ["35-44"]],
    [{ kind: "people", people: 1e9 }, names(all)],
  ];
  for (const [rule, chosen] of rules) expect(names(activationPlan(report, rule))).toEqual(chosen);
});

test("people are those of the owner's base, and hidden cohorts are counted as not ranked", () => {
  const plan = activationPlan(sumsReport(), { kind: "top", cohorts: 2 }, { category: ["gold"] });
  expect(plan.people).toBe(plan.cohorts.reduce((sum, { people }) => sum + people, 0));
  expect(plan).toMatchObject({
    dimensions: ["campaign"],
    category: ["gold"],
    peopleOfAll: 37_000,
    unranked: 1,
  });
});

test("a report with nothing to rank says what to do", () => {
  const rule = { kind: "top", cohorts: 1 } as const;
  expect(() => activationPlan(attributionReport(), rule)).toThrow("use an index, overlap or sums report");
  expect(() => activationPlan(asSender(report), rule)).toThrow(
    "no such partition by this side's own columns",
  );
  const { base: _, ...baseless } = report.partitions[0]!;
  expect(() => activationPlan({ ...report, partitions: [baseless] }, rule)).toThrow(
    "only the side that owns the columns",
  );
  expect(() => activationPlan(report, rule, { partition: 7 })).toThrow("choose another partition");
  expect(() => activationPlan(sumsReport(), rule, { category: ["lead"] })).toThrow(
    "No cohort of this category",
  );
});

/** Each dimension is the column of its name, "" where that has nothing. */
const asColumns = (dimension: string) =>
  `COALESCE(CAST("${dimension.replaceAll('"', '""')}" AS VARCHAR), '')`;

test("a label that no row tells leaves no condition", () => {
  const plan = activationPlan(report, { kind: "top", cohorts: 1 });
  expect(activationCondition(plan, () => undefined)).toBeUndefined();
  expect(JSON.parse(activationJson(plan, () => undefined))).toMatchObject({ where: null });
});

/** Cohorts by two columns, with labels and names that try to break CSV, JSON and SQL. */
function hostilePlan(): ActivationPlan {
  const cells = HOSTILE_LABELS.map((label, i) => ({
    labels: [label, HOSTILE_LABELS.at(-1 - i)!],
    base: 1000 + i,
    people: 150 + 3 * i,
  }));
  const partition = partitionOf(['=a "1.5"', "b'"], cells, { people: 0 }, uniform(1));
  const hostile: ReleasedReport = { ...report, partitions: [partition] };
  return activationPlan(hostile, { kind: "top", cohorts: 16 });
}

test("JSON holds every label as it is, and nothing that a terminal obeys", () => {
  const plan = hostilePlan();
  const text = activationJson(plan, asColumns, { session: "ab" });
  const read = JSON.parse(text);
  expect(read.cohorts.map(({ labels }: { labels: string[] }) => labels)).toEqual(
    plan.cohorts.map(({ labels }) => labels),
  );
  expect(read).toMatchObject({
    version: 2,
    session: "ab",
    rule: plan.rule,
    where: activationCondition(plan, asColumns),
  });
  expect(text).not.toMatch(/[^\n\P{C}]/u);
});

test("CSV has a line for each cohort, and guards formulas", () => {
  const lines = activationCsv(activationPlan(report, { kind: "top", cohorts: 1 })).split("\r\n");
  expect(lines[0]).toBe("age,rank,people,index,index_low,index_high");
  expect(lines[1]).toMatch(/^35-44,1,10400,\d+\.\d,\d+\.\d,\d+\.\d$/);
  expect(activationCsv(hostilePlan()).split("\r\n")[0]).toMatch(/^"'=a ""1\.5""",b',rank/);
});

test("the condition finds exactly the chosen cohorts in the owner's data", async () => {
  const plan = hostilePlan();
  // A text file cannot hold half of a surrogate pair, nor DuckDB's text a zero byte.
  const holdable = (labels: readonly string[]) => labels.every((label) => !/[\0\p{Cs}]/u.test(label));
  const chosen = { ...plan, cohorts: plan.cohorts.filter(({ labels }) => holdable(labels)) };
  const connection = await (await DuckDBInstance.create()).connect();
  await connection.run('CREATE TABLE t ("=a ""1.5""" VARCHAR, "b\'" VARCHAR, place INTEGER)');
  const insert = await connection.prepare("INSERT INTO t VALUES (NULLIF($1, ''), $2, $3)");
  const rows = HOSTILE_LABELS.map((label, i) => [label, HOSTILE_LABELS.at(-1 - i)!]).filter(holdable);
  for (const [place, [a, b]] of rows.entries()) {
    insert.bindVarchar(1, a!);
    insert.bindVarchar(2, b!);
    insert.bindInteger(3, place);
    await insert.run();
  }
  const reader = await connection.runAndReadAll(
    `SELECT place FROM t WHERE ${activationCondition(chosen, asColumns)}`,
  );
  const found = reader.getRowsJS().map(([place]) => rows[Number(place)]!.join("|"));
  expect(found.toSorted()).toEqual(chosen.cohorts.map(({ labels }) => labels.join("|")).toSorted());
  expect(chosen.cohorts.length).toBeGreaterThan(5);
  expect(rows.length).toBeGreaterThan(chosen.cohorts.length);
  const none = await connection.runAndReadAll(
    `SELECT * FROM t WHERE ${activationCondition({ ...plan, cohorts: [] }, asColumns)}`,
  );
  expect(none.currentRowCount).toBe(0);
  connection.closeSync();
});

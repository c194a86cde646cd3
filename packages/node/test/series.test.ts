// A series between two nodes over TLS, with their clocks moved: agreed on once, its runs made by a serving node, and everything that is not what was
// agreed on refused under its own code.
import { writeFileSync } from "node:fs";
import { termsOfRun } from "@halfroom/session";
import pino from "pino";
import { Registry } from "prom-client";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { endSeries, listSeries, readSeries, readTrend } from "../src/api/series.ts";
import { handleOf } from "../src/api/node.ts";
import { preview } from "../src/api/run.ts";
import { OperatorError } from "../src/errors.ts";
import type { NodeState } from "../src/node-state.ts";
import { initiate } from "../src/run/initiate.ts";
import { planReport, type Plan } from "../src/run/plan.ts";
import { openLog } from "../src/serve/log.ts";
import { askForSeries } from "../src/series/ask.ts";
import { DueRuns } from "../src/series/due-runs.ts";
import { planRun } from "../src/series/plan-run.ts";
import type { SeriesRow } from "../src/series/row.ts";
import { seriesMetrics } from "../src/series/series-metrics.ts";
import { requestOf, twoNodes, type TwoNodes } from "./two-nodes.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Friday, 1 January 2027. */
const START = Date.UTC(2027, 0, 1, 12);
const FIRST = Date.UTC(2027, 0, 4, 5);
const EPSILON = 30;
const RUNS = 4;

let now = START;
beforeEach(() => {
  now = START;
});
const clock = () => now;

const LIMITS = { epsilon: EPSILON, budget: 5 * EPSILON, lifetime_budget: RUNS * EPSILON, exact: false };

async function nodes(policy: object = {}): Promise<TwoNodes> {
  return await twoNodes({
    advertiser: { clock, policy: { ...LIMITS } },
    publisher: { clock, policy: { ...LIMITS, ...policy } },
  });
}

const seriesLines = (more = "") => `epsilon: ${EPSILON}
series: { every: week, on: monday, at: "06:00", timezone: Europe/Berlin, from: 2027-01-04, runs: ${RUNS}, late_for: 2 days, numbers: 20${more} }
`;

async function ask(node: NodeState, lines = seriesLines(), where?: string): Promise<SeriesRow> {
  const plan = await planReport(node, { text: requestOf(where) + lines, name: "series" });
  return await askForSeries(node, plan, () => undefined);
}

/** Lets the advertiser make what is due now. */
async function work(node: NodeState): Promise<void> {
  const never = new AbortController().signal;
  const log = openLog({ ...node.settings, log_level: "silent" });
  const due = new DueRuns({ node, log, ending: never, cutting: never, onEvent: () => undefined });
  due.work();
  await due.end();
}

const states = (node: NodeState) =>
  node.series
    .runs(node.series.list()[0]!.id)
    .map(({ state, why }) => (why === undefined ? state : `${state} ${why}`));

/** Codes of the refusal that a run of this plan ends with. */
async function refused(node: NodeState, plan: Plan): Promise<string[]> {
  const error = await initiate(node, plan, () => undefined).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return error instanceof OperatorError
    ? [error.code, ...error.reasons.map(({ code }) => code)]
    : [String(error)];
}

test("runs are made when they are due, once each, over the dates of their own slot; all that was reserved is accounted for", async () => {
  const { advertiser, publisher } = await nodes();
  const series = await ask(advertiser, seriesLines(), "revenue IS NOT NULL AND {7 days before run} < {run}");
  expect(publisher.series.list()[0]!.id).toBe(series.id);
  for (const node of [advertiser, publisher]) {
    expect(states(node)).toEqual(["open", "open", "open", "open"]);
    const [{ budget } = {}] = await listSeries(handleOf(node));
    expect(budget).toEqual({ microEpsilon: 120e6, spent: 0, reserved: 120e6, returned: 0 });
  }
  await work(advertiser);
  expect(states(advertiser)[0]).toBe("open");
  now = FIRST + HOUR_MS;
  await work(advertiser);
  await work(advertiser);
  for (const node of [advertiser, publisher]) {
    expect(states(node)).toEqual(["done", "open", "open", "open"]);
    expect(node.ledger.entries()).toHaveLength(1);
    expect(node.reports.list()).toHaveLength(1);
  }
  const [run] = advertiser.sessions.list();
  expect(run!.where).toBe(
    "revenue IS NOT NULL AND TIMESTAMP '2026-12-28 06:00:00' < TIMESTAMP '2027-01-04 06:00:00'",
  );

  // The second is three days late: it is told as missed, and what was reserved for it is free.
  now = FIRST + 7 * DAY_MS + 3 * DAY_MS;
  const { tidy } = await import("../src/node-state.ts");
  for (const node of [advertiser, publisher]) tidy(node, now);
  await work(advertiser);
  now = FIRST + 14 * DAY_MS + HOUR_MS;
  await work(advertiser);
  for (const node of [advertiser, publisher]) {
    expect(states(node)).toEqual(["done", "missed late", "done", "open"]);
    const { budget, counts } = await readSeries(handleOf(node), node.series.list()[0]!.name);
    expect(budget).toEqual({ microEpsilon: 120e6, spent: 60e6, reserved: 30e6, returned: 30e6 });
    expect(counts).toEqual({ done: 2, missed: 1, open: 1, taken: 0 });
    const registry = new Registry();
    seriesMetrics(registry, node);
    const { partner, name } = node.series.list()[0]!;
    const of = `partner="${partner}",series="${name}"`;
    expect(await registry.metrics()).toContain(`halfroom_series_runs{${of},state="done"} 2\n`);
    expect([...node.audit.ofKind("series-missed")].map(({ facts }) => facts["run"])).toEqual([2]);
  }
  const trend = await readTrend(handleOf(advertiser), series.name);
  expect(trend.lines.map(({ labels, column }) => [...labels, column])).toEqual([
    ["spring", "people"],
    ["spring", "revenue"],
  ]);
  const [people] = trend.lines;
  expect(people!.points.map((point) => point?.change?.since)).toEqual([undefined, undefined, 1, undefined]);
});

test("what a series would reveal and cost is told before it is asked for, of all its runs, and asks nobody", async () => {
  const twice = await nodes();
  const { advertiser, publisher } = twice;
  const look = async (lines: string) =>
    await preview(handleOf(advertiser), {
      text: requestOf("revenue IS NOT NULL AND {1 month before run} < {run}") + lines,
      name: "series",
    });
  const { report, ahead, outcome, outlook } = await look(seriesLines());
  expect(report.join(" ")).toContain(
    "4 runs, every Monday at 06:00 (Europe/Berlin), the first at 2027-01-04 05:00 UTC",
  );
  expect(report.join(" ")).toContain("up to epsilon 120 of them");
  expect(ahead.join(" ")).toContain(
    "Its 4 runs are reserved at once and cost epsilon 120, of 150 left of 150",
  );
  expect(outlook!.cost).toMatchObject({ runs: 4, lifetime: { needed: 120e6, left: 120e6 } });
  expect(outcome).toBe("run");
  for (const node of [advertiser, publisher]) expect(node.series.list()).toEqual([]);
  // Once a report has shown the partner's cells, it is known how many numbers a run opens.
  await twice.run(`epsilon: ${EPSILON}`);
  const few = await look(seriesLines().replace("numbers: 20", "numbers: 2").replace("runs: 4", "runs: 2"));
  expect([few.outcome, few.outlook!.cost.numbers.needed]).toEqual(["refuse", 4]);
  expect(few.outlook!.ours.map(({ words }) => words).join()).toContain("raise its `numbers`");
});

test("a budget that does not suffice for all runs refuses the series, on either side; what is reserved is not there for others", async () => {
  const poor = await nodes({ lifetime_budget: RUNS * EPSILON - 1 });
  await expect(ask(poor.advertiser)).rejects.toMatchObject({
    code: "refused-there",
    reasons: [{ code: "budget" }],
  });
  expect(poor.publisher.series.list()).toEqual([]);
  const { advertiser } = await nodes();
  await ask(advertiser);
  const plan = await planReport(advertiser, {
    text: `${requestOf(undefined)}epsilon: ${EPSILON}\n`,
    name: "one",
  });
  expect(plan.judgement.verdict.reasons.map(({ code }) => code)).toEqual(["budget"]);
});

describe("what is not as agreed on is refused under its own code", () => {
  const changed = async (node: NodeState, number: number, terms: object = {}) => {
    const series = node.series.list()[0]!;
    const plan = await planRun(node, series, number);
    return { ...plan, terms: { ...termsOfRun(series.agreement, number), ...terms } };
  };

  test("another run, another time, other terms, a run that was made, a series that has ended", async () => {
    const { advertiser, publisher } = await nodes();
    await ask(advertiser);
    now = FIRST + HOUR_MS;
    expect(await refused(advertiser, await changed(advertiser, 2))).toEqual(["refused-there", "series-time"]);
    const beyond = { series: { id: advertiser.series.list()[0]!.agreement.id, number: RUNS + 1 } };
    expect(await refused(advertiser, await changed(advertiser, 4, beyond))).toEqual([
      "refused-there",
      "series-run",
    ]);
    const other = await changed(advertiser, 1, { threshold: 12 });
    expect(await refused(advertiser, other)).toEqual(["refused-there", "series-terms"]);
    const again = await changed(advertiser, 1);
    await work(advertiser);
    expect(states(publisher)[0]).toBe("done");
    expect(await refused(advertiser, again)).toEqual(["refused-there", "series-run"]);
    await endSeries(handleOf(publisher), publisher.series.list()[0]!.name);
    now = FIRST + 7 * DAY_MS + HOUR_MS;
    await work(advertiser);
    expect(advertiser.series.list()[0]!.ended?.by).toBe("partner");
    expect(states(advertiser)).toEqual(["done", "missed ended", "missed ended", "missed ended"]);
    for (const node of [advertiser, publisher]) expect(node.ledger.entries()).toHaveLength(1);
  });

  test("a policy that has become stricter stops the runs, and nobody is asked", async () => {
    const { advertiser, publisher } = await nodes();
    await ask(advertiser);
    const { configFile } = publisher.folder;
    const { readFileSync } = await import("node:fs");
    const before = readFileSync(configFile, "utf8");
    writeFileSync(configFile, before.replace('"threshold":11', '"threshold":13'));
    now = FIRST + HOUR_MS;
    await work(advertiser);
    expect(states(advertiser)[0]).toBe("open series-terms");
    writeFileSync(configFile, before.replace('"approval":"automatic"', '"approval":"two-people"'));
    await work(advertiser);
    expect(states(advertiser)[0]).toBe("done");
  });
});

test("the initiator's end is told to its partner, where what was reserved is free at once", async () => {
  const { advertiser, publisher } = await nodes();
  const { name } = await ask(advertiser);
  await endSeries(handleOf(advertiser), name);
  expect(advertiser.series.untold()).toHaveLength(1);
  await work(advertiser);
  expect(advertiser.series.untold()).toEqual([]);
  expect(publisher.series.list()[0]!.ended?.by).toBe("partner");
  expect(states(publisher)).toEqual(Array(RUNS).fill("missed ended"));
  await expect(endSeries(handleOf(advertiser), name)).rejects.toMatchObject({ code: "series-state" });
  await ask(advertiser, seriesLines(", missed: tell"));
});

test("a run that opens more numbers than the series allows is refused before it costs anything", async () => {
  const { advertiser, publisher } = await nodes();
  await ask(advertiser, seriesLines().replace("numbers: 20", "numbers: 2"));
  now = FIRST + HOUR_MS;
  await work(advertiser);
  expect(states(advertiser)[0]).toBe("open refused");
  for (const node of [advertiser, publisher]) expect(node.ledger.entries()).toEqual([]);
});

test("reports of a series are kept as long as it lives and 30 days more, on both sides; others for 30 days", async () => {
  const { tidy } = await import("../src/node-state.ts");
  const two = await nodes({ budget: 6 * EPSILON, lifetime_budget: 20 * EPSILON });
  const { advertiser, publisher } = two;
  const monthly = seriesLines()
    .replace("every: week, on: monday", "every: month, on: 4")
    .replace("late_for: 2 days", "late_for: 1 days");
  const { name } = await ask(advertiser, monthly);
  const left = () =>
    [advertiser, publisher].map((node) => {
      tidy(node, now);
      return node.reports.list().length;
    });
  const due = (month: number) => Date.UTC(2027, month, 4, 5) + HOUR_MS;
  for (const month of [0, 1, 2, 3]) {
    now = due(month);
    await work(advertiser);
    expect(left()).toEqual([month + 1, month + 1]);
  }
  const { lines } = await readTrend(handleOf(advertiser), name);
  expect(lines[0]!.points.every((point) => point !== undefined)).toBe(true);
  // The last run could begin until a day after it was due.
  now = Date.UTC(2027, 4, 5, 3, 59);
  expect(left()).toEqual([4, 4]);
  now = Date.UTC(2027, 4, 5, 4);
  expect(left()).toEqual([0, 0]);
});

test("a series that is ended keeps its reports for 30 days more", async () => {
  const { tidy } = await import("../src/node-state.ts");
  const { advertiser } = await nodes();
  const { name } = await ask(advertiser);
  now = FIRST + HOUR_MS;
  await work(advertiser);
  now += 2 * DAY_MS;
  await endSeries(handleOf(advertiser), name);
  now += 30 * DAY_MS - HOUR_MS;
  tidy(advertiser, now);
  expect(advertiser.reports.list()).toHaveLength(1);
  now += HOUR_MS;
  tidy(advertiser, now);
  expect(advertiser.reports.list()).toEqual([]);
});

test("a budget of which a series reserves the last fifth is told of then, and by none of its runs", async () => {
  // All runs reserve 120: all of what there is for all time, and in a period of 30 days, into which all four fall, 80 %.
  const { advertiser, publisher } = await nodes();
  const told = (node: NodeState) =>
    node.events.list().flatMap((event) => (event.type === "budget.low" ? [event.facts] : []));
  await ask(advertiser);
  for (const [node, partner, dataset] of [
    [advertiser, "publisher", "purchases"],
    [publisher, "advertiser", "exposures"],
  ] as const)
    expect(told(node).toReversed()).toEqual([
      { partner, dataset, of: "epsilon in the period", percent: 80 },
      { partner, dataset, of: "epsilon for all time", percent: 100 },
    ]);
  for (let run = 0; run < RUNS; run++) {
    now = FIRST + run * 7 * DAY_MS + HOUR_MS;
    await work(advertiser);
  }
  expect(states(publisher)).toEqual(["done", "done", "done", "done"]);
  for (const node of [advertiser, publisher]) expect(told(node)).toHaveLength(2);
});

test("missed runs are in the log of serve whoever found them: opening, tidying, another process", async () => {
  const { openState, tidy } = await import("../src/node-state.ts");
  const { advertiser } = await nodes();
  const { name } = await ask(advertiser);
  now = FIRST + 3 * DAY_MS;
  // Another process on the folder opens the node, which finds the first run passed; this one serves then.
  const serving = await openState(advertiser.folder, {}, clock);
  onTestFinished(() => serving.close());
  expect(states(serving)[0]).toBe("missed late");
  const lines: string[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => void lines.push(line) });
  const never = new AbortController().signal;
  const due = new DueRuns({ node: serving, log, ending: never, cutting: never, onEvent: () => undefined });
  const told = () =>
    lines.splice(0).map((line) => {
      const { msg, series, run, why } = JSON.parse(line);
      return { msg, series, run, why };
    });
  const missed = (run: number) => ({ msg: "a run of a series was missed", series: name, run, why: "late" });
  due.work();
  await due.end();
  expect(told()).toEqual([missed(1)]);
  now += 7 * DAY_MS;
  tidy(advertiser, now);
  due.work();
  await due.end();
  now += 7 * DAY_MS;
  due.work();
  due.work();
  await due.end();
  expect(told()).toEqual([missed(2), missed(3)]);
});

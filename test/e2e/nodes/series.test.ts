// A short series between two companies whose nodes are commands and processes: asked for, approved by a person once, run by `serve` while the clock
// of every process is moved from day to day, over kills of both and a day on which one of them is away.
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPair, policyOf, requestOf, type Pair } from "./pair.ts";
import type { Running, Site } from "./site.ts";

const CLOCK = new URL("../../upgrade/clock.mjs", import.meta.url).href;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const LIMITS = { epsilon: 30, budget: 150, lifetime_budget: 90 };
/** Six in the morning of tomorrow, UTC. */
const FIRST = Math.ceil(Date.now() / DAY_MS) * DAY_MS + 6 * 60 * MINUTE_MS;

let pair: Pair;
beforeAll(async () => {
  pair = await openPair();
  pair.advertiser.policies(policyOf("advertiser", LIMITS));
  pair.publisher.policies(policyOf("publisher", { ...LIMITS, approval: "by-hand" }));
});
afterAll(() => pair.close());

/** From now on it is so late at both companies. */
function itIs(at: number): void {
  for (const { env } of [pair.advertiser, pair.publisher])
    Object.assign(env, {
      NODE_OPTIONS: `--import=${CLOCK}`,
      HALFROOM_TEST_CLOCK_MS: String(at - Date.now()),
    });
}

interface ShownSeries {
  readonly id: string;
  readonly series: string;
  readonly state: string;
  readonly budget: object;
  readonly runs: readonly { readonly number: number; readonly state: string; readonly session?: string }[];
}

async function shown(site: Site, id: string): Promise<ShownSeries> {
  return JSON.parse(await site.ok("series", "show", id, "--json")) as ShownSeries;
}

const says = (words: string) => (line: string) => line.includes(`"msg":"${words}"`);

async function killed(...all: readonly Running[]): Promise<void> {
  await Promise.all(all.map((serving) => serving.kill()));
}

test("three runs, of which one is missed, by the agreement that one person approved", async () => {
  const { advertiser, publisher } = pair;
  const from = new Date(FIRST).toISOString().slice(0, 10);
  const series = `series: { every: day, at: "06:00", from: ${from}, runs: 3, epsilon_total: 90, late_for: 2 hours, numbers: 20 }`;
  advertiser.write("daily.yaml", requestOf("advertiser", { rest: series }));
  let answering = await publisher.serve();
  expect(await advertiser.ok("preview", "daily.yaml")).toMatch(/3 runs, every day at 06:00 \(UTC\)/);
  const asking = advertiser.start(["run", "daily.yaml", "--json"]);
  const held = await asking.seen((line) => line.startsWith("Waiting for a person"));
  expect(held).toContain("person");
  const [waiting] = await publisher.sessions();
  expect(await publisher.ok("sessions")).toMatch(/Its 3 runs are reserved at once and cost epsilon/);
  await publisher.ok("approve", waiting!.id);
  const asked = await asking.ended;
  expect(asked.exitCode, asked.stderr).toBe(0);
  const { id, series: hash } = JSON.parse(asked.stdout) as ShownSeries;
  expect((await shown(publisher, id)).series).toBe(hash);
  await killed(answering);

  itIs(FIRST + 5 * MINUTE_MS);
  answering = await publisher.serve();
  let running = await advertiser.serve();
  await running.seen(says("run of a series done"));
  await killed(answering, running);

  itIs(FIRST + DAY_MS + 5 * MINUTE_MS);
  running = await advertiser.serve({ HALFROOM_CONNECT_SECONDS: "1" });
  await running.seen(says("a run of a series failed and is tried again"));
  await killed(running);

  itIs(FIRST + 2 * DAY_MS + 5 * MINUTE_MS);
  answering = await publisher.serve();
  running = await advertiser.serve();
  await running.seen(says("run of a series done"));
  await killed(running);

  for (const site of [advertiser, publisher]) {
    const { state, budget, runs } = await shown(site, id);
    expect(runs.map((run) => run.state)).toEqual(["done", "missed", "done"]);
    expect(state).toBe("done");
    expect(budget).toEqual({ microEpsilon: 90e6, spent: 60e6, reserved: 0, returned: 30e6 });
    expect(await site.ledger()).toHaveLength(2);
    for (const { session } of runs) if (session !== undefined) await site.ok("report", session.slice(0, 12));
  }
  const csv = await advertiser.ok("series", "trend", id, "--csv");
  expect(csv.split("\r\n").filter((line) => line.includes("spring,people"))).toHaveLength(2);
  expect(await advertiser.ok("series")).toMatch(/2 of 3/);
  const again = await advertiser.run("series", "end", id);
  expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining("nothing to end")]);
});

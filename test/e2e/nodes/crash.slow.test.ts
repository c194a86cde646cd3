// kill -9 in every stage of a session, on either side: budget may be wasted but never exceeded; afterwards both sides have
// closed the session with its reason, both audit logs are intact, and the next report works.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allowAll, cellsOf, EXPECTED, openPair, requestOf, type Pair } from "./pair.ts";
import type { Running, Site } from "./site.ts";

let pair: Pair;
let advertiser: Site;
let publisher: Site;
let serving: Running;
beforeAll(async () => {
  pair = await openPair();
  ({ advertiser, publisher } = pair);
  allowAll(pair);
  serving = await publisher.serve();
});
afterAll(() => pair.close());

const STAGES = ["pseudonymise", "match", "aggregate", "release"] as const;
/** A different upper bound, which nobody reaches, makes a different report. */
let reports = 0;

/** Runs a report that was not made before, so that it is computed; its events go to stderr. */
function start(): Running {
  advertiser.write("roi.yaml", requestOf("advertiser", { high: 500 + ++reports }));
  return advertiser.start(["run", "roi.yaml", "--json", "--progress", "json"]);
}

const begins = (stage: string) => (line: string) => line.includes(`"${stage}"`) && line.includes('"started"');

/** What both sides must agree on at the end. */
async function settled(): Promise<void> {
  for (const site of [advertiser, publisher]) {
    const sessions = await site.sessions();
    expect(sessions.filter(({ state }) => state === "running" || state === "agreed")).toEqual([]);
    expect(await site.ok("audit", "verify")).toMatch(/is intact/);
    const paid = await site.ledger();
    expect(new Set(paid.map(({ session }) => session)).size).toBe(paid.length);
    // Whoever has a report has paid for it.
    const done = sessions.filter(({ state }) => state === "done").length;
    expect(paid.length).toBeGreaterThanOrEqual(done);
  }
}

async function nextReportWorks(): Promise<void> {
  const { exitCode, stdout, stderr } = await start().ended;
  expect(exitCode, stderr).toBe(0);
  expect(cellsOf(stdout)).toEqual(EXPECTED);
}

/** A signal takes time: a try may hit a later stage, or a session that is done. Each try must leave both sides consistent. */
const TRIES_MAX = 8;

async function killUntilHit(stage: string, killed: Site, kill: () => Promise<void>): Promise<void> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    await kill();
    const [row] = await killed.sessions();
    await settled();
    if (row!.state === "failed" && row!.stage === stage) {
      expect(row!.code).toBe("interrupted");
      return;
    }
  }
  expect.fail(`no try of ${TRIES_MAX} hit the stage`);
}

describe.each(STAGES)("killed as %s begins", (stage) => {
  test("the answering node is ready again, and both sides have closed the session", async () => {
    await killUntilHit(stage, publisher, async () => {
      const from = serving.lineCount();
      const running = start();
      await serving.seen(begins(stage), from);
      await serving.kill();
      const { exitCode, stdout } = await running.ended;
      const [ours] = await advertiser.sessions();
      if (exitCode !== 0) {
        expect(exitCode).toBe(3);
        expect(stdout).toBe("");
        expect(ours).toMatchObject({ state: "failed", code: "closed" });
      } else expect(ours).toMatchObject({ state: "done" });
      serving = await publisher.serve();
    });
  });

  test("the proposing side finds its session closed, and so does its partner", async () => {
    await killUntilHit(stage, advertiser, async () => {
      const running = start();
      await running.seen(begins(stage));
      await running.kill();
      await overAt(publisher);
      const [theirs] = await publisher.sessions();
      if (theirs!.state !== "done") expect(theirs).toMatchObject({ state: "failed", code: "closed" });
    });
  });
});

test("after all that the next report is exact", nextReportWorks);

/** The serving side notices a lost connection as soon as it next waits for a frame. */
async function overAt(site: Site): Promise<void> {
  for (;;) {
    const [last] = await site.sessions();
    if (last !== undefined && last.state !== "running" && last.state !== "agreed") return;
  }
}

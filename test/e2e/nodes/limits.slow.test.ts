// More sessions than a node computes at once, and partners that stop answering.
import { afterAll, beforeAll, expect, test } from "vitest";
import { allowAll, EXPECTED, openPair, requestOf, type Pair } from "./pair.ts";
import type { Run, Running, Site } from "./site.ts";

let pair: Pair;
let advertiser: Site;
let publisher: Site;
beforeAll(async () => {
  pair = await openPair();
  ({ advertiser, publisher } = pair);
  allowAll(pair);
});
afterAll(() => pair.close());

/** A run of a report of its own: another threshold makes it another report. */
function start(threshold: number, env: Record<string, string> = {}): Running {
  const file = `roi-${threshold}.yaml`;
  advertiser.write(file, requestOf("advertiser", { threshold }));
  return advertiser.start(["run", file, "--json", "--progress", "json"], env);
}

const computes = (line: string) => line.includes('"pseudonymise"') && line.includes('"started"');

/** Elliptic-curve evaluations that the run announced. */
function evaluated({ stderr }: Run): number {
  const events = stderr
    .split("\n")
    .filter((line) => line.includes('"progress"') && line.includes('"pseudonymise"'));
  return JSON.parse(events.at(-1)!).total;
}

test("sessions above the limit wait in line and then run", async () => {
  const serving = await publisher.serve({ HALFROOM_SESSIONS_MAX: "1" });
  const first = start(12);
  await first.seen(computes);
  const second = start(13);
  await second.seen((line) => line.includes('"queued"'));
  for (const { exitCode, stdout } of [await first.ended, await second.ended]) {
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout).cells).toEqual(EXPECTED);
  }
  // One step of evaluations for the partner, and the own 50 people the first time only: their pseudonyms are kept.
  expect(evaluated(await first.ended)).toBe(1024 + 50);
  expect(evaluated(await second.ended)).toBe(1024);
  await serving.kill();
});

test("a proposal beyond the line is told that the node is busy, and may come again", async () => {
  const serving = await publisher.serve({ HALFROOM_SESSIONS_MAX: "1", HALFROOM_QUEUE_MAX: "0" });
  const first = start(14);
  await first.seen(computes);
  const second = await start(15).ended;
  expect(second.exitCode).toBe(3);
  expect(second.stderr).toMatch(/busy/);
  expect((await first.ended).exitCode).toBe(0);
  expect((await start(15).ended).exitCode).toBe(0);
  await serving.kill();
});

test("a partner that falls silent is given up, by stage and with the reason, on both sides", async () => {
  const serving = await publisher.serve();
  const running = start(16, { HALFROOM_IDLE_SECONDS: "15" });
  await serving.seen((line) => line.includes('"match"') && line.includes('"started"'));
  serving.child.kill("SIGSTOP");
  const { exitCode, stderr } = await running.ended;
  serving.child.kill("SIGCONT");
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/^halfroom: timeout during (pseudonymise|match): /m);
  const [ours] = await advertiser.sessions();
  expect(ours).toMatchObject({ state: "failed", code: "timeout" });
  await serving.seen((line) => line.includes("connection ended"));
  const [theirs] = await publisher.sessions();
  expect(theirs).toMatchObject({ state: "failed" });
  await serving.kill();
});

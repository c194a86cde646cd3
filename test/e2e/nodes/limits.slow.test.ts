// More sessions than a node runs at once, people who were enrolled before, and partners that stop answering.
import { afterAll, beforeAll, expect, test } from "vitest";
import { allowAll, cellsOf, EXPECTED, openPair, requestOf, type Pair } from "./pair.ts";
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

let reports = 0;

/** Runs a report of its own: a different bound, which nobody reaches, makes a different report. */
function start(env: Record<string, string> = {}): Running {
  const file = `roi-${++reports}.yaml`;
  advertiser.write(file, requestOf("advertiser", { high: 500 + reports }));
  return advertiser.start(["run", file, "--json", "--progress", "json"], env);
}

const AT_ONCE = 4;
const TRIES_MAX = 5;

/** Several runs at once, repeated until `wanted` happened to one of them: whether they overlap depends on the machine. */
async function runAtOnce(wanted: (run: Run) => boolean, env: Record<string, string> = {}): Promise<Run[]> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const runs = await Promise.all(Array.from({ length: AT_ONCE }, () => start(env).ended));
    if (runs.some(wanted)) return runs;
  }
  return expect.fail(`in ${TRIES_MAX} tries no two runs overlapped`);
}

/** Elliptic-curve evaluations that the run announced. */
function evaluated({ stderr }: Run): number {
  const events = stderr
    .split("\n")
    .filter((line) => line.includes('"progress"') && line.includes('"pseudonymise"'));
  return JSON.parse(events.at(-1)!).total;
}

test("people who were enrolled before are not evaluated again", async () => {
  const serving = await publisher.serve();
  // One step of evaluations for the partner, and this side's 50 people only the first time: their pseudonyms are kept.
  expect(evaluated(await start().ended)).toBe(1024 + 50);
  expect(evaluated(await start().ended)).toBe(1024);
  await serving.kill();
});

test("sessions above the limit wait in line and then run", async () => {
  const serving = await publisher.serve({ HALFROOM_SESSIONS_MAX: "1" });
  const runs = await runAtOnce(({ stderr }) => stderr.includes('"queued"'));
  for (const { exitCode, stdout } of runs) {
    expect(exitCode).toBe(0);
    expect(cellsOf(stdout)).toEqual(EXPECTED);
  }
  await serving.kill();
});

test("a proposal beyond the line is told that the node is busy, and ends if it may not ask again; the others run", async () => {
  const serving = await publisher.serve({ HALFROOM_SESSIONS_MAX: "1", HALFROOM_QUEUE_MAX: "0" });
  const runs = await runAtOnce(({ exitCode }) => exitCode === 3, { HALFROOM_BUSY_SECONDS: "0" });
  expect(runs.some(({ exitCode }) => exitCode === 0)).toBe(true);
  for (const { exitCode, stdout, stderr } of runs) {
    if (exitCode === 0) expect(cellsOf(stdout)).toEqual(EXPECTED);
    else expect(stderr).toContain(`{"error":{"code":"protocol-busy"`);
  }
  await serving.kill();
});

test("a partner that falls silent is given up, by stage and with the reason, on both sides", async () => {
  const serving = await publisher.serve();
  const running = start({ HALFROOM_IDLE_SECONDS: "15" });
  await serving.seen((line) => line.includes('"pseudonymise"') && line.includes('"started"'));
  serving.child.kill("SIGSTOP");
  const { exitCode, stderr } = await running.ended;
  serving.child.kill("SIGCONT");
  expect(exitCode).toBe(3);
  // Whichever comes first: a line whose pings nobody answers is given up, or a partner that says nothing over one that lives.
  expect(stderr).toMatch(/^\{"error":\{"code":"protocol-(timeout|closed)","words":"\1 during \w+: /m);
  const [ours] = await advertiser.sessions();
  expect(ours).toMatchObject({ state: "failed", code: expect.stringMatching(/^(?:timeout|closed)$/) });
  await serving.seen((line) => line.includes("connection ended"));
  const [theirs] = await publisher.sessions();
  expect(theirs).toMatchObject({ state: "failed" });
  await serving.kill();
});

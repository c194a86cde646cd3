// Two nodes with their own folders, in separate processes over TLS: everything from start to end, as a user types it.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allowAll, cellsOf, EXPECTED, openPair, type Pair } from "./pair.ts";
import type { Running, Site } from "./site.ts";

let pair: Pair;
let serving: Running[];
beforeAll(async () => {
  pair = await openPair();
  allowAll(pair);
  serving = await Promise.all([pair.advertiser.serve(), pair.publisher.serve()]);
});
afterAll(() => pair.close());

/** Every dial direction with every protocol role: the publisher groups, so it is the receiver, whoever proposes. */
describe.each([
  ["the advertiser, who joined, proposes as the sender", "advertiser"],
  ["the publisher, who invited, proposes as the receiver", "publisher"],
] as const)("%s", (_title, proposing) => {
  let us: Site;
  let them: Site;
  let json: string;
  beforeAll(async () => {
    [us, them] =
      proposing === "advertiser" ? [pair.advertiser, pair.publisher] : [pair.publisher, pair.advertiser];
    // One more row, which changes no number: otherwise the second report would be the stored one.
    const [name, row] =
      proposing === "advertiser"
        ? ["purchases.csv", "nobody@example.net,0"]
        : ["exposures.csv", "nobody@example.net,autumn,0"];
    us.write(name, `${readFileSync(join(us.folder, name), "utf8")}${row}\n`);
    expect(await us.ok("run", "roi.yaml", "--dry-run")).toContain("Nothing was sent");
    json = await us.ok("run", "roi.yaml", "--json");
  });

  test("the report is the plain join of the two files", () => {
    expect(cellsOf(json)).toEqual(EXPECTED);
  });

  test("both sides store the same cells, as JSON, CSV and a table", async () => {
    const { session } = JSON.parse(json).origin;
    for (const site of [us, them]) {
      const stored = await site.ok("report", session.slice(0, 12), "--json");
      expect(cellsOf(stored)).toEqual(EXPECTED);
    }
    // The other forms are made from the stored report; each direction shows them on the other site.
    const [header, ...rows] = (await them.ok("report", session, "--csv")).split("\r\n");
    const columns = header!.split(",");
    const spring = rows.find((row) => row.includes("spring"))!.split(",");
    const shown = (column: string) => spring[columns.indexOf(column)];
    expect([shown("campaign"), shown("people"), shown("revenue")]).toEqual([
      "spring",
      "22",
      EXPECTED[0]!.revenue.toFixed(2),
    ]);
    expect(await them.ok("report", session)).toMatch(/spring.*22/);
    expect(await them.ok("reports")).toContain(session.slice(0, 12));
  });

  test("both sides hold the same co-signed receipt, each in its own words", async () => {
    const { session } = JSON.parse(json).origin;
    const [ours, theirs] = await Promise.all(
      [us, them].map((site) => site.ok("audit", "receipt", session.slice(0, 12))),
    );
    const facts = (receipt: string) =>
      receipt
        .split("\n")
        .filter((line) => /^- .*[0-9a-f]{64}/.test(line))
        .sort();
    expect(facts(ours!).length).toBeGreaterThan(8);
    expect(facts(ours!)).toEqual(facts(theirs!));
  });

  test("both ledgers show the one release, and both audit logs hold", async () => {
    const { session } = JSON.parse(json).origin;
    for (const site of [us, them]) {
      const mine = (await site.ledger()).filter((entry) => entry.session === session);
      expect(mine).toMatchObject([{ settled: true, mode: "exact" }]);
      expect(await site.ok("audit", "verify")).toMatch(/is intact: \d+ entries/);
    }
  });

  test("the same request over the same data gets the stored report and costs nothing", async () => {
    const before = await Promise.all([us.ledger(), them.ledger()]);
    const again = await us.run("run", "roi.yaml", "--json");
    expect(again.exitCode).toBe(0);
    expect(again.stderr).toContain("no cost");
    expect(again.stdout).toBe(json);
    expect(await Promise.all([us.ledger(), them.ledger()])).toEqual(before);
    const [last] = await them.sessions();
    expect(last).toMatchObject({ state: "done" });
  });
});

test("health, readiness and metrics answer on a port of their own", async () => {
  const { HALFROOM_ADMIN } = pair.publisher.env;
  const ask = async (path: string) => {
    const response = await fetch(`http://${HALFROOM_ADMIN}${path}`);
    return { status: response.status, text: await response.text() };
  };
  expect(await ask("/healthz")).toEqual({ status: 200, text: "ok\n" });
  expect(await ask("/readyz")).toEqual({ status: 200, text: "ready\n" });
  expect((await ask("/metrics")).text).toMatch(
    /halfroom_sessions_total\{partner="advertiser",code="done"\} [1-9]/,
  );
  expect((await ask("/else")).status).toBe(404);
});

test("doctor finds nothing wrong, and says what is", async () => {
  const sound = await pair.advertiser.ok("doctor");
  expect(sound).toContain("ok   partner publisher: answers at");
  const broken = await pair.advertiser.start(["doctor"], {
    HALFROOM_DATASETS: "{purchases: {source: {csv: gone.csv}, match: {email: {columns: email}}}}",
  }).ended;
  expect(broken.exitCode).toBe(2);
  expect(broken.stdout).toMatch(/FAIL dataset purchases: .*gone\.csv cannot be read/);
});

test("audit verify says that a log was cut short, and ends with 3", async () => {
  const head = join(pair.advertiser.home, "audit.head");
  const before = readFileSync(head, "utf8");
  writeFileSync(head, `9${before}`);
  const { exitCode, stdout, stderr } = await pair.advertiser.run("audit", "verify");
  writeFileSync(head, before);
  expect(exitCode).toBe(3);
  expect(stdout).toMatch(/truncated: the log once ended with entry 9\d+/);
  expect(stderr).toContain("The audit log is not intact: 1 fault");
});

test("serving nodes end when told to, and what they logged names no person", async () => {
  for (const running of serving) running.child.kill("SIGTERM");
  for (const { exitCode, stderr } of await Promise.all(serving.map(({ ended }) => ended))) {
    expect(exitCode).toBe(0);
    expect(stderr).toContain('"stage":"release"');
    expect(stderr).not.toMatch(/@example/i);
    for (const line of stderr.split("\n")) expect(() => JSON.parse(line)).not.toThrow();
  }
});

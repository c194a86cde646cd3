// Whole sessions between two companies, each of which has a leader and workers in processes of their own: the report is the plain join, to
// the unit, with any number of workers and whatever happens to them.
import { readdirSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { join } from "node:path";
import { attribute, collector } from "../../packages/node/test/collector.ts";
import type { Running } from "../e2e/nodes/site.ts";
import { freePort } from "../ports/free-port.ts";
import { openStore } from "../../packages/prepare/test/object-store.ts";
import { can, LEADER, mayBeOthers, WORKER, type Account } from "./accounts.ts";
import { BUCKET, cellsOf, EXPECTED, stopped, untilActive } from "./company.ts";
import { expectOwnStreams } from "./own-streams.ts";
import { expectOver, preparedCompanies } from "./whole-sessions.ts";

const companies = preparedCompanies();

test("with a worker a side, and a folder of the advertiser's and an object store of the publisher's as shares", async () => {
  const store = await openStore(BUCKET);
  onTestFinished(() => store.close());
  const { advertiser, publisher } = await companies(store);
  const both = [advertiser, publisher];
  for (const company of both) await company.hire("worker-0");
  await publisher.site.serve();
  expect(cellsOf(await advertiser.site.ok("run", "roi.yaml", "--json"))).toEqual(EXPECTED);
  for (const company of both) {
    const [worker] = await expectOver(company, ["worker-0"]);
    expect(worker!.lately.blocks).toBeGreaterThan(0);
  }
  const findings = JSON.parse(await publisher.site.ok("doctor", "--json")) as {
    what: string;
    words: string;
  }[];
  expect(findings.find(({ what }) => what === "cluster")!.words).toMatch(
    /; 1 of 1 workers are there, with 1 threads$/,
  );
  const metrics = await (await fetch(`http://${publisher.site.env["HALFROOM_ADMIN"]}/metrics`)).text();
  expect(metrics).toMatch(/^halfroom_cluster_threads 1$/m);
  expect(metrics).toMatch(/^halfroom_cluster_jobs\{kind="evaluateBatch",state="waiting"\} 0$/m);
  expect(metrics).toMatch(/^halfroom_cluster_blocks_total\{kind="\w+",worker="worker-0"\} [1-9]/m);
  expect(metrics).toMatch(
    /^halfroom_cluster_seconds_total\{stage="pseudonymise",kind="\w+",worker="worker-0"\} [\d.]*[1-9]/m,
  );
  expect(metrics).toMatch(/^halfroom_cluster_bytes_total\{kind="\w+",direction="result"\} [1-9]/m);
  for (const operation of ["read", "write", "remove"])
    expect(metrics).toMatch(
      new RegExp(
        `^halfroom_cluster_share_uses_total\\{operation="${operation}",outcome="done"\\} [1-9]`,
        "m",
      ),
    );
  expect(metrics).toMatch(/^halfroom_cluster_share_seconds_total\{operation="read"\} [\d.]*[1-9]/m);
  expect(metrics).toMatch(/^halfroom_cluster_attempts_total\{kind="\w+"\} [1-9]/m);
  expect(metrics).toMatch(/^halfroom_cluster_blocks_total\{kind="shard",worker="worker-0"\} [1-9]/m);
  expect(metrics).toMatch(
    /^halfroom_cluster_seconds_total\{stage="match",kind="shard",worker="worker-0"\} [\d.]*[1-9]/m,
  );
});

test("with two workers a side; leaders, workers and partner tell a collector one trace, in which each job is below its own company's session", async () => {
  const { advertiser, publisher } = await companies();
  const { url, spans, bytes } = await collector();
  const both = [
    { company: advertiser, initiatedBy: "us", names: ["worker-a0", "worker-a1"] },
    { company: publisher, initiatedBy: "partner", names: ["worker-p0", "worker-p1"] },
  ];
  const workers: Running[] = [];
  for (const { company, names } of both) {
    company.site.env["HALFROOM_OTLP"] = url;
    for (const name of names) workers.push(await company.hire(name, { HALFROOM_OTLP: url }));
  }
  const serving = await publisher.site.serve();
  const json = await advertiser.site.ok("run", "roi.yaml", "--json");
  expect(cellsOf(json)).toEqual(EXPECTED);
  for (const { company, names } of both) await expectOver(company, names);
  for (const running of [serving, ...workers]) await stopped(running);
  const sessions = spans().filter(({ name }) => name === "session");
  expect(new Set(spans().map(({ traceId }) => traceId)).size).toBe(1);
  expect(sessions).toHaveLength(2);
  for (const { initiatedBy, names } of both) {
    const own = sessions.find((span) => attribute(span, "halfroom.initiated_by") === initiatedBy)!;
    const jobs = spans().filter((span) => names.includes(String(attribute(span, "halfroom.worker"))));
    expect(new Set(jobs.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([own.spanId]));
    expect(new Set(jobs.map(({ name }) => name)).size).toBeGreaterThan(1);
    expect(jobs.map(({ name }) => name)).toContain("shard");
  }
  const { session } = JSON.parse(json).origin as { session: string };
  for (const secret of [session, "@example.com", "revenue", "spring"]) expect(bytes()).not.toContain(secret);
});

test("workers of both sides, and the gateway before one, are killed in the middle of a shard", async () => {
  const { advertiser, publisher, dialAt } = await companies();
  const both = [advertiser, publisher];
  for (const company of both) for (const name of ["one", "two"]) await company.hire(name);
  await publisher.site.serve({ HALFROOM_GATEWAYS: "[127.0.0.0/8]", HALFROOM_RESUME_SECONDS: "60" });
  const at = {
    HALFROOM_LISTEN: `127.0.0.1:${await freePort()}`,
    HALFROOM_ADMIN: `127.0.0.1:${await freePort()}`,
  };
  const gateway = await publisher.gateway(at);
  await dialAt(at.HALFROOM_LISTEN);
  const running = advertiser.site.start(["run", "roi.yaml", "--json"], { HALFROOM_RESUME_SECONDS: "60" });
  for (const company of both) {
    await untilActive(company, "shards");
    await company.workers.get("one")!.kill();
  }
  await gateway.kill();
  await publisher.gateway(at);
  expect(cellsOf((await running.ended).stdout)).toEqual(EXPECTED);
  for (const company of both) expect(await company.sessionsInShare()).toEqual([]);
  const admin = `http://${at.HALFROOM_ADMIN}`;
  expect((await fetch(`${admin}/readyz`)).status).toBe(200);
  const metrics = await (await fetch(`${admin}/metrics`)).text();
  for (const direction of ["in", "out"])
    expect(metrics).toMatch(
      new RegExp(`^halfroom_gateway_bytes_total\\{direction="${direction}"\\} [1-9]`, "m"),
    );
  expect((await fetch(`http://${at.HALFROOM_LISTEN}`).catch(() => undefined))?.status).toBeUndefined();
  expect(await (await fetch(`${admin}/metrics`)).text()).toMatch(
    /^halfroom_connections_refused_total\{why="not-tls-http"\} 1$/m,
  );
});

test("shards have streams of their own through a gateway, dialled by their leader, and one worker of each side is killed", async () => {
  await expectOwnStreams(await companies(), "leader");
});

test.skipIf(!mayBeOthers())(
  "leader and worker have accounts and folders of their own (skipped where this is not root, who alone can have it so)",
  async () => {
    const { advertiser, publisher } = await companies();
    const { home } = publisher.site;
    const worker = await publisher.enrol("one");
    publisher.separate(worker);
    await publisher.start("one");
    await publisher.site.serve();
    expect(cellsOf(await advertiser.site.ok("run", "roi.yaml", "--json"))).toEqual(EXPECTED);
    const metrics = await (await fetch(`http://${publisher.site.env["HALFROOM_ADMIN"]}/metrics`)).text();
    for (const kind of [String.raw`\w+Batch`, "shard"])
      expect(metrics).toMatch(
        new RegExp(`^halfroom_cluster_blocks_total\\{kind="${kind}",worker="one"\\} [1-9]`, "m"),
      );
    expect(metrics).not.toMatch(/^halfroom_cluster_returned_total\{.*why="(?:failed|lost)"\}/m);
    expect(metrics).not.toMatch(/outcome="failed"/);
    expect(await publisher.sessionsInShare()).toEqual([]);
    const reads = (account: Account, ...path: string[]) => can(account, "cat", join(...path));
    expect([reads(LEADER, home, "node.sqlite"), reads(WORKER, worker, "worker.key")]).toEqual([true, true]);
    expect([reads(WORKER, home, "node.sqlite"), reads(LEADER, worker, "worker.key")]).toEqual([false, false]);
    expect(reads(WORKER, publisher.site.folder, "exposures.csv")).toBe(false);
    for (const account of [LEADER, WORKER])
      expect(reads(account, publisher.share, "halfroom-node")).toBe(true);
    expect(can({ user: 61_903, groups: [61_903] }, "ls", publisher.share)).toBe(false);
  },
);

test("a leader is killed in the middle, and the next one leaves nothing of it in the share", async () => {
  const { advertiser, publisher } = await companies();
  await advertiser.hire("slow", { HALFROOM_KERNEL: "sodium" });
  await publisher.site.serve();
  const running = advertiser.site.start(["run", "roi.yaml"]);
  await untilActive(advertiser);
  await running.kill();
  expect(await advertiser.sessionsInShare()).toHaveLength(1);
  await stopped(advertiser.workers.get("slow")!);
  expect(cellsOf(await advertiser.site.ok("run", "roi.yaml", "--json"))).toEqual(EXPECTED);
  expect(await advertiser.sessionsInShare()).toEqual([]);
  expect(readdirSync(`${advertiser.site.home}/cluster`)).toEqual([]);
});

test("a leader does not start with a Redis that it cannot use, and says which setting has to change", async () => {
  const { advertiser, publisher } = await companies();
  await publisher.redis.kill();
  const { exitCode, stderr } = await publisher.site.run("serve");
  expect([exitCode, stderr]).toEqual([
    2,
    expect.stringMatching(/^halfroom: Cannot use Redis at .*HALFROOM_REDIS/m),
  ]);
  await advertiser.redis.close();
  expect((await advertiser.site.run("run", "roi.yaml")).stderr).toMatch(/Cannot use Redis/);
});

test("commands without a cluster need no Redis", async () => {
  const { advertiser } = await companies();
  await advertiser.redis.kill();
  await advertiser.site.ok("sessions");
  const { exitCode, stderr } = await advertiser.site.run("cluster");
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/Cannot use Redis/)]);
});

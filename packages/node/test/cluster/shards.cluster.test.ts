// Shards on workers: sessions between two leaders in this process, each with workers in processes of their own, which are killed, paused and
// revived while they have shards. The report is the plain join, to the unit.
import type { ChildProcess } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { GroupPool } from "@halfroom/crypto";
import type { Role } from "@halfroom/mpc";
import { ShardWorkers } from "@halfroom/session";
import { exactRelease, plainJoin, preparePair, resultOf, withCsvFiles } from "@halfroom/testkit";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { csvOf, inShards, runSharded, TERMS } from "../../../../test/shards/sharded.ts";
import { workerId } from "../../src/cluster/credential.ts";
import { openStream } from "../../src/cluster/stream-door.ts";
import { PREFIX, SHARD_QUEUE } from "../../src/cluster/redis.ts";
import { enrolled, killed, openedCluster, place, Watched, workerProcess, type Place } from "./fixtures.ts";

const ROLES = ["sender", "receiver"] as const;
const CSV = csvOf(120);

let pool: GroupPool;
beforeAll(async () => {
  pool = await GroupPool.open(0);
});
afterAll(() => pool.close());

interface Company {
  readonly at: Place;
  readonly watch: Watched;
  readonly workers: readonly ChildProcess[];
  readonly ids: readonly string[];
}

async function company(workers: number): Promise<Company> {
  const at = await place();
  const all = await Promise.all(Array.from({ length: workers }, (_, i) => enrolled(at, `w${i}`)));
  const processes = await Promise.all(all.map((worker) => workerProcess(at, worker)));
  for (const child of processes) onTestFinished(() => killed(child));
  const ids = all.map(({ credential }) => workerId(credential.publicKey));
  return { at, watch: new Watched(), workers: processes, ids };
}

/** A session of so many shards; `cells` of both sides once it has ended. */
async function run(companies: Readonly<Record<Role, Company>>, shards: number) {
  const runners = {} as Record<Role, Awaited<ReturnType<typeof open>>>;
  for (const role of ROLES) runners[role] = await open(companies[role]);
  const data = await withCsvFiles(CSV, (files) => preparePair(files, TERMS));
  const { ended } = await runSharded(data, pool, {
    terms: inShards(shards),
    runnerOf: (role) => runners[role].shards,
  });
  for (const role of ROLES) await runners[role].close();
  return ROLES.map((role) => resultOf(ended[role]).table.cells);
}

async function open({ at, watch }: Company) {
  const cluster = await openedCluster(at, watch);
  const shardWorkers = new ShardWorkers(1);
  onTestFinished(() => shardWorkers.close());
  return await cluster.session({ pool, shardWorkers }, { secrets: {} });
}

const expected = () =>
  withCsvFiles(CSV, async ({ sender, receiver }) => {
    const query = { measures: TERMS.measures, groupBy: TERMS.partitions[0]! };
    return exactRelease(await plainJoin(sender, receiver, query), TERMS).released;
  });

/** Resolves once a worker of the company has a shard. */
async function untilActive({ at }: Company): Promise<void> {
  const redis = at.redis.connect();
  while ((await redis.llen(`${PREFIX}:${SHARD_QUEUE}:active`)) === 0) await pause(5);
  redis.disconnect();
}

const pair = async (sender: number, receiver: number) => ({
  sender: await company(sender),
  receiver: await company(receiver),
});
const isOfShards = ({ kind }: { readonly kind: string }) => kind === "shard";

test.each([
  [1, 1],
  [2, 0],
  [1, 2],
])("with %i workers of the sender and %i of the receiver", async (sender, receiver) => {
  const companies = await pair(sender, receiver);
  const [ofSender, ofReceiver] = await run(companies, 12);
  expect(ofSender).toEqual(await expected());
  expect(ofReceiver).toEqual(ofSender);
  for (const { ids, watch } of Object.values(companies)) {
    const done = watch.taken.filter(isOfShards);
    if (ids.length > 0) expect(done.length).toBeGreaterThan(0);
    for (const { worker } of done) expect(ids).toContain(worker);
    expect(watch.back.filter((why) => why !== "waited")).toEqual([]);
  }
});

test.each<[string, (worker: ChildProcess) => void]>([
  ["killed", (worker) => worker.kill("SIGKILL")],
  ["paused", (worker) => worker.kill("SIGSTOP")],
  [
    "paused for longer than a leader waits, and revived",
    (worker) => {
      worker.kill("SIGSTOP");
      setTimeout(() => worker.kill("SIGCONT"), 14_000);
    },
  ],
])("a worker that is %s costs its shards in flight and nothing else", async (_, strike) => {
  const companies = await pair(1, 1);
  const running = run(companies, 12);
  await untilActive(companies.receiver);
  await pause(100);
  strike(companies.receiver.workers[0]!);
  const [ofSender, ofReceiver] = await running;
  expect(ofSender).toEqual(await expected());
  expect(ofReceiver).toEqual(ofSender);
  expect(companies.receiver.watch.back.filter((why) => why === "lost").length).toBeLessThanOrEqual(2);
});

test("sessions go on where Redis is lost in the middle", async () => {
  const companies = await pair(1, 1);
  const running = run(companies, 12);
  await untilActive(companies.sender);
  await companies.sender.at.redis.kill();
  const [ofSender] = await running;
  expect(ofSender).toEqual(await expected());
});

test("a stream without a token that is awaited, or with one that was taken, is refused", async () => {
  const at = await place();
  const { door } = await openedCluster(at);
  const token = "ab".repeat(32);
  await expect(openStream(door.address, door.fingerprint, token)).rejects.toThrow();
  const awaited = door.expect(token);
  const stream = await openStream(door.address, door.fingerprint, token);
  expect(await awaited.stream).toBeDefined();
  expect(awaited.cancel()).toBe(false);
  await expect(openStream(door.address, door.fingerprint, token)).rejects.toThrow();
  stream.close();
  const other = door.expect("cd".repeat(32));
  expect(other.cancel()).toBe(true);
  await expect(openStream(door.address, door.fingerprint, "cd".repeat(32))).rejects.toThrow();
});

test("a worker brings its stream to no other than its leader", async () => {
  const at = await place();
  const { door } = await openedCluster(at);
  const token = "ef".repeat(32);
  const awaited = door.expect(token);
  await expect(openStream(door.address, "00".repeat(32), token)).rejects.toThrow("another than the leader");
  expect(awaited.cancel()).toBe(true);
});

// Shards on workers, with streams of their own to the partner: sessions between two leaders in this process, each with workers in processes of
// their own. The report is the plain join, to the unit, and leaders pass on no frame that a worker can bring to the partner itself.
import type { ChildProcess } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { GroupPool } from "@halfroom/crypto";
import type { Role } from "@halfroom/mpc";
import { ShardWorkers, type SessionInput } from "@halfroom/session";
import {
  connectProxy,
  exactRelease,
  plainJoin,
  preparePair,
  resultOf,
  withCsvFiles,
} from "@halfroom/testkit";
import {
  DOOR_LIMITS,
  listenTls,
  openGateway,
  parseProxy,
  StreamNames,
  StreamPort,
} from "@halfroom/transport";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { csvOf, inShards, runSharded, TERMS } from "../../../../test/shards/sharded.ts";
import { makeParty } from "../../../transport/test/tls-fixtures.ts";
import { PREFIX, SHARD_QUEUE } from "../../src/cluster/redis.ts";
import { SessionStreams, type StreamRoute } from "../../src/streams/session-streams.ts";
import { enrolled, killed, openedCluster, place, Watched, workerProcess, type Place } from "./fixtures.ts";

const ROLES = ["sender", "receiver"] as const;
const CSV = csvOf(120);
const SHARDS = 12;

let pool: GroupPool;
beforeAll(async () => {
  pool = await GroupPool.open(0);
});
afterAll(() => pool.close());

interface Company {
  readonly at: Place;
  readonly watch: Watched;
  readonly workers: readonly ChildProcess[];
}

async function company(workers: number, env: Readonly<Record<string, string>> = {}): Promise<Company> {
  const at = await place();
  const all = await Promise.all(Array.from({ length: workers }, (_, i) => enrolled(at, `w${i}`)));
  const processes = await Promise.all(all.map((worker) => workerProcess(at, worker, 1, env)));
  for (const child of processes) onTestFinished(() => killed(child));
  return { at, watch: new Watched(), workers: processes };
}

/** The port of a leader at which partners arrive, or ask for those that come through a gateway. */
async function publicPort(streams: StreamNames, isBehind: boolean): Promise<string> {
  const { identity } = await makeParty("leader");
  const listener = await listenTls({
    host: "127.0.0.1",
    port: 0,
    idleMs: 60_000,
    resumeMs: 0,
    identity,
    streams,
    isInFront: () => isBehind,
    admit: () => false,
    meet: () => {},
  });
  onTestFinished(() => listener.close());
  return listener.address;
}

interface Setup {
  /** The sender, who dials. */
  readonly sender: Company;
  readonly receiver: Company;
  readonly workersDial?: "partner" | "leader";
  /** Through which the sender's leader dials. */
  readonly proxy?: URL | undefined;
  /** What the sender dials, if it is not the receiver's port. */
  readonly dialled?: (port: string) => Promise<string>;
}

/** A session; `cells` of both sides once it has ended, and what leaders told of. */
async function run({ sender, receiver, workersDial = "partner", proxy, dialled }: Setup) {
  const front = { names: new StreamNames(), port: new StreamPort() };
  const port = await publicPort(front.names, dialled === gatewayTo);
  const way = { address: (await dialled?.(port)) ?? port, proxy };
  const routes: Record<Role, StreamRoute> = { sender: { way }, receiver: { front } };
  const troubles: string[] = [];
  const runners = {} as Record<Role, SessionInput["runner"]>;
  const opened = [];
  for (const [role, { at, watch }] of Object.entries({ sender, receiver }) as [Role, Company][]) {
    const cluster = await openedCluster(at, watch, troubles, true, workersDial);
    const shardWorkers = new ShardWorkers(1);
    onTestFinished(() => shardWorkers.close());
    const streams = new SessionStreams(routes[role], (words) => troubles.push(words));
    const session = await cluster.session({ pool, shardWorkers }, { secrets: {}, streams });
    runners[role] = session.shards;
    opened.push(session);
  }
  const data = await withCsvFiles(CSV, (files) => preparePair(files, TERMS));
  const { ended } = await runSharded(data, pool, {
    terms: { ...inShards(SHARDS), streams: "own" },
    runnerOf: (role) => runners[role],
  });
  for (const session of opened) await session.close();
  const [ofSender, ofReceiver] = ROLES.map((role) => resultOf(ended[role]).table.cells);
  expect(ofReceiver).toEqual(ofSender);
  return { cells: ofSender, troubles, left: front.names.size };
}

const expected = () =>
  withCsvFiles(CSV, async ({ sender, receiver }) => {
    const query = { measures: TERMS.measures, groupBy: TERMS.partitions[0]! };
    return exactRelease(await plainJoin(sender, receiver, query), TERMS).released;
  });

async function untilActive({ at }: Company): Promise<void> {
  const redis = at.redis.connect();
  while ((await redis.llen(`${PREFIX}:${SHARD_QUEUE}:active`)) === 0) await pause(5);
  redis.disconnect();
}

const shardsOf = ({ watch }: Company) => watch.taken.filter(({ kind }) => kind === "shard");
const bytesOf = ({ watch }: Company, as: string) =>
  watch.passedOn.filter((each) => each.as === as).reduce((sum, { bytes }) => sum + bytes, 0);

test.each([
  [2, 2],
  [1, 0],
  [0, 1],
])("with %i workers of the side that dials and %i of the other", async (ofSender, ofReceiver) => {
  const [sender, receiver] = [await company(ofSender), await company(ofReceiver)];
  const { cells, troubles, left } = await run({ sender, receiver });
  expect(cells).toEqual(await expected());
  expect([troubles, left]).toEqual([[], 0]);
  for (const [side, workers] of [
    [sender, ofSender],
    [receiver, ofReceiver],
  ] as const) {
    const done = shardsOf(side);
    if (workers > 0) expect(done.length).toBeGreaterThan(0);
    expect(done.every(({ apart }) => apart === true)).toBe(true);
    expect(bytesOf(side, "frames")).toBe(0);
  }
  // The receiver's leader stands before its workers here, and reads nothing of what it passes on.
  expect(bytesOf(sender, "tcp")).toBe(0);
  expect(bytesOf(receiver, "tcp") > 0).toBe(ofReceiver > 0);
});

test("a gateway passes streams to workers, and leaders pass on nothing", async () => {
  const companies = { sender: await company(1), receiver: await company(1) };
  const { cells, troubles } = await run({ ...companies, dialled: gatewayTo });
  expect(cells).toEqual(await expected());
  expect(troubles).toEqual([]);
  for (const side of Object.values(companies))
    expect([shardsOf(side).length > 0, side.watch.passedOn]).toEqual([true, []]);
});

async function gatewayTo(leader: string): Promise<string> {
  const gateway = await openGateway({
    listen: "127.0.0.1:0",
    leader,
    door: DOOR_LIMITS,
    isInFront: () => false,
    onTurnedAway: () => {},
    onLeader: () => {},
    onFault: (error) => {
      throw error;
    },
  });
  onTestFinished(() => gateway.close());
  return gateway.address;
}

test("workers' streams go through their leader where they cannot dial, and through a proxy of either", async () => {
  const proxy = await connectProxy();
  onTestFinished(() => proxy.close());
  const through = { HTTPS_PROXY: `http://${proxy.address}`, NO_PROXY: "" };
  const receiver = await company(1);
  const byThemselves = await company(1, through);
  expect((await run({ sender: byThemselves, receiver })).cells).toEqual(await expected());
  expect(proxy.asked.length).toBe(shardsOf(byThemselves).length);
  expect(bytesOf(byThemselves, "tcp")).toBe(0);
  const byLeader = await company(1);
  const before = proxy.asked.length;
  const { cells, troubles } = await run({
    sender: byLeader,
    receiver: await company(0),
    workersDial: "leader",
    proxy: parseProxy(proxy.address),
  });
  expect(cells).toEqual(await expected());
  expect(troubles).toEqual([]);
  // Those that the leader computes go through its proxy as well.
  expect(proxy.asked.length - before).toBe(SHARDS);
  expect(bytesOf(byLeader, "tcp")).toBeGreaterThan(0);
  expect(bytesOf(byLeader, "frames")).toBe(0);
});

test.each<[string, Role, (worker: ChildProcess) => void]>([
  ["one that dials is killed", "sender", (worker) => worker.kill("SIGKILL")],
  ["one that is dialled is killed", "receiver", (worker) => worker.kill("SIGKILL")],
  ["one is paused", "receiver", (worker) => worker.kill("SIGSTOP")],
])("a worker costs its shards in flight and nothing else: %s", async (_, role, strike) => {
  const companies = { sender: await company(1), receiver: await company(1) };
  const running = run(companies);
  await untilActive(companies[role]);
  await pause(100);
  strike(companies[role].workers[0]!);
  expect((await running).cells).toEqual(await expected());
});

test("a session goes on over its own connections where no stream can be opened", async () => {
  const companies = { sender: await company(1), receiver: await company(1) };
  const { cells, troubles } = await run({ ...companies, dialled: async () => "127.0.0.1:1" });
  expect(cells).toEqual(await expected());
  expect(troubles.some((words) => words.includes("could not be opened"))).toBe(true);
  for (const side of Object.values(companies))
    for (const { apart } of shardsOf(side)) expect(apart).toBe(false);
});

// Jobs of the OPRF over workers: the same pseudonyms as from one machine, whatever workers, Redis and share do meanwhile.
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { GroupPool, packRows, type Arrays, type JobRunner } from "@halfroom/crypto";
import {
  derivePublicKey,
  evaluateForPartner,
  evaluateOwn,
  generateKey,
  oprfReceiver,
  WholeRows,
} from "@halfroom/match";
import { shardsHere } from "@halfroom/session";
import { memoryFrames, seededRng } from "@halfroom/testkit";
import { openChannel, ProtocolError } from "@halfroom/wire";
import { Worker } from "bullmq";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { sealResult, type BlockKind, type JobData } from "../../src/cluster/blocks.ts";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { EnrolledWorkers } from "../../src/cluster/enrolled.ts";
import { openGrant } from "../../src/cluster/grants.ts";
import { connectionName } from "../../src/cluster/live.ts";
import { blockQueue, PREFIX, QUEUE, waitingConnection } from "../../src/cluster/redis.ts";
import { workerId } from "../../src/cluster/credential.ts";
import { Vault } from "../../src/vault/vault.ts";
import {
  enrolled,
  killed,
  openedCluster,
  place,
  Watched,
  workerHere,
  workerProcess,
  type Place,
  type TestWorker,
} from "./fixtures.ts";

const pool = await GroupPool.open(1);
afterAll(() => pool.close());
const { kernel } = pool;
const secretKey = generateKey(kernel, seededRng("key"));
const keys = { secretKey, publicKey: derivePublicKey(kernel, secretKey) };
const NEEDLE = "person";

const BLOCK = 8192;
/** So many that each worker has its part of each kind of block, however busy the machine is; and where that is not what is shown. */
const MANY = 7 * BLOCK + 5;
const FEW = 3 * BLOCK + 5;
const peopleOf = (name: string, count: number) =>
  packRows(Array.from({ length: count }, (_, i) => Buffer.from(`${NEEDLE} ${name} ${i}`)));
const people = { [MANY]: peopleOf("own", MANY), [FEW]: peopleOf("own", FEW) };

/** The sender's own. */
async function own(runner: JobRunner, count = FEW): Promise<Uint8Array> {
  const rows = new WholeRows(people[count]!);
  await evaluateOwn(rows, secretKey, runner, () => {}, new AbortController().signal);
  return rows.pseudonyms;
}
const expected = await own(pool, MANY);

/** The receiver's, by both roles at once, each with a runner of its own. */
async function received(sender: JobRunner, receiver: JobRunner, count = FEW): Promise<Uint8Array> {
  const [left, right] = memoryFrames({ idleMs: 60_000 });
  const rows = new WholeRows(people[count]!);
  await Promise.all([
    evaluateForPartner(openChannel(left, "sender"), count, keys, sender, seededRng("proofs"), () => {}),
    oprfReceiver(openChannel(right, "receiver"), rows, keys.publicKey, receiver, seededRng("blinds")),
  ]);
  return rows.pseudonyms;
}

const isRight = (pseudonyms: Uint8Array, count = FEW) =>
  Buffer.compare(pseudonyms, expected.subarray(0, 64 * count)) === 0;

async function session(cluster: Cluster, secrets = { secretKey }) {
  const runners = await cluster.session({ pool, shardWorkers: shardsHere }, { secrets });
  onTestFinished(() => runners.close());
  return runners.blocks;
}

/** A process whose blocks take seconds, in the middle of its first one. */
async function slowWorker(at: Place, worker: TestWorker) {
  const child = await workerProcess(at, worker, 1, { HALFROOM_KERNEL: "sodium" });
  onTestFinished(() => killed(child));
  return child;
}

/** How many jobs workers have taken and not ended. */
async function active(at: Place): Promise<number> {
  const redis = at.redis.connect();
  const count = await redis.llen(`${PREFIX}:${QUEUE}:active`);
  redis.disconnect();
  return count;
}

async function untilActive(at: Place): Promise<void> {
  while ((await active(at)) === 0) await pause(10);
}

describe.each([0, 1, 2])("with %i workers", (count) => {
  test("both roles give the pseudonyms that one machine gives, and every worker has its part", async () => {
    const at = await place();
    const workers = await Promise.all(Array.from({ length: count }, (_, i) => enrolled(at, `w${i}`)));
    await Promise.all(workers.map((worker) => workerHere(at, worker)));
    const watch = new Watched();
    const cluster = await openedCluster(at, watch);
    expect(cluster.threads).toBe(count);
    const [sender, receiver] = [await session(cluster), await session(cluster, {} as never)];
    expect(isRight(await own(sender, MANY), MANY)).toBe(true);
    expect(isRight(await received(sender, receiver, MANY), MANY)).toBe(true);
    const ids = workers.map(({ credential }) => workerId(credential.publicKey));
    for (const id of ids) expect(watch.blocks(id)).toBeGreaterThan(0);
    const kinds = new Set(watch.taken.map(({ kind }) => kind));
    expect(kinds.size).toBe(count === 0 ? 0 : 4);
    expect(watch.back.filter((why) => why !== "waited")).toEqual([]);
  });
});

describe("a leader that leaves computing to its workers", () => {
  const leaving = (at: Place, watch: Watched) => openedCluster(at, watch, [], false);

  test("computes no block while there is one", async () => {
    const at = await place();
    await workerHere(at, await enrolled(at, "one"));
    const watch = new Watched();
    const cluster = await leaving(at, watch);
    const [sender, receiver] = [await session(cluster), await session(cluster, {} as never)];
    expect(isRight(await own(sender))).toBe(true);
    expect(isRight(await received(sender, receiver))).toBe(true);
    // The sender's own, and of the receiver's each that is blinded, evaluated and finished.
    expect(watch.blocks()).toBe(4 * Math.ceil(FEW / BLOCK));
    expect(watch.back).toEqual([]);
  });

  test("computes them all once there is none", async () => {
    const at = await place();
    const child = await slowWorker(at, await enrolled(at, "one"));
    const watch = new Watched();
    const running = own(await session(await leaving(at, watch)));
    await untilActive(at);
    await killed(child);
    expect(isRight(await running)).toBe(true);
    expect(watch.blocks()).toBe(0);
  });
});

test("nothing in Redis or share tells a person, a pseudonym or a key, and a job is small", async () => {
  const at = await place();
  const worker = await enrolled(at, "one");
  await slowWorker(at, worker);
  const cluster = await openedCluster(at);
  const [sender, receiver] = [await session(cluster), await session(cluster, {} as never)];
  const running = Promise.all([own(sender), received(sender, receiver)]);
  await untilActive(at);
  await pause(200);
  const redis = at.redis.connect();
  const dumps: Buffer[] = [];
  for (const key of await redis.keys("*")) {
    dumps.push(Buffer.from(key), (await redis.dumpBuffer(key)) ?? Buffer.alloc(0));
    if ((await redis.type(key)) !== "hash") continue;
    const hash = await redis.hgetall(key);
    dumps.push(Buffer.from(JSON.stringify(hash)));
    expect(Buffer.byteLength(hash["data"] ?? "")).toBeLessThan(200);
  }
  redis.disconnect();
  const names = readdirSync(at.share, { recursive: true, encoding: "utf8" });
  const files = names.map((name) => join(at.share, name)).filter((path) => /\.(in|out|key)$/.test(path));
  expect(files.filter((path) => path.endsWith(".in")).length).toBeGreaterThan(0);
  expect(files.filter((path) => path.endsWith(".key")).length).toBeGreaterThan(0);
  const all = Buffer.concat([
    ...dumps,
    Buffer.from(names.join("\n")),
    ...files.filter(existsSync).map((path) => readFileSync(path)),
  ]);
  const secrets = [
    Buffer.from(NEEDLE),
    Buffer.from(secretKey),
    Buffer.from(keys.publicKey),
    Buffer.from(worker.credential.privateKey),
  ];
  for (let at = 0; at < expected.length; at += 64 * 97)
    secrets.push(Buffer.from(expected.subarray(at, at + 16)));
  for (const secret of secrets) {
    expect(all.includes(secret)).toBe(false);
    expect(all.includes(secret.toString("hex"))).toBe(false);
    expect(all.includes(secret.toString("base64").slice(0, -4) || NEEDLE)).toBe(false);
  }
  for (const name of names)
    expect(name).toMatch(
      /^(halfroom-node|[0-9a-f]{32}(\/(\d+\.(in|out)|[0-9a-f]{32}\.key)(\.[0-9a-f]{16}\.tmp)?)?)$/,
    );
  const [first, second] = await running;
  expect([isRight(first), isRight(second)]).toEqual([true, true]);
  await Promise.all([sender.close(), receiver.close()]);
  expect(readdirSync(at.share)).toEqual(["halfroom-node"]);
});

describe("a worker in the middle of a block", () => {
  test("is killed, and its block is computed here", async () => {
    const at = await place();
    const child = await slowWorker(at, await enrolled(at, "one"));
    const watch = new Watched();
    const running = own(await session(await openedCluster(at, watch)));
    await untilActive(at);
    await killed(child);
    expect(isRight(await running)).toBe(true);
    expect(watch.back).toContain("waited");
    expect(watch.blocks()).toBe(0);
  });

  test("is paused, comes back once the session is over, and goes on with the next", async () => {
    const at = await place();
    const worker = await enrolled(at, "one");
    const child = await slowWorker(at, worker);
    const watch = new Watched();
    const cluster = await openedCluster(at, watch);
    const first = await session(cluster);
    const running = own(first);
    await untilActive(at);
    child.kill("SIGSTOP");
    expect(isRight(await running)).toBe(true);
    expect(watch.back).toContain("waited");
    await first.close();
    child.kill("SIGCONT");
    const second = await session(cluster);
    while (watch.blocks() === 0) expect(isRight(await own(second))).toBe(true);
    await second.close();
    expect(readdirSync(at.share)).toEqual(["halfroom-node"]);
  });

  test("is killed, and another worker takes what it had", async () => {
    const at = await place();
    const [slow, quick] = [await enrolled(at, "slow"), await enrolled(at, "quick")];
    const child = await slowWorker(at, slow);
    const watch = new Watched();
    const cluster = await openedCluster(at, watch);
    const running = own(await session(cluster));
    await untilActive(at);
    await workerHere(at, quick);
    await killed(child);
    expect(isRight(await running)).toBe(true);
    expect(watch.blocks(workerId(slow.credential.publicKey))).toBe(0);
  });
});

describe("Redis", () => {
  test("is killed in the middle: the leader computes what is out, and workers come back with it", async () => {
    const at = await place();
    await slowWorker(at, await enrolled(at, "slow"));
    const watch = new Watched();
    const troubles: string[] = [];
    const cluster = await openedCluster(at, watch, troubles);
    const blocks = await session(cluster);
    const running = own(blocks);
    await untilActive(at);
    await at.redis.kill();
    expect(isRight(await running)).toBe(true);
    expect(isRight(await own(blocks))).toBe(true);
    expect(troubles.length).toBeGreaterThan(0);
    await at.redis.restart();
    await workerHere(at, await enrolled(at, "quick"));
    const before = watch.blocks();
    while (watch.blocks() === before) expect(isRight(await own(blocks))).toBe(true);
  });

  test("hangs in the middle: the session ends all the same", async () => {
    const at = await place();
    await slowWorker(at, await enrolled(at, "slow"));
    const watch = new Watched();
    const cluster = await openedCluster(at, watch);
    const running = own(await session(cluster));
    await untilActive(at);
    at.redis.signal("SIGSTOP");
    expect(isRight(await running)).toBe(true);
    expect(watch.back).toContain("lost");
    at.redis.signal("SIGCONT");
  });
});

test("a worker that lives, and never ends its block, does not hold the session up", async () => {
  const at = await place();
  const { credential } = await enrolled(at, "stuck");
  const name = connectionName({ id: workerId(credential.publicKey), threads: 1 });
  const connection = waitingConnection(at.redis.url, { connectionName: name });
  const stuck = new Worker(QUEUE, async () => await new Promise(() => {}), { connection, prefix: PREFIX });
  stuck.on("error", () => {});
  await stuck.waitUntilReady();
  onTestFinished(async () => {
    await stuck.close(true);
    connection.disconnect();
  });
  const watch = new Watched();
  expect(isRight(await own(await session(await openedCluster(at, watch))))).toBe(true);
  expect(watch.back).toContain("slow");
});

/** A worker that has a key as every worker, and answers in a way of its own. */
async function lyingWorker(
  at: Place,
  worker: TestWorker,
  answer: (kind: BlockKind) => Arrays | undefined | "unsealed",
) {
  const id = workerId(worker.credential.publicKey);
  const connection = waitingConnection(at.redis.url, { connectionName: connectionName({ id, threads: 1 }) });
  const lies = new Worker<JobData>(
    QUEUE,
    async ({ name, data: { session, block } }) => {
      const kind = name as BlockKind;
      const sealed = readFileSync(join(at.share, session, `${id}.key`));
      const grant = openGrant(worker.credential.privateKey, session, id, sealed)!;
      const lie = answer(kind);
      const key = Vault.ofSecret(grant.sessionKey);
      const bytes = lie === "unsealed" ? Buffer.alloc(100) : sealResult(key, { session, kind, block }, lie);
      writeFileSync(join(at.share, session, `${block}.out`), bytes);
      return { worker: id, ms: 1, attempt: 1 };
    },
    { connection, prefix: PREFIX },
  );
  lies.on("error", () => {});
  await lies.waitUntilReady();
  onTestFinished(async () => {
    await lies.close();
    connection.disconnect();
  });
}

describe("a worker that lies", () => {
  test.each([
    ["with too few bytes", { outputs: new Uint8Array(64) }],
    ["with another array", { points: new Uint8Array(64 * BLOCK) }],
    ["with what is not sealed", "unsealed" as const],
  ])("%s: the leader takes none of it", async (_name, lie) => {
    const at = await place();
    await lyingWorker(at, await enrolled(at, "liar"), () => lie);
    const watch = new Watched();
    const troubles: string[] = [];
    const cluster = await openedCluster(at, watch, troubles);
    expect(isRight(await own(await session(cluster)))).toBe(true);
    expect(watch.back).toContain("failed");
    expect(watch.blocks()).toBe(0);
    expect(troubles).toEqual([expect.stringMatching(/no result of a block, or a wrong one/)]);
  });

  test("with what are no points: the leader takes none of it", async () => {
    const at = await place();
    await lyingWorker(at, await enrolled(at, "liar"), (kind) => ({
      points: new Uint8Array(32 * BLOCK).fill(255),
      ...(kind === "blindEvaluateBatch" && { proof: new Uint8Array(64) }),
    }));
    const watch = new Watched();
    const cluster = await openedCluster(at, watch);
    const blocks = await session(cluster);
    expect(isRight(await received(blocks, blocks))).toBe(true);
    expect(watch.back).toContain("failed");
  });
});

test("an invalid point of the partner is its fault at once, and nothing is tried again", async () => {
  const at = await place();
  await workerHere(at, await enrolled(at, "one"));
  const watch = new Watched();
  const cluster = await openedCluster(at, watch);
  const blocks = await session(cluster);
  const [left, right] = memoryFrames({ idleMs: 60_000 });
  const partner = openChannel(right, "receiver");
  const points = new Uint8Array(32 * BLOCK).fill(255);
  const sending = (async () => {
    for (let i = 0; i < 8; i++) await partner.send({ type: "blinded", data: points } as never);
  })().catch(() => {});
  const evaluating = evaluateForPartner(
    openChannel(left, "sender"),
    8 * BLOCK,
    keys,
    blocks,
    seededRng("p"),
    () => {},
  );
  await expect(evaluating).rejects.toSatisfy(
    (error) => error instanceof ProtocolError && error.code === "point",
  );
  await left.close();
  await sending;
  expect(watch.taken.every(({ attempt }) => attempt === 1)).toBe(true);
  expect(watch.back.filter((why) => why === "failed")).toEqual([]);
});

test("a worker that was not added is given no key and no block; one that is removed loses its key", async () => {
  const at = await place();
  await workerHere(at, await enrolled(at, "stranger", false));
  const friend = await enrolled(at, "friend");
  await workerHere(at, friend);
  const watch = new Watched();
  const cluster = await openedCluster(at, watch);
  expect(cluster.threads).toBe(1);
  const blocks = await session(cluster);
  expect(isRight(await own(blocks))).toBe(true);
  const keyFiles = () =>
    readdirSync(at.share, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".key"));
  const id = workerId(friend.credential.publicKey);
  expect(keyFiles()).toEqual([expect.stringContaining(id)]);
  new EnrolledWorkers(at.home.store).remove("friend");
  await enrolled(at, "another");
  expect(isRight(await own(blocks))).toBe(true);
  expect(keyFiles().filter((name) => name.includes(id))).toEqual([]);
});

test("jobs and folders that a killed leader left are gone once another has started", async () => {
  const at = await place();
  const redis = waitingConnection(at.redis.url);
  onTestFinished(() => redis.disconnect());
  const queue = blockQueue(redis);
  await queue.add("evaluateBatch", { session: "ab".repeat(16), block: 0, bytes: 100 }, { priority: 2 });
  await queue.add("blindBatch", { session: "ab".repeat(16), block: 1, bytes: 100 });
  const cluster = await openedCluster(at);
  const jobs = await cluster.jobs();
  expect(jobs!.counts.filter(({ count }) => count > 0)).toEqual([]);
  expect(jobs!.waitingSince).toBeUndefined();
});

test("a worker that is told to end does what it has, and takes no more", async () => {
  const at = await place();
  const child = await workerProcess(at, await enrolled(at, "one"), 1, { HALFROOM_KERNEL: "sodium" });
  onTestFinished(() => killed(child));
  const running = own(await session(await openedCluster(at)));
  await untilActive(at);
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  expect(await exit).toEqual([0, null]);
  // A job that it had left behind would be its own until its lock ends.
  expect(await active(at)).toBe(0);
  expect(isRight(await running)).toBe(true);
});

test("a worker that is told to end while Redis is lost does so", async () => {
  const at = await place();
  const child = await workerProcess(at, await enrolled(at, "one"));
  onTestFinished(() => killed(child));
  const noticed = once(child.stderr!, "data");
  await at.redis.kill();
  expect(String(await noticed)).toContain("Redis does not answer");
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  expect(await exit).toEqual([0, null]);
});

// A leader's cluster and workers in this process or in their own, over a Redis of the test's, and blocks to give them.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { Cluster, type BlockWatch, type ReturnReason } from "../../src/cluster/cluster.ts";
import { makeCredential, type Credential } from "../../src/cluster/credential.ts";
import { EnrolledWorkers } from "../../src/cluster/enrolled.ts";
import { startWorker } from "../../src/cluster/worker.ts";
import { openLog } from "../../src/serve/log.ts";
import { nodeFolder } from "../../src/store/folder.ts";
import { makeHome, type Home } from "../home.ts";
import { RedisServer } from "./redis-server.ts";

const COMMAND = fileURLToPath(new URL("../../../cli/bin/halfroom.js", import.meta.url));
export const silent = openLog({ log_level: "silent" });

/** How a worker without settings of its own reaches partners. */
export const BY_DEFAULT = { listen: "", address: "", proxy: "" };

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "halfroom-cluster-"));
}

/** What a leader was told of its blocks. */
export class Watched implements BlockWatch {
  readonly taken: Parameters<BlockWatch["done"]>[0][] = [];
  readonly back: ReturnReason[] = [];
  readonly passedOn: { readonly to: string; readonly as: string; readonly bytes: number }[] = [];

  done(block: Parameters<BlockWatch["done"]>[0]): void {
    this.taken.push(block);
  }

  returned(_kind: unknown, why: ReturnReason): void {
    this.back.push(why);
  }

  shared(): void {}

  passed(to: string, as: string, bytes: number): void {
    this.passedOn.push({ to, as, bytes });
  }

  /** How many blocks a worker has done, of all or of one. */
  blocks(worker?: string): number {
    return this.taken.filter((each) => worker === undefined || each.worker === worker).length;
  }
}

export interface Place {
  readonly redis: RedisServer;
  readonly share: string;
  readonly home: Home;
}

/** What a leader or a worker is told of it. */
type Told = Omit<Place, "redis"> & { readonly redis: Pick<RedisServer, "url"> };

/** A Redis, a share and a node's folder. */
export async function place(settings: Readonly<Record<string, string>> = {}): Promise<Place> {
  const redis = await RedisServer.start(settings);
  onTestFinished(() => redis.close());
  const home = await makeHome();
  onTestFinished(() => home.store.close());
  const share = join(temporaryFolder(), "share");
  mkdirSync(share);
  chmodSync(share, 0o2770);
  return { redis, share, home };
}

export async function openedCluster(
  { redis, share, home }: Told,
  watch: BlockWatch = new Watched(),
  troubles: string[] = [],
  leaderComputes = true,
  workersDial: "partner" | "leader" = "partner",
): Promise<Cluster> {
  const cluster = await Cluster.open({
    redis: redis.url,
    share,
    nodeId: home.identity.fingerprint,
    home: home.folder.path,
    store: home.store,
    leaderComputes,
    workersListen: "",
    workersAddress: "",
    workersDial,
    onTrouble: (words) => troubles.push(words),
    watch,
  });
  onTestFinished(() => cluster.close());
  return cluster;
}

export interface TestWorker {
  readonly credential: Credential;
  readonly folder: string;
}

/** A worker that exists and was added at the leader, unless told otherwise. */
export async function enrolled(
  { home }: Pick<Place, "home">,
  name: string,
  isAdded = true,
): Promise<TestWorker> {
  const folder = join(temporaryFolder(), name);
  const credential = await makeCredential(nodeFolder(folder, {}), name);
  if (isAdded) new EnrolledWorkers(home.store).add(credential, Date.now());
  return { credential, folder };
}

/** It takes blocks in this process. */
export async function workerHere({ redis, share }: Place, { credential }: TestWorker, threads = 1) {
  const worker = await startWorker({
    redis: redis.url,
    share,
    credential,
    threads,
    streams: BY_DEFAULT,
    log: silent,
  });
  onTestFinished(() => worker.close());
  return worker;
}

/** `halfroom worker` in a process of its own, once it is ready. */
export async function workerProcess(
  { redis, share }: Pick<Place, "redis" | "share">,
  { folder }: Pick<TestWorker, "folder">,
  threads = 1,
  env: Readonly<Record<string, string>> = {},
): Promise<ChildProcess> {
  const child = spawn(process.execPath, [COMMAND, "worker", "--threads", String(threads), "--home", folder], {
    env: { ...process.env, HALFROOM_REDIS: redis.url, HALFROOM_SHARE: share, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  for await (const line of createInterface({ input: child.stderr })) {
    if (!line.includes('"msg":"ready"')) throw new Error(`the worker does not begin: ${line}`);
    child.stderr.resume();
    return child;
  }
  throw new Error("the worker ended");
}

/** As `kill -9`, whatever state it is in. */
export async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

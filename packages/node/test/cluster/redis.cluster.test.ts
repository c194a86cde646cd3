// What a leader and a worker accept of Redis when they start.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { assertUsable } from "../../src/cluster/redis.ts";
import { startWorker } from "../../src/cluster/worker.ts";
import { BY_DEFAULT, enrolled, openedCluster, place, silent, temporaryFolder } from "./fixtures.ts";

const URL = "redis://:hunter2@queue:6379/0";
const info = (fields: Record<string, string>) =>
  Object.entries({ redis_version: "7.0.15", maxmemory_policy: "noeviction", aof_enabled: "1", ...fields })
    .map(([name, value]) => `${name}:${value}\r\n`)
    .join("");

describe("by what it says of itself", () => {
  test.each([
    ["too old", { redis_version: "6.0.16" }, /is version 6\.0\.16; use 6\.2 or newer/],
    ["much too old", { redis_version: "5.0.3" }, /is version 5\.0\.3/],
    ["of no version", { redis_version: "" }, /is version unknown/],
    ["evicting", { maxmemory_policy: "allkeys-lru" }, /may evict jobs.*maxmemory-policy to noeviction/],
    ["forgetful", { aof_enabled: "0" }, /keeps nothing on disk; set appendonly to yes/],
  ])("%s", (_name, fields, words) => {
    expect(() => assertUsable(info(fields), URL)).toThrow(words);
    expect(() => assertUsable(info(fields), URL)).toThrow(/at queue:6379 \(`redis`, HALFROOM_REDIS\)/);
  });

  test.each([{}, { redis_version: "6.2.0" }, { redis_version: "7.2.4", valkey_version: "8.1.0" }])(
    "%o",
    (fields) => {
      expect(() => assertUsable(info(fields), URL)).not.toThrow();
    },
  );
});

/** Both ends of a cluster on a Redis with these settings. */
async function bothEnds(settings: Record<string, string>, change: (url: string) => string = (url) => url) {
  const at = await place(settings);
  const worker = await enrolled(at, "one");
  const url = change(at.redis.url);
  const asWorker = {
    redis: url,
    share: at.share,
    credential: worker.credential,
    threads: 1,
    streams: BY_DEFAULT,
    log: silent,
  };
  return { leader: () => openedCluster({ ...at, redis: { url } }), worker: () => startWorker(asWorker) };
}

test.each([
  [{ appendonly: "no" }, /appendonly/],
  [{ "maxmemory-policy": "allkeys-lru" }, /noeviction/],
])("a server with %o is refused by leader and worker", async (settings, message) => {
  const { leader, worker } = await bothEnds(settings);
  await expect(leader()).rejects.toMatchObject({ code: "cluster", message: expect.stringMatching(message) });
  await expect(worker()).rejects.toMatchObject({ code: "cluster", message: expect.stringMatching(message) });
});

test("a server that is not there, or has another password, is refused in words that do not hold the password", async () => {
  const { leader, worker } = await bothEnds({}, () => "redis://:hunter2@127.0.0.1:1/0");
  for (const start of [leader, worker])
    await expect(start()).rejects.toMatchObject({
      code: "cluster",
      message: expect.stringMatching(
        /^Cannot use Redis at 127\.0\.0\.1:1 \(ECONNREFUSED\); look at `redis` \(HALFROOM_REDIS\)(?!.*hunter2)/,
      ),
    });
  const locked = await bothEnds({ requirepass: "right" }, (url) => url.replace("right", "hunter2"));
  await expect(locked.leader()).rejects.toMatchObject({
    code: "cluster",
    message: expect.stringMatching(/\(WRONGPASS\)(?!.*hunter2)/),
  });
});

test("the Redis, or the share, of another node is refused", async () => {
  const one = await place();
  await openedCluster(one);
  const other = await place();
  await expect(openedCluster({ ...other, redis: one.redis })).rejects.toMatchObject({
    code: "cluster",
    message: expect.stringMatching(/serves another node; name another database/),
  });
  await expect(openedCluster({ ...other, share: one.share })).rejects.toMatchObject({
    code: "cluster",
    message: expect.stringMatching(/is the share of another node/),
  });
  const { credential } = await enrolled(one, "one");
  const share = temporaryFolder();
  writeFileSync(join(share, "halfroom-node"), "another\n");
  const worker = startWorker({
    redis: one.redis.url,
    share,
    credential,
    threads: 1,
    streams: BY_DEFAULT,
    log: silent,
  });
  await expect(worker).rejects.toMatchObject({
    code: "cluster",
    message: expect.stringMatching(/belong to different nodes/),
  });
});

test("a worker may start before its leader", async () => {
  const at = await place();
  const { credential } = await enrolled(at, "early");
  const worker = await startWorker({
    redis: at.redis.url,
    share: at.share,
    credential,
    threads: 1,
    streams: BY_DEFAULT,
    log: silent,
  });
  onTestFinished(() => worker.close());
  expect((await openedCluster(at)).threads).toBe(1);
});

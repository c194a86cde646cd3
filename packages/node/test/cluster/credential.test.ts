// How a worker becomes one of a node's: its folder, its request, and what the leader keeps of it.
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  addWorker,
  enrolWorker,
  initNode,
  openNode,
  readAudit,
  readCluster,
  removeWorker,
  work,
} from "../../src/api/index.ts";
import {
  decodeRequest,
  encodeRequest,
  readCredential,
  workerFingerprint,
} from "../../src/cluster/credential.ts";
import { workerSettings } from "../../src/cluster/worker-settings.ts";
import { nodeFolder } from "../../src/store/folder.ts";
import { emptyFolder } from "../home.ts";

async function leader() {
  const folder = emptyFolder();
  await initNode(folder.path);
  const node = await openNode(folder.path, { env: {} });
  onTestFinished(() => node.close());
  return node;
}
const enrol = (path: string, name = "big-iron") => enrolWorker(path, { name, env: {} });

test("a worker enrols once, its request is public, its key is private", async () => {
  const { path } = emptyFolder();
  const { request, fingerprint, folder } = await enrol(path);
  expect(folder).toBe(path);
  expect(await enrol(path)).toEqual({ request, fingerprint, folder });
  const { name, publicKey, privateKey } = await readCredential(nodeFolder(path, {}));
  expect(decodeRequest(`  ${request}\n`)).toEqual({ name, publicKey });
  expect(workerFingerprint(publicKey)).toBe(fingerprint);
  expect(request).not.toContain(Buffer.from(privateKey).toString("base64url").slice(0, 20));
  expect(statSync(join(path, "worker.key")).mode & 0o777).toBe(0o600);
  await expect(enrol(path, "other")).rejects.toMatchObject({ code: "name-taken" });
  chmodSync(join(path, "worker.key"), 0o640);
  await expect(enrol(path)).rejects.toMatchObject({ code: "open-to-others" });
});

test("a request with any letter changed, cut or with another name is refused", async () => {
  const { request } = await enrol(emptyFolder().path);
  const other = (letter: string) => (letter === "A" ? "B" : "A");
  for (let i = 0; i < request.length; i++) {
    const changed = request.slice(0, i) + other(request[i]!) + request.slice(i + 1);
    if (changed !== request) expect(() => decodeRequest(changed)).toThrow(/damaged/);
  }
  const publicKey = new Uint8Array(32).fill(5);
  for (const bad of ["", "halfroomw1_", request.slice(0, -1), encodeRequest({ name: "a b", publicKey })])
    expect(() => decodeRequest(bad)).toThrow(/damaged; copy the whole line/);
});

test("a node's folder is no worker's, and a worker's folder is read as it was written", async () => {
  const folder = emptyFolder();
  await initNode(folder.path);
  await expect(enrol(folder.path)).rejects.toMatchObject({ code: "node-exists" });
  await expect(enrol(emptyFolder().path, "no names")).rejects.toMatchObject({ code: "name" });
  const env = { HALFROOM_REDIS: "redis://127.0.0.1:1", HALFROOM_SHARE: "/nowhere" };
  await expect(work(emptyFolder().path, { env })).rejects.toMatchObject({ code: "no-worker" });
  const worker = emptyFolder();
  await enrol(worker.path);
  const text = readFileSync(join(worker.path, "worker.key"), "utf8");
  writeFileSync(join(worker.path, "worker.key"), text.replace(/[0-9a-f]{64}/, "x"));
  await expect(work(worker.path, { env })).rejects.toMatchObject({ code: "damaged" });
});

test("the leader adds a worker under its name or another, once, and removes it; the audit log has both", async () => {
  const node = await leader();
  const { request, fingerprint } = await enrol(emptyFolder().path);
  expect(await addWorker(node, { request })).toMatchObject({ name: "big-iron", fingerprint });
  await expect(addWorker(node, { request, name: "again" })).rejects.toMatchObject({ code: "name-taken" });
  const second = await enrol(emptyFolder().path);
  await expect(addWorker(node, { request: second.request })).rejects.toMatchObject({ code: "name-taken" });
  await expect(addWorker(node, { request: second.request, name: "-" })).rejects.toMatchObject({
    code: "name",
  });
  await addWorker(node, { request: second.request, name: "second" });
  await removeWorker(node, "big-iron");
  await expect(removeWorker(node, "big-iron")).rejects.toMatchObject({
    code: "no-worker",
    message: 'There is no worker "big-iron". There are: second.',
  });
  const entries = (await readAudit(node)).toSorted((a, b) => a.number - b.number);
  const ofWorkers = entries.filter(({ kind }) => kind.startsWith("worker-"));
  expect(ofWorkers.map(({ kind, facts }) => [kind, facts["worker"]])).toEqual([
    ["worker-added", "big-iron"],
    ["worker-added", "second"],
    ["worker-removed", "big-iron"],
  ]);
  await expect(readCluster(node)).rejects.toMatchObject({
    code: "cluster",
    message: expect.stringMatching(/HALFROOM_REDIS/),
  });
});

test("a worker's settings come from the environment, and a wrong one is named without its value", () => {
  const right = { HALFROOM_REDIS: "redis://:secret@queue:6379/3", HALFROOM_SHARE: "/mnt/share" };
  expect(workerSettings({ ...right, HALFROOM_HOME: "/x", PATH: "/bin" })).toEqual({
    redis: right.HALFROOM_REDIS,
    share: right.HALFROOM_SHARE,
    listen: "",
    address: "",
    proxy: "",
    otlp: "",
    log_level: "info",
  });
  const inStore = { ...right, HALFROOM_SHARE: "s3://clean-room/advertiser/node_1" };
  expect(workerSettings(inStore).share).toBe(inStore.HALFROOM_SHARE);
  const wrong: [Record<string, string>, RegExp][] = [
    [{ HALFROOM_REDIS: "secret" }, /^HALFROOM_REDIS: give redis:\/\/HOST:PORT/],
    [{ HALFROOM_REDIS: "" }, /^HALFROOM_REDIS: a worker needs it/],
    [{ HALFROOM_SHARE: "secret/folder" }, /^HALFROOM_SHARE: give the absolute path/],
    [
      { HALFROOM_SHARE: "s3://secret/pre fix" },
      /^HALFROOM_SHARE: give the absolute path.*or s3:\/\/BUCKET\/PREFIX/,
    ],
    [{ HALFROOM_SHARE: "" }, /^HALFROOM_SHARE: a worker needs it/],
    [
      { HALFROOM_THREADS: "secret" },
      /^HALFROOM_THREADS: a node has this setting and a worker has not; it reads HALFROOM_REDIS, /,
    ],
    [{ HALFROOM_LOG_LEVEL: "secret" }, /^HALFROOM_LOG_LEVEL: /],
    [
      { HALFROOM_REDDIS: "secret" },
      /^HALFROOM_REDDIS: no variable has this name; the nearest is HALFROOM_REDIS/,
    ],
  ];
  for (const [change, words] of wrong) {
    const call = () => workerSettings({ ...right, ...change });
    expect(call).toThrow(words);
    expect(call).not.toThrow(/secret/);
  }
});

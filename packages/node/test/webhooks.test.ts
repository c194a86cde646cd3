// Webhooks against a real server: signatures as its side checks them, retries under a moved clock, what is never followed or kept.
import { createServer } from "node:http";
import { connect } from "node:net";
import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { AGAIN_MS, Deliverer, type Attempted } from "../src/events/deliver.ts";
import { doctor } from "../src/api/doctor.ts";
import { listEvents, retryEvents, testTarget } from "../src/api/events.ts";
import { handleOf } from "../src/api/node.ts";
import { loadSettings } from "../src/config/load.ts";
import type { NodeState } from "../src/node-state.ts";
import { openLog } from "../src/serve/log.ts";
import { serve } from "../src/serve/serve.ts";
import { fail, hearing, listening, OTHER_SECRET, SECRET, tellingNode, type Heard } from "./told.ts";

const hook = (url: string, more: object = {}) => ({
  webhooks: { ops: { url, secret: "ops.secret", events: ["session.failed"], ...more } },
});

/** One look, as often as a node looks. */
async function look(node: NodeState): Promise<Attempted[]> {
  const attempts: Attempted[] = [];
  const deliverer = new Deliverer(node, (attempted) => attempts.push(attempted));
  deliverer.look();
  await deliverer.idle();
  return attempts;
}

/** As a receiver does by the rules; their library takes the time of the machine, so the attempt has to be of now. */
function verified(secret: string, { headers, body }: Heard): unknown {
  return new Webhook(secret).verify(body, headers as Record<string, string>);
}

test("a receiver can check what it is told, and by whom", async () => {
  const { url, heard } = await hearing();
  const { node, clock } = await tellingNode(hook(url));
  clock.now = Date.now();
  fail(node);
  expect(await look(node)).toMatchObject([{ outcome: "delivered", target: "ops", attempts: 1 }]);
  const [told] = heard;
  const [event] = node.events.list();
  expect(verified(SECRET, told!)).toEqual({
    id: event!.id,
    type: "session.failed",
    timestamp: new Date(clock.now).toISOString(),
    data: { id: "abcd", partner: "advertiser", stage: "match", code: "timeout" },
  });
  expect(told!.headers["webhook-id"]).toBe(event!.id);
  expect(() => verified(OTHER_SECRET, told!)).toThrow("No matching signature");
  expect(() => verified(SECRET, { ...told!, body: told!.body.replace("timeout", "closed") })).toThrow();
  expect(await look(node)).toEqual([]);
});

test("while a secret is replaced both signatures are there, and without a restart", async () => {
  const { url, heard } = await hearing();
  const { node, clock, write } = await tellingNode(hook(url));
  clock.now = Date.now();
  write("ops.secret", `${OTHER_SECRET}\n${SECRET}\n`);
  fail(node);
  await look(node);
  for (const secret of [SECRET, OTHER_SECRET]) expect(verified(secret, heard[0]!)).toBeTruthy();
  write("ops.secret", OTHER_SECRET);
  fail(node);
  await look(node);
  expect(() => verified(SECRET, heard[1]!)).toThrow("No matching signature");
});

test("what fails is tried ten times within some three days under one id, over restarts, and then given up", async () => {
  const { url, heard } = await hearing((_request, response) => response.writeHead(500).end("Anna is ill"));
  const { node, clock, open } = await tellingNode(hook(url));
  fail(node);
  const times: number[] = [];
  for (let hours = 0; hours < 100 * 60; hours++) {
    const attempts = await look(hours % 50 === 0 ? await open() : node);
    if (attempts.length > 0) times.push(clock.now);
    const [next] = node.events.deliveriesOf(node.events.list()[0]!.id);
    if (next!.state === "failed") break;
    clock.now = next!.at;
  }
  expect(times).toHaveLength(AGAIN_MS.length + 1);
  expect(times.slice(1).map((at, i) => at - times[i]!)).toEqual(AGAIN_MS);
  expect(times.at(-1)! - times[0]!).toBeGreaterThan(72 * 3_600_000);
  expect(new Set(heard.map(({ headers }) => headers["webhook-id"]))).toHaveLength(1);
  expect(new Set(heard.map(({ headers }) => headers["webhook-timestamp"]))).toHaveLength(times.length);
  const handle = handleOf(node);
  const [failed] = await listEvents(handle, { state: "failed" });
  expect(failed!.deliveries).toMatchObject([{ target: "ops", attempts: 10, words: "it answers HTTP 500" }]);
  expect(JSON.stringify(failed)).not.toContain("Anna");
  const [finding] = (await doctor(handle)).filter(({ what }) => what === "webhook ops");
  expect(finding).toMatchObject({ state: "warning", words: expect.stringContaining("given up: 1") });

  expect(await retryEvents(handle, { target: "ops" })).toEqual({ retried: 1 });
  expect(await look(node)).toMatchObject([{ outcome: "again", attempts: 1 }]);
});

test("one that is done with webhooks is asked no more, and others hear all the same", async () => {
  const gone = await hearing((_request, response) => response.writeHead(410).end());
  const there = await hearing();
  const { node } = await tellingNode({
    webhooks: { ...hook(gone.url).webhooks, crm: { url: there.url, secret: "ops.secret" } },
  });
  fail(node);
  const attempts = await look(node);
  expect(Object.fromEntries(attempts.map(({ target, outcome }) => [target, outcome]))).toEqual({
    crm: "delivered",
    ops: "failed",
  });
});

test("a redirect is not followed", async () => {
  const secret = await hearing();
  const { url } = await hearing((_request, response) =>
    response.writeHead(307, { location: secret.url }).end(),
  );
  const { node } = await tellingNode(hook(url));
  fail(node);
  expect(await look(node)).toMatchObject([
    { outcome: "again", words: "it answers HTTP 307: redirects are not followed, write its own address" },
  ]);
  expect(secret.heard).toEqual([]);
});

test("an answer of any length is not read, and one that never ends is not waited for", async () => {
  const { url } = await hearing((_request, response) => {
    response.writeHead(200);
    const more = () => response.write("x".repeat(65_536), (error) => error == null && more());
    more();
  });
  const { node } = await tellingNode(hook(url));
  fail(node);
  expect(await look(node)).toMatchObject([{ outcome: "delivered" }]);
});

test("it goes through the proxy of the node's settings", async () => {
  const { url, port, heard } = await hearing();
  const asked: string[] = [];
  const proxy = createServer();
  proxy.on("connect", (request, socket, head) => {
    asked.push(request.url!);
    const onward = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on("error", () => socket.destroy());
    socket.on("error", () => onward.destroy());
  });
  const through = await listening(proxy);
  const { node } = await tellingNode({ ...hook(url), proxy: `http://127.0.0.1:${through}` });
  fail(node);
  expect(await look(node)).toMatchObject([{ outcome: "delivered" }]);
  expect(asked).toEqual([`127.0.0.1:${port}`]);
  expect(heard).toHaveLength(1);
});

test("a test tells one target at once and nobody else", async () => {
  const { url, heard } = await hearing();
  const other = await hearing();
  const { node } = await tellingNode({
    webhooks: { ...hook(url).webhooks, crm: { url: other.url, secret: "ops.secret" } },
  });
  const handle = handleOf(node);
  const { event, ...rest } = await testTarget(handle, "ops");
  expect(rest).toEqual({ target: "ops" });
  expect(JSON.parse(heard[0]!.body)).toMatchObject({ id: event, type: "test", data: { target: "ops" } });
  await look(node);
  expect(other.heard.map(({ body }) => JSON.parse(body).type)).not.toContain("test");
  await expect(testTarget(handle, "nobody")).rejects.toMatchObject({ code: "no-event" });
});

test.each([
  ["no secret", "", "write one secret, or two lines"],
  ["three of them", `${SECRET}\n${SECRET}\n${SECRET}`, "write one secret, or two lines"],
  ["a short one", `whsec_${Buffer.alloc(23).toString("base64")}`, "24 to 64 random bytes"],
  ["another kind", "hunter2", "whsec_"],
])("a file with %s is told without what it holds", async (_what, text, words) => {
  const { url, heard } = await hearing();
  const { node } = await tellingNode(hook(url), { "ops.secret": text });
  fail(node);
  const [attempt] = await look(node);
  expect(attempt).toMatchObject({ outcome: "again", words: expect.stringContaining(words) });
  expect(attempt!.words).not.toContain("hunter2");
  expect(heard).toEqual([]);
});

const OPS = { secret: "s", url: "https://hooks.example.com" };
test.each([
  [
    "plain HTTP to another machine",
    { ops: { ...OPS, url: "http://hooks.example.com/a" } },
    /ops\.url: .*TLS/,
  ],
  [
    "a name and password in it",
    { ops: { ...OPS, url: "https://me:pw@hooks.example.com" } },
    /ops\.url: give https/,
  ],
  ["no URL", { ops: { ...OPS, url: "hooks.example.com" } }, /ops\.url: give https/],
  [
    "an unknown event",
    { ops: { ...OPS, events: ["session.begun"] } },
    /ops\.events\.0: name events: approval\.asked/,
  ],
  ["no secret", { ops: { url: OPS.url } }, /ops\.secret/],
])("settings with %s are refused", async (_what, webhooks, words) => {
  const { node } = await tellingNode({});
  const env = { HALFROOM_WEBHOOKS: JSON.stringify(webhooks) };
  await expect(loadSettings(node.folder, env)).rejects.toThrow(words);
  await expect(loadSettings(node.folder, env)).rejects.not.toThrow(/pw/);
});

test("with `plain` a line is said to be safe, and two targets of one name are refused", async () => {
  const { node } = await tellingNode({});
  const plain = { ops: { ...OPS, url: "http://hooks.internal/a", plain: true } };
  const settings = await loadSettings(node.folder, { HALFROOM_WEBHOOKS: JSON.stringify(plain) });
  expect(settings.webhooks["ops"]!.events).toContain("session.done");
  const mail = {
    HALFROOM_MAIL_SERVER: "smtps://m:465",
    HALFROOM_MAIL_FROM: "a@b.example",
    HALFROOM_MAIL_TO: "{ops: {addresses: [a@b.example]}}",
  };
  await expect(
    loadSettings(node.folder, { HALFROOM_WEBHOOKS: JSON.stringify(plain), ...mail }),
  ).rejects.toThrow("no two targets may have one name");
});

test("a serving node tells by itself what a command has done, and counts it", async () => {
  const { url, heard } = await hearing();
  const { node, clock, open } = await tellingNode(hook(url));
  clock.now = Date.now();
  const serving = await serve(node, openLog({ log_level: "silent" }));
  fail(await open(), "closed");
  while (heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(verified(SECRET, heard[0]!)).toMatchObject({ data: { code: "closed" } });
  const metrics = async () => await (await fetch(`http://${serving.admin}/metrics`)).text();
  while (!(await metrics()).includes('halfroom_deliveries_total{target="ops",outcome="delivered"} 1'))
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await metrics()).toContain('halfroom_deliveries_undelivered{target="ops",state="failed"} 0');
  await serving.close();
});

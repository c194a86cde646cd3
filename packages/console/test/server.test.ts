// What the console turns down before anybody's work begins, and how it says so.
import { once } from "node:events";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { createToken, revokeToken } from "@halfroom/node";
import { expect, test } from "vitest";
import { createClient, type Problem } from "../src/client.ts";
import { openSite, type ConsoleSite } from "./site.ts";

interface Said {
  readonly status: number;
  readonly headers: Headers;
  readonly problem: Problem;
}

interface Init extends Omit<RequestInit, "headers"> {
  readonly token?: string;
  readonly headers?: Record<string, string>;
}

async function ask(
  { url }: ConsoleSite,
  path: string,
  { token, headers = {}, ...init }: Init = {},
): Promise<Said> {
  const signed = token === undefined ? headers : { authorization: `Bearer ${token}`, ...headers };
  const response = await fetch(`${url}${path}`, { ...init, headers: signed });
  return { status: response.status, headers: response.headers, problem: (await response.json()) as Problem };
}

/** `fetch` sends no `Host` of one's own. */
function askAs(host: string, { console }: ConsoleSite, headers: Record<string, string> = {}, method = "GET") {
  return new Promise<number>((resolve, reject) => {
    const url = `http://${console.address}/api/openapi.json`;
    const asked = request(url, { headers: { ...headers, host }, method }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode!));
    });
    asked.on("error", reject).end();
  });
}

test("a problem has the command line's code and words, and a type, a title and a status", async () => {
  const site = await openSite();
  const token = await site.token("administrator");
  const said = await ask(site, "/api/v1/partners/nobody", { token });
  expect(said.headers.get("content-type")).toBe("application/problem+json");
  expect(said.problem).toEqual({
    type: "urn:halfroom:error:no-partner",
    title: "there is no partner of that name",
    status: 404,
    detail: 'There is no partner "nobody".',
    code: "no-partner",
  });
  expect(said.status).toBe(404);
});

test("faults of a file come one by one, with line, field and remedy", async () => {
  const site = await openSite();
  const client = await site.client("analyst");
  const error = await client.checkRequest({ yaml: "report: sums\npartner: p\nours: {}\n" }).catch((e) => e);
  expect(error.problem).toMatchObject({ code: "yaml", status: 422 });
  expect(error.problem.detail).toContain("yaml, line 3, ours.dataset: it is missing");
  expect(error.problem.problems).toContainEqual(
    expect.objectContaining({ line: 3, field: "ours.dataset", fault: "it is missing" }),
  );
});

test("what is missing in a body is a fault of the body, and no missing page", async () => {
  const site = await openSite();
  const client = await site.client("analyst");
  const yaml =
    "report: overlap\npartner: nobody\nours: { dataset: a }\ntheirs: { dataset: b }\nexact: true\nreceiver: us\n";
  await expect(client.checkRequest({ yaml })).rejects.toMatchObject({
    problem: { code: "no-partner", status: 422 },
  });
});

test("bodies that do not fit say where, and never what they held", async () => {
  const site = await openSite();
  const token = await site.token("administrator");
  const post = (path: string, body: string, type = "application/json") =>
    ask(site, path, { token, method: "POST", body, headers: { "content-type": type } });
  const unfit = await post("/api/v1/tokens", '{"role":"secret-role","days":"secret","more":1}');
  expect(unfit).toMatchObject({ status: 400, problem: { code: "malformed" } });
  expect(unfit.problem.problems?.map(({ field }) => field).toSorted()).toEqual([
    "body",
    "body.days",
    "body.role",
  ]);
  expect(JSON.stringify(unfit.problem)).not.toContain("secret");
  expect(await post("/api/v1/tokens", "{")).toMatchObject({ status: 400 });
  expect(await post("/api/v1/tokens", "{}", "text/plain")).toMatchObject({ status: 415 });
  expect(await post("/api/v1/sessions/none/approve", '{"more":1}')).toMatchObject({ status: 400 });
  for (const query of ["limit=0", "limit=x", "more=1", "limit=1&limit=2"])
    expect(await ask(site, `/api/v1/sessions?${query}`, { token }), query).toMatchObject({ status: 400 });
  expect(await ask(site, `/api/v1/sessions/${"a".repeat(65)}`, { token })).toMatchObject({ status: 400 });
});

test("a body that is too large is refused, whether or not it says how long it is", async () => {
  const site = await openSite({}, { bodyBytes: 1000 });
  const token = await site.token("administrator");
  const large = JSON.stringify({ yaml: "x".repeat(2000) });
  const headers = { "content-type": "application/json" };
  const init = { token, method: "POST", headers };
  expect(await ask(site, "/api/v1/policies", { ...init, body: large })).toMatchObject({ status: 413 });
  const stream = new Blob([large]).stream();
  const chunked = { ...init, body: stream, duplex: "half" } as RequestInit & {
    headers: Record<string, string>;
  };
  expect(await ask(site, "/api/v1/policies", { ...chunked, token })).toMatchObject({ status: 413 });
});

test("there is no other endpoint, and no other method; both say what there is", async () => {
  const site = await openSite();
  const token = await site.token("administrator");
  expect(await ask(site, "/api/v1/none", { token })).toMatchObject({
    status: 404,
    problem: { code: "no-endpoint" },
  });
  const said = await ask(site, "/api/v1/sessions", { token, method: "DELETE" });
  expect(said).toMatchObject({ status: 405, problem: { code: "method" } });
  expect(said.headers.get("allow")).toBe("GET");
});

test.each(["example.com", "rebound.example:7490", "127.0.0.1.example.com"])(
  "the name %s is not the console's",
  async (host) => {
    expect(await askAs(host, await openSite())).toBe(421);
  },
);

test.each(["localhost:7490", "127.0.0.1", "[::1]:7490", "console.internal:443"])(
  "the name %s is",
  async (host) => {
    expect(await askAs(host, await openSite({ HALFROOM_CONSOLE_HOSTS: "[console.internal]" }))).toBe(200);
  },
);

test("a page of another site changes nothing, and is told of no permission to read", async () => {
  const site = await openSite();
  const token = await site.token("administrator");
  const body = { token, method: "POST", body: '{"role":"viewer"}' };
  const json = { "content-type": "application/json" };
  for (const headers of [
    { ...json, origin: "https://example.com" },
    { ...json, origin: "null" },
    { ...json, "sec-fetch-site": "cross-site" },
  ] as Record<string, string>[])
    expect(await ask(site, "/api/v1/tokens", { ...body, headers })).toMatchObject({
      status: 403,
      problem: { code: "origin" },
    });
  const own = await ask(site, "/api/v1/tokens", { ...body, headers: { ...json, origin: site.url } });
  expect(own.status).toBe(201);
  const read = await ask(site, "/api/openapi.json", { headers: { origin: "https://example.com" } });
  expect([...read.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  const preflight = await ask(site, "/api/v1/tokens", {
    method: "OPTIONS",
    headers: { origin: "https://example.com" },
  });
  expect(preflight.status).toBe(403);
});

test("whatever is answered runs nothing, is kept nowhere, and is taken for nothing else", async () => {
  const site = await openSite();
  for (const path of ["/api/openapi.json", "/api/v1/sessions", "/none"]) {
    const { headers } = await ask(site, path);
    expect(headers.get("content-security-policy"), path).toMatch(
      /^default-src 'none'; frame-ancestors 'none'/,
    );
    expect(headers.get("x-content-type-options"), path).toBe("nosniff");
    expect(headers.get("cache-control"), path).toBe("no-store");
    expect(headers.get("x-frame-options"), path).toBe("DENY");
    expect(headers.get("referrer-policy"), path).toBe("no-referrer");
  }
});

test("whoever asks too often is told when to come back; others are not held up", async () => {
  const site = await openSite({}, { tokenPerMinute: 3, strangerPerMinute: 2 });
  const [first, second] = [await site.token("viewer"), await site.token("viewer")];
  const statuses = async (token: string | undefined, times: number) => {
    const all: number[] = [];
    for (let i = 0; i < times; i++)
      all.push((await ask(site, "/api/v1/sessions", token === undefined ? {} : { token })).status);
    return all;
  };
  expect(await statuses(undefined, 3)).toEqual([401, 401, 429]);
  expect(await statuses(first, 4)).toEqual([200, 200, 200, 429]);
  expect(await statuses(second, 1)).toEqual([200]);
  const said = await ask(site, "/api/v1/sessions", { token: first });
  expect(Number(said.headers.get("retry-after"))).toBeGreaterThan(0);
});

test("more connections than there may be are not taken", async () => {
  const site = await openSite({}, { connections: 2 });
  const [host, port] = site.console.address.split(":");
  const open = async () => {
    const socket = connect({ host: host!, port: Number(port) });
    socket.on("error", () => {});
    await once(socket, "connect");
    return socket;
  };
  const held = [await open(), await open()];
  const last = await open();
  await once(last, "close");
  expect(held.some(({ closed }) => closed)).toBe(false);
  for (const socket of held) socket.destroy();
});

test("a token is shown once, is not in the store, and holds until it is revoked", async () => {
  const site = await openSite();
  const { token, name } = await createToken(site.node, { role: "viewer", days: 1, name: "ci" });
  const secret = token.slice(token.indexOf("_") + 1);
  expect(Buffer.from(secret, "base64url")).toHaveLength(32);
  const { folder } = site.node;
  const files = readdirSync(folder).filter((file) => statSync(join(folder, file)).isFile());
  expect(files).toContain("node.sqlite-wal");
  for (const file of files) expect(readFileSync(join(folder, file)).includes(secret), file).toBe(false);
  const client = createClient({ url: site.url, token });
  expect(await client.listSessions()).toEqual([]);
  await revokeToken(site.node, name);
  await expect(client.listSessions()).rejects.toMatchObject({
    problem: { code: "unauthenticated", detail: expect.stringContaining("was revoked") },
  });
  await expect(createToken(site.node, { role: "viewer", days: 367 })).rejects.toMatchObject({
    code: "flags",
  });
});

test("what a token changes stands in the log with its name", async () => {
  const site = await openSite();
  const { token } = await createToken(site.node, { role: "administrator", days: 1, name: "ci" });
  const client = createClient({ url: site.url, token });
  await client.addDataset({
    name: "people",
    definition: { source: { csv: "people.csv" }, match: { email: { columns: "email" } } },
  });
  await client.invitePartner({ name: "partner", address: "127.0.0.1:7443" });
  await client.createToken({ role: "viewer", name: "guest" });
  await client.revokeToken({ name: "guest" });
  await client.removeDataset({ name: "people" });
  const acts = (await client.readAudit()).filter(({ facts }) => facts["actor"] !== undefined);
  expect(acts.map(({ kind }) => kind)).toEqual([
    "config-changed",
    "invited",
    "token-created",
    "token-revoked",
    "config-changed",
  ]);
  expect(new Set(acts.map(({ facts }) => facts["actor"]))).toEqual(new Set(["token:ci"]));
  expect(await client.verifyAudit()).toMatchObject({ faults: [], gaps: [] });
});

// People over HTTP: signing in and out, what their cookie is worth, and what another site's page can do with it.
import { addUser, changeUserRole, findSignIn, readAudit } from "@halfroom/node";
import { expect, test } from "vitest";
import { createClient } from "../src/client.ts";
import { Browser } from "./browser.ts";
import { openSite, PASSWORD, PLENTY } from "./site.ts";

const COST = { logN: PLENTY.passwordLogN };
const JSON_TYPE = { "content-type": "application/json" };

test("who signs in is who was added, until they sign out", async () => {
  const site = await openSite();
  expect((await site.browser().get("/api/v1/sign-in/ways")).json).toEqual({ local: false });
  await addUser(site.node, { name: "anna", role: "viewer", password: PASSWORD, codes: false }, COST);
  const anna = site.browser();
  expect((await anna.get("/api/v1/sign-in/ways")).json).toEqual({ local: true });
  expect(await anna.get("/api/v1/me")).toMatchObject({ status: 401, json: { code: "unauthenticated" } });
  const said = await anna.signIn("anna");
  expect(said.json).toEqual({ person: { name: "anna", role: "viewer" }, csrf: expect.any(String) });
  const me = await anna.get("/api/v1/me");
  expect(me.json).toEqual({
    name: "anna",
    role: "viewer",
    kind: "person",
    way: "password",
    csrf: said.json["csrf"],
    expires: expect.any(Number),
  });
  const before = anna.headers();
  expect((await anna.post("/api/v1/sign-out")).status).toBe(204);
  expect(anna.cookies.size).toBe(0);
  expect(await anna.get("/api/v1/me", before)).toMatchObject({ status: 401 });
  expect((await readAudit(site.node)).at(-1)).toMatchObject({
    kind: "signed-out",
    facts: { actor: "user:anna" },
  });
});

test("whose node it is stands in what is told of who asks, for those alone who are signed in", async () => {
  const site = await openSite({ HALFROOM_COMPANY: "Example Stores" });
  expect(await (await site.client("viewer")).showMe()).toMatchObject({ company: "Example Stores" });
  expect((await site.browser().get("/api/v1/sign-in/ways")).json).toEqual({ local: false });
});

test("a token says whose it is too, and is not signed out", async () => {
  const site = await openSite();
  const token = await site.client("auditor");
  expect(await token.showMe()).toMatchObject({
    role: "auditor",
    kind: "token",
    name: expect.stringMatching(/^auditor-/),
  });
  await expect(token.signOut()).rejects.toMatchObject({ problem: { code: "forbidden" } });
  const change = token.changePassword({ password: "a", next: "b" });
  await expect(change).rejects.toMatchObject({ problem: { code: "forbidden" } });
});

test("the cookie is for no script, for no other site, and for this console alone", async () => {
  const site = await openSite();
  const anna = await site.person("anna", "viewer");
  const port = site.console.address.split(":")[1];
  const [name, { value, attributes }] = [...anna.cookies][0]!;
  expect(name).toBe(`halfroom-${port}`);
  expect(attributes).toEqual({ path: "/", httponly: "", samesite: "Strict", expires: expect.any(String) });
  const hours = (Date.parse(attributes["expires"]!) - Date.now()) / 3_600_000;
  expect(hours).toBeGreaterThan(11.9);
  expect(hours).toBeLessThan(12.1);
  expect(Buffer.from(value, "base64url")).toHaveLength(32);
});

test("behind a proxy that ends TLS the cookie is the host's own, and its origin the console's", async () => {
  const url = "https://console.example.com";
  const site = await openSite({ HALFROOM_CONSOLE_URL: url });
  await addUser(site.node, { name: "anna", role: "administrator", password: PASSWORD, codes: false }, COST);
  const browser = new Browser(site.url, "console.example.com");
  const said = await browser.signIn("anna");
  expect(said.status).toBe(200);
  const [name, { attributes }] = [...browser.cookies][0]!;
  expect(name).toBe("__Host-halfroom");
  expect(attributes).toMatchObject({ path: "/", secure: "", httponly: "", samesite: "Strict" });
  expect(attributes).not.toHaveProperty("domain");
  const body = { role: "viewer" };
  expect((await browser.post("/api/v1/tokens", body, { origin: url })).status).toBe(201);
  for (const origin of ["http://console.example.com", "https://example.com", "null"])
    expect((await browser.post("/api/v1/tokens", body, { origin })).json.code).toBe("origin");
  // A cookie that somebody without TLS could have set is none.
  const value = browser.cookies.get(name)!.value;
  expect((await browser.ask("/api/v1/me", { headers: { cookie: `halfroom=${value}` } })).status).toBe(401);
});

test("whatever changes something takes the header that only the console's own page knows", async () => {
  const site = await openSite();
  const [anna, ben] = [await site.person("anna", "administrator"), await site.person("ben", "administrator")];
  const body = { role: "viewer" };
  expect((await anna.post("/api/v1/tokens", body)).status).toBe(201);
  for (const csrf of ["", "none", ben.csrf!, `${anna.csrf!}x`])
    expect(await anna.post("/api/v1/tokens", body, { "x-halfroom-csrf": csrf })).toMatchObject({
      status: 403,
      json: { code: "forbidden" },
    });
  for (const method of ["PATCH", "DELETE"]) {
    const headers = { "x-halfroom-csrf": "" };
    expect((await anna.ask("/api/v1/users/ben", { method, headers })).json.code).toBe("forbidden");
  }
  expect((await anna.post("/api/v1/sign-out", undefined, { "x-halfroom-csrf": "" })).status).toBe(403);
  expect((await anna.get("/api/v1/me", { "x-halfroom-csrf": "" })).status).toBe(200);
});

test("a page of another site signs nobody in, nor out", async () => {
  const site = await openSite();
  const anna = await site.person("anna", "viewer");
  const headers = { origin: "https://example.com" };
  const given = { name: "anna", password: PASSWORD };
  expect((await site.browser().post("/api/v1/sign-in", given, headers)).json.code).toBe("origin");
  // A form sends no JSON.
  const form = { method: "POST", body: "name=anna", headers: { "content-type": "text/plain" } };
  expect((await site.browser().ask("/api/v1/sign-in", form)).status).toBe(415);
  expect((await anna.post("/api/v1/sign-out", undefined, headers)).json.code).toBe("origin");
  expect((await anna.get("/api/v1/me")).status).toBe(200);
});

test("signing in gives a new secret, whatever the browser came with, and ends what it had", async () => {
  const site = await openSite();
  const anna = await site.person("anna", "viewer");
  const [name, { value: first }] = [...anna.cookies][0]!;
  await anna.signIn("anna");
  const second = anna.cookies.get(name)!.value;
  expect(second).not.toBe(first);
  expect(await findSignIn(site.node, first, { isAlive: false })).toBeUndefined();
  const planted = site.browser();
  planted.cookies.set(name, { value: "x".repeat(43), attributes: {} });
  await planted.signIn("anna");
  expect(planted.cookies.get(name)!.value).not.toBe("x".repeat(43));
  expect(await findSignIn(site.node, "x".repeat(43), { isAlive: false })).toBeUndefined();
});

test("whoever tries too often waits, under a name as from an address, whether or not there is such a user", async () => {
  const site = await openSite({}, { ...PLENTY, signInsOfName: 2 });
  await addUser(site.node, { name: "anna", role: "viewer", password: PASSWORD, codes: false }, COST);
  const statuses = async (name: string, passwords: string[]) => {
    const all: number[] = [];
    for (const password of passwords) all.push((await site.browser().signIn(name, password)).status);
    return all;
  };
  // A good one begins anew.
  expect(await statuses("anna", ["x", PASSWORD, "x", "x", PASSWORD])).toEqual([401, 200, 401, 401, 429]);
  expect(await statuses("nobody", ["x", "x", PASSWORD])).toEqual([401, 401, 429]);
  const said = await site.browser().signIn("anna");
  expect(Number(said.headers["retry-after"])).toBeGreaterThan(60);
  const few = await openSite({}, { ...PLENTY, signInsOfAddress: 2 });
  const all = [];
  for (const name of ["a", "b", "c"]) all.push((await few.browser().signIn(name)).json.code);
  expect(all).toEqual(["unauthenticated", "unauthenticated", "too-often"]);
});

test("an unknown name and a wrong password get the same answer; a code is asked for after the password alone", async () => {
  const site = await openSite();
  await addUser(site.node, { name: "anna", role: "viewer", password: PASSWORD, codes: true }, COST);
  const said = [
    await site.browser().signIn("nobody"),
    await site.browser().signIn("anna", "x"),
    await site.browser().signIn("anna", PASSWORD, "000000"),
  ];
  expect(said.map(({ status }) => status)).toEqual([401, 401, 401]);
  expect(new Set(said.map(({ json }) => JSON.stringify(json))).size).toBe(1);
  expect(said[0]!.json.code).toBe("unauthenticated");
  expect((await site.browser().signIn("anna")).json.code).toBe("code-needed");
});

test("failed attempts stand in the log with the user's name, no other word that was typed, and some of each kind alone", async () => {
  const site = await openSite({}, { ...PLENTY, failuresWritten: 2 });
  await addUser(site.node, { name: "anna", role: "viewer", password: PASSWORD, codes: true }, COST);
  const typed = ["plum harbour violin", "another", "third"];
  for (const name of typed) await site.browser().signIn(name);
  for (const password of typed) await site.browser().signIn("anna", password);
  // The password alone is half of the way in.
  await site.browser().signIn("anna");
  const entries = (await readAudit(site.node)).filter(({ kind }) => kind === "sign-in-failed");
  const next = expect.stringContaining("not written down");
  expect(entries.map(({ facts }) => facts)).toEqual([
    { way: "password", why: "name" },
    { way: "password", why: "name", next },
    { user: "anna", way: "password", why: "password" },
    { user: "anna", way: "password", why: "password", next },
  ]);
  expect(JSON.stringify(entries)).not.toMatch(/harbour|another|third/);
  const coded = await openSite();
  await addUser(coded.node, { name: "anna", role: "viewer", password: PASSWORD, codes: true }, COST);
  await coded.browser().signIn("anna", PASSWORD, "000000");
  expect((await readAudit(coded.node)).at(-1)).toMatchObject({
    kind: "sign-in-failed",
    facts: { user: "anna", why: "code" },
  });
});

test("an administrator adds, changes and removes users over HTTP, and each is told from the others in the log", async () => {
  const site = await openSite();
  const boss = await site.person("boss", "administrator");
  const client = createClient({ url: site.url, fetch: (url, init) => fetch(url, asBrowser(boss, init)) });
  const made = await client.addUser({ name: "anna", role: "analyst", password: PASSWORD, codes: true });
  expect(made).toMatchObject({
    name: "anna",
    hasCodes: true,
    codes: { uri: expect.stringMatching(/^otpauth:/) },
  });
  expect(await client.resetUser({ name: "anna", password: "plum harbour violin" })).toMatchObject({
    hasCodes: true,
  });
  expect(await client.changeUserRole({ name: "anna", role: "viewer" })).toMatchObject({ role: "viewer" });
  await client.removeUser({ name: "anna" });
  expect((await client.listUsers()).map(({ name }) => name)).toEqual(["boss"]);
  const acts = (await readAudit(site.node)).filter(({ facts }) => facts["user"] === "anna");
  expect(acts.map(({ kind }) => kind)).toEqual(["user-added", "user-reset", "user-role", "user-removed"]);
  expect(new Set(acts.map(({ facts }) => facts["actor"]))).toEqual(new Set(["user:boss"]));
  expect(JSON.stringify(await readAudit(site.node))).not.toContain(PASSWORD);
});

test("whose sign-ins an administrator ends is out, and a way that is linked is listed until it is not", async () => {
  const site = await openSite();
  const [boss, anna] = [await site.person("boss", "administrator"), await site.person("anna", "approver")];
  const client = createClient({ url: site.url, fetch: (url, init) => fetch(url, asBrowser(boss, init)) });
  expect(await client.listSignIns()).toMatchObject([
    { name: "anna", way: "password", subject: "anna", role: "approver" },
    { name: "boss" },
  ]);
  expect(await client.endSignIns({ way: "password", subject: "anna" })).toEqual({ ended: 1 });
  expect((await anna.get("/api/v1/me")).json.code).toBe("unauthenticated");
  const hers = { way: "openid", subject: "https://login.example.com 17" } as const;
  expect(await client.linkPerson({ person: "anna", ...hers })).toMatchObject({ person: "anna", ...hers });
  expect(await client.listLinks()).toMatchObject([{ person: "anna", ...hers }]);
  await client.unlinkPerson(hers);
  expect(await client.listLinks()).toEqual([]);
  await expect(client.unlinkPerson(hers)).rejects.toMatchObject({ problem: { code: "no-link" } });
  const acts = (await readAudit(site.node)).map(({ kind, facts }) => [kind, facts["actor"]]).slice(-3);
  expect(acts).toEqual([
    ["sign-ins-ended", "user:boss"],
    ["person-linked", "user:boss"],
    ["person-unlinked", "user:boss"],
  ]);
});

test("what holds a password takes no idempotency key", async () => {
  const site = await openSite();
  const token = await site.token("administrator");
  const body = JSON.stringify({ name: "anna", role: "viewer", password: PASSWORD });
  const headers = { ...JSON_TYPE, authorization: `Bearer ${token}`, "idempotency-key": "k" };
  const response = await fetch(`${site.url}/api/v1/users`, { method: "POST", headers, body });
  expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([400, "malformed"]);
});

test("whose role changes has to sign in again", async () => {
  const site = await openSite();
  const anna = await site.person("anna", "viewer");
  const { value } = [...anna.cookies.values()][0]!;
  expect(await findSignIn(site.node, value, { isAlive: false })).toBeDefined();
  await changeUserRole(site.node, "anna", "auditor");
  expect((await anna.get("/api/v1/me")).json.code).toBe("unauthenticated");
});

function asBrowser(browser: Browser, init: RequestInit = {}): RequestInit {
  return { ...init, headers: { ...(init.headers as Record<string, string>), ...browser.headers() } };
}

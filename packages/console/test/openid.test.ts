// Signing in by OpenID Connect, with a provider of the registry over HTTP.
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beginSignIn, endSignIns, findSignIn, listSignIns, openNode, readAudit } from "@halfroom/node";
import Provider from "oidc-provider";
import { expect, onTestFinished, test } from "vitest";
import { Browser, type Said } from "./browser.ts";
import { openSite, type ConsoleSite } from "./site.ts";

const CLIENT = { id: "halfroom", secret: "the secret of the client, which is long enough" };
/** By what they type at the provider. */
const PEOPLE: Readonly<Record<string, object>> = {
  anna: { preferred_username: "anna@example.com", groups: ["staff", "privacy"] },
  ben: { preferred_username: "ben", groups: ["staff"] },
  eve: { preferred_username: "eve\u202e" },
};
const ROLES = "{privacy: approver, staff: viewer}";

async function listening(handler: RequestListener): Promise<string> {
  const server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Setting {
  readonly site: ConsoleSite;
  readonly issuer: string;
}

/** A console whose provider knows it. */
async function setting(env: Record<string, string> = {}): Promise<Setting> {
  let handler: RequestListener = () => undefined;
  const issuer = await listening((request, response) => handler(request, response));
  const folder = mkdtempSync(join(tmpdir(), "halfroom-openid-"));
  writeFileSync(join(folder, "secret"), `${CLIENT.secret}\n`);
  const site = await openSite({
    HALFROOM_OPENID_ISSUER: issuer,
    HALFROOM_OPENID_CLIENT_ID: CLIENT.id,
    HALFROOM_OPENID_CLIENT_SECRET: join(folder, "secret"),
    HALFROOM_OPENID_ROLE: "groups",
    HALFROOM_OPENID_ROLES: ROLES,
    HALFROOM_OPENID_LABEL: "Example login",
    ...env,
  });
  handler = providerAt(issuer, `${site.url}/sign-in/openid/back`).callback();
  return { site, issuer };
}

function providerAt(issuer: string, back: string): Provider {
  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [back] }],
    claims: { openid: ["sub"], profile: ["preferred_username", "groups"], email: ["email"] },
    cookies: { keys: ["a key of the test"] },
    findAccount: (_context: unknown, accountId: string) => ({
      accountId,
      claims: () => ({ sub: accountId, ...PEOPLE[accountId] }),
    }),
  });
  provider.on("server_error", (...facts) => console.error(facts));
  return provider;
}

/** Follows the provider's pages as `name`, until it sends the browser back; returns where to. */
async function atProvider({ issuer }: Setting, to: string, name: string): Promise<string> {
  const browser = new Browser(issuer);
  let said = await browser.get(to);
  for (let step = 0; step < 12; step++) {
    const location = said.headers.location;
    if (location === undefined) said = await fillIn(browser, said, name);
    else if (location.startsWith(issuer) || location.startsWith("/")) said = await browser.get(location);
    else return location;
  }
  throw new Error("the provider sends nobody back");
}

async function fillIn(browser: Browser, said: Said, name: string): Promise<Said> {
  const page = (said.json as { text: string }).text;
  const [, action] = /<form[^>]* action="([^"]+)"/.exec(page) ?? [];
  const [, prompt] = /name="prompt" value="(\w+)"/.exec(page) ?? [];
  if (action === undefined) throw new Error(page);
  const body = new URLSearchParams({ prompt: prompt!, login: name, password: "any" }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return await browser.ask(action, { method: "POST", headers, body });
}

/** Begins, and goes to the provider and back. */
async function signIn(
  at: Setting,
  name: string,
): Promise<{ readonly browser: Browser; readonly said: Said }> {
  const browser = at.site.browser();
  const begun = await browser.get("/sign-in/openid");
  expect(begun.status).toBe(303);
  const back = await atProvider(at, begun.headers.location!, name);
  return { browser, said: await browser.get(back) };
}

test("whom the provider names is signed in, with the first role that fits, and is named in the log", async () => {
  const at = await setting();
  const ways = await at.site.browser().get("/api/v1/sign-in/ways");
  expect(ways.json).toEqual({ local: false, openid: { label: "Example login", path: "/sign-in/openid" } });
  const { browser, said } = await signIn(at, "anna");
  expect([said.status, said.headers.location]).toEqual([303, "/"]);
  expect(browser.cookies.size).toBe(1);
  const me = await browser.get("/api/v1/me");
  expect(me.json).toMatchObject({ name: "anna@example.com", role: "approver", kind: "person" });
  browser.csrf = me.json["csrf"] as string;
  const { value, attributes } = [...browser.cookies.values()][0]!;
  expect(attributes).toMatchObject({ httponly: "", samesite: "Strict" });
  expect(await findSignIn(at.site.node, value, { isAlive: false })).toMatchObject({
    actor: { kind: "openid", name: "anna@example.com" },
    subject: `${at.issuer} anna`,
  });
  expect((await readAudit(at.site.node)).at(-1)).toMatchObject({
    kind: "signed-in",
    facts: { actor: "openid:anna@example.com", role: "approver" },
  });
  expect((await browser.post("/api/v1/me/password", { password: "x", next: "y" })).json.code).toBe(
    "forbidden",
  );
  const [hers] = await listSignIns(at.site.node);
  expect(hers).toMatchObject({ way: "openid", name: "anna@example.com", subject: `${at.issuer} anna` });
  expect((await browser.post("/api/v1/sign-out")).status).toBe(204);
  // Another browser of hers, whose sign-in an administrator ends.
  const { secret } = await beginSignIn(at.site.node, hers!);
  expect(await endSignIns(at.site.node, hers!)).toEqual({ ended: 1 });
  expect(await findSignIn(at.site.node, secret, { isAlive: false })).toBeUndefined();
});

test("whoever has no role here, or no name, is told so and is not in", async () => {
  const at = await setting({ HALFROOM_OPENID_ROLES: "{privacy: approver}" });
  const { browser, said } = await signIn(at, "ben");
  expect([said.status, said.headers["content-type"]]).toEqual([403, expect.stringContaining("text/plain")]);
  expect(said.json).toMatchObject({ text: expect.stringContaining("no role here") });
  expect((await readAudit(at.site.node)).at(-1)).toMatchObject({
    kind: "sign-in-failed",
    facts: { user: "ben", way: "openid", why: "role" },
  });
  expect(browser.cookies.size).toBe(0);
  expect((await signIn(at, "eve")).said.json).toMatchObject({
    text: expect.stringContaining("`openid_name`"),
  });
});

test("only the browser that began can end it, once, and with the state that it was given", async () => {
  const at = await setting();
  const browser = at.site.browser();
  const begun = await browser.get("/sign-in/openid");
  const [name, { attributes }] = [...browser.cookies][0]!;
  expect(name).toMatch(/^halfroom-openid-\d+$/);
  expect(attributes).toMatchObject({ httponly: "", samesite: "Lax", "max-age": "600", path: "/" });
  const asked = new URL(begun.headers.location!).searchParams;
  expect(Object.fromEntries(asked)).toMatchObject({ response_type: "code", code_challenge_method: "S256" });
  const back = await atProvider(at, begun.headers.location!, "anna");
  const stranger = await at.site.browser().get(back);
  expect([stranger.status, stranger.json]).toEqual([
    403,
    { text: expect.stringContaining("another browser") },
  ]);
  // One who began a sign-in of their own is given the code of another one (login CSRF).
  const other = at.site.browser();
  await other.get("/sign-in/openid");
  expect((await other.get(back)).status).toBe(403);
  expect((await other.get("/api/v1/me")).status).toBe(401);
  const held = browser.headers();
  expect((await browser.get(back)).status).toBe(303);
  expect((await browser.get(back, held)).status).toBe(403);
});

test("what the provider refuses, and one that is not there, is told with what to do", async () => {
  const at = await setting({ HALFROOM_OPENID_CLIENT_ID: "another" });
  const browser = at.site.browser();
  const begun = await browser.get("/sign-in/openid");
  const state = new URL(begun.headers.location!).searchParams.get("state")!;
  const denied = `/sign-in/openid/back?error=access_denied&error_description=%3Cb%3E&state=${state}&iss=${at.issuer}`;
  const said = await browser.get(denied);
  expect(said.json).toEqual({ text: expect.stringMatching(/did not let you in/) });
  const gone = await setting({ HALFROOM_OPENID_ISSUER: "http://127.0.0.1:1" });
  const unreached = await gone.site.browser().get("/sign-in/openid");
  expect([unreached.status, unreached.json]).toEqual([
    403,
    { text: expect.stringContaining("`openid_issuer`") },
  ]);
});

test("a sign-in holds under the settings that it was made under, and there is none without them", async () => {
  const at = await setting();
  const { browser } = await signIn(at, "anna");
  const { value } = [...browser.cookies.values()][0]!;
  const env = { HALFROOM_OPENID_ISSUER: at.issuer, HALFROOM_OPENID_CLIENT_ID: CLIENT.id };
  const same = { ...env, HALFROOM_OPENID_ROLE: "groups" };
  const found = async (variables: Record<string, string>) => {
    const node = await openNode(at.site.node.folder, { env: variables });
    try {
      return await findSignIn(node, value, { isAlive: false });
    } finally {
      node.close();
    }
  };
  expect(await found({ ...same, HALFROOM_OPENID_ROLES: ROLES })).toBeDefined();
  expect(
    await found({ ...same, HALFROOM_OPENID_ROLES: "{staff: viewer, privacy: approver}" }),
  ).toBeUndefined();
  expect(await found({})).toBeUndefined();
  const site = await openSite();
  expect((await site.browser().get("/sign-in/openid")).status).toBe(404);
});

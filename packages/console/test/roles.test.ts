// Every endpoint as every role, from the declarations that the server itself is made of.
import { setTimeout as pause } from "node:timers/promises";
import { createToken, removeUser, revokeToken } from "@halfroom/node";
import { expect, test } from "vitest";
import { ROLES, ROUTES, type Route } from "../src/client.ts";
import { openSite, type ConsoleSite } from "./site.ts";

const ALL = Object.entries<Route>(ROUTES);
/** A body that gets past the form, for each endpoint that takes one; whether anything comes of it is another question. */
const BODIES: Readonly<Record<string, object>> = {
  denySession: { reason: "not today" },
  checkRequest: { yaml: "report: sums" },
  previewRequest: { yaml: "report: sums" },
  startRun: { yaml: "report: sums" },
  invitePartner: { name: "partner" },
  joinPartner: { token: "none", name: "partner" },
  movePartner: { address: "127.0.0.1:1" },
  confirmPartner: { fingerprint: "0f".repeat(32) },
  addDataset: { name: "people", definition: {} },
  checkDataset: {},
  addPolicies: { yaml: "partner: none" },
  checkTemplate: { yaml: "template: none", partner: "none" },
  publishTemplate: { yaml: "template: none", partner: "none" },
  importTemplate: { file: "none" },
  addWorker: { request: "none" },
  suppress: { csv: "email\n" },
  unsuppress: { csv: "email\n" },
  createToken: { role: "viewer" },
  signIn: { name: "nobody", password: "none" },
  changePassword: { password: "none", next: "plum harbour violin" },
  addUser: { name: "nobody", role: "viewer", password: "short" },
  changeUserRole: { role: "viewer" },
  resetUser: { password: "plum harbour violin" },
  activateReport: {},
  readSubject: { csv: "email\n" },
  startBackup: { recipients: ["none"] },
  useRecoveryKey: { publicKey: "none".repeat(16) },
  endSignIns: { way: "password", subject: "nobody" },
  linkPerson: { person: "nobody", way: "account", subject: "none" },
  unlinkPerson: { way: "account", subject: "none" },
};

type Headers = Readonly<Record<string, string>>;

async function ask(url: string, name: string, route: Route, headers: Headers): Promise<Response> {
  const body = BODIES[name];
  return await fetch(url + route.path.replace(/\{\w+\}/g, "none"), {
    method: route.method,
    headers: {
      ...headers,
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** Of programs, and what gets nobody in. */
async function tokensOf(site: ConsoleSite): Promise<Map<string, Headers>> {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const tokens = new Map<string, Headers>([["nobody", {}]]);
  for (const role of ROLES) tokens.set(role, bearer(await site.token(role)));
  tokens.set("expired", bearer(await site.token("administrator", 1 / 86_400_000)));
  const { token, name } = await createToken(site.node, { role: "administrator", days: 1 });
  await revokeToken(site.node, name);
  tokens.set("revoked", bearer(token));
  tokens.set("unknown", bearer(`${token}x`));
  await pause(10);
  return tokens;
}

/** Of people, and of a browser in which somebody was signed in. */
async function cookiesOf(site: ConsoleSite): Promise<Map<string, Headers>> {
  const cookies = new Map<string, Headers>();
  for (const role of ROLES) cookies.set(role, (await site.person(`the-${role}`, role)).headers());
  const removed = await site.person("gone", "administrator");
  await removeUser(site.node, "gone");
  cookies.set("removed", removed.headers());
  return cookies;
}

test.each([
  ["token", tokensOf],
  ["cookie", cookiesOf],
])("every endpoint lets in the roles that it declares, by %s, and nobody else", async (_by, held) => {
  const site = await openSite();
  const all = await held(site);
  const faults: string[] = [];
  for (const [endpoint, route] of ALL) {
    // Its own tests have it: here it would end the sign-in.
    if (endpoint === "signOut") continue;
    for (const [who, headers] of all) {
      const response = await ask(site.url, endpoint, route, headers);
      const { status } = response;
      const { code } = (await response.json().catch(() => ({}))) as { code?: string };
      const isRole = (ROLES as readonly string[]).includes(who);
      const isIn = route.roles === "anyone" || (isRole && (route.roles as readonly string[]).includes(who));
      const expected = isIn ? "in" : isRole ? 403 : 401;
      // Whoever was let in may still have shown a wrong password, or have none.
      const isOwn = endpoint === "signIn" || endpoint === "changePassword";
      const isRefused = isOwn && isIn && [401, 403].includes(status);
      const seen = !isRefused && (code === "unauthenticated" || code === "forbidden") ? status : "in";
      if (seen !== expected) faults.push(`${endpoint} as ${who}: ${status}`);
      // A clock that is right needs no correction, and `clock` is for an operator.
      const isClock = endpoint === "correctClock" && code === "clock";
      if (status >= 500 && status !== 502 && !isClock) faults.push(`${endpoint} as ${who}: ${status}`);
    }
  }
  expect(faults).toEqual([]);
  expect(ALL.length).toBeGreaterThan(40);
});

test("what is declared is a ladder, and an auditor changes nothing", () => {
  const ladder = ["viewer", "analyst", "approver", "administrator"] as const;
  for (const [name, { roles, changes, method }] of ALL) {
    if (roles === "anyone") {
      expect(["openapi", "signIn", "showSignInWays"]).toContain(name);
      continue;
    }
    const first = ladder.findIndex((role) => roles.includes(role));
    expect(
      ladder.slice(first).every((role) => roles.includes(role)),
      name,
    ).toBe(true);
    // Whatever can be read an auditor reads; what does something it does not, but for what is its own.
    const isOwn = name === "signOut" || name === "changePassword";
    expect(roles.includes("auditor"), name).toBe(method === "GET" || isOwn);
    if (isOwn) expect(roles).toEqual(ROLES);
    else if (changes === true)
      expect([roles.includes("viewer"), method === "GET"], name).toEqual([false, false]);
    else expect(["GET", "POST"], name).toContain(method);
  }
});

test("a viewer sees reports, sessions and partners, and no more; an analyst decides nothing", () => {
  const of = (role: (typeof ROLES)[number]) =>
    ALL.filter(([, { roles }]) => roles !== "anyone" && roles.includes(role)).map(([name]) => name);
  expect(of("viewer").toSorted()).toEqual([
    "changePassword",
    "listHeldSessions",
    "listPartners",
    "listReports",
    "listSeries",
    "listSessions",
    "showMe",
    "showPartner",
    "showReport",
    "showSeries",
    "showSession",
    "showTrend",
    "showVersion",
    "signOut",
  ]);
  const more = (role: (typeof ROLES)[number], less: (typeof ROLES)[number]) =>
    of(role)
      .filter((name) => !of(less).includes(name))
      .toSorted();
  expect(more("analyst", "viewer")).toEqual([
    "activateReport",
    "cancelJob",
    "cancelSession",
    "checkDataset",
    "checkRequest",
    "checkTemplate",
    "completeSession",
    "endSeries",
    "exportTemplate",
    "importTemplate",
    "listDatasets",
    "listEndings",
    "listEvents",
    "listJobs",
    "listPolicies",
    "listTemplateKinds",
    "listTemplates",
    "listWaitingTemplates",
    "newTemplate",
    "previewRequest",
    "removeTemplate",
    "showJob",
    "showLedger",
    "showPolicy",
    "showTemplate",
    "startRun",
    "watchJob",
  ]);
  expect(more("approver", "analyst")).toEqual([
    "approveSession",
    "approveTemplate",
    "denySession",
    "publishTemplate",
    "withdrawTemplate",
  ]);
  expect(more("auditor", "analyst")).toEqual([
    "checkReceipt",
    "listBackups",
    "listLinks",
    "listSignIns",
    "listSuppressed",
    "listTargets",
    "listTokens",
    "listUsers",
    "readAudit",
    "runDoctor",
    "showAuditHead",
    "showCluster",
    "showOpenings",
    "showReceipt",
    "showRecoveryKey",
    "verifyAudit",
  ]);
});

test("no endpoint has two arguments of one name", () => {
  for (const [name, { params, query, body }] of ALL) {
    const names = [params, query, body].flatMap((schema) => Object.keys(schema?.shape ?? {}));
    expect(new Set(names).size, name).toBe(names.length);
  }
});

// Every endpoint as every role, from the declarations that the server itself is made of.
import { setTimeout as pause } from "node:timers/promises";
import { createToken, revokeToken } from "@halfroom/node";
import { expect, test } from "vitest";
import { ROLES, ROUTES, type Route } from "../src/client.ts";
import { openSite } from "./site.ts";

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
  addDataset: { name: "people", definition: {} },
  checkDataset: {},
  addPolicies: { yaml: "partner: none" },
  addWorker: { request: "none" },
  suppress: { csv: "email\n" },
  unsuppress: { csv: "email\n" },
  createToken: { role: "viewer" },
};

async function ask(url: string, name: string, route: Route, token?: string): Promise<Response> {
  const body = BODIES[name];
  return await fetch(url + route.path.replace(/\{\w+\}/g, "none"), {
    method: route.method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

test("every endpoint lets in the roles that it declares, and nobody else", async () => {
  const site = await openSite();
  const tokens = new Map<string, string | undefined>([["nobody", undefined]]);
  for (const role of ROLES) tokens.set(role, await site.token(role));
  tokens.set("expired", await site.token("administrator", 1 / 86_400_000));
  const { token, name } = await createToken(site.node, { role: "administrator", days: 1 });
  await revokeToken(site.node, name);
  tokens.set("revoked", token);
  tokens.set("unknown", `${token}x`);
  await pause(10);
  const faults: string[] = [];
  for (const [endpoint, route] of ALL) {
    for (const [who, held] of tokens) {
      const { status } = await ask(site.url, endpoint, route, held);
      const isRole = (ROLES as readonly string[]).includes(who);
      const isIn = route.roles === "anyone" || (isRole && (route.roles as readonly string[]).includes(who));
      const expected = isIn ? "in" : isRole ? 403 : 401;
      const seen = status === 401 || status === 403 ? status : "in";
      if (seen !== expected) faults.push(`${endpoint} as ${who}: ${status}`);
      if (status >= 500 && status !== 502) faults.push(`${endpoint} as ${who}: ${status}`);
    }
  }
  expect(faults).toEqual([]);
  expect(ALL.length).toBeGreaterThan(40);
});

test("what is declared is a ladder, and an auditor changes nothing", () => {
  const ladder = ["viewer", "analyst", "approver", "administrator"] as const;
  for (const [name, { roles, changes, method }] of ALL) {
    if (roles === "anyone") {
      expect(name).toBe("openapi");
      continue;
    }
    const first = ladder.findIndex((role) => roles.includes(role));
    expect(
      ladder.slice(first).every((role) => roles.includes(role)),
      name,
    ).toBe(true);
    // Whatever can be read an auditor reads; what does something it does not.
    expect(roles.includes("auditor"), name).toBe(method === "GET");
    if (changes === true) expect([roles.includes("viewer"), method === "GET"], name).toEqual([false, false]);
    else expect(["GET", "POST"], name).toContain(method);
  }
});

test("a viewer sees reports, sessions and partners, and no more; an analyst decides nothing", () => {
  const of = (role: (typeof ROLES)[number]) =>
    ALL.filter(([, { roles }]) => roles !== "anyone" && roles.includes(role)).map(([name]) => name);
  expect(of("viewer").toSorted()).toEqual([
    "listHeldSessions",
    "listPartners",
    "listReports",
    "listSessions",
    "showPartner",
    "showReport",
    "showSession",
    "showVersion",
  ]);
  const more = (role: (typeof ROLES)[number], less: (typeof ROLES)[number]) =>
    of(role)
      .filter((name) => !of(less).includes(name))
      .toSorted();
  expect(more("analyst", "viewer")).toEqual([
    "cancelJob",
    "cancelSession",
    "checkDataset",
    "checkRequest",
    "completeSession",
    "listDatasets",
    "listJobs",
    "listPolicies",
    "previewRequest",
    "showJob",
    "showLedger",
    "showPolicy",
    "startRun",
    "watchJob",
  ]);
  expect(more("approver", "analyst")).toEqual(["approveSession", "denySession"]);
  expect(more("auditor", "analyst")).toEqual([
    "checkReceipt",
    "listSuppressed",
    "listTokens",
    "readAudit",
    "runDoctor",
    "showCluster",
    "showOpenings",
    "showReceipt",
    "verifyAudit",
  ]);
});

test("no endpoint has two arguments of one name", () => {
  for (const [name, { params, query, body }] of ALL) {
    const names = [params, query, body].flatMap((schema) => Object.keys(schema?.shape ?? {}));
    expect(new Set(names).size, name).toBe(names.length);
  }
});

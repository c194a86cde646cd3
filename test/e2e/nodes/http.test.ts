// Two companies over HTTP alone, from their first dataset to the audit: two nodes in separate processes, each with a client that is made of
// the endpoints' own declarations. A command makes each company's first token, and nothing else.
import { createClient, type Client, type JobEvent } from "@halfroom/console/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EXPECTED, cellsOf, requestOf } from "./pair.ts";
import { Site, type Running } from "./site.ts";

let sites: Site[];
let serving: Running[];
let advertiser: Company;
let publisher: Company;

/** A company's programs, each with the token of a role, and the address at which its people sign in. */
interface Company {
  readonly site: Site;
  readonly url: string;
  readonly admin: Client;
  readonly analyst: Client;
  readonly approver: Client;
  readonly auditor: Client;
}

async function companyOf(site: Site): Promise<Company> {
  const url = `http://${site.env["HALFROOM_CONSOLE"]}`;
  const printed = await site.ok("token", "create", "--role", "administrator", "--name", "root", "--json");
  const admin = createClient({ url, token: JSON.parse(printed).token });
  const hired = async (role: "analyst" | "approver" | "auditor") =>
    createClient({ url, token: (await admin.createToken({ role, days: 1, name: role })).token });
  return {
    site,
    url,
    admin,
    analyst: await hired("analyst"),
    approver: await hired("approver"),
    auditor: await hired("auditor"),
  };
}

const PASSWORD = "moor lantern oyster";

/** Somebody with a browser, who signs in: the cookie goes with each request, and the header beside it. */
async function signedIn({ admin, url }: Company, name: string): Promise<Client> {
  await admin.addUser({ name, role: "approver", password: PASSWORD });
  const given = { name, password: PASSWORD };
  const headers = { "content-type": "application/json", origin: url };
  const response = await fetch(`${url}/api/v1/sign-in`, {
    method: "POST",
    headers,
    body: JSON.stringify(given),
  });
  const [cookie] = response.headers.getSetCookie()[0]!.split(";");
  const { csrf } = (await response.json()) as { csrf: string };
  const send: typeof fetch = (to, init) =>
    fetch(to, { ...init, headers: { ...(init?.headers as Record<string, string>), cookie: cookie! } });
  return createClient({ url, csrf: () => csrf, fetch: send });
}

beforeAll(async () => {
  sites = await Promise.all([Site.open(), Site.open()]);
  serving = await Promise.all(sites.map((site) => site.serve()));
  [advertiser, publisher] = (await Promise.all(sites.map(companyOf))) as [Company, Company];
});
afterAll(() => Promise.all(sites.map((site) => site.close())));

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
/** The people of `pair.ts`, whose plain join is EXPECTED. */
const EXPOSURES = range(0, 60).map((i) => `p${i}@example.com,${i < 52 ? "spring" : "autumn"}`);
const PURCHASES = range(30, 80).map((i) => `P${i}@Example.com,${(i + 0.25).toFixed(2)}`);
const EXPECTED_HERE = [{ ...EXPECTED[0], revenue: range(30, 52).reduce((sum, i) => sum + i + 0.25, 0) }];

describe("each company prepares", () => {
  test("datasets, which are checked", async () => {
    const purchases = advertiser.site.write("purchases.csv", ["email,revenue", ...PURCHASES, ""].join("\n"));
    const exposures = publisher.site.write("exposures.csv", ["email,campaign", ...EXPOSURES, ""].join("\n"));
    const match = { email: { columns: "email" } };
    await advertiser.admin.addDataset({
      name: "purchases",
      definition: { source: { csv: purchases }, match, measures: { revenue: {} } },
    });
    await publisher.admin.addDataset({
      name: "exposures",
      definition: { source: { csv: exposures }, match, dimensions: { campaign: {} } },
    });
    const bounds = { name: "revenue", decimals: 2, low: "0", high: "500" };
    expect(await advertiser.analyst.checkDataset({ name: "purchases", measures: [bounds] })).toMatchObject({
      rows: 50,
      people: 50,
      problems: [],
      measures: [{ clippedAbove: 0 }],
    });
    expect(await publisher.analyst.listDatasets()).toMatchObject([
      { name: "exposures", dimensions: ["campaign"] },
    ]);
  });

  test("the other one, by an invitation that is used once", async () => {
    const { token } = await publisher.admin.invitePartner({ name: "advertiser" });
    const partner = await advertiser.admin.joinPartner({ token, name: "publisher" });
    const { fingerprint } = await publisher.auditor.showVersion();
    expect(partner).toMatchObject({ name: "publisher", fingerprint });
    const mine = (await advertiser.auditor.showVersion()).fingerprint;
    expect(await publisher.analyst.listPartners()).toMatchObject([{ name: "advertiser", fingerprint: mine }]);
    await expect(publisher.admin.joinPartner({ token, name: "again" })).rejects.toMatchObject({
      problem: { code: expect.stringMatching(/^(?:protocol-|name-taken)/) },
    });
  });

  test("policies: the advertiser's own machine decides, at the publisher two people do", async () => {
    const rules = { threshold: 11, people: 10, exact: 100 };
    const ours = { partner: "publisher", dataset: "purchases", sum: ["revenue"], approval: "automatic" };
    const theirs = {
      partner: "advertiser",
      dataset: "exposures",
      group_by: ["campaign"],
      approval: "two-people",
    };
    await advertiser.admin.addPolicies({ yaml: JSON.stringify({ ...ours, ...rules }) });
    const [added] = await publisher.admin.addPolicies({ yaml: JSON.stringify([{ ...theirs, ...rules }]) });
    expect(added).toMatchObject({ partner: "advertiser", fields: { approval: "two-people", threshold: 11 } });
  });
});

describe("a report", () => {
  const yaml = requestOf("advertiser");
  let job: string;
  let session: string;
  let events: Promise<JobEvent[]>;

  test("is looked at before anything is proposed", async () => {
    const seen = await advertiser.analyst.previewRequest({ yaml });
    expect(seen).toMatchObject({
      outcome: "wait",
      ours: { decision: "accept" },
      theirs: { decision: "hold" },
    });
    expect(seen.weLearn.join(" ")).toMatch(/people/);
    expect(await publisher.analyst.listSessions()).toEqual([]);
  });

  test("is begun, once however often it is asked for", async () => {
    const once = { idempotencyKey: "monthly-2026-11" };
    ({ id: job } = await advertiser.analyst.startRun({ yaml }, once));
    expect((await advertiser.analyst.startRun({ yaml }, once)).id).toBe(job);
    events = collect(advertiser.analyst, job);
    await untilHeld();
    expect(await advertiser.analyst.listJobs()).toHaveLength(1);
  });

  test("is shown to people of the publisher, two of whom approve it", async () => {
    const [held] = await publisher.approver.listHeldSessions();
    const { disclosure } = await publisher.approver.showSession({ id: held!.id });
    expect(disclosure.partnerLearns.join(" ")).toMatch(/people/);
    await expect(publisher.analyst.approveSession({ id: held!.id })).rejects.toMatchObject({
      problem: { code: "forbidden" },
    });
    const [anna, ben] = [await signedIn(publisher, "anna"), await signedIn(publisher, "ben")];
    const { id } = held!;
    expect(await anna.approveSession({ id })).toMatchObject({ state: "held" });
    for (const client of [anna, publisher.approver])
      await expect(client.approveSession({ id })).rejects.toMatchObject({
        problem: { code: "approver", status: 403 },
      });
    expect(await ben.showSession({ id })).toMatchObject({
      session: { state: "held", approvals: { needed: 2, given: [{ by: "user:anna" }] } },
    });
    expect(await ben.approveSession({ id })).toMatchObject({ state: "approved" });
  });

  test("runs while its events tell how far it is", async () => {
    const seen = await events;
    const stages = seen.flatMap((event) =>
      event.type === "stage" && event.state === "started" ? [event.name] : [],
    );
    expect(stages.slice(-4)).toEqual(["pseudonymise", "match", "aggregate", "release"]);
    const end = seen.at(-1)!;
    expect(end).toMatchObject({
      type: "ended",
      job: { id: job, state: "done", result: { partner: "publisher" } },
    });
    session = (await advertiser.analyst.showJob({ id: job })).result!.session;
  });

  test("is the plain join of the two files, on both sides, in every form", async () => {
    for (const { analyst } of [advertiser, publisher]) {
      expect(await analyst.listReports()).toMatchObject([{ session, kind: "sums" }]);
      expect(cellsOf(await analyst.showReport({ id: session }))).toEqual(EXPECTED_HERE);
      expect(await analyst.showReport({ id: session, form: "csv" })).toMatch(/,spring,.*,22,/);
      expect(await analyst.showReport({ id: session, form: "text" })).toMatch(/spring.*22/);
    }
    // As the command line of the same node prints it.
    const printed = await advertiser.site.ok("report", session, "--json");
    expect(await advertiser.analyst.showReport({ id: session })).toBe(printed);
  });

  test("is paid for once, and stands in both logs with the people who asked and approved", async () => {
    for (const { analyst, auditor } of [advertiser, publisher]) {
      expect((await analyst.showLedger()).entries).toMatchObject([{ session, mode: "exact", settled: true }]);
      expect(await auditor.verifyAudit()).toMatchObject({ faults: [], gaps: [] });
      expect(await auditor.checkReceipt({ id: session })).toMatchObject({ data: "same", report: "same" });
    }
    const actorsOf = async ({ auditor }: Company, kind: string) =>
      (await auditor.readAudit()).filter((entry) => entry.kind === kind).map(({ facts }) => facts["actor"]);
    expect(await actorsOf(advertiser, "proposed")).toEqual(["token:analyst"]);
    expect(await actorsOf(publisher, "approval-given")).toEqual(["user:anna"]);
    expect(await actorsOf(publisher, "approved")).toEqual(["user:ben"]);
    const account = expect.stringMatching(/^account:/);
    expect(await actorsOf(publisher, "token-created")).toEqual([account, ...Array(3).fill("token:root")]);
    const [ours, theirs] = await Promise.all(
      [advertiser, publisher].map(({ auditor }) => auditor.showReceipt({ id: session })),
    );
    expect(ours!.json).toBe(theirs!.json);
  });

  async function untilHeld(): Promise<void> {
    for await (const { data } of await advertiser.analyst.watchJob({ id: job }))
      if (data.type === "held") return;
    expect.fail("the run did not wait for a person");
  }
});

async function collect(client: Client, id: string): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  for await (const { data } of await client.watchJob({ id })) events.push(data);
  return events;
}

test("what both nodes logged names who asked, and nobody whose data it was", async () => {
  for (const running of serving) running.child.kill("SIGTERM");
  for (const { exitCode, stderr } of await Promise.all(serving.map(({ ended }) => ended))) {
    expect(exitCode).toBe(0);
    expect(stderr).toContain('"by":"token:root","endpoint":"addDataset"');
    expect(stderr).not.toMatch(/@example|halfroomapi1_|halfroom1_|oyster/i);
    for (const line of stderr.split("\n")) expect(() => JSON.parse(line)).not.toThrow();
  }
});

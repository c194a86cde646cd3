// Reports that are run over HTTP: as jobs, told by events, begun once however often they are asked for.
import { execFile } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import {
  checkDataset,
  createToken,
  disclose,
  doctor,
  listDatasets,
  listPartners,
  listPolicies,
  listReports,
  listSessions,
  listSuppressed,
  listTokens,
  preview,
  readAudit,
  readBudgets,
  readLedger,
  readReceipt,
  revokeToken,
  suppress,
} from "@halfroom/node";
import { expect, test } from "vitest";
import { createClient, type Client, type JobEvent } from "../src/client.ts";
import { openPair, OTHER_REQUEST, REQUEST, SPRING } from "./pair.ts";
import { consoleOf, openSite } from "./site.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

async function eventsOf(client: Client, id: string, lastEventId?: string) {
  const events: { id: string; data: JobEvent }[] = [];
  const choice = lastEventId === undefined ? {} : { lastEventId };
  for await (const event of await client.watchJob({ id }, choice)) events.push(event);
  return events;
}

const ends = async (client: Client, id: string) => (await eventsOf(client, id)).at(-1)!.data;

async function until(client: Client, id: string, type: JobEvent["type"]): Promise<void> {
  for await (const { data } of await client.watchJob({ id })) if (data.type === type) return;
  expect.fail(`the job ended without ${type}`);
}

test("a run is a job: its events tell how it goes, and its report is the plain join", async () => {
  const { advertiser, publisher } = await openPair({ approval: "automatic" });
  const analyst = await advertiser.client("analyst");
  const begun = await analyst.startRun({ yaml: REQUEST });
  expect(begun).toMatchObject({ kind: "run", state: "running" });
  const events = await eventsOf(analyst, begun.id);
  const stages = events.flatMap(({ data }) =>
    data.type === "stage" && data.state === "started" ? [data.name] : [],
  );
  expect(stages).toEqual(["prepare", "agree", "pseudonymise", "match", "aggregate", "release"]);
  const types = events.map(({ data }) => data.type);
  expect(types.indexOf("proposed")).toBeLessThan(types.indexOf("terms"));
  expect(types.at(-1)).toBe("ended");
  const job = await analyst.showJob({ id: begun.id });
  expect(job).toMatchObject({
    state: "done",
    result: { partner: "publisher", isStored: false, hasResult: true },
  });
  expect(await analyst.listJobs()).toEqual([job]);

  const id = job.result!.session;
  for (const { admin } of [advertiser, publisher]) {
    const { partitions } = JSON.parse(await admin.showReport({ id }));
    expect(partitions[0].cells).toMatchObject([
      { labels: SPRING.labels, people: { value: SPRING.people }, sums: [{ value: SPRING.revenue }] },
    ]);
    expect(await admin.showReport({ id, form: "csv" })).toMatch(/spring,.*22/);
    expect(await admin.showReport({ id, form: "html" })).toMatch(/^<!doctype html>[^]*spring/i);
    expect(await admin.checkReceipt({ id })).toMatchObject({ data: "same", filter: "same", report: "same" });
    expect((await admin.showLedger()).entries).toMatchObject([{ session: id, mode: "exact", settled: true }]);
    expect(await admin.verifyAudit()).toMatchObject({ faults: [], gaps: [] });
  }
  const authorization = `Bearer ${await advertiser.token("viewer")}`;
  const page = await fetch(`${advertiser.url}/api/v1/reports/${id}?form=html`, {
    headers: { authorization },
  });
  expect(page.headers.get("content-disposition")).toBe(`attachment; filename="report-${id}.html"`);
  expect(page.headers.get("content-security-policy")).toContain("sandbox");
  const asked = (await advertiser.admin.readAudit()).filter(({ kind }) => kind === "proposed");
  expect(asked.map(({ facts }) => facts["actor"])).toEqual([begun.caller]);
});

test("answers have every member that the node's own functions give", async () => {
  const { advertiser, publisher } = await openPair({ approval: "automatic" });
  const { admin, node } = advertiser;
  const { id } = await admin.startRun({ yaml: REQUEST });
  await ends(admin, id);
  const session = (await listSessions(node))[0]!.id;
  const bounds = { measures: [{ name: "revenue", decimals: 2, low: "0", high: "10" }] };
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  expect(await admin.listSessions()).toEqual(plain(await listSessions(node)));
  expect((await admin.showSession({ id: session })).disclosure).toEqual(plain(await disclose(node, session)));
  expect(await admin.listReports()).toEqual(plain(await listReports(node)));
  expect(await admin.showLedger()).toEqual(
    plain({ entries: await readLedger(node), budgets: await readBudgets(node), gaps: [] }),
  );
  expect(await admin.readAudit()).toEqual(plain(await readAudit(node)));
  expect(await admin.listPartners()).toEqual(plain(await listPartners(node)));
  expect(await admin.listPolicies()).toEqual(plain(await listPolicies(node)));
  expect(await admin.listDatasets()).toEqual(plain(await listDatasets(node)));
  expect(await admin.listTokens()).toEqual(plain(await listTokens(node)));
  expect(await admin.listSuppressed()).toEqual(plain(await listSuppressed(node)));
  const optOut = "email\np30@example.com\n";
  const again = await suppress(node, { text: optOut, kind: "csv" });
  expect(again).toMatchObject({ added: 1, pseudonyms: 1 });
  expect(await admin.suppress({ csv: optOut })).toEqual(plain({ ...again, added: 0, pseudonyms: 0 }));
  const person = { key: "email", identifier: "p30@example.com" };
  expect(await admin.suppress({ person })).toEqual(plain({ ...again, added: 0, pseudonyms: 0 }));
  const typo = { person: { key: "email", identifier: "nobody at example" } };
  const acts = await readAudit(node);
  for (const ask of [admin.suppress, admin.unsuppress, admin.readSubject])
    await expect(ask(typo)).rejects.toMatchObject({ problem: { code: "identifier", status: 422 } });
  await expect(admin.suppress({ ...typo, csv: optOut })).rejects.toMatchObject({
    problem: { code: "malformed" },
  });
  expect(await readAudit(node)).toEqual(acts);
  expect(await admin.runDoctor()).toEqual(plain(await doctor(node)));
  expect(await admin.checkDataset({ name: "purchases", ...bounds })).toEqual(
    plain(await checkDataset(node, "purchases", bounds)),
  );
  const seen = await admin.previewRequest({ yaml: OTHER_REQUEST });
  const { outlook, ...rest } = await preview(node, { text: OTHER_REQUEST, name: "yaml" });
  // How long it would take is measured anew.
  expect({ ...seen, outlook: undefined, ahead: [] }).toEqual({ ...(plain(rest) as object), ahead: [] });
  const shape = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value, (_, part: unknown) => (typeof part === "number" ? 0 : part)));
  expect(shape(seen.outlook)).toEqual(shape(outlook));
  expect(await publisher.admin.showReceipt({ id: session })).toEqual(
    plain(await readReceipt(publisher.node, session)),
  );
});

test("whoever lost the events goes on after the last one, and gets them again after the end", async () => {
  const { advertiser } = await openPair({ approval: "automatic" });
  const { id } = await advertiser.admin.startRun({ yaml: REQUEST });
  const all = await eventsOf(advertiser.admin, id);
  expect(all.map((event) => event.id)).toEqual(all.map((_, i) => String(i + 1)));
  expect(await eventsOf(advertiser.admin, id, all[3]!.id)).toEqual(all.slice(4));
});

test("a run waits for a person at the partner, who is shown what it reveals, and decides", async () => {
  const { advertiser, publisher } = await openPair({ approval: "by-hand" });
  const approver = await publisher.client("approver");
  const approved = await advertiser.admin.startRun({ yaml: REQUEST });
  await until(advertiser.admin, approved.id, "held");
  const [held] = await approver.listHeldSessions();
  expect(held).toMatchObject({ state: "held", partner: "advertiser", report: "sums", threshold: 11 });
  const { disclosure } = await approver.showSession({ id: held!.id });
  expect(disclosure.partnerLearns.length).toBeGreaterThan(0);
  expect(await approver.approveSession({ id: held!.id })).toMatchObject({ state: "approved" });
  expect(await ends(advertiser.admin, approved.id)).toMatchObject({ job: { state: "done" } });

  const denied = await advertiser.admin.startRun({ yaml: OTHER_REQUEST });
  await until(advertiser.admin, denied.id, "held");
  const [other] = await approver.listHeldSessions();
  await approver.denySession({ id: other!.id, reason: "ask again next month" });
  expect(await ends(advertiser.admin, denied.id)).toMatchObject({
    job: { state: "failed", error: { code: "refused-there", words: expect.stringContaining("next month") } },
  });
  await expect(approver.approveSession({ id: other!.id })).rejects.toMatchObject({
    problem: { code: "session-state", status: 409 },
  });
  const decided = (await publisher.admin.readAudit()).filter(
    ({ kind }) => kind === "approved" || kind === "denied",
  );
  expect(decided.map(({ facts }) => String(facts["actor"]).startsWith("token:approver-"))).toEqual([
    true,
    true,
  ]);
});

test.each(["job", "session"] as const)("a run that waits is cancelled as a %s", async (by) => {
  const { advertiser } = await openPair({ approval: "by-hand" });
  const { admin } = advertiser;
  const { id } = await admin.startRun({ yaml: REQUEST });
  await until(admin, id, "held");
  const session = (await admin.showJob({ id })).session!;
  if (by === "job") await admin.cancelJob({ id });
  else
    expect(await admin.cancelSession({ id: session })).toMatchObject({ state: "failed", code: "cancelled" });
  expect(await ends(admin, id)).toMatchObject({ job: { state: "cancelled", error: { code: "cancelled" } } });
  expect((await admin.showSession({ id: session })).session).toMatchObject({
    state: "failed",
    code: "cancelled",
  });
  await expect(admin.cancelJob({ id })).rejects.toMatchObject({ problem: { code: "session-state" } });
  await expect(admin.cancelSession({ id: session })).rejects.toMatchObject({
    problem: { code: "session-state" },
  });
  expect((await admin.showLedger()).entries).toEqual([]);
});

test("a run that computes is cancelled: both sides close their session", async () => {
  const { advertiser, publisher } = await openPair({ approval: "automatic" });
  const { admin } = advertiser;
  const { id } = await admin.startRun({ yaml: REQUEST });
  await until(admin, id, "prepared");
  await admin.cancelJob({ id });
  const end = await ends(admin, id);
  // It may have been done before.
  expect(end).toMatchObject({ job: { state: expect.stringMatching(/^(?:cancelled|done)$/) } });
  const [ours] = await admin.listSessions();
  expect(["failed", "done"]).toContain(ours!.state);
  await expect
    .poll(async () => (await publisher.admin.listSessions())[0]!.state, { timeout: 60_000 })
    .toMatch(/^(?:failed|done)$/);
  const again = await admin.startRun({ yaml: REQUEST });
  expect(await ends(admin, again.id)).toMatchObject({ job: { state: "done" } });
});

test("a node that ends stops a run that waits at once, and the next run takes its proposal up", async () => {
  const { advertiser, publisher } = await openPair({ approval: "by-hand" });
  const { id } = await advertiser.admin.startRun({ yaml: REQUEST });
  await until(advertiser.admin, id, "held");
  await advertiser.console.close();
  const again = await (await consoleOf(advertiser.node)).client("administrator");
  const stopped = await again.showJob({ id });
  expect(stopped).toMatchObject({ state: "failed", error: { code: "stopped" } });
  expect((await again.showSession({ id: stopped.session! })).session.state).toBe("held");
  const next = await again.startRun({ yaml: REQUEST });
  await until(again, next.id, "held");
  expect((await again.showJob({ id: next.id })).session).toBe(stopped.session);
  const [held] = await publisher.admin.listHeldSessions();
  await publisher.admin.approveSession({ id: held!.id });
  expect(await ends(again, next.id)).toMatchObject({ job: { state: "done" } });
});

test("no more runs begin than may be under way", async () => {
  const { advertiser } = await openPair({ approval: "by-hand", limits: { runs: 1 } });
  const { admin } = advertiser;
  const begun = await Promise.allSettled([
    admin.startRun({ yaml: REQUEST }),
    admin.startRun({ yaml: OTHER_REQUEST }),
  ]);
  expect(begun.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  const refused = begun.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
  expect(refused).toMatchObject([{ problem: { code: "too-often", status: 429 } }]);
  const id = (await admin.listJobs())[0]!.id;
  await admin.cancelJob({ id });
  await ends(admin, id);
  const { id: next } = await admin.startRun({ yaml: OTHER_REQUEST });
  await admin.cancelJob({ id: next });
  expect(await ends(admin, next)).toMatchObject({ job: { state: "cancelled" } });
});

test("a run that fails says why, as the command line does", async () => {
  const { advertiser } = await openPair({ approval: "automatic" });
  const { id } = await advertiser.admin.startRun({ yaml: REQUEST.replace("[campaign]", "[age]") });
  expect(await ends(advertiser.admin, id)).toMatchObject({
    job: {
      state: "failed",
      error: { code: "refused-there", words: expect.stringContaining("may not group by") },
    },
  });
  const wrong = await advertiser.admin.startRun({ yaml: "report: sums" });
  expect(await ends(advertiser.admin, wrong.id)).toMatchObject({
    job: { state: "failed", error: { code: "yaml" } },
  });
});

test("a preview says what would come of it, and changes nothing", async () => {
  const { advertiser, publisher } = await openPair({ approval: "by-hand" });
  const analyst = await advertiser.client("analyst");
  expect((await analyst.checkRequest({ yaml: REQUEST })).ahead.length).toBeGreaterThan(0);
  const seen = await analyst.previewRequest({ yaml: REQUEST });
  expect(seen).toMatchObject({
    outcome: "wait",
    theirs: { decision: "hold" },
    outlook: { people: { ours: 50 } },
  });
  expect(await analyst.checkDataset({ name: "purchases" })).toMatchObject({
    rows: 50,
    people: 50,
    problems: [],
  });
  for (const { admin } of [advertiser, publisher]) expect(await admin.listSessions()).toEqual([]);
});

test("the same key and body begin one run; another body under the key is refused", async () => {
  const { advertiser } = await openPair({ approval: "automatic" });
  const analyst = await advertiser.client("analyst");
  const once = { idempotencyKey: "run-of-tonight" };
  const first = await analyst.startRun({ yaml: REQUEST }, once);
  expect(await analyst.startRun({ yaml: REQUEST }, once)).toEqual(first);
  await ends(analyst, first.id);
  expect(await analyst.startRun({ yaml: REQUEST }, once)).toEqual(first);
  expect(await analyst.listJobs()).toHaveLength(1);
  await expect(analyst.startRun({ yaml: OTHER_REQUEST }, once)).rejects.toMatchObject({
    problem: { code: "key-of-another", status: 422 },
  });
  // A key is its caller's own, and what came to nothing can be asked again.
  const other = await advertiser.admin.startRun({ yaml: OTHER_REQUEST }, once);
  expect(other.id).not.toBe(first.id);
  await ends(analyst, other.id);
  for (const _ of [1, 2])
    await expect(
      advertiser.admin.invitePartner({ name: "-" }, { idempotencyKey: "i" }),
    ).rejects.toMatchObject({
      problem: { code: expect.stringMatching(/^(?:name|no-address)$/) },
    });
});

test("the job that was begun has an address, and an answer that was given before says so", async () => {
  const site = await openSite();
  const headers = {
    authorization: `Bearer ${await site.token("analyst")}`,
    "content-type": "application/json",
    "idempotency-key": "k",
  };
  const body = JSON.stringify({ yaml: "report: sums" });
  const start = () => fetch(`${site.url}/api/v1/runs`, { method: "POST", headers, body });
  const first = await start();
  const { id } = (await first.json()) as { id: string };
  expect(first.headers.get("location")).toBe(`/api/v1/jobs/${id}`);
  expect(first.headers.get("idempotency-replayed")).toBeNull();
  const again = await start();
  expect([again.status, await again.json()]).toMatchObject([202, { id }]);
  expect(again.headers.get("location")).toBe(`/api/v1/jobs/${id}`);
  expect(again.headers.get("idempotency-replayed")).toBe("true");
  const unfit = await fetch(`${site.url}/api/v1/runs`, {
    method: "POST",
    headers: { ...headers, "idempotency-key": "a b" },
    body,
  });
  expect(unfit.status).toBe(400);
});

test("requests under one key at the same time are done once", async () => {
  const { admin } = await openPair({ approval: "automatic" }).then(({ publisher }) => publisher);
  const invite = () =>
    admin.invitePartner({ name: "other", address: "127.0.0.1:1" }, { idempotencyKey: "same" });
  const answers = await Promise.allSettled([invite(), invite(), invite()]);
  const tokens = answers.flatMap((each) => (each.status === "fulfilled" ? [each.value.token] : []));
  expect(new Set(tokens).size).toBe(1);
  for (const each of answers)
    if (each.status === "rejected") expect(each.reason).toMatchObject({ problem: { code: "key-in-use" } });
  expect((await admin.readAudit()).filter(({ kind }) => kind === "invited")).toHaveLength(2);
});

test("an answer that holds a secret is not kept", async () => {
  const site = await openSite();
  const admin = await site.client("administrator");
  const once = { idempotencyKey: "token-of-ci" };
  const { name } = await admin.createToken({ role: "viewer" }, once);
  await expect(admin.createToken({ role: "viewer" }, once)).rejects.toMatchObject({
    problem: { code: "shown-once", status: 409 },
  });
  const viewers = (await admin.listTokens()).filter(({ role }) => role === "viewer");
  expect(viewers.map((token) => token.name)).toEqual([name]);
});

test("whose token is revoked hears no more of a job", async () => {
  const { advertiser } = await openPair({ approval: "by-hand", limits: { aliveMs: 20 } });
  const { id } = await advertiser.admin.startRun({ yaml: REQUEST });
  const { token, name } = await createToken(advertiser.node, { role: "auditor", days: 1 });
  const watching = eventsOf(createClient({ url: advertiser.url, token }), id);
  await until(advertiser.admin, id, "held");
  await revokeToken(advertiser.node, name);
  expect((await watching).at(-1)!.data.type).not.toBe("ended");
  expect(await advertiser.admin.showJob({ id })).toMatchObject({ state: "running" });
  await advertiser.admin.cancelJob({ id });
});

test("a job whose process is gone has failed, and says so", async () => {
  const site = await openSite();
  const script = `
    import { beginJob, openNode } from "@halfroom/node";
    const node = await openNode(${JSON.stringify(site.node.folder)}, { env: {} });
    console.log(await beginJob(node, "run", "token:gone"));`;
  const loader = pathToFileURL(`${ROOT}/tools/typescript.js`).href;
  const args = ["--import", loader, "--input-type=module", "-e", script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  const admin = await site.client("administrator");
  const job = { state: "failed", caller: "token:gone", error: { code: "stopped" } };
  expect(await admin.showJob({ id: stdout.trim() })).toMatchObject(job);
  expect(await ends(admin, stdout.trim())).toMatchObject({ type: "ended", job });
});

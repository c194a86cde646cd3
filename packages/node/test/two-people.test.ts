// `approval: two-people`: two different people decide, and neither of them is the one who asked here.
import { writeFileSync } from "node:fs";
import { TERMS } from "@halfroom/testkit";
import type { Terms } from "@halfroom/session";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { addUser, changeUserRole, removeUser, resetUser } from "../src/api/people.ts";
import { actingFor, handleOf } from "../src/api/node.ts";
import { endSignIns, linkPerson, listLinks, unlinkPerson } from "../src/api/sign-ins.ts";
import { approve, deny, disclose, listHeld, readSession } from "../src/api/sessions.ts";
import { checkRequest } from "../src/api/run.ts";
import { openState, type NodeState } from "../src/node-state.ts";
import type { Partner } from "../src/partners/partners.ts";
import { thisAccount, type Actor } from "../src/people/actor.ts";
import type { RunEvent } from "../src/run/run-events.ts";
import { answerProposal } from "../src/serve/answer-proposal.ts";
import { makeHome } from "./home.ts";
import { restoredFrom } from "./backed-up.ts";
import { withState } from "../src/api/node.ts";
import { requestOf, twoNodes } from "./two-nodes.ts";

const ASKED: Terms = {
  ...TERMS,
  release: { mode: "exact" },
  datasets: { sender: "theirs", receiver: "exposures" },
};
const ANNA: Actor = { kind: "user", name: "anna", subject: "anna" };
const BEN: Actor = { kind: "user", name: "ben", subject: "ben" };
let node: NodeState;
let partner: Partner;

function write(policy: Record<string, unknown> = {}): void {
  const written = {
    partner: "advertiser",
    dataset: "exposures",
    group_by: ["campaign", "age_band"],
    exact: 5,
    approval: "two-people",
    ...policy,
  };
  const exposures = {
    source: { csv: "exposures.csv" },
    match: { email: { columns: "email" } },
    dimensions: { campaign: {}, age_band: {} },
  };
  writeFileSync(node.folder.configFile, JSON.stringify({ datasets: { exposures }, policies: [written] }));
}

beforeEach(async () => {
  const home = await makeHome();
  home.store.close();
  node = await openState(home.folder, {});
  partner = node.partners.pin({
    name: "advertiser",
    fingerprint: "ab".repeat(32),
    signingKey: new Uint8Array(32),
    address: "",
    pinnedAt: 0,
  });
  write();
});
afterEach(() => node.close());

const answer = async () => {
  const { answer: given } = answerProposal(node, await node.rules(), partner, "0f".repeat(16), ASKED);
  return given.decision;
};
const id = () => node.sessions.list()[0]!.id;
const as = (actor: Actor) => actingFor(handleOf(node), actor);
const approveAs = (actor: Actor) => approve(as(actor), id());
const kinds = () => node.audit.entries().map(({ kind, facts }) => [kind, facts["actor"]]);

test("the first approval is noted, the second one lets the partner run it; both stand in the log", async () => {
  expect(await answer()).toBe("hold");
  expect(await listHeld(handleOf(node))).toMatchObject([{ approvals: { needed: 2, given: [] } }]);
  expect((await listHeld(as(ANNA)))[0]!.approvals).not.toHaveProperty("barred");
  const first = await approveAs(ANNA);
  expect(await listHeld(as(ANNA))).toMatchObject([{ approvals: { barred: "approved" } }]);
  expect((await listHeld(as(BEN)))[0]!.approvals).not.toHaveProperty("barred");
  expect(first).toMatchObject({ state: "held", approvals: { needed: 2, given: [{ by: "user:anna" }] } });
  expect(await answer()).toBe("hold");
  const { report } = await disclose(handleOf(node), id());
  expect(report.at(-1)).toMatch(/^Two different people here have to approve it: "anna" has \(2/);
  expect(await approveAs(BEN)).toMatchObject({ state: "approved" });
  expect(await answer()).toBe("accept");
  expect(kinds().slice(-3)).toEqual([
    ["held", undefined],
    ["approval-given", "user:anna"],
    ["approved", "user:ben"],
  ]);
});

test("nobody approves twice, whatever they are called, and a token is nobody", async () => {
  await answer();
  await approveAs({ kind: "openid", name: "anna", subject: "issuer 1" });
  const again = approveAs({ kind: "openid", name: "anna.miller", subject: "issuer 1" });
  await expect(again).rejects.toMatchObject({ code: "approver" });
  const token = approveAs({ kind: "token", name: "ci", subject: "ci" });
  await expect(token).rejects.toMatchObject({ code: "approver" });
  expect(await readSession(handleOf(node), id())).toMatchObject({
    state: "held",
    approvals: { given: [{ by: "openid:anna" }] },
  });
  // Another one of the same name.
  expect(await approveAs({ kind: "openid", name: "anna", subject: "issuer 2" })).toMatchObject({
    state: "approved",
  });
});

test("the command line gives one of both, as the account of the system", async () => {
  await answer();
  const account = thisAccount();
  expect(account).toMatchObject({ kind: "account", name: expect.stringMatching(/./) });
  await approve(handleOf(node), id());
  await expect(approveAs(account)).rejects.toMatchObject({ code: "approver" });
  expect(await approveAs(ANNA)).toMatchObject({ state: "approved" });
});

test("a restart between both keeps the first", async () => {
  await answer();
  await approveAs(ANNA);
  const { folder } = node;
  node.close();
  node = await openState(folder, {});
  await expect(approveAs(ANNA)).rejects.toMatchObject({ code: "approver" });
  expect(await approveAs(BEN)).toMatchObject({ state: "approved" });
});

test("a policy that changed between both voids the first", async () => {
  await answer();
  await approveAs(ANNA);
  write({ threshold: 250 });
  expect(await readSession(handleOf(node), id())).toMatchObject({ approvals: { needed: 2, given: [] } });
  expect(await approveAs(BEN)).toMatchObject({ state: "held", approvals: { given: [{ by: "user:ben" }] } });
  expect(await answer()).toBe("hold");
  expect(kinds().slice(-2)).toEqual([
    ["approvals-void", "user:ben"],
    ["approval-given", "user:ben"],
  ]);
  expect(await approveAs(ANNA)).toMatchObject({ state: "approved", threshold: 250 });
});

test("who is removed, or has another role, has approved nothing; another password changes nobody", async () => {
  const handle = handleOf(node);
  const user = { name: "anna", role: "approver", password: "moor lantern oyster", codes: false } as const;
  await addUser(handle, user, { logN: 4 });
  await answer();
  const given = async () => (await readSession(handle, id())).approvals!.given.length;
  await approveAs(ANNA);
  await resetUser(handle, user, { logN: 4 });
  expect(await given()).toBe(1);
  await changeUserRole(handle, "anna", "viewer");
  expect(await given()).toBe(0);
  await approveAs(ANNA);
  await removeUser(handle, "anna");
  expect(await given()).toBe(0);
});

const ANNAS_OPENID: Actor = { kind: "openid", name: "anna@example.com", subject: "https://login 17" };
const HERS = { way: "openid", subject: ANNAS_OPENID.subject } as const;

test("ways that are linked are one person, whether before or after both have approved", async () => {
  const handle = handleOf(node);
  await answer();
  await linkPerson(as(BEN), { ...HERS, person: "anna" });
  await approveAs(ANNA);
  await expect(approveAs(ANNAS_OPENID)).rejects.toMatchObject({ code: "approver" });
  await unlinkPerson(as(BEN), HERS);
  await expect(unlinkPerson(handle, HERS)).rejects.toMatchObject({ code: "no-link" });
  // Two ways that nobody had linked before both had approved.
  node.approvals.give(id(), approvalOf(ANNA), ANNAS_OPENID, Date.now());
  expect((await readSession(handle, id())).approvals!.given).toHaveLength(2);
  await linkPerson(as(BEN), { ...HERS, person: "anna" });
  expect(await readSession(handle, id())).toMatchObject({ approvals: { given: [{ by: "user:anna" }] } });
  expect(await approveAs(BEN)).toMatchObject({ state: "approved" });
  expect(kinds().filter(([kind]) => String(kind).startsWith("person"))).toEqual([
    ["person-linked", "user:ben"],
    ["person-unlinked", "user:ben"],
    ["person-linked", "user:ben"],
  ]);
});

/** What somebody has approved, as it is kept. */
function approvalOf({ kind, subject }: Actor): string {
  const sql = "SELECT what FROM approval WHERE kind = ? AND subject = ?";
  return node.store.get<{ what: string }>(sql, kind, subject)!.what;
}

test("a way without a user of the name is one person with the others of the name; who asks cannot approve by another way", async () => {
  const handle = handleOf(node);
  const account = { kind: "account", name: "svc", subject: "990" } as const;
  await linkPerson(handle, { ...HERS, person: "carla" });
  await linkPerson(handle, { way: "account", subject: "990", person: "carla" });
  expect(await listLinks(handle)).toMatchObject([{ way: "account", subject: "990" }, HERS]);
  await answer();
  node.approvals.ask(id(), account, Date.now());
  await expect(approveAs(ANNAS_OPENID)).rejects.toThrow("Who asks for a report does not approve it");
  for (const wrong of [
    { way: "account", subject: "svc", person: "carla" },
    { way: "openid", subject: "", person: "carla" },
    { ...HERS, person: "car la" },
  ] as const)
    await expect(linkPerson(handle, wrong)).rejects.toMatchObject({ code: "name" });
});

test("whose sign-ins an administrator ends has approved nothing that still waits", async () => {
  await answer();
  await approveAs(ANNAS_OPENID);
  expect(await endSignIns(as(BEN), { way: "openid", subject: "https://login 18" })).toEqual({ ended: 0 });
  expect((await readSession(handleOf(node), id())).approvals!.given).toHaveLength(1);
  await endSignIns(as(BEN), HERS);
  expect((await readSession(handleOf(node), id())).approvals!.given).toEqual([]);
  expect(kinds().at(-1)).toEqual(["sign-ins-ended", "user:ben"]);
});

test("one denies it for both", async () => {
  await answer();
  await approveAs(ANNA);
  expect(await deny(as(BEN), id(), "no")).toMatchObject({ state: "refused" });
  await expect(approveAs(BEN)).rejects.toMatchObject({ code: "session-state" });
  expect(await answer()).toBe("refuse");
});

test("by hand one person is enough, a token too", async () => {
  write({ approval: "by-hand" });
  expect(await answer()).toBe("hold");
  expect(await listHeld(handleOf(node))).toMatchObject([{ approvals: { needed: 1, given: [] } }]);
  expect(await approveAs({ kind: "token", name: "ci", subject: "ci" })).toMatchObject({ state: "approved" });
});

test("once a node is restored nobody has approved anything that waits", async () => {
  await answer();
  await approveAs(ANNA);
  const restored = await restoredFrom(handleOf(node));
  await withState(restored, ({ store }) => expect(store.all("SELECT * FROM approval")).toEqual([]));
});

test("what this side asks for waits for two others here too, and is proposed once they have approved it", async () => {
  const nodes = await twoNodes({ advertiser: { policy: { approval: "two-people" } } });
  const { advertiser, publisher } = nodes;
  const events: RunEvent[] = [];
  const told = () => events.filter(({ type }) => type === "approval");
  const text = `${requestOf(undefined)}exact: true\n`;
  expect((await checkRequest(handleOf(advertiser), { text, name: "request" })).at(-1)).toContain(
    "two people here",
  );
  const running = nodes.run("exact: true", (event) => events.push(event));
  const own = handleOf(advertiser);
  await vi.waitFor(async () => expect(await listHeld(own)).toHaveLength(1), 20_000);
  const [{ id: held, approvals }] = (await listHeld(own)) as [Awaited<ReturnType<typeof readSession>>];
  expect(approvals).toEqual({ needed: 2, given: [], barred: "asker" });
  // Who runs it here is the account of this process.
  await expect(approve(own, held)).rejects.toMatchObject({ code: "approver" });
  await approve(actingFor(own, ANNA), held);
  await vi.waitFor(() => expect(told()).toHaveLength(2), 20_000);
  expect(publisher.sessions.list()).toEqual([]);
  await approve(actingFor(own, BEN), held);
  await running;
  expect(await readSession(own, held)).toMatchObject({ state: "done" });
  expect(told()).toMatchObject([
    { words: [expect.stringContaining("nobody has yet")] },
    { words: [expect.stringContaining('"anna" has')] },
  ]);
  const refused = nodes.run("exact: true\nreplay: false").catch((error: unknown) => error);
  await vi.waitFor(async () => expect(await listHeld(own)).toHaveLength(1), 20_000);
  await deny(actingFor(own, ANNA), (await listHeld(own))[0]!.id, "not this one");
  expect(await refused).toMatchObject({
    code: "refused-here",
    message: expect.stringContaining("not this one"),
  });
  expect(publisher.sessions.list()).toHaveLength(1);
});

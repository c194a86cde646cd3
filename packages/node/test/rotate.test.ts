// Another certificate and another identity for a node whose partners have met it, over TLS and without another invitation.
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { expect, onTestFinished, test, vi } from "vitest";
import { Registry } from "prom-client";
import { saveHead } from "../src/api/backup.ts";
import { doctor } from "../src/api/doctor.ts";
import { initNode } from "../src/api/init.ts";
import { handleOf } from "../src/api/node.ts";
import { rotateVault } from "../src/api/rotate.ts";
import { makeBackup } from "../src/backup/make-backup.ts";
import { restoreBackup } from "../src/backup/restore.ts";
import { claimOf, pathFrom } from "../src/identity/succession.ts";
import { openState, type NodeState } from "../src/node-state.ts";
import { ownerOf } from "../src/partners/partners.ts";
import { begunRotation } from "../src/rotation/begun.ts";
import { rotateIdentity, type IdentityPart } from "../src/rotation/rotate-identity.ts";
import { call } from "../src/run/call.ts";
import { RotationLog, rotationMetrics } from "../src/serve/tell-rotation.ts";
import type { SessionRow } from "../src/sessions/row.ts";
import { nodeFolder } from "../src/store/folder.ts";
import { DAY_MS } from "../src/time.ts";
import { scratchFolder } from "./fixtures.ts";
import { emptyFolder } from "./home.ts";
import { cellsOf, SPRING, twoNodes, type TwoNodes } from "./two-nodes.ts";

const PARTNER = { name: "partner", fingerprint: "ab".repeat(32), address: "", pinnedAt: 0 };
const EXACT = "exact: true";

function rotating(node: NodeState, part: IdentityPart, anyway = false) {
  return rotateIdentity(node, part, { anyway });
}

/** Whom the publisher has pinned as its partner. */
const pinnedBy = ({ publisher }: TwoNodes) => publisher.partners.named("advertiser").fingerprint;

/** A listener takes five new links of a partner in a second. */
const PATIENCE = { timeout: 20_000, interval: 500 };

let reports = 0;

/** A new session each time: with a filter that leaves out somebody whom the publisher does not have. */
async function expectReport(nodes: TwoNodes): Promise<string> {
  const { session, json } = await nodes.run(EXACT, undefined, `email <> 'P${60 + reports++}@Example.com'`);
  expect(cellsOf(json)).toContainEqual(SPRING);
  return session;
}

/** The serving node takes a new certificate up by itself. */
async function untilShown(nodes: TwoNodes): Promise<void> {
  await vi.waitFor(async () => {
    const { connection, talk } = await call(nodes.advertiser, nodes.advertiser.partners.named("publisher"));
    await talk.close();
    expect(connection.peer.fingerprint).toBe(nodes.publisher.identity.fingerprint);
  }, PATIENCE);
}

const followed = ({ audit }: NodeState) =>
  audit
    .entries()
    .filter(({ kind }) => kind === "partner-followed")
    .map(({ facts }) => facts);

test("a side that dials uses another certificate as soon as its partner lets it in, and reports go on", async () => {
  const nodes = await twoNodes();
  const { advertiser, publisher } = nodes;
  const { fingerprint: before, signingKey } = advertiser.identity;
  // As a partner of an earlier version, which knows nothing but the certificate that it has pinned.
  vi.spyOn(publisher.successions, "standingOf").mockReturnValue(undefined);
  const waits = { isDone: false, partners: [{ partner: "publisher", standing: "waits" }] };
  expect(await rotating(advertiser, "certificate")).toMatchObject(waits);
  expect(advertiser.identity.fingerprint).toBe(before);
  vi.restoreAllMocks();
  advertiser.invitations.open("guest", Date.now() + 60_000);
  const rotation = await rotating(advertiser, "certificate");
  const to = advertiser.identity.fingerprint;
  expect(rotation).toEqual({
    part: "certificate",
    from: before,
    to,
    isDone: true,
    partners: [{ partner: "publisher", standing: "follows" }],
    invited: ["guest"],
  });
  expect(to).not.toBe(before);
  expect(advertiser.identity.signingKey).toEqual(signingKey);
  // It was shown, and not used yet.
  expect(pinnedBy(nodes)).toBe(before);
  await expectReport(nodes);
  expect(pinnedBy(nodes)).toBe(to);
  expect(followed(publisher)).toEqual([{ partner: "advertiser", what: "certificate", from: before, to }]);
  expect(advertiser.own.nodeId).toBe(before);
  expect(advertiser.audit.verify().faults).toEqual([]);
});

test("a side that serves shows another certificate without a restart, also to a partner that was told nothing", async () => {
  const nodes = await twoNodes();
  const { advertiser, publisher } = nodes;
  // The publisher cannot dial: its partner sees the certificate when it calls.
  expect(await rotating(publisher, "certificate")).toMatchObject({
    isDone: false,
    partners: [{ partner: "advertiser", standing: "dials" }],
  });
  expect(await rotating(publisher, "certificate", true)).toMatchObject({ isDone: true });
  await untilShown(nodes);
  await expectReport(nodes);
  expect(advertiser.partners.named("publisher").fingerprint).toBe(publisher.identity.fingerprint);
});

test("another identity waits for a person on the other side; ledger, receipts, epochs and names live on", async () => {
  const nodes = await twoNodes();
  const { advertiser, publisher } = nodes;
  const first = await expectReport(nodes);
  const before = { ...advertiser.identity };
  const partner = publisher.partners.named("advertiser");
  const spent = publisher.ledger.history(ownerOf(partner).key);
  const waits = { isDone: false, partners: [{ partner: "publisher", standing: "waits" }] };
  const { to } = await rotating(advertiser, "identity");
  expect(await rotating(advertiser, "identity")).toMatchObject({ ...waits, to });
  await expect(rotating(advertiser, "certificate")).rejects.toMatchObject({ code: "rotation" });
  expect(publisher.successions.candidates("advertiser")).toMatchObject([{ fingerprint: to }]);
  publisher.successions.confirm("advertiser", to, publisher.clock.now());
  // The identity of today works as long as it is one.
  const { talk } = await call(advertiser, advertiser.partners.named("publisher"));
  await talk.close();
  expect(await rotating(advertiser, "identity")).toMatchObject({ isDone: true, to });
  expect(advertiser.identity.signingKey).not.toEqual(before.signingKey);
  const session = await expectReport(nodes);
  expect(pinnedBy(nodes)).toBe(to);

  const after = publisher.partners.named("advertiser");
  expect(after.owner).toBe(partner.owner);
  expect(publisher.ledger.history(after.owner).sessions).toBe(spent.sessions + 1);
  for (const node of [advertiser, publisher]) {
    expect(node.receipts.get(first)).toBeDefined();
    expect(node.receipts.get(session)).toBeDefined();
    expect(node.audit.verify().faults).toEqual([]);
  }
  const agreedAs = (of: string) => advertiser.agreements.get(of)!.content.sender.fingerprint;
  expect(advertiser.own.keyWith(agreedAs(first))).toEqual(before.signingKey);
  expect(advertiser.own.keyWith(agreedAs(session))).toEqual(advertiser.identity.signingKey);
  const epochs = [first, session].map((of) => advertiser.agreements.get(of)!.content.sender.epoch);
  expect(epochs).toEqual([1, 1]);
  // Nobody comes in with the old one.
  const old = { ...advertiser, identity: { ...before, refresh: () => Promise.resolve(false) } };
  await expect(call(old, advertiser.partners.named("publisher"))).rejects.toMatchObject({ code: "identity" });
});

test("who serves takes another identity up by itself; a partner that has not confirmed it is told what to do", async () => {
  const nodes = await twoNodes();
  const { advertiser, publisher } = nodes;
  const { to } = await rotating(publisher, "identity", true);
  const words = await vi.waitFor(async () => {
    const failed = await nodes.run(EXACT).catch((error: unknown) => error as Error);
    expect(failed).toMatchObject({ code: "identity" });
    return (failed as Error).message;
  }, PATIENCE);
  expect(words).toContain(`halfroom partners confirm publisher ${to}`);
  advertiser.successions.confirm("publisher", to, advertiser.clock.now());
  await expectReport(nodes);
  expect(followed(advertiser)).toMatchObject([{ what: "identity", to }]);
});

test("an identity stays where a session runs, or lacks the receipt that it has to sign for", async () => {
  const { advertiser, publisher } = await twoNodes();
  const { to } = await rotating(advertiser, "identity");
  publisher.successions.confirm("advertiser", to, Date.now());
  vi.spyOn(advertiser.sessions, "working").mockReturnValue(["0f"]);
  await expect(rotating(advertiser, "identity")).rejects.toThrow(/a session runs.*--now/);
  vi.restoreAllMocks();
  vi.spyOn(advertiser.sessions, "completable").mockReturnValue([{} as SessionRow]);
  await expect(rotating(advertiser, "identity")).rejects.toThrow(/halfroom complete .*--now/);
  vi.restoreAllMocks();
  expect(await rotating(advertiser, "identity")).toMatchObject({ isDone: true });
  // The key that signs stays with a certificate, and links of the old one come back.
  vi.spyOn(advertiser.sessions, "working").mockReturnValue(["0f"]);
  expect(await rotating(advertiser, "certificate")).toMatchObject({ isDone: true });
});

test("a rotation that was decided and not done is done when the node is opened next", async () => {
  const nodes = await twoNodes();
  const { advertiser } = nodes;
  const replaced = vi.spyOn(advertiser.own, "finishSwitch").mockImplementation(() => {
    throw new Error("killed");
  });
  await expect(rotating(advertiser, "certificate", true)).rejects.toThrow("killed");
  replaced.mockRestore();
  const again = await openState(advertiser.folder, {});
  try {
    expect(again.identity.fingerprint).not.toBe(advertiser.identity.fingerprint);
    expect(again.own.fingerprint).toBe(again.identity.fingerprint);
    // Nothing of the keys is left in the store.
    const sql = "SELECT count(*) AS sealed FROM own_identity WHERE sealed IS NOT NULL";
    expect(again.store.get(sql)).toEqual({ sealed: 0 });
    expect(await advertiser.identity.refresh()).toBe(true);
    const { talk } = await call(advertiser, advertiser.partners.named("publisher"));
    await talk.close();
  } finally {
    again.close();
  }
});

test("a backup has what was replaced and what waits to be, and is of the same node as before", async () => {
  const folder = emptyFolder();
  await initNode(folder.path);
  const node = await openState(folder, {});
  onTestFinished(() => node.close());
  const [first, place] = [node.identity.fingerprint, scratchFolder()];
  await rotating(node, "certificate", true);
  await rotateVault(handleOf(node));
  // Somebody has to be asked, so that the next one waits.
  node.partners.pin({ ...PARTNER, signingKey: new Uint8Array(32) });
  const { to } = await rotating(node, "identity");
  const [file, heads] = [join(place, "node.age"), join(place, "heads")];
  const identities = await generateX25519Identity();
  const recipients = [await identityToRecipient(identities)];
  await makeBackup(node, file, { recipients }, () => undefined);
  await saveHead(handleOf(node), heads);

  const restoredFolder = nodeFolder(join(place, "restored"), {});
  const options = { keys: { identities }, heads, now: Date.now() + 1000 };
  expect(await restoreBackup(restoredFolder, file, options)).toMatchObject({
    fingerprint: node.identity.fingerprint,
    lost: "nothing",
  });
  const restored = await openState(restoredFolder, {});
  onTestFinished(() => restored.close());
  expect(restored.identity.fingerprint).toBe(node.identity.fingerprint);
  expect(restored.own.nodeId).toBe(first);
  expect(restored.own.next()?.identity.fingerprint).toBe(to);
  expect(await rotating(restored, "identity", true)).toMatchObject({ isDone: true, to });
});

test("a rotation that waits stands in doctor, the log and the metrics, once a day, until it has come to its end", async () => {
  const folder = emptyFolder();
  await initNode(folder.path);
  const node = await openState(folder, {});
  onTestFinished(() => node.close());
  node.partners.pin({ ...PARTNER, signingKey: new Uint8Array(32) });
  const { to } = await rotating(node, "identity");
  const { since } = begunRotation(node)!;
  const registry = new Registry();
  const clock = { now: () => now };
  let now = since;
  rotationMetrics(registry, { own: node.own, clock } as NodeState);
  const told: string[] = [];
  const log = new RotationLog({ own: node.own, clock } as NodeState, (words) => told.push(words));
  const words = expect.stringMatching(
    new RegExp(`next identity waits since [-0-9]{10} .*${to}.*halfroom rotate identity`),
  );
  const findings = await doctor(handleOf(node));
  expect(findings.filter(({ what }) => what === "next identity")).toEqual([
    { what: "next identity", state: "warning", words },
  ]);
  for (const days of [0, 0.5, 1.5]) {
    now = since + days * DAY_MS;
    log.look();
    expect(await registry.metrics()).toContain(`halfroom_rotation_days{what="identity"} ${days}\n`);
  }
  expect(told).toEqual([words, words]);
  await rotating(node, "identity", true);
  now += 2 * DAY_MS;
  log.look();
  expect(told).toHaveLength(2);
  expect(await registry.metrics()).not.toContain("halfroom_rotation_days{");
  expect((await doctor(handleOf(node))).map(({ what }) => what)).not.toContain("next identity");
});

test("a certificate names all identities before it, under numbers that grow even where the clock has gone back", async () => {
  const folder = emptyFolder();
  await initNode(folder.path);
  const node = await openState(folder, {}, () => Date.now() - 60_000);
  onTestFinished(() => node.close());
  const { signingKey: first, number: before } = node.identity;
  const numbers = [before];
  for (const part of ["identity", "identity", "certificate"] as const) {
    await rotating(node, part, true);
    numbers.push(node.identity.number);
  }
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
  const claim = claimOf(new X509Certificate(node.identity.tls.certificate))!;
  expect(pathFrom(claim, first)).toHaveLength(2);
});

test("what another process has replaced meanwhile is taken up first, and nothing is begun where nothing can be written", async () => {
  const folder = emptyFolder();
  await initNode(folder.path);
  const [one, late] = [await openState(folder, {}), await openState(folder, {})];
  for (const node of [one, late]) onTestFinished(() => node.close());
  const first = one.identity.signingKey;
  await rotating(one, "identity", true);
  expect(one.audit.lastOf("rotated")?.facts).toMatchObject({
    what: "identity",
    to: one.identity.fingerprint,
  });
  await rotating(late, "certificate", true);
  expect(late.identity.signingKey).toEqual(one.identity.signingKey);
  const claim = claimOf(new X509Certificate(late.identity.tls.certificate))!;
  expect(pathFrom(claim, first)).toHaveLength(1);
  // Both at once begin one of them.
  one.partners.pin({ ...PARTNER, signingKey: new Uint8Array(32) });
  const begun = () => one.audit.entries().filter(({ kind }) => kind === "rotation-begun").length;
  await one.identity.refresh();
  const before = begun();
  const both = await Promise.all([rotating(one, "certificate"), rotating(late, "certificate")]);
  expect([both[0].to === both[1].to, begun() - before]).toEqual([true, 1]);
  await rotating(late, "certificate", true);
  vi.spyOn(late.store, "assertWritable").mockImplementation(() => {
    throw new Error("read-only");
  });
  const { length } = late.audit;
  await expect(rotating(late, "identity")).rejects.toThrow("read-only");
  expect([late.audit.length, late.own.next()]).toEqual([length, undefined]);
});

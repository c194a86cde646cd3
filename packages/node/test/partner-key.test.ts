// What limits a partner goes by its signing key: no other name and no new invitation gives it back what it has spent.
import { DatabaseSync } from "@photostructure/sqlite";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keyFingerprint, toHex } from "@halfroom/session";
import { expect, test } from "vitest";
import { listPartners } from "../src/api/partners.ts";
import { openNode } from "../src/api/node.ts";
import { Epochs } from "../src/epochs/epochs.ts";
import { Ledger } from "../src/ledger/ledger.ts";
import type { NodeState } from "../src/node-state.ts";
import { ownerOf, Partners } from "../src/partners/partners.ts";
import { initiate } from "../src/run/initiate.ts";
import { planReport } from "../src/run/plan.ts";
import { Reports } from "../src/reports/reports.ts";
import { APPLICATION_ID, STEPS } from "../src/store/schema.ts";
import { Store } from "../src/store/store.ts";
import { Vault } from "../src/vault/vault.ts";
import { DAY_MS, NOW, scratchFolder } from "./fixtures.ts";
import { cellsOf, SPRING, twoNodes, type TwoNodes } from "./two-nodes.ts";

/** Removes the partner, and pins it again with the same certificate under another name, for which there is the same policy. */
function renameAt({ folder, partners }: NodeState, from: string, to: string): void {
  const partner = partners.named(from);
  partners.remove(from);
  partners.pin({ ...partner, name: to, pinnedAt: Date.now() });
  const config = readFileSync(folder.configFile, "utf8");
  writeFileSync(folder.configFile, config.replace(`"partner":"${from}"`, `"partner":"${to}"`));
}

const once = (): Promise<TwoNodes> => twoNodes({ publisher: { policy: { exact: 1 } } });

test("removed and pinned again under another name, a partner has still spent its exact report, and finds it again", async () => {
  const nodes = await once();
  const { publisher } = nodes;
  const first = await nodes.run();
  renameAt(publisher, "advertiser", "renamed");
  await expect(nodes.run("exact: true\nresult: us")).rejects.toMatchObject({ code: "refused" });
  const again = await nodes.run();
  expect(again.session).toBe(first.session);
  expect(cellsOf(again.json)).toMatchObject([SPRING]);
  expect(publisher.ledger.entries()).toMatchObject([{ session: first.session, partner: "renamed" }]);
});

test("under another name the same epoch, evaluations and pseudonyms go on", async () => {
  const nodes = await twoNodes();
  const sender = nodes.advertiser;
  await nodes.run();
  const grants = () =>
    sender.audit
      .entries()
      .filter(({ kind }) => kind === "evaluations-granted")
      .map(({ facts }) => Number(facts["evaluations"]));
  const { key } = ownerOf(sender.partners.named("publisher"));
  const granted = sender.epochs.granted(key, Date.now());
  expect(granted).toBeGreaterThan(0);
  renameAt(sender, "publisher", "renamed");
  expect(sender.epochs.granted(key, Date.now())).toBe(granted);
  const request = readFileSync(join(sender.folder.path, "roi.yaml"), "utf8");
  const text = `${request.replace("partner: publisher", "partner: renamed")}result: us\n`;
  await initiate(sender, await planReport(sender, { text, name: "again" }), () => undefined);
  expect(sender.epochs.granted(key, Date.now())).toBe(grants().reduce((sum, count) => sum + count, 0));
  expect(grants()).toHaveLength(2);
  expect(sender.store.all("SELECT 1 FROM cache")).toHaveLength(1);
  expect(sender.store.all("SELECT 1 FROM epoch")).toHaveLength(1);
});

test("a second certificate of the same signing key, under a name of its own, shares what is left", async () => {
  const nodes = await once();
  const { publisher } = nodes;
  await nodes.run();
  const partner = publisher.partners.named("advertiser");
  publisher.partners.pin({ ...partner, name: "second", fingerprint: "0f".repeat(32) });
  const { key } = ownerOf(publisher.partners.named("second"));
  expect(publisher.ledger.balance(key, "people", 30, Date.now()).exactSessions).toBe(1);
  expect(publisher.ledger.entries()).toMatchObject([{ partner: "advertiser", partnerKey: key }]);
});

test("a partner that is pinned again shows what it paid for before", async () => {
  const nodes = await once();
  const { publisher } = nodes;
  await nodes.run();
  const before = Date.now();
  renameAt(publisher, "advertiser", "renamed");
  const node = await openNode(publisher.folder.path);
  const [partner] = await listPartners(node);
  node.close();
  expect(partner).toMatchObject({ name: "renamed", history: { sessions: 1 } });
  expect(partner!.history.firstAt).toBeLessThanOrEqual(before);
});

/** Steps of the schema that 0.1 had. */
const STEPS_OF_NAMES = 3;
const VAULT = Vault.ofSecret(randomBytes(32));
const publicKey = () =>
  new Uint8Array(
    generateKeyPairSync("ed25519").publicKey.export({ format: "der", type: "spki" }).subarray(-32),
  );
const KNOWN = {
  name: "known",
  fingerprint: "aa".repeat(32),
  signingKey: publicKey(),
  address: "",
  pinnedAt: NOW,
};
const GONE = {
  name: "gone",
  fingerprint: "bb".repeat(32),
  signingKey: publicKey(),
  address: "",
  pinnedAt: NOW,
};

/** A store as 0.1 left it: an exact report, an epoch and evaluations of a pinned partner and of one that was removed. */
function oldStore(): string {
  const folder = scratchFolder();
  const db = new DatabaseSync(join(folder, "node.sqlite"));
  for (const step of STEPS.slice(0, STEPS_OF_NAMES)) db.exec(step);
  db.exec(`PRAGMA user_version = ${STEPS_OF_NAMES}; PRAGMA application_id = ${APPLICATION_ID}`);
  const insert = (table: string, ...values: (string | number | Uint8Array | null)[]) =>
    db.prepare(`INSERT INTO ${table} VALUES (${values.map(() => "?").join(", ")})`).run(...values);
  insert("partner", KNOWN.name, KNOWN.fingerprint, KNOWN.signingKey, "", NOW);
  for (const { name, signingKey } of [KNOWN, GONE]) {
    const session = `of-${name}`;
    const agreement = `{"sender":{"fingerprint":"${toHex(keyFingerprint(signingKey))}"}}`;
    insert("agreement", session, name, Buffer.from(agreement), NOW);
    insert("ledger", session, name, "people", "exact", 0, NOW, 1, null, "0", 1);
    insert("report", session, name, "request", "data", "{}", NOW);
    const secret = VAULT.seal("epochs/oprf-key", [name, 1], new Uint8Array(32).fill(5));
    insert("epoch", name, 1, NOW, NOW + 30 * DAY_MS, new Uint8Array(32), secret);
    insert("evaluation", name, 1, session, 1024, NOW);
  }
  db.close();
  chmodSync(join(folder, "node.sqlite"), 0o600);
  return folder;
}

/** What counts against the partner. */
function countedFor(store: Store, signingKey: Uint8Array): unknown {
  const { key } = ownerOf({ name: "", owner: toHex(signingKey) });
  return {
    exact: new Ledger(store, VAULT).balance(key, "people", 30, NOW + 1).exactSessions,
    // Those of every epoch: the epoch of 0.1 has ended, whose pseudonyms were those of another mode.
    evaluations: new Epochs(store, VAULT)
      .totals()
      .filter(({ group }) => group[0] === key)
      .reduce((sum, { sums }) => sum + sums[1]!, 0),
    reports: new Reports(store).find(key, "request", "data").length,
  };
}
const ALL = { exact: 1, evaluations: 1024, reports: 1 };
const NOTHING = { exact: 0, evaluations: 0, reports: 0 };

test("a store of 0.1 goes on by keys; rows of a name that is gone stay, and count again for the key that made them", async () => {
  const store = Store.open(oldStore());
  const ledger = new Ledger(store, VAULT);
  const shown = () =>
    ledger
      .entries()
      .map(({ partner, partnerKey }) => [partner, partnerKey] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const known = toHex(KNOWN.signingKey);
  expect(countedFor(store, KNOWN.signingKey)).toEqual(ALL);
  expect(countedFor(store, GONE.signingKey)).toEqual(NOTHING);
  expect(shown()).toEqual([
    ["gone", "gone"],
    ["known", known],
  ]);
  // Somebody else under the name that is gone inherits nothing.
  const partners = new Partners(store);
  const stranger = { ...GONE, fingerprint: "cc".repeat(32), signingKey: publicKey() };
  partners.pin(stranger);
  expect(countedFor(store, stranger.signingKey)).toEqual(NOTHING);
  partners.pin({ ...GONE, name: "back" });
  expect(countedFor(store, GONE.signingKey)).toEqual(ALL);
  expect(shown()).toEqual([
    ["back", toHex(GONE.signingKey)],
    ["known", known],
  ]);
  store.close();
});

// Whoever opts out is taken out of everything that is kept of people, on the disk too; whoever asks is told what is held, and asking leaves
// no identifier behind.
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rowCount, systemRng, allRows, RecordStore } from "@halfroom/crypto";
import { keyLabelOf } from "@halfroom/prepare";
import { TERMS, findPseudonyms, keepPseudonyms } from "@halfroom/testkit";
import { expect, onTestFinished, test } from "vitest";
import { initNode } from "../src/api/init.ts";
import { handleOf } from "../src/api/node.ts";
import { readSubject, suppress } from "../src/api/suppress.ts";
import { prepareDataset } from "../src/datasets/prepare-dataset.ts";
import { openState, type NodeState } from "../src/node-state.ts";
import { hpkePublicKey } from "../src/vault/hpke.ts";
import { emptyFolder } from "./home.ts";
import { twoNodes } from "./two-nodes.ts";

const folder = mkdtempSync(join(tmpdir(), "halfroom-erase-"));

function write(name: string, ...lines: string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

const VISITS = write(
  "visits.csv",
  "mail,tel,campaign,amount,seen",
  "a@example.com,030 123450,spring,1,2026-10-01T10:00:00Z",
  "A@example.com,,,2,2026-10-02T10:00:00Z",
  "a@example.com,,summer,,",
  "b@example.com,030 123451,spring,3,2026-10-03T10:00:00Z",
  "a@example.com,030 123450,winter,4,2026-10-04T10:00:00Z",
  "c@example.com,030 123452,spring,5,2026-10-05T10:00:00Z",
);

async function node(): Promise<NodeState> {
  const home = emptyFolder();
  await initNode(home.path);
  const visits = {
    source: { csv: VISITS },
    match: { email: { columns: "mail" }, phone: { columns: "tel", region: "DE" } },
    dimensions: { campaign: {}, early: { expression: "CASE WHEN seen < '2026-10-03' THEN 'yes' END" } },
    measures: { amount: {} },
    time: { column: "seen" },
    where: "amount IS NOT NULL",
  };
  const gone = { source: { csv: join(folder, "gone.csv") }, match: { email: { columns: "mail" } } };
  writeFileSync(home.configFile, JSON.stringify({ datasets: { visits, gone } }));
  const opened = await openState(home, {});
  onTestFinished(() => opened.close());
  return opened;
}

const ofA = () => write("a.csv", "email", "a@example.com");

/** Keeps pseudonyms of all items of the dataset with a partner. */
async function cached(at: NodeState) {
  const dataset = (await at.rules()).datasets["visits"]!;
  const match = ["email", "phone"].map((key) => ({ key, label: keyLabelOf(dataset.definition, key) }));
  const terms = { ...TERMS, match, measures: [], senderGroupBy: [] };
  const { takeIdentifiers } = await prepareDataset({
    node: at,
    dataset,
    role: "sender",
    terms,
    where: undefined,
    records: new RecordStore(),
    askedAt: 0,
  });
  const identifiers = await allRows(takeIdentifiers().identifiers);
  const partner = { key: "ab".repeat(32), name: "partner" };
  const cache = at.caches.open(partner, new Uint8Array(32).fill(1), Date.now() + 1e9, Date.now());
  await keepPseudonyms(cache, identifiers, new Uint8Array(64 * rowCount(identifiers)).fill(0xa5));
  return { cache, identifiers };
}

/** Every byte of every file in the node's folder, and of the folders beside it that a test made for it. */
function bytesOf({ folder: { path } }: NodeState): Buffer {
  const files = readdirSync(path, { recursive: true, encoding: "utf8" }).map((name) => join(path, name));
  return Buffer.concat(files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file)));
}

const FORMS = ["a@example.com", "A@example.com", "030 123450", "+4930123450", "30123450"].flatMap((text) => {
  const digest = createHash("sha256").update(text.toLowerCase()).digest();
  return [
    Buffer.from(text),
    digest,
    Buffer.from(digest.toString("hex")),
    Buffer.from(digest.toString("base64")),
  ];
});

function expectNowhere(at: NodeState): void {
  at.store.forgetDeleted();
  const bytes = bytesOf(at);
  expect(bytes.length).toBeGreaterThan(50_000);
  expect(FORMS.filter((form) => bytes.includes(form)).map(String)).toEqual([]);
}

test("what is held of a person: rows by column, filtered ones too, opt-outs and pseudonyms; asking leaves nothing behind", async () => {
  const at = await node();
  await cached(at);
  const before = at.audit.length;
  const asked = await readSubject(handleOf(at), { file: ofA() });
  expect(asked).toEqual({
    found: { email: 1 },
    unread: [],
    datasets: [
      {
        dataset: "visits",
        by: [
          {
            key: "email",
            people: 1,
            rows: 4,
            columns: { mail: 4, tel: 2, campaign: 3, amount: 3, seen: 3, early: 2 },
          },
        ],
      },
    ],
    unreadable: ["gone"],
    suppressed: 0,
    pseudonyms: { partner: 1 },
    seen: {},
    keptSessions: [],
  });
  expect(at.audit.entries().slice(before)).toMatchObject([
    { kind: "subject-asked", facts: { identifiers: 1 } },
  ]);
  expect(Object.keys(at.audit.lastOf("subject-asked")!.facts)).toEqual(["identifiers"]);
  const both = await readSubject(handleOf(at), {
    file: write("both.csv", "email,phone", "a@example.com,030 123450"),
  });
  expect(both.datasets[0]!.by.map(({ key, rows }) => [key, rows])).toEqual([
    ["email", 4],
    ["phone", 2],
  ]);
  const nobody = await readSubject(handleOf(at), { file: write("nobody.csv", "email", "z@example.com") });
  expect(nobody).toMatchObject({ suppressed: 0, pseudonyms: {}, keptSessions: [] });
  expect(nobody.datasets[0]!.by[0]).toMatchObject({ people: 0, rows: 0, columns: { mail: 0 } });
  expectNowhere(at);
});

test("an opt-out by one identifier deletes what is kept under all of them, says so, and is told to whoever asks", async () => {
  const at = await node();
  const { cache, identifiers } = await cached(at);
  const missing = async () => (await findPseudonyms(cache, identifiers)).missing.length;
  expect(await missing()).toBe(0);
  const done = await suppress(handleOf(at), { file: ofA() });
  // Under the address, the number and both together.
  expect(done).toMatchObject({ added: 1, pseudonyms: 3, keptSessions: 0, unreadable: [] });
  expect(await missing()).toBe(3);
  const facts = { added: 1, pseudonyms: 3, keptSessions: 0, unread: 0, unreadable: 0 };
  expect(at.audit.lastOf("suppressed")?.facts).toEqual(facts);
  expect(await readSubject(handleOf(at), { file: ofA() })).toMatchObject({ suppressed: 1, pseudonyms: {} });
  expect(await suppress(handleOf(at), { file: ofA() })).toMatchObject({ added: 0, pseudonyms: 0 });
  expectNowhere(at);
});

test("sessions that are kept for a replay go with a person who was in their dataset, and no others do", async () => {
  const recovery_key = Buffer.from(hpkePublicKey(systemRng.bytes(32))).toString("hex");
  const settings = { settings: { recovery_key } };
  const { advertiser, publisher, run } = await twoNodes({ advertiser: settings, publisher: settings });
  const { session } = await run("exact: true\nreplay: true");
  const record = advertiser.kept.get(session)!.record;
  expect(record.length).toBeGreaterThan(0);
  const sealed = Buffer.from(advertiser.kept.get(session)!.sealed).subarray(0, 64);
  advertiser.store.forgetDeleted();
  expect(bytesOf(advertiser).includes(sealed)).toBe(true);

  const stranger = write("stranger.csv", "email", "nobody@example.com");
  expect(await suppress(handleOf(advertiser), { file: stranger })).toMatchObject({
    added: 1,
    keptSessions: 0,
  });
  const member = write("member.csv", "email", "p40@example.com");
  expect(await readSubject(handleOf(advertiser), { file: member })).toMatchObject({
    keptSessions: [session],
    pseudonyms: { publisher: 1 },
    datasets: [{ dataset: "purchases", by: [{ people: 1, rows: 1, columns: { email: 1, revenue: 1 } }] }],
  });
  expect(await suppress(handleOf(advertiser), { file: member })).toMatchObject({
    added: 1,
    pseudonyms: 1,
    keptSessions: 1,
  });
  expect(advertiser.kept.get(session)).toBeUndefined();
  expect(bytesOf(advertiser).includes(sealed)).toBe(false);
  expect(publisher.kept.get(session), "the partner's half is the partner's").toBeDefined();
});

test("a dataset that cannot be read is named, and the opt-out holds all the same", async () => {
  const at = await node();
  expect(existsSync(join(folder, "gone.csv"))).toBe(false);
  await cached(at);
  writeFileSync(
    at.folder.configFile,
    JSON.stringify({
      datasets: {
        gone: {
          source: { csv: join(folder, "gone.csv") },
          match: { email: { columns: "mail" }, phone: { columns: "tel", region: "DE" } },
        },
      },
    }),
  );
  const done = await suppress(handleOf(at), { file: ofA() });
  expect(done).toMatchObject({ added: 1, pseudonyms: 1, unreadable: ["gone"] });
});

// `halfroom suppress add`: whoever is on the list is in no session, by whatever key the list and the dataset know them.
import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TERMS, findPseudonyms, keepPseudonyms } from "@halfroom/testkit";
import { allNumbers, allRows, RecordStore, rowCount } from "@halfroom/crypto";
import { keyLabelOf, LACKING } from "@halfroom/prepare";
import { expect, onTestFinished, test } from "vitest";
import { prepareDataset } from "../src/datasets/prepare-dataset.ts";
import { initNode } from "../src/api/init.ts";
import { openState, type NodeState } from "../src/node-state.ts";
import { handleOf } from "../src/api/node.ts";
import { suppress } from "../src/api/suppress.ts";
import { emptyFolder } from "./home.ts";

const folder = mkdtempSync(join(tmpdir(), "halfroom-opt-outs-"));

function write(name: string, ...lines: string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

/** Six customers by three keys, of whom the last has no telephone. */
const CUSTOMERS = write(
  "customers.csv",
  "mail,tel,number,amount",
  "A@example.com,030 123450,1,1",
  "b@example.com,030 123451,2,2",
  "c@example.com,+49 30 123452,3,4",
  "d@example.com,030 123453,4,8",
  "e@example.com,030 123454,5,16",
  "f@example.com,,6,32",
);
const MATCH = {
  email: { columns: "mail", profile: "google" },
  phone: { columns: "tel", region: "DE" },
  crm: { type: "custom", columns: "number" },
};

async function node(): Promise<NodeState> {
  const home = emptyFolder();
  await initNode(home.path);
  const dataset = { source: { csv: CUSTOMERS }, match: MATCH, measures: { amount: {} } };
  writeFileSync(home.configFile, JSON.stringify({ datasets: { customers: dataset } }));
  const opened = await openState(home, {});
  onTestFinished(() => opened.close());
  return opened;
}

async function prepared(at: NodeState, keys: readonly (keyof typeof MATCH)[], where?: string) {
  const dataset = (await at.rules()).datasets["customers"]!;
  const match = keys.map((key) => ({ key, label: keyLabelOf(dataset.definition, key) }));
  const measures = [{ name: "amount", low: 0n, high: 100n, decimals: 0, squares: false }];
  const terms = { ...TERMS, match, measures, senderGroupBy: [] };
  return await prepareDataset({
    node: at,
    dataset,
    role: "sender",
    terms,
    where,
    askedAt: 0,
    records: new RecordStore(),
  });
}

async function peopleLeft(at: NodeState, keys: readonly (keyof typeof MATCH)[]): Promise<number> {
  const { data, own } = await prepared(at, keys);
  const { rows, people, optedOut, merged, filtered, dropped } = own;
  const lost = dropped.reduce((sum, each) => sum + each.rows, 0);
  expect(people + optedOut + merged + filtered + lost, "every row is accounted for").toBe(rows);
  expect(people).toBe(data.people.people);
  return people;
}

const add = (at: NodeState, file: string, columns: Record<string, string[]> = {}, hashed = false) =>
  suppress(handleOf(at), { file, columns, hashed });

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

test("columns are found by the names of the keys, each under the dataset's own rules", async () => {
  const at = await node();
  expect(await peopleLeft(at, ["email"])).toBe(6);
  const list = write(
    "by-name.csv",
    "phone,email,remark",
    "+4930123450,,x",
    ",B@EXAMPLE.com,y",
    "030/123452,,z",
  );
  const { found, added } = await add(at, list);
  expect(found).toEqual({ email: 1, phone: 2 });
  expect(added).toBe(3);
  expect(await peopleLeft(at, ["phone"])).toBe(3);
  expect(await peopleLeft(at, ["email"])).toBe(5);
  // Each person once, out with every key if one of them is listed.
  expect(await peopleLeft(at, ["email", "phone"])).toBe(3);
  expect((await add(at, list)).added).toBe(0);
});

test("columns may have other names, and be of a type of one's own", async () => {
  const at = await node();
  const list = write("named.csv", "Kundennummer", "4", "5", "99");
  expect(await add(at, list, { crm: ["Kundennummer"] })).toMatchObject({
    found: { crm: 3 },
    unread: [],
    added: 3,
  });
  expect(await peopleLeft(at, ["crm"])).toBe(4);
  expect(await peopleLeft(at, ["email", "crm"])).toBe(4);
});

test("a dataset that is added later, under other rules, leaves the same people out", async () => {
  const at = await node();
  await add(at, write("early.csv", "email,phone", "a@example.com,", ",+49 30 123451"));
  const match = { email: { ...MATCH.email, profile: "meta" }, phone: { ...MATCH.phone, plus: false } };
  const dataset = { source: { csv: CUSTOMERS }, match: { ...MATCH, ...match }, measures: { amount: {} } };
  writeFileSync(at.folder.configFile, JSON.stringify({ datasets: { customers: dataset } }));
  expect(await peopleLeft(at, ["email"])).toBe(5);
  expect(await peopleLeft(at, ["phone"])).toBe(4);
});

test("lists of digests are taken as they are", async () => {
  const at = await node();
  const list = write("digests.csv", "email,phone", `${sha256("d@example.com")},${sha256("+4930123454")}`);
  await add(at, list, {}, true);
  expect(await peopleLeft(at, ["email"])).toBe(5);
  expect(await peopleLeft(at, ["email", "phone"])).toBe(4);
});

test("NDJSON by its ending", async () => {
  const at = await node();
  await add(at, write("list.ndjson", '{"email":"f@example.com"}'));
  expect(await peopleLeft(at, ["email"])).toBe(5);
});

test("what was cached of a person goes with all keys, once the person is listed by one", async () => {
  const at = await node();
  const PARTNER = { key: "ab".repeat(32), name: "partner" };
  const cache = at.caches.open(PARTNER, new Uint8Array(32).fill(1), Date.now() + 1e9, Date.now());
  const identifiers = await allRows((await prepared(at, ["email", "crm"])).takeIdentifiers().identifiers);
  await keepPseudonyms(cache, identifiers, new Uint8Array(64 * rowCount(identifiers)));
  await add(at, write("one.csv", "email", "a@example.com"));
  expect((await findPseudonyms(cache, identifiers)).missing.length).toBe(3);
  await prepared(at, ["email", "crm"]);
  expect((await findPseudonyms(cache, identifiers)).missing.length).toBe(3);
});

test("a report's filter and keys that people lack: who is listed is neither in the report nor enrolled, and the data is known again", async () => {
  const at = await node();
  await add(at, write("two.csv", "email", "a@example.com", "e@example.com"));
  const prepare = async (where?: string) => {
    const { data, takeIdentifiers } = await prepared(at, ["email", "phone"], where);
    const { identifiers, items } = takeIdentifiers();
    return { data, identifiers: await allRows(identifiers), items: items && (await allNumbers(items)) };
  };
  const [all, few] = [await prepare(), await prepare("amount::integer in (1, 2, 32)")];
  // Of b, c, d and f the last has no telephone.
  expect([all.data.people.people, few.data.people.people]).toEqual([4, 2]);
  expect(rowCount(all.identifiers)).toBe(10);
  expect(few.identifiers).toEqual(all.identifiers);
  expect(few.items!.length).toBe(12);
  expect(few.items!.subarray(0, 6).filter((row) => row === LACKING).length).toBe(2);
  expect(few.items!.filter((row) => row !== LACKING).toSorted()).toEqual(
    Uint32Array.from({ length: 10 }, (_, i) => i),
  );
  expect((await prepare()).data.digest).toEqual(all.data.digest);
  expect(few.data.digest).not.toEqual(all.data.digest);
});

test.each([
  [
    "no column of a key",
    write("none.csv", "name", "x"),
    {},
    /no column named after a match key \(email, phone, crm\)/,
  ],
  ["a column that is not there", write("other.csv", "email", "a@example.com"), { email: ["mail"] }, /"mail"/],
  ["a key that nobody knows", write("third.csv", "x", "1"), { loyalty: ["x"] }, /no match key "loyalty"/],
])("%s is refused with the remedy, and changes nothing", async (_name, file, columns, words) => {
  const at = await node();
  await expect(add(at, file, columns as Record<string, string[]>)).rejects.toThrow(words);
  expect(at.suppressed.count()).toBe(0);
});

test("rows without an identifier that can be read are told, empty ones and those that any rules can read are not", async () => {
  const at = await node();
  const list = write(
    "unreadable.csv",
    "email,phone",
    "a@example.com,",
    "no address,030 123451",
    ",12",
    "c@example.com,",
  );
  const { found, unread, added } = await add(at, list);
  expect(found).toEqual({ email: 2, phone: 1 });
  expect(added).toBe(3);
  expect(unread.map(({ reason, rows, examples }) => [reason, rows, examples])).toEqual([
    ["email: invalid", 1, [3]],
    ["phone: invalid", 1, [4]],
  ]);
});

// `halfroom doctor` finds each fault that it looks for, and only that.
import { chmodSync, mkdirSync, openSync, statSync, writeFileSync, writeSync, closeSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { initNode } from "../src/api/init.ts";
import { openState, type NodeState } from "../src/node-state.ts";
import { doctor } from "../src/api/doctor.ts";
import { handleOf } from "../src/api/node.ts";
import { isPrivate } from "../src/store/folder.ts";
import { emptyFolder } from "./home.ts";
import { twoNodes } from "./two-nodes.ts";

const DATASETS = {
  exposures: {
    source: { csv: "exposures.csv" },
    match: { email: { columns: "email" } },
    dimensions: { campaign: {} },
  },
};

async function node(config: object = { datasets: DATASETS }): Promise<NodeState> {
  const folder = emptyFolder();
  await initNode(folder.path);
  writeFileSync(join(folder.path, "exposures.csv"), "email,campaign\na@example.com,spring\n");
  writeFileSync(folder.configFile, JSON.stringify(config));
  const opened = await openState(folder, {});
  onTestFinished(() => opened.close());
  return opened;
}

async function faults(at: NodeState): Promise<Record<string, string>> {
  const findings = await doctor(handleOf(at));
  return Object.fromEntries(
    findings.filter(({ state }) => state === "fault").map(({ what, words }) => [what, words]),
  );
}

async function warnings(at: NodeState): Promise<Record<string, string>> {
  const findings = await doctor(handleOf(at));
  return Object.fromEntries(
    findings.filter(({ state }) => state === "warning").map(({ what, words }) => [what, words]),
  );
}

test("a sound node has no fault, and each part of it is named", async () => {
  const findings = await doctor(handleOf(await node()));
  expect(findings.filter(({ state }) => state !== "ok")).toEqual([]);
  const named = findings.map(({ what }) => what);
  expect(named).toEqual([
    "identity",
    "kernels",
    "store",
    "audit",
    "ledger",
    "folder",
    "dataset exposures",
    "policies",
  ]);
});

test("a folder that others may enter", async () => {
  const at = await node();
  chmodSync(at.folder.path, 0o755);
  expect(await faults(at)).toEqual({ folder: `other users may enter it: chmod 700 ${at.folder.path}` });
});

test("an empty folder that others may enter is its owner's alone once a node is in it, and one with other things stays as it is", async () => {
  for (const [others, mode] of [
    [[], 0o700],
    [["notes.txt"], 0o755],
  ] as const) {
    const folder = emptyFolder();
    mkdirSync(folder.path);
    chmodSync(folder.path, 0o755);
    for (const name of others) writeFileSync(join(folder.path, name), "");
    await initNode(folder.path);
    expect(statSync(folder.path).mode & 0o777).toBe(mode);
  }
});

test.each([
  ["its own", 0o40700, 65532, 65532, true],
  ["its own, open to a group", 0o40750, 65532, 65532, false],
  ["root's, open to the account's group, as a volume of Kubernetes is", 0o42770, 0, 65532, true],
  ["root's, open to all", 0o42775, 0, 65532, false],
  ["root's, open to another group", 0o42770, 0, 100, false],
  ["another account's, open to the group of both", 0o42770, 1000, 65532, false],
])("a folder that is %s: whether others are kept out", (_name, mode, uid, gid, expected) => {
  expect(isPrivate({ mode, uid, gid }, { uid: 65532, gid: 65532 })).toBe(expected);
});

test("an audit log in which an entry was edited", async () => {
  const at = await node();
  at.store.run("UPDATE audit SET facts = '{}' WHERE number = 1");
  expect(await faults(at)).toEqual({
    audit: expect.stringContaining("entry 1 is not what was written"),
  });
});

test("a database with a damaged page", async () => {
  const at = await node();
  at.store.transaction(() => {
    for (let i = 0; i < 2000; i++)
      at.store.run("INSERT INTO suppressed VALUES (?, 0)", Buffer.alloc(32, `${i}/`));
  });
  at.store.forgetDeleted();
  // The last page belongs to that table.
  const file = at.folder.databaseFile;
  const handle = openSync(file, "r+");
  writeSync(handle, Buffer.alloc(2000, 0xee), 0, 2000, statSync(file).size - 4000);
  closeSync(handle);
  // As another process sees it, which has no page in memory.
  const again = await openState(at.folder, {});
  onTestFinished(() => again.close());
  expect(await faults(again)).toEqual({ store: "node.sqlite is damaged; restore a backup" });
});

test.each([
  ["that is not there", undefined, /gone\.csv cannot be read \(ENOENT\)/],
  ["that is empty", "", /gone\.csv is empty/],
])("a dataset with a file %s", async (_name, content, words) => {
  const source = { csv: "gone.csv" };
  const at = await node({ datasets: { exposures: { ...DATASETS.exposures, source } } });
  if (content !== undefined) writeFileSync(join(at.folder.path, "gone.csv"), content);
  expect(await faults(at)).toEqual({ "dataset exposures": expect.stringMatching(words) });
});

test("a policy for a partner or a dataset that is not there is a warning, and who is invited is told from who is missing", async () => {
  const policies = [
    { partner: "nobody", dataset: "nothing" },
    { partner: "guest", dataset: "exposures" },
  ];
  const at = await node({ datasets: DATASETS, policies });
  at.invitations.open("guest", Date.now() + 60_000);
  expect(await faults(at)).toEqual({});
  expect(await warnings(at)).toEqual({
    "policy nobody/nothing": expect.stringMatching(
      /^there is no partner "nobody".*, there is no dataset "nothing"$/,
    ),
    "policy guest/exposures": expect.stringContaining('"guest" is invited'),
  });
});

test("a partner who answers, who does not, and who is another node now", async () => {
  const { advertiser, publisher, address, dial } = await twoNodes();
  expect(await faults(advertiser)).toEqual({});
  dial("127.0.0.1:9");
  expect(await faults(advertiser)).toEqual({});
  expect(await warnings(advertiser)).toEqual({
    "partner publisher": expect.stringContaining("refuses connections"),
  });
  // A pin of somebody else at the address where the publisher answers.
  const sql = "UPDATE partner SET address = ?, fingerprint = ?, signing_key = ?";
  advertiser.store.run(sql, address, "ab".repeat(32), new Uint8Array(32));
  expect(await faults(advertiser)).toEqual({
    "partner publisher": expect.stringContaining("a certificate other than the partner's"),
  });
  // A partner without an address dials itself: nothing is missing.
  expect([await faults(publisher), await warnings(publisher)]).toEqual([{}, {}]);
});

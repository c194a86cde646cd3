// The face of a node: its verbs and nothing behind them.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import * as api from "../src/api/index.ts";

const source = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

async function newNode(): Promise<api.HalfroomNode> {
  const folder = mkdtempSync(join(tmpdir(), "halfroom-surface-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await api.initNode(folder);
  const node = await api.openNode(folder, { env: {} });
  onTestFinished(() => node.close());
  return node;
}

test("the package exports the verbs and nothing else", () => {
  const specifiers = [...source("../src/index.ts").matchAll(/ from "([^"]+)"/g)].map(([, path]) => path);
  expect(specifiers).toEqual(["./api/index.ts"]);
});

test("what is exported is functions, the error with its tables, and two limits", () => {
  const { OperatorError, EXIT, OPERATOR_ERRORS, DECIMALS_MAX, THRESHOLD_FLOOR, ...verbs } = api;
  expect([DECIMALS_MAX, THRESHOLD_FLOOR]).toEqual([9, 11]);
  expect(new OperatorError("file", "").exit).toBe(EXIT.badInput);
  expect(OPERATOR_ERRORS.file.exit).toBe(EXIT.badInput);
  for (const [name, verb] of Object.entries(verbs)) {
    expect(verb, name).toBeTypeOf("function");
    expect(/^class\b/.test(String(verb)), `${name} is a class`).toBe(false);
  }
});

test("a node is a handle of plain data, without a store", async () => {
  const node = await newNode();
  expect(Object.keys(node).toSorted()).toEqual(["close", "fingerprint", "folder"]);
  expect(JSON.parse(JSON.stringify(node))).toEqual({ folder: node.folder, fingerprint: node.fingerprint });
});

test("what verbs return is JSON, member by member", async () => {
  const node = await newNode();
  const definition = {
    source: { csv: "people.csv" },
    match: { email: { columns: "email" } },
    measures: { amount: {} },
  };
  await api.addDataset(node, "people", definition);
  const { listDatasets, listPolicies, listPartners, listSessions, listReports } = api;
  const { readLedger, readAudit, verifyAudit, doctor, listEndings } = api;
  const reads = [listDatasets, listPolicies, listPartners, listSessions, listReports];
  for (const verb of [...reads, readLedger, readAudit, verifyAudit, doctor, listEndings]) {
    const value: unknown = await verb(node);
    expect(JSON.parse(JSON.stringify(value)), verb.name).toEqual(value);
  }
  expect(await listDatasets(node)).toEqual([
    {
      name: "people",
      source: "csv",
      keys: ["email"],
      dimensions: [],
      measures: ["amount"],
      population: "people",
    },
  ]);
});

test("verbs reject with an OperatorError; a closed node is the caller's mistake", async () => {
  const node = await newNode();
  await expect(api.readReport(node, "none")).rejects.toMatchObject({ code: "no-report" });
  await expect(api.approve(node, "none")).rejects.toMatchObject({ code: "no-session" });
  await expect(api.run(node, { text: "report: sums", name: "flags" })).rejects.toMatchObject({
    code: "yaml",
  });
  await expect(api.checkDataset(node, "none")).rejects.toMatchObject({ code: "no-dataset" });
  await expect(api.openNode(`${node.folder}/none`)).rejects.toMatchObject({ code: "no-node" });
  node.close();
  await expect(api.listPartners(node)).rejects.toBeInstanceOf(TypeError);
});

test("SQL is in the stores alone, a class for each family of tables", () => {
  const files = readdirSync(new URL("../src", import.meta.url), { recursive: true, encoding: "utf8" });
  const statement = /\b(?:SELECT|INSERT INTO|UPDATE \w+ SET|DELETE FROM|PRAGMA)\b/;
  const withSql = files.filter((file) => file.endsWith(".ts") && statement.test(source(`../src/${file}`)));
  expect(withSql.toSorted()).toEqual([
    "audit/audit.ts",
    "cluster/enrolled.ts",
    "console/answered.ts",
    "console/jobs.ts",
    "console/tokens.ts",
    "datasets/suppress-list.ts",
    "epochs/epochs.ts",
    "epochs/pseudonym-cache.ts",
    "events/events.ts",
    "identity/own-identities.ts",
    "ledger/ledger.ts",
    "ledger/missed.ts",
    "ledger/rates.ts",
    "ledger/reserved.ts",
    "partners/invitations.ts",
    "partners/partners.ts",
    "partners/successions.ts",
    "people/links.ts",
    "people/sign-ins.ts",
    "people/users.ts",
    "receipts/openings.ts",
    "receipts/receipts.ts",
    "replay/kept-sessions.ts",
    "reports/reports.ts",
    "reports/unsettled.ts",
    "series/seen-people.ts",
    "series/series-store.ts",
    "sessions/agreements.ts",
    "sessions/approvals.ts",
    "sessions/sessions.ts",
    "sinks/asked.ts",
    "store/adopt-rows.ts",
    "store/file-lock.ts",
    "store/page.ts",
    "store/rotation-tables.ts",
    "store/schema.ts",
    "store/snapshot.ts",
    "store/store.ts",
    "store/sums.ts",
    "templates/template-store.ts",
    "vault/node-vault.ts",
    "vault/reseal.ts",
  ]);
});

test("no room of the node imports its face", () => {
  const files = readdirSync(new URL("../src", import.meta.url), { recursive: true, encoding: "utf8" });
  const rooms = files.filter((file) => file.endsWith(".ts") && !/^(?:api\/|index\.ts$)/.test(file));
  expect(rooms.length).toBeGreaterThan(40);
  expect(rooms.filter((file) => /from "[^"]*\/api\//.test(source(`../src/${file}`)))).toEqual([]);
});

// `halfroom ledger` and `halfroom audit verify` on a store whose rows say less than its log.
import { writeFileSync } from "node:fs";
import { initNode, nodeFolder } from "@halfroom/node";
import { beforeAll, expect, test } from "vitest";
import { openState } from "../../node/src/node-state.ts";
import { halfroomHere, temporaryFolder } from "./halfroom.ts";

const HOME = temporaryFolder();
const [KEPT, DELETED] = ["a1".repeat(32), "b2".repeat(32)];
const PARTNER = { key: "0f".repeat(32), name: "acme" };

beforeAll(async () => {
  await initNode(HOME);
  const folder = nodeFolder(HOME);
  const policy = { partner: PARTNER.name, dataset: "people", budget: 4, population_budget: 6 };
  writeFileSync(folder.configFile, JSON.stringify({ policies: [policy] }));
  const { store, partners, ledger, audit, close } = await openState(folder);
  const signingKey = Buffer.from(PARTNER.key, "hex");
  partners.pin({ ...PARTNER, fingerprint: "00".repeat(32), signingKey, address: "", pinnedAt: 0 });
  const now = Date.now();
  const budgets = {
    budgetMicroEpsilon: 0,
    populationMicroEpsilon: 0,
    lifetimeMicroEpsilon: 0,
    numbersMax: 9,
    populationNumbersMax: 9,
  };
  const limits = { ...budgets, exactSessions: 9, periodDays: 30 };
  for (const session of [KEPT, DELETED]) {
    const charge = { session, partner: PARTNER, population: "people", release: { mode: "exact" } } as const;
    ledger.take({ ...charge, ...limits, cost: undefined, numbers: 2, bits: 24, noise: undefined, now });
    audit.append("budget-taken", { partner: PARTNER.name, session, microEpsilon: 0 }, now);
  }
  store.run("DELETE FROM ledger WHERE session = ?", DELETED);
  close();
});

const GAP = /entry 3 of the audit log, budget-taken: .*\nRestore node\.sqlite from a backup/;

test("the ledger prints what it has, says what is missing, and fails", async () => {
  const text = await halfroomHere(["ledger", "--home", HOME]);
  expect(text).toMatchObject({ exitCode: 3, stderr: expect.stringMatching(GAP) });
  expect(text.stdout).toContain(KEPT.slice(0, 8));
  expect(text.stdout).toMatch(/exact +│ 2 +│ 24 +│/);
  expect(text.stdout).toMatch(/^acme, people \(population people\):$/m);
  for (const line of [
    /epsilon in 30 days +│ 0 +│ 4 +│ 4 +│ - /,
    /epsilon in 30 days, all partners +│ 0 +│ 6 +│ 6 /,
    /epsilon for all time +│ 0 +│ 48 +│ 48 /,
    /numbers in 30 days +│ 2 +│ 5000 +│ 4998 +│ \d{4}-/,
    /numbers in 30 days, all partners +│ 2 +│ 15000 +│ 14998 /,
    /exact reports in 30 days +│ 1 +│ 0 +│ 0 /,
  ])
    expect(text.stdout).toMatch(line);
  const json = await halfroomHere(["ledger", "--json", "--home", HOME]);
  expect(JSON.parse(json.stdout).entries).toMatchObject([
    { session: KEPT, partner: "acme", partnerKey: PARTNER.key },
  ]);
  expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: "ledger" } });
});

test("the log is intact, and that rows are missing is found with it", async () => {
  const { exitCode, stdout, stderr } = await halfroomHere(["audit", "verify", "--home", HOME]);
  expect(stdout).toContain("The audit log is intact: 3 entries");
  expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: expect.stringMatching(GAP) });
});

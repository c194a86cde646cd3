// Lists of a node fit into 100 columns, whatever is in them, and each has `--json`.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { initNode, nodeFolder } from "@halfroom/node";
import { TERMS } from "@halfroom/testkit";
import { beforeAll, describe, expect, test } from "vitest";
import { openState, type NodeState } from "../../node/src/node-state.ts";
import { halfroomHere, temporaryFolder } from "./halfroom.ts";

const HOME = temporaryFolder();
const PARTNER = { name: "a-publisher-with-quite-a-long-name", key: "0f".repeat(32) };
const SESSION = "ab".repeat(32);
const LONG = "a dataset whose name says all that is in it, and when";

beforeAll(async () => {
  await initNode(HOME);
  const folder = nodeFolder(HOME);
  const policy = { partner: PARTNER.name, dataset: "people", group_by: ["campaign", "age_band", "region"] };
  const dataset = {
    source: { csv: "people.csv" },
    match: { email: { columns: "email" } },
    dimensions: { campaign: {}, age_band: {}, region: {} },
  };
  writeFileSync(
    folder.configFile,
    JSON.stringify({ datasets: { people: dataset }, policies: [{ ...policy, exact: 3 }] }),
  );
  writeFileSync(join(HOME, "opted-out.csv"), "email\na@example.com\nb@example.com\n");
  const node = await openState(folder);
  const { store, partners, ledger, sessions, reports, close } = node;
  const signingKey = Buffer.from(PARTNER.key, "hex");
  partners.pin({ ...PARTNER, fingerprint: "00".repeat(32), signingKey, address: "", pinnedAt: 0 });
  const now = Date.now();
  const terms = { ...TERMS, datasets: { sender: LONG, receiver: "people" } };
  const asked = {
    partner: PARTNER.name,
    proposal: "0f".repeat(16),
    initiatedBy: "partner",
    role: "receiver",
  } as const;
  const row = sessions.open({ ...asked, terms, now, expiresAt: now + 60_000 });
  store.run("UPDATE session SET session = ?, state = 'done' WHERE id = ?", SESSION, row.id);
  reports.add({
    session: SESSION,
    partner: PARTNER.name,
    partnerKey: PARTNER.key,
    request: "r",
    data: "d",
    json: "{}",
    createdAt: now,
  });
  ledger.take({
    session: SESSION,
    partner: PARTNER,
    population: "people",
    release: { mode: "exact" },
    cost: undefined,
    budgetMicroEpsilon: 0,
    populationMicroEpsilon: 0,
    lifetimeMicroEpsilon: 0,
    exactSessions: 3,
    numbersMax: 99,
    populationNumbersMax: 99,
    periodDays: 30,
    numbers: 2,
    bits: 24,
    noise: undefined,
    now,
  });
  sessions.open({ ...asked, proposal: "0e".repeat(16), terms, now, expiresAt: now + 60_000 });
  putWaiting(node);
  close();
  expect(
    (await halfroomHere(["suppress", "add", join(HOME, "opted-out.csv"), "--home", HOME])).exitCode,
  ).toBe(0);
});

const TEMPLATE = `template: { name: seen, version: 2, description: Who saw what., expires: "2099-01-01" }
match: [email]
ours: { dataset: people, group_by: [campaign] }
theirs: { dataset: purchases }
threshold: 100
epsilon: 1
`;

/** A template that people here have yet to approve. */
function putWaiting({ templates, clock }: NodeState): void {
  templates.put({
    digest: new Uint8Array(32).fill(0xab),
    owner: "us",
    of: PARTNER,
    name: "seen",
    version: 2,
    text: TEMPLATE,
    by: new Uint8Array(32),
    to: new Uint8Array(32),
    signature: undefined,
    state: "waiting",
    at: clock.now(),
  });
}

const LISTS = ["sessions", "reports", "ledger", "partners", "policy list", "dataset list", "suppress list"];

describe.each([...LISTS, `policy show ${PARTNER.name} people`])("halfroom %s", (command) => {
  test("fits into 100 columns", async () => {
    const { stdout } = await halfroomHere([...command.split(" "), "--home", HOME]);
    const table = stdout.split("\n").filter((line) => /[│┌]/.test(line));
    expect(table.length).toBeGreaterThan(2);
    expect(Math.max(...table.map((line) => Array.from(line).length))).toBeLessThanOrEqual(100);
  });

  test("has --json", async () => {
    const { stdout } = await halfroomHere([...command.split(" "), "--json", "--home", HOME]);
    expect(JSON.parse(stdout)).toBeTypeOf("object");
  });
});

test("sessions, reports and ledger say which report it was, and over what", async () => {
  for (const command of ["sessions", "reports"]) {
    const { stdout } = await halfroomHere([command, "--home", HOME]);
    expect(stdout).toMatch(/│ sums /);
    expect(stdout).toMatch(/people, a dataset/);
  }
  const { stdout } = await halfroomHere(["ledger", "--json", "--home", HOME]);
  const { entries, budgets } = JSON.parse(stdout);
  expect(entries).toMatchObject([{ kind: "sums", datasets: { ours: "people", theirs: LONG } }]);
  expect(budgets).toMatchObject([
    { exact: { spent: 1, budget: 3, left: 2, backAt: entries[0].takenAt + 30 * 86_400_000 } },
  ]);
});

test("sessions say which template waits, what it would allow, who has approved it and how", async () => {
  const { stdout } = await halfroomHere(["sessions", "--home", HOME]);
  expect(stdout).toContain(`Template abababababab: seen, version 2, for ${PARTNER.name}\n`);
  expect(stdout).toMatch(/It would allow\n {2}- .*"seen", version 2, up to 10 times in 30 days/);
  expect(stdout).toContain("Approved by nobody yet; 1 has to.\n");
  expect(stdout).toContain("halfroom templates approve abababababab, or halfroom templates withdraw");
});

test("a session without a report says how far it got; no name at all is asked for", async () => {
  const sessions = JSON.parse((await halfroomHere(["sessions", "--json", "--home", HOME])).stdout);
  const open = sessions.find(({ state }: { state: string }) => state === "proposed");
  const { stderr } = await halfroomHere(["report", open.id, "--home", HOME]);
  expect(stderr).toMatch(new RegExp(`no report of "${open.id}": the session is proposed`));
  expect((await halfroomHere(["report", "", "--home", HOME])).stderr).toMatch(/no report of ""/);
});

test("who is taken off the list is off it", async () => {
  const { stdout } = await halfroomHere(["suppress", "remove", join(HOME, "opted-out.csv"), "--home", HOME]);
  expect(stdout).toMatch(/^2 by email; 2 of them were on the list and are off it/);
  const left = await halfroomHere(["suppress", "list", "--json", "--home", HOME]);
  expect(JSON.parse(left.stdout)).toEqual([]);
});

test("a partner that is removed: what was spent stays, and its policy is named", async () => {
  const { stdout } = await halfroomHere(["partners", "remove", PARTNER.name, "--home", HOME]);
  expect(stdout).toContain(`halfroom policy remove ${PARTNER.name} people`);
  expect(JSON.parse((await halfroomHere(["ledger", "--json", "--home", HOME])).stdout).entries).toHaveLength(
    1,
  );
});

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { costOf, noiseOf } from "@halfroom/testkit";
import { expect, test } from "vitest";
import { Ledger, type Charge } from "../src/ledger/ledger.ts";
import { Reports } from "../src/reports/reports.ts";
import { OperatorError } from "../src/errors.ts";
import { Vault } from "../src/vault/vault.ts";
import { DAY_MS, NOW, scratchFolder, scratchStore } from "./fixtures.ts";

const vault = Vault.ofSecret(randomBytes(32));
const CHARGE: Charge = {
  session: "s1",
  partner: { key: "publisher", name: "publisher" },
  population: "customers",
  release: noiseOf(1_000_000),
  cost: costOf(1_000_000),
  budgetMicroEpsilon: 2_500_000,
  populationMicroEpsilon: 100_000_000,
  lifetimeMicroEpsilon: 100_000_000,
  numbers: 10,
  bits: 200,
  numbersMax: 100,
  populationNumbersMax: 1_000,
  exactSessions: 1,
  periodDays: 30,
  noise: undefined,
  now: NOW,
};
const EXACT = { ...CHARGE, release: { mode: "exact" }, cost: undefined } as const;
const charge = (microEpsilon: number) => ({ release: noiseOf(microEpsilon), cost: costOf(microEpsilon) });

test("numbers that may open are taken like budget, whatever the release", () => {
  const ledger = new Ledger(scratchStore(), vault);
  ledger.take({ ...CHARGE, numbersMax: 15 });
  expect(() => ledger.take({ ...EXACT, session: "s2", numbersMax: 19 })).toThrow(/numbers/);
  ledger.take({ ...EXACT, session: "s2", numbersMax: 20 });
  ledger.take({ ...EXACT, session: "s3", numbersMax: 10, now: NOW + 30 * DAY_MS });
});

test("numbers that may have opened to other partners count over the population, in its period", () => {
  const ledger = new Ledger(scratchStore(), vault);
  ledger.take(CHARGE);
  const other = { ...EXACT, partner: { key: "other", name: "other" }, session: "s2" };
  expect(() => ledger.take({ ...other, populationNumbersMax: 19 })).toThrow(/for all partners together/);
  ledger.take({ ...other, population: "elsewhere", populationNumbersMax: 10 });
  ledger.take({ ...other, session: "s3", populationNumbersMax: 20 });
  ledger.take({ ...other, session: "s4", populationNumbersMax: 10, now: NOW + 30 * DAY_MS });
});

test("budget is taken until it is used up, and comes back as the period moves on", () => {
  const ledger = new Ledger(scratchStore(), vault);
  ledger.take(CHARGE);
  ledger.take({ ...CHARGE, session: "s2", now: NOW + DAY_MS });
  expect(() => ledger.take({ ...CHARGE, session: "s3", now: NOW + 2 * DAY_MS })).toThrow(/budget/);
  expect(ledger.balance("publisher", "customers", 30, NOW + 2 * DAY_MS)).toEqual({
    costs: [{ microEpsilon: 2_000_000, picoRho: 2n * costOf(1_000_000).picoRho }],
    microEpsilon: 2_000_000,
    exactSessions: 0,
    sessions: 2,
    numbers: 20,
  });
  expect(() => ledger.take({ ...CHARGE, session: "s3", now: NOW + 30 * DAY_MS - 1 })).toThrow(/budget/);
  ledger.take({ ...CHARGE, session: "s3", now: NOW + 30 * DAY_MS });
  expect(ledger.entries().map(({ session }) => session)).toEqual(["s3", "s2", "s1"]);
});

test("a budget spent to the last millionth is enough; one more is too many", () => {
  const ledger = new Ledger(scratchStore(), vault);
  ledger.take({ ...CHARGE, ...charge(2_499_999) });
  expect(() => ledger.take({ ...CHARGE, session: "s2", ...charge(2) })).toThrow(/budget/);
  ledger.take({ ...CHARGE, session: "s3", ...charge(1) });
});

test("partners and populations have budgets of their own; datasets of one population share theirs", () => {
  const ledger = new Ledger(scratchStore(), vault);
  const big = { ...CHARGE, ...charge(2_500_000) };
  ledger.take(big);
  ledger.take({ ...big, session: "s2", partner: { key: "other", name: "publisher" } });
  ledger.take({ ...big, session: "s3", population: "staff" });
  expect(() => ledger.take({ ...CHARGE, session: "s4" })).toThrow(/budget/);
});

test("all partners together stay within the population's budget, whatever each has left", () => {
  const ledger = new Ledger(scratchStore(), vault);
  const tight = { ...CHARGE, populationMicroEpsilon: 2_000_000 };
  const other = { key: "other", name: "other" };
  ledger.take(tight);
  ledger.take({ ...tight, session: "s2", partner: other });
  const third = { ...tight, session: "s3", partner: { key: "third", name: "third" } };
  expect(() => ledger.take(third)).toThrow(/all partners together does not suffice/);
  expect(() => ledger.take({ ...third, ...charge(1) })).toThrow(/all partners together/);
  ledger.take({ ...third, population: "staff" });
  expect(ledger.populationSpending("customers", 30, NOW).microEpsilon).toBe(2_000_000);
  ledger.take({ ...third, session: "s4", now: NOW + 30 * DAY_MS });
});

test("a partner's budget for all time does not come back", () => {
  const ledger = new Ledger(scratchStore(), vault);
  const bounded = { ...CHARGE, lifetimeMicroEpsilon: 2_000_000 };
  ledger.take(bounded);
  ledger.take({ ...bounded, session: "s2", now: NOW + 400 * DAY_MS });
  const late = { ...bounded, session: "s3", now: NOW + 4000 * DAY_MS };
  expect(() => ledger.take(late)).toThrow(/for all time does not suffice/);
  expect(() => ledger.take({ ...late, ...charge(1) })).toThrow(/for all time/);
  ledger.take({ ...late, partner: { key: "other", name: "other" } });
  expect(ledger.lifetimeSpending("publisher", "customers").microEpsilon).toBe(2_000_000);
});

test("a session pays once, and a refused charge leaves nothing behind", () => {
  const ledger = new Ledger(scratchStore(), vault);
  ledger.take(CHARGE);
  expect(() => ledger.take(CHARGE)).toThrow(/taken its budget already/);
  expect(() => ledger.take({ ...CHARGE, session: "s2", budgetMicroEpsilon: 1_999_999 })).toThrow(/budget/);
  expect(ledger.entries()).toHaveLength(1);
});

test("the first exact report of a period freezes all later ones, unless the policy allows more", () => {
  const ledger = new Ledger(scratchStore(), vault);
  ledger.take(EXACT);
  expect(() => ledger.take({ ...EXACT, session: "s2" })).toThrow(/no further exact report/);
  expect(() => ledger.take({ ...EXACT, session: "s2", now: NOW + 30 * DAY_MS - 1 })).toThrow(/no further/);
  ledger.take({ ...EXACT, session: "s2", exactSessions: 2 });
  ledger.take({ ...CHARGE, session: "s3" });
  ledger.take({ ...EXACT, session: "s4", now: NOW + 30 * DAY_MS });
});

test("the noise is kept sealed until the session ends, and wiped then", () => {
  const folder = scratchFolder();
  const store = scratchStore(folder);
  const ledger = new Ledger(store, vault);
  const noise = new TextEncoder().encode("the noise of this session, 24 numbers");
  ledger.take({ ...CHARGE, noise });
  ledger.take({ ...CHARGE, session: "s2", noise });
  expect(new Ledger(scratchStore(folder), vault).noise("s1")).toEqual(noise);
  for (const file of ["node.sqlite", "node.sqlite-wal"]) {
    expect(readFileSync(join(folder, file)).includes(Buffer.from(noise))).toBe(false);
  }
  const sealed = store.all<{ noise: Uint8Array }>("SELECT noise FROM ledger ORDER BY session");
  const onDisk = () =>
    sealed.map(({ noise: text }) =>
      ["node.sqlite", "node.sqlite-wal"].some((file) =>
        readFileSync(join(folder, file)).includes(Buffer.from(text)),
      ),
    );
  expect(onDisk()).toEqual([true, true]);
  store.transaction(() => ledger.settle("s1"));
  expect(onDisk()).toEqual([false, true]);
  expect(ledger.noise("s1")).toBeUndefined();
  expect(ledger.entries().find(({ session }) => session === "s1")!.settled).toBe(true);
  expect(ledger.wipeNoise((session) => session === "s2")).toBe(0);
  expect(ledger.wipeNoise(() => false)).toBe(1);
  expect(ledger.noise("s2")).toBeUndefined();
  expect(onDisk()).toEqual([false, false]);
});

test("a sealed secret opens under its own purpose, context and key alone, and not once a bit is changed", () => {
  const secret = new Uint8Array([1, 2, 3]);
  const sealed = vault.seal("a", ["s1"], secret);
  expect(vault.open("a", ["s1"], sealed)).toEqual(secret);
  expect(vault.seal("a", ["s1"], secret)).not.toEqual(sealed);
  const foreign = Vault.ofSecret(randomBytes(32));
  expect(() => vault.open("b", ["s1"], sealed)).toThrow(OperatorError);
  expect(() => vault.open("a", ["s2"], sealed)).toThrow(OperatorError);
  expect(() => foreign.open("a", ["s1"], sealed)).toThrow(OperatorError);
  sealed.forEach((_, at) => {
    const changed = sealed.map((byte, i) => (i === at ? byte ^ 1 : byte));
    expect(() => vault.open("a", ["s1"], changed)).toThrow(OperatorError);
  });
  expect(() => vault.open("a", ["s1"], sealed.subarray(0, 20))).toThrow(OperatorError);
});

test("a stored report is found by the same request over the same data alone, and deleted in time", () => {
  const reports = new Reports(scratchStore());
  const report = {
    session: "s1",
    partner: "the name",
    partnerKey: "p",
    request: "r",
    data: "d",
    json: "{}",
    createdAt: NOW,
  };
  reports.add(report);
  reports.add({ ...report, session: "s2", createdAt: NOW + 1 });
  expect(reports.get("s1")).toEqual(report);
  expect(reports.find("p", "r", "d").map(({ session }) => session)).toEqual(["s2", "s1"]);
  expect(reports.find("q", "r", "d")).toEqual([]);
  expect(reports.find("p", "x", "d")).toEqual([]);
  expect(reports.find("p", "r", "x")).toEqual([]);
  expect(reports.prune(NOW + 30 * DAY_MS)).toBe(1);
  expect(reports.list().map(({ session }) => session)).toEqual(["s2"]);
});

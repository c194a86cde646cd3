// Clocks that are wrong, and come back: no budget is given twice.
import { randomBytes } from "node:crypto";
import { TERMS } from "@halfroom/testkit";
import { describe, expect, test } from "vitest";
import { approve, correctClock } from "../src/api/index.ts";
import { handleOf } from "../src/api/node.ts";
import { Audit } from "../src/audit/audit.ts";
import { Clock } from "../src/ledger/clock.ts";
import { Ledger } from "../src/ledger/ledger.ts";
import { openLog } from "../src/serve/log.ts";
import { serve } from "../src/serve/serve.ts";
import { Vault } from "../src/vault/vault.ts";
import { DAY_MS, NOW, scratchStore } from "./fixtures.ts";
import { twoNodes } from "./two-nodes.ts";

const MINUTE_MS = 60_000;

/** A clock over a log, with the system's time in `at`. */
function clockOver(store = scratchStore()) {
  const audit = new Audit(store);
  audit.append("node-created", {}, NOW);
  const system = { at: NOW };
  return { audit, system, clock: new Clock(audit, () => system.at) };
}

describe("time in the log", () => {
  test("stands still while the system's clock is a little behind, and does not go on where it is far behind", () => {
    const { audit, system, clock } = clockOver();
    system.at = NOW - 5 * MINUTE_MS;
    clock.assertNotBehind();
    expect(clock.now()).toBe(NOW);
    audit.append("proposed", {}, system.at);
    expect(audit.entries().map(({ at }) => at)).toEqual([NOW, NOW]);
    system.at = NOW - 11 * MINUTE_MS;
    expect(() => clock.assertNotBehind()).toThrow(/audit log has seen .*halfroom audit correct-clock/s);
    expect(clock.now()).toBe(NOW);
  });

  test("is seen every few hours, and a jump is an entry of its own", () => {
    const { audit, system, clock } = clockOver();
    for (const days of [0.1, 0.3, 3.4, 3.5, 43.5]) {
      system.at = NOW + days * DAY_MS;
      const jumped = clock.read();
      if (days > 3 && days !== 3.5) expect(jumped).toMatchObject({ to: system.at });
      else expect(jumped).toBeUndefined();
    }
    expect(audit.entries().map(({ kind }) => kind)).toEqual([
      "node-created",
      "clock-read",
      "clock-jumped",
      "clock-jumped",
    ]);
  });

  test("goes back by an administrator's word alone, which the log keeps", () => {
    const { audit, clock } = clockOver();
    expect(() => clock.correct()).toThrow(/nothing to correct/);
    audit.append("proposed", {}, NOW + 40 * DAY_MS);
    expect(clock.correct()).toEqual({ from: NOW + 40 * DAY_MS, to: NOW });
    clock.assertNotBehind();
    expect(clock.now()).toBe(NOW);
    expect(audit.entries().at(-1)).toMatchObject({ kind: "clock-corrected", at: NOW });
    expect(audit.verify().faults).toEqual([]);
  });
});

test("two exact reports are allowed in 30 days: a clock 40 days ahead gives no third; nor when it comes back, nor once it is corrected", async () => {
  const two = { policy: { exact: 2, period_days: 30 } };
  let ahead = 0;
  const nodes = await twoNodes({
    advertiser: { policy: { exact: 10 } },
    publisher: { ...two, clock: () => Date.now() + ahead },
  });
  const { publisher } = nodes;
  await nodes.run("exact: true");
  await nodes.run("exact: true\nresult: us");
  const third = () => nodes.run("exact: true", undefined, "email <> 'P30@Example.com'");
  ahead = 40 * DAY_MS;
  await expect(third()).rejects.toMatchObject({ code: "clock" });
  expect(publisher.ledger.entries()).toHaveLength(2);

  ahead = 0;
  const node = handleOf(publisher);
  const log = openLog({ ...publisher.settings, log_level: "silent" });
  const refusal = { code: "clock", message: expect.stringMatching(/correct-clock/) };
  await expect(serve(publisher, log)).rejects.toMatchObject(refusal);
  const proposal = {
    proposal: "0f".repeat(16),
    terms: TERMS,
    initiatedBy: "partner",
    role: "receiver",
  } as const;
  const now = publisher.clock.now();
  const { id } = publisher.sessions.open({
    ...proposal,
    partner: "advertiser",
    now,
    expiresAt: now + 60_000,
  });
  publisher.sessions.hold(id, [], now);
  await expect(approve(node, id)).rejects.toMatchObject(refusal);
  await correctClock(node);
  await (await serve(publisher, log)).close();
  await expect(third()).rejects.toMatchObject({ code: "refused" });
});

test("what is spent while a clock is ahead counts when it has come back, and so does what was spent before", () => {
  const store = scratchStore();
  const { system, clock, audit } = clockOver(store);
  const ledger = new Ledger(store, Vault.ofSecret(randomBytes(32)));
  const take = (session: string) => {
    const budgets = {
      budgetMicroEpsilon: 0,
      populationMicroEpsilon: 0,
      lifetimeMicroEpsilon: 0,
      populationNumbersMax: 9,
    };
    const partner = { key: "publisher", name: "publisher" };
    const release = { mode: "exact" } as const;
    const charge = {
      session,
      partner,
      population: "people",
      release,
      cost: undefined,
      noise: undefined,
      ...budgets,
    };
    const now = clock.now();
    ledger.take({ ...charge, numbers: 0, numbersMax: 1, bits: 0, exactSessions: 2, periodDays: 30, now });
    audit.append("budget-taken", { session }, now);
  };
  take("a");
  take("b");
  expect(() => take("c")).toThrow(/no further exact report/);
  system.at = NOW + 40 * DAY_MS;
  take("c");
  system.at = NOW;
  clock.correct();
  expect(ledger.balance("publisher", "people", 30, clock.now()).exactSessions).toBe(3);
  expect(() => take("d")).toThrow(/no further exact report/);
  system.at = NOW + 31 * DAY_MS;
  take("d");
  expect(() => take("e")).toThrow(/no further exact report/);
});

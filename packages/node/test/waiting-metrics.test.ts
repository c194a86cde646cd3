// What Prometheus is told of proposals that wait for a person and of what is left of budgets.
import { TERMS } from "@halfroom/testkit";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { waitingMetrics } from "../src/serve/waiting-metrics.ts";
import { twoNodes } from "./two-nodes.ts";

test("waiting proposals are counted, and budgets are told as what is left of them", async () => {
  const { publisher, run } = await twoNodes({ publisher: { policy: { exact: 4, budget: 2, numbers: 40 } } });
  const registry = new Registry();
  waitingMetrics(registry, publisher);
  const read = async () => {
    const text = await registry.metrics();
    const lines = text.matchAll(
      /^halfroom_budget_left\{partner="advertiser",dataset="exposures",of="(.*)"\} (\S+)$/gm,
    );
    const waiting = /^halfroom_approvals_waiting (\d+)$/m.exec(text)?.[1];
    return { waiting, left: Object.fromEntries([...lines].map(([, of, left]) => [of, Number(left)])) };
  };
  const whole = { period: 1, everybody: 1, lifetime: 1, numbers: 1, "everybody-numbers": 1, exact: 1 };
  expect(await read()).toEqual({ waiting: "0", left: whole });

  await run();
  const [entry] = publisher.ledger.entries();
  const numbers = 1 - entry!.numbers / 40;
  expect(numbers).toBeLessThan(1);
  const everybodyNumbers = 1 - entry!.numbers / 120;
  const left = { ...whole, exact: 3 / 4, numbers, "everybody-numbers": everybodyNumbers };
  expect((await read()).left).toEqual(left);

  const { id } = publisher.sessions.open({
    partner: "advertiser",
    proposal: "0f".repeat(16),
    initiatedBy: "partner",
    role: "receiver",
    terms: TERMS,
    now: Date.now(),
    expiresAt: Date.now() + 60_000,
  });
  publisher.sessions.hold(id, [], Date.now());
  expect((await read()).waiting).toBe("1");
});

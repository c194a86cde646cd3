// How often a partner may ask, and be told sizes: counted by its key, in the store, whatever the clock does.
import { TERMS } from "@halfroom/testkit";
import { expect, test } from "vitest";
import { Rates } from "../src/ledger/rates.ts";
import { previewAtPartner } from "../src/run/reach.ts";
import { planReport } from "../src/run/plan.ts";
import { limitQuestions } from "../src/serve/limit-questions.ts";
import { join } from "node:path";
import { DAY_MS, NOW, scratchFolder, scratchStore } from "./fixtures.ts";
import { twoNodes } from "./two-nodes.ts";

const KEY = "0a".repeat(32);
const HOUR_MS = 3_600_000;
const LIMITS = { perHour: 3, perDay: 5 };

test("an hour's limit, then a day's; each says when there is room again", () => {
  const rates = new Rates(scratchStore());
  const take = (now: number) => rates.take(KEY, "question", LIMITS, now);
  for (let i = 0; i < 3; i++) expect(take(NOW + i)).toBeUndefined();
  expect(take(NOW + 10)).toEqual({ limit: 3, span: "hour", waitMs: HOUR_MS - 10 });
  expect(take(NOW + HOUR_MS - 1)).toMatchObject({ span: "hour", waitMs: 1 });
  expect(take(NOW + HOUR_MS)).toBeUndefined();
  expect(take(NOW + HOUR_MS + 1)).toBeUndefined();
  expect(take(NOW + 3 * HOUR_MS)).toEqual({ limit: 5, span: "day", waitMs: DAY_MS - 3 * HOUR_MS });
  expect(take(NOW + DAY_MS)).toBeUndefined();
});

test("a refused question is not counted, and another key or kind has limits of its own", () => {
  const rates = new Rates(scratchStore());
  const once = { perHour: 1, perDay: 2 };
  expect(rates.take(KEY, "question", once, NOW)).toBeUndefined();
  for (let i = 0; i < 3; i++) expect(rates.take(KEY, "question", once, NOW)).toMatchObject({ span: "hour" });
  expect(rates.take(KEY, "statement", once, NOW)).toBeUndefined();
  expect(rates.take("0b".repeat(32), "question", once, NOW)).toBeUndefined();
  expect(rates.take(KEY, "question", once, NOW + HOUR_MS)).toBeUndefined();
});

test("a restart forgets nothing", () => {
  const folder = scratchFolder();
  const once = { perHour: 1, perDay: 2 };
  expect(new Rates(scratchStore(folder)).take(KEY, "statement", once, NOW)).toBeUndefined();
  expect(new Rates(scratchStore(folder)).take(KEY, "statement", once, NOW)).toMatchObject({ limit: 1 });
});

test("a clock that goes back lifts no limit, and a limit lasts no longer than its span from then on", () => {
  const rates = new Rates(scratchStore());
  const take = (now: number) => rates.take(KEY, "question", { perHour: 1, perDay: 9 }, now);
  expect(take(NOW)).toBeUndefined();
  const yearBefore = NOW - 365 * DAY_MS;
  expect(take(yearBefore)).toEqual({ limit: 1, span: "hour", waitMs: HOUR_MS });
  expect(take(yearBefore + HOUR_MS - 1)).toMatchObject({ span: "hour" });
  expect(take(yearBefore + HOUR_MS)).toBeUndefined();
});

test("previews and proposals count together; asking after one that waits does not", async () => {
  const policy = { questions_per_hour: 3, approval: "by-hand" };
  const { advertiser, publisher, run } = await twoNodes({
    publisher: { policy },
    advertiser: { settings: { approval_hours: 0.0004 } },
  });
  // Held, asked again and again every 50 ms, and given up after 1.4 s.
  await expect(run()).rejects.toMatchObject({ reasons: [{ code: "lapsed" }] });
  const plan = await planReport(advertiser, { file: join(advertiser.folder.path, "roi.yaml") });
  const preview = async () =>
    (await previewAtPartner(advertiser, plan)).answer.reasons.map(({ code }) => code);
  expect(await preview()).toEqual(["by-hand"]);
  expect(await preview()).toEqual(["by-hand"]);
  expect(await preview()).toEqual(["rate"]);
  await expect(run()).rejects.toMatchObject({
    code: "refused-there",
    reasons: [{ code: "rate", words: expect.stringMatching(/3 proposals and previews in an hour.* 60 min/) }],
  });
  expect(publisher.sessions.list()).toHaveLength(1);
});

test("a partner that is removed and comes back under another name has asked what it had asked", async () => {
  const { advertiser, publisher } = await twoNodes({ publisher: { policy: { questions_per_day: 1 } } });
  const [partner] = publisher.partners.list();
  const rules = await publisher.rules();
  const terms = { ...TERMS, datasets: { sender: "purchases", receiver: "exposures" } } as const;
  expect(limitQuestions(publisher, rules, partner!, terms)).toBeUndefined();
  publisher.partners.remove(partner!.name);
  const again = { ...partner!, name: "buyer" };
  publisher.partners.pin(again);
  const renamed = rules.policies.map((policy) => ({ ...policy, partner: again.name }));
  const refused = limitQuestions(publisher, { ...rules, policies: renamed }, again, terms);
  expect(refused).toMatchObject({ code: "rate" });
  expect(advertiser.ledger.entries()).toEqual([]);
});

test("a session counts on both sides before sizes are told, and this node's own user hears the limit too", async () => {
  const { publisher, run } = await twoNodes({
    publisher: { policy: { statements_per_hour: 2 } },
    advertiser: { policy: { statements_per_day: 3 } },
  });
  await run();
  await run("exact: true\nreport: sums");
  await expect(run()).rejects.toMatchObject({ code: "refused-there", reasons: [{ code: "rate" }] });
  // An hour later at the publisher alone.
  publisher.store.run("UPDATE rate SET at = at - 3600000");
  await run();
  await expect(run()).rejects.toMatchObject({ code: "refused-here", reasons: [{ code: "rate" }] });
});

// The last day of a template: what comes before it is told, and nothing runs afterwards.
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { doctor } from "../src/api/doctor.ts";
import { listEndings } from "../src/api/endings.ts";
import { removeTemplate, withdrawTemplate } from "../src/api/templates.ts";
import { ExpiryLog, expiryMetrics } from "../src/serve/tell-expiries.ts";
import { DAY_MS } from "../src/time.ts";
import { openTemplateNodes, problemsOf, TEMPLATE, toldOf } from "./template-nodes.ts";

test("its last day has come: neither side runs it", async () => {
  let now = Date.now();
  const nodes = await openTemplateNodes(() => now);
  const expires = new Date(now + 3 * DAY_MS).toISOString().slice(0, 10);
  await nodes.handOver(TEMPLATE.replace("2099-01-01", expires));
  const terms = await nodes.termsOf();
  now += 4 * DAY_MS;
  expect(await problemsOf(nodes.runIt())).toMatchObject({
    code: "template",
    words: new RegExp(`ended on ${expires}`),
  });
  expect(await nodes.refusal(terms)).toMatchObject(["refuse", "template", new RegExp(`ended on ${expires}`)]);
  const late = problemsOf(
    nodes.publishIt(TEMPLATE.replace("2099-01-01", expires).replace("version: 1", "version: 2")),
  );
  expect(await late).toMatchObject({ code: "template" });
});

test("before its last day both sides are told, once at 30 days and at 7; not of what ended before, nor afterwards", async () => {
  // Noon of tomorrow: the folders are as old as the test.
  const noon = (Math.floor(Date.now() / DAY_MS) + 1.5) * DAY_MS;
  const dayAfter = (days: number) => new Date(noon + days * DAY_MS).toISOString().slice(0, 10);
  let now = noon;
  const lastDay = dayAfter(62);
  const nodes = await openTemplateNodes(() => now);
  const named = (name: string, expires: string) =>
    TEMPLATE.replace("name: roi", `name: ${name}`).replace("2099-01-01", expires);
  const id = await nodes.handOver(named("roi", lastDay));
  // Whoever makes one for a week knows when it ends.
  await nodes.handOver(named("short", dayAfter(7)));
  const gone = await nodes.handOver(named("gone", lastDay));
  await withdrawTemplate(nodes.answers, gone);
  await removeTemplate(nodes.asks, gone);
  const [ours, theirs] = [
    new ExpiryLog(nodes.publisher, () => undefined),
    new ExpiryLog(nodes.advertiser, warn),
  ];
  const words: string[] = [];
  function warn(text: string) {
    words.push(text);
  }
  for (let day = 0; day < 70; day++, now += DAY_MS) for (const log of [ours, theirs]) await log.look();
  const facts = { what: "template", name: "advertiser/roi", at: `${lastDay}T00:00:00.000Z` };
  expect(toldOf(nodes.publisher, "expiry.near")).toEqual([
    { ...facts, days: 6 },
    { ...facts, days: 29 },
  ]);
  // The name of the partner's template is none of ours, and in no event or log.
  const theirFacts = { ...facts, name: `publisher/${id.slice(0, 12)}` };
  expect(toldOf(nodes.advertiser, "expiry.near")).toEqual([
    { ...theirFacts, days: 6 },
    { ...theirFacts, days: 29 },
  ]);
  expect(words).toHaveLength(2);
  expect(words.join()).not.toContain("roi");
  expect(words[0]).toContain(`the template ${id.slice(0, 12)} by "publisher" ends on ${lastDay}, in 29 days`);

  now = noon + 58 * DAY_MS;
  expect(await listEndings(nodes.answers)).toMatchObject([
    { what: "template", partner: "advertiser", template: { id, owner: "us", name: "roi" } },
  ]);
  expect(await listEndings(nodes.asks)).toMatchObject([
    { what: "template", partner: "publisher", template: { id, owner: "partner", name: "roi" } },
  ]);
  const findings = (await doctor(nodes.answers)).filter(({ what }) => what === "end of template");
  expect(findings).toMatchObject([
    { state: "warning", words: expect.stringContaining(`"advertiser/roi" ends on ${lastDay}, in 3 days`) },
  ]);
  const registry = new Registry();
  expiryMetrics(registry, nodes.publisher);
  const days = /^halfroom_expires_days\{what="template",name="advertiser\/roi"\} (\S+)$/m;
  expect(Number(days.exec(await registry.metrics())?.[1])).toBeCloseTo(3.5);
});

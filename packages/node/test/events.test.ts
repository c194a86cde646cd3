// The outbox: what is an event, when it is written, who takes a delivery up, and how long it is kept.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Deliverer } from "../src/events/deliver.ts";
import { EVENT_TYPES, EVENTS, wordsOf, type NodeEvent } from "../src/events/kinds.ts";
import { eventOf } from "../src/events/of-entries.ts";
import { noteUnspoken, noteVersions } from "../src/events/versions.ts";
import { tellLowBudgets, usedOf } from "../src/events/low-budgets.ts";
import { defaultPolicy } from "../src/policy/schema.ts";
import { tidy } from "../src/node-state.ts";
import { ExpiryLog } from "../src/serve/tell-expiries.ts";
import { DAY_MS } from "./fixtures.ts";
import { fail, hearing, tellingNode } from "./told.ts";

test("an event is written with what has happened, or not at all", async () => {
  const { node } = await tellingNode({});
  const before = node.events.list().length;
  expect(() =>
    node.store.transaction(() => {
      fail(node);
      // Not a moment later, in which the process might end.
      expect(node.events.list()).toHaveLength(before + 1);
      throw new RangeError("the disk is full");
    }),
  ).toThrow("the disk is full");
  expect(node.events.list()).toHaveLength(before);
  expect(node.audit.lastOf("failed")).toBe(undefined);
  fail(node);
  expect(node.events.list()[0]).toMatchObject({
    type: "session.failed",
    facts: { id: "abcd", partner: "advertiser", stage: "match", code: "timeout" },
  });
});

test("of what a partner wrote nothing but codes gets into an event", () => {
  const facts = { id: "i", partner: "p", by: "partner", reasons: "budget <b>x</b> Dear\u001b[2J numbers" };
  expect(eventOf("refused", facts)).toEqual({
    type: "proposal.refused",
    facts: { id: "i", partner: "p", by: "partner", reasons: "budget numbers" },
  });
  const denied = eventOf("denied", { id: "i", partner: "p", reason: "Anna Example opted out" });
  expect(JSON.stringify(denied)).not.toContain("Anna");
});

test.each([
  ["held", { reasons: "people" }, "approval.asked"],
  ["template-held", { digest: "0f".repeat(32), template: "roi" }, "template.asked"],
  ["approved", { by: "policy" }, "proposal.approved"],
  ["denied", { reason: "no" }, "proposal.refused"],
  ["refused", { reasons: "lapsed", by: "partner" }, "proposal.refused"],
  ["released", { session: "0f" }, "session.done"],
  ["stored-report-served", { session: "0f" }, "session.done"],
  ["failed", { stage: "match", code: "closed" }, "session.failed"],
  ["series-missed", { run: 3, why: "late" }, "series.missed"],
  ["series-ended", { by: "partner" }, "series.ended"],
  ["partner-joined", { fingerprint: "0f" }, "partner.joined"],
  ["successor-held", { fingerprint: "0f" }, "partner.identity"],
  ["partner-followed", { what: "identity" }, "partner.followed"],
  ["suppressed", { unread: 2, unreadable: 0 }, "opt-outs.unreadable"],
  ["suppressed", { unread: 0, unreadable: 0 }, undefined],
  ["budget-taken", {}, undefined],
] as const)("the entry %s %o is the event %s", (kind, facts, type) => {
  const event = eventOf(kind, { id: "i", partner: "p", ...facts });
  expect(event?.type).toBe(type);
  if (event !== undefined) expect(wordsOf(event).words).toMatch(/\w/);
});

test("a proposal that nobody decided on in time says so, whoever noticed", () => {
  const words = (by: object) =>
    wordsOf(eventOf("refused", { id: "i", partner: "p", reasons: "lapsed", ...by })!);
  expect(words({ by: "partner" }).words).toBe(
    'the report i with "p" was refused by nobody: no one decided in time',
  );
  expect(words({})).toEqual(words({ by: "partner" }));
});

test("the operator's page has every event, with when there is one and whether it is mailed by default", () => {
  const page = readFileSync(new URL("../../../docs/operate.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| `([a-z][a-z.-]+)` \| ([^|]+) \| (yes|) ?\|$/gm)];
  const written = rows.map(([, type, means, asks]) => [type, means, asks]);
  const types = EVENT_TYPES.filter((type) => type !== "test");
  expect(written).toEqual(types.map((type) => [type, EVENTS[type].means, EVENTS[type].asks ? "yes" : ""]));
});

test("two processes of a node do not both take a delivery up; one that dies has it taken up again", async () => {
  const { url } = await hearing();
  const { node, open, clock } = await tellingNode({ webhooks: { ops: { url, secret: "ops.secret" } } });
  fail(node);
  const other = await open();
  for (const each of [node, other]) each.events.route(() => ["ops"], clock.now);
  const taken = [node, other].map(({ events }) => events.claim("ops", clock.now, clock.now + 60_000));
  expect(taken.map((each) => each?.of.type)).toEqual(["session.failed", undefined]);
  clock.now += 60_000;
  expect(other.events.claim("ops", clock.now, clock.now + 60_000)).toMatchObject({ attempts: 2 });
});

test("events go once they are old and delivered, and not while they wait", async () => {
  const down = await hearing((_request, response) => response.writeHead(503).end());
  const { node, clock } = await tellingNode({
    events_days: 5,
    webhooks: { ops: { url: down.url, secret: "ops.secret", events: ["session.failed"] } },
  });
  fail(node);
  node.audit.append("partner-joined", { partner: "p", fingerprint: "0f" }, clock.now);
  const deliverer = new Deliverer(node, () => undefined);
  deliverer.look();
  await deliverer.idle();
  clock.now += 5 * DAY_MS + 1;
  tidy(node, clock.now);
  expect(node.events.list().map(({ type }) => type)).toEqual(["session.failed"]);
  node.store.run("UPDATE delivery SET state = 'failed'");
  tidy(node, clock.now);
  expect(node.events.list()).toEqual([]);
  expect(node.store.get("SELECT count(*) AS rows FROM delivery")).toEqual({ rows: 0 });
});

test("versions of a partner: the first are no event, others are, and those of before are none again", async () => {
  const { node, clock } = await tellingNode({});
  const partner = { name: "advertiser", owner: "0f".repeat(32) } as never;
  const told = () => node.events.list().filter(({ type }) => type === "partner.version");
  noteVersions(node, partner, [3], clock.now);
  noteVersions(node, partner, [3], clock.now);
  expect(told()).toEqual([]);
  noteVersions(node, partner, [4, 3], clock.now);
  noteVersions(node, partner, [4, 3], clock.now);
  expect(told().map(({ facts }) => facts)).toEqual([
    { partner: "advertiser", versions: "4 3", change: "changed" },
  ]);
  noteUnspoken(node, partner, clock.now);
  noteUnspoken(node, partner, clock.now);
  clock.now += DAY_MS;
  noteUnspoken(node, partner, clock.now);
  expect(told()).toHaveLength(3);
});

test("a budget is told of by the release that takes its last fifth, and by no other", async () => {
  const { node, clock } = await tellingNode({});
  const owner = { key: "0f".repeat(32), name: "advertiser" };
  const policy = { ...defaultPolicy("advertiser", "exposures"), numbersMax: 10, populationNumbersMax: 1000 };
  const judged = { policy, population: "people" };
  const take = (session: string, numbers: number) =>
    node.store.transaction(() => {
      const before = usedOf(node, judged, owner, clock.now);
      node.store.run(
        "INSERT INTO ledger (session, partner_key, name, population, mode, micro_epsilon, taken_at, numbers) VALUES (?, ?, ?, 'people', 'noise', 1, ?, ?)",
        session,
        owner.key,
        owner.name,
        clock.now,
        numbers,
      );
      tellLowBudgets(node, judged, owner, before, clock.now);
      return node.events.list().filter(({ type }) => type === "budget.low");
    });
  expect(take("a", 7)).toEqual([]);
  expect(take("b", 1).map(({ facts }) => facts)).toEqual([
    { partner: "advertiser", dataset: "exposures", of: "numbers in the period", percent: 80 },
  ]);
  expect(take("c", 1)).toHaveLength(1);
});

test("what ends is told once, whatever is restarted, and a token for a few days is not", async () => {
  const { node, clock, open } = await tellingNode({ rotate_days: 0, events_days: 3660 });
  const token = (name: string, days: number) =>
    node.tokens.add({ name, role: "analyst", createdAt: clock.now, expiresAt: clock.now + days * DAY_MS });
  token("ci", 90);
  token("trial", 5);
  const told = async () => {
    await new ExpiryLog(await open(), () => undefined).look();
    return node.events.list().flatMap((event) => (event.type === "expiry.near" ? [event.facts] : []));
  };
  expect(await told()).toEqual([]);
  clock.now += 61 * DAY_MS;
  const at = new Date(clock.now + 29 * DAY_MS).toISOString();
  expect(await told()).toEqual([{ what: "token", name: "ci", at, days: 29 }]);
  expect(await told()).toHaveLength(1);
  clock.now += 30 * DAY_MS;
  expect((await told()).map(({ days }) => days)).toEqual([-1, 29]);
});

test("every event has words with a remedy where somebody is asked, and none that a name could change", () => {
  const bad = 'a"\n\u001b[2Jb';
  const events: NodeEvent[] = [
    { type: "approval.asked", facts: { id: "i", partner: bad, reasons: "" } },
    { type: "template.asked", facts: { id: "0f".repeat(32), partner: bad, name: "roi" } },
    { type: "budget.low", facts: { partner: bad, dataset: bad, of: "numbers", percent: 80 } },
    { type: "series.missed", facts: { id: "i", partner: bad, run: 3, why: "late" } },
    { type: "partner.identity", facts: { partner: "p", fingerprint: "0f" } },
    { type: "opt-outs.unreadable", facts: { rows: 1, datasets: 0 } },
  ];
  for (const event of events) {
    const { words, remedy } = wordsOf(event);
    expect(words).not.toMatch(/[\p{Cc}]/u);
    expect(remedy, event.type).not.toBe("");
  }
});

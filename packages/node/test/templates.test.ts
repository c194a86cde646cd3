// Templates between two nodes: what runs without a person, and everything that does not.
import { writeFileSync } from "node:fs";
import type { Terms } from "@halfroom/session";
import { Registry } from "prom-client";
import { beforeEach, describe, expect, test } from "vitest";
import { doctor } from "../src/api/doctor.ts";
import { listEndings } from "../src/api/endings.ts";
import { listEvents } from "../src/api/events.ts";
import { actingFor, handleOf } from "../src/api/node.ts";
import { removePartner } from "../src/api/partners.ts";
import { preview, run } from "../src/api/run.ts";
import {
  approveTemplate,
  checkTemplate,
  exportTemplate,
  importTemplateFile,
  listTemplates,
  listWaitingTemplates,
  publishTemplate,
  readTemplate,
  removeTemplate,
  withdrawTemplate,
} from "../src/api/templates.ts";
import { disclose, listSessions } from "../src/api/sessions.ts";
import { OperatorError } from "../src/errors.ts";
import type { NodeEvent } from "../src/events/kinds.ts";
import type { NodeState } from "../src/node-state.ts";
import type { Actor } from "../src/people/actor.ts";
import { planReport } from "../src/run/plan.ts";
import { answerProposal } from "../src/serve/answer-proposal.ts";
import { ExpiryLog, expiryMetrics } from "../src/serve/tell-expiries.ts";
import { waitingMetrics } from "../src/serve/waiting-metrics.ts";
import { DAY_MS } from "../src/time.ts";
import { restoredFrom } from "./backed-up.ts";
import { cellsOf, twoNodes, type SiteChanges, type TwoNodes } from "./two-nodes.ts";

const SEEN = { columns: { seen: "date" }, dimensions: { campaign: {} } };
/** Whoever is below 50 was seen in November, the others in December: of the shared 30 .. 59 that are 20 and 10. */
const ROWS = Array.from(
  { length: 60 },
  (_, i) => `p${i}@example.com,${i % 2 === 0 ? "spring" : "autumn"},2026-${i < 50 ? 11 : 12}-05`,
);
const publisherSite = (changes: SiteChanges = {}): SiteChanges => ({
  ...changes,
  header: "email,campaign,seen",
  rows: ROWS,
  dataset: SEEN,
  policy: { approval: "by-hand", epsilon: 50, ...changes.policy },
});

const TEMPLATE = `template:
  name: roi
  version: 1
  description: Revenue by campaign.
  expires: "2099-01-01"
  runs: 3
  days: 7
parameters:
  since: { type: date, from: 2026-11-01, to: 2026-12-31 }
  only: { type: choice, of: [spring, autumn, "o'clock"], default: spring }
  most: { type: number, at_least: 100, at_most: 500, default: 500 }
  threshold: { type: integer, at_least: 11, default: 11 }
report: sums
match: [email]
ours:
  dataset: exposures
  where: seen >= $since AND (campaign = $only OR campaign IN ('autumn'))
  group_by: [campaign]
theirs:
  dataset: purchases
  measures: { revenue: { low: 0, high: $most, decimals: 2 } }
threshold: $threshold
exact: true
`;

let pair: TwoNodes;
let [advertiser, publisher]: NodeState[] = [];
const at = () => ({ asks: handleOf(pair.advertiser), answers: handleOf(pair.publisher) });
beforeEach(async () => {
  pair = await twoNodes({ publisher: publisherSite() });
  ({ advertiser, publisher } = pair);
});

const source = (text = TEMPLATE) => ({ text, name: "roi.yaml" });
const publishIt = async (text = TEMPLATE) => await publishTemplate(at().answers, source(text), "advertiser");
async function handOver(text = TEMPLATE) {
  const { id } = await publishIt(text);
  await importTemplateFile(at().asks, await exportTemplate(at().answers, id));
  return id;
}
const SET = { since: "2026-11-01" };
const runIt = async (set: Record<string, string | number> = SET, more: object = {}) =>
  await run(at().asks, { template: "roi", set, ...more });
const entries = (node: NodeState | undefined, kind: string) =>
  node!.audit.entries().filter((each) => each.kind === kind);
const toldOf = (node: NodeState, type: NodeEvent["type"]) =>
  node.events.list().flatMap((event) => (event.type === type ? [event.facts] : []));
/** As the publisher's metrics say. */
async function waitingHere(): Promise<number> {
  const registry = new Registry();
  waitingMetrics(registry, publisher!);
  return Number(/^halfroom_approvals_waiting (\d+)$/m.exec(await registry.metrics())?.[1]);
}
const problemsOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof OperatorError)) throw error ?? new Error("nothing was wrong");
  return { code: error.code, fields: error.problems.map(({ field }) => field), words: error.message };
};

/** Cells by the plain join: the shared people are 30 .. 59, each with a revenue of their number and a quarter. */
function plain(from: string, campaigns: readonly string[]) {
  return campaigns.map((campaign) => {
    const people = Array.from({ length: 30 }, (_, i) => i + 30).filter((i) => {
      const isSeen = from <= (i < 50 ? "2026-11-05" : "2026-12-05");
      return isSeen && (i % 2 === 0 ? "spring" : "autumn") === campaign;
    });
    return { campaign, people: people.length, revenue: people.reduce((sum, i) => sum + i + 0.25, 0) };
  });
}

describe("a run inside the ranges", () => {
  test("needs no person, has the owner's filter with the values, and is known as one everywhere", async () => {
    const id = await handOver();
    const { json } = await runIt({ ...SET, threshold: 12 });
    expect(cellsOf(json)).toEqual(plain("2026-11-01", ["autumn", "spring"]));
    const [answered] = publisher!.sessions.list();
    expect(answered!.where).toBe(
      "seen >= (DATE '2026-11-01') AND (campaign = ('spring') OR campaign IN ('autumn'))",
    );
    expect(entries(publisher, "approved").map(({ facts }) => facts)).toEqual([
      { id: answered!.id, partner: "advertiser", by: "template", template: "roi", version: 1 },
    ]);
    expect(entries(publisher, "held")).toEqual([]);
    for (const { asks, answers } of [at()])
      for (const node of [asks, answers]) {
        const [session] = await listSessions(node);
        expect(session!.template).toMatchObject({ name: "roi", version: 1, id });
        const { report } = await disclose(node, session!.id);
        expect(report.join(" ")).toMatch(/a run of the template "roi", version 1, .*"threshold" is "12"/);
      }
    expect(await readTemplate(at().answers, { id: "roi" })).toMatchObject({ used: 1, runs: 3 });
  });

  test("may be made stricter by either side's policy, and is previewed as it would run", async () => {
    await handOver();
    writePolicy(publisher!, { threshold: 13 });
    const seen = await preview(at().asks, { template: "roi", set: SET });
    expect([seen.outcome, seen.theirs]).toMatchObject(["run", { decision: "accept" }]);
    expect(seen.report.join(" ")).toMatch(/at least 13 people in it match/);
    await runIt({ ...SET, threshold: 12 });
    expect(publisher!.sessions.list()[0]!.terms.threshold).toBe(13);
  });

  test("takes a filter of one's own, with parameters in it", async () => {
    await handOver();
    const { json } = await runIt(SET, { where: "revenue::double < $most AND revenue::double >= 34" });
    expect(advertiser!.sessions.list()[0]!.where).toBe("revenue::double < (500) AND revenue::double >= 34");
    const [, spring] = plain("2026-11-01", ["autumn", "spring"]);
    expect(cellsOf(json)[1]!["people"]).toBe(spring!.people - 2);
  });

  test("is no more than the policy allows: without its hours a person decides, and no column is let by", async () => {
    await handOver();
    writePolicy(publisher!, { hours: { days: ["mon"], from: "00:00", to: "00:01" } });
    const isOpen = new Date().getUTCDay() === 1 && new Date().toISOString().slice(11, 16) === "00:00";
    if (!isOpen)
      expect(await answer(await termsOf())).toMatchObject({ decision: "hold", reasons: [{ code: "hours" }] });
    writePolicy(publisher!, { group_by: [] });
    expect(await answer(await termsOf())).toMatchObject({
      decision: "refuse",
      reasons: [{ code: "group-by" }],
    });
  });
});

function writePolicy(node: NodeState, changes: object): void {
  const policy = {
    partner: "advertiser",
    dataset: "exposures",
    group_by: ["campaign"],
    threshold: 11,
    people: 10,
    exact: 1000,
    approval: "by-hand",
    ...changes,
  };
  const dataset = { source: { csv: "exposures.csv" }, match: { email: { columns: "email" } }, ...SEEN };
  writeFileSync(
    node.folder.configFile,
    JSON.stringify({ datasets: { exposures: dataset }, policies: [policy] }),
  );
}

const termsOf = async (set: Record<string, string | number> = SET) =>
  (await planReport(advertiser!, { template: "roi", set })).terms;
let proposals = 0;
async function answer(terms: Terms) {
  const partner = publisher!.partners.named("advertiser");
  const proposal = (++proposals).toString(16).padStart(32, "0");
  return answerProposal(publisher!, await publisher!.rules(), partner, proposal, terms).answer;
}
const refusal = async (terms: Terms) => {
  const { decision, reasons } = await answer(terms);
  return [decision, reasons[0]?.code, reasons[0]?.words];
};

describe("outside the ranges", () => {
  test("it is refused here, before a partner is called, naming each parameter", async () => {
    await handOver();
    await pair.serving.close();
    const asked = await problemsOf(runIt({ since: "2027-01-01", threshold: 10, most: "1e2", colour: "red" }));
    expect([asked.code, asked.fields]).toEqual(["template", ["colour", "since", "most", "threshold"]]);
    expect(asked.words).toContain('since: it is "2027-01-01". Write a date from 2026-11-01 to 2026-12-31.');
    expect(await problemsOf(runIt({}))).toMatchObject({ fields: ["since"], words: /it is missing/ });
    const sql = "x' OR true --";
    expect(await problemsOf(runIt({ ...SET, only: sql }))).toMatchObject({ fields: ["only"] });
    expect(advertiser!.sessions.list()).toEqual([]);
  });

  test("a changed asker is refused by the other side, naming the parameter or what differs", async () => {
    await handOver();
    const terms = await termsOf();
    const { template } = terms;
    const withValue = (name: string, value: string | string[], more: Partial<Terms> = {}): Terms => {
      const parameters = template!.parameters.map((each) => (each.name === name ? { name, value } : each));
      return { ...terms, ...more, template: { ...template!, parameters } };
    };
    const refused = ["refuse", "template"];
    const outside = await refusal(withValue("threshold", "10", { threshold: 11 }));
    expect(outside).toEqual([
      ...refused,
      expect.stringMatching(/"threshold": it is "10", and may be a whole number, 11/),
    ]);
    expect(await refusal(withValue("since", "2026-11-1"))).toMatchObject([...refused, /"since"/]);
    expect(await refusal(withValue("most", "500.0"))).toMatchObject([
      ...refused,
      /"most" is not written in its one form/,
    ]);
    expect(await refusal(withValue("only", ["spring"]))).toMatchObject([...refused, /"only"/]);
    // What the parameters say is what runs.
    expect(await refusal(withValue("most", "400"))).toMatchObject([
      ...refused,
      /differs from the template in "sum of \\?"/,
    ]);
    const wider = { ...terms, measures: terms.measures.map((each) => ({ ...each, high: 100_000_000n })) };
    expect(await refusal(wider)).toMatchObject([
      ...refused,
      /"sum of .*instead of each person counts for 0\.00 to 500\.00/,
    ]);
    const members: [Partial<Terms>, RegExp][] = [
      [{ threshold: 11, partitions: [[]] }, /cells by our columns/],
      [{ report: "overlap", measures: [] }, /"report"/],
      [{ resultTo: "sender" }, /result for/],
      [{ entriesMax: 2 }, /cells of one person/],
      [{ totals: true }, /totals/],
      [{ otK: 8 }, /transfers/],
      [{ senderGroupBy: ["tier"] }, /cells by their columns/],
      [{ series: { id: new Uint8Array(32), number: 1 } }, /series/],
      [{ datasets: { ...terms.datasets, receiver: "other" } }, /our dataset/],
    ];
    for (const [change, words] of members)
      expect((await answer({ ...terms, ...change })).reasons.map((each) => each.words).join(" ")).toMatch(
        words,
      );
    const noisy = {
      mode: "noise",
      mechanism: "laplace",
      microEpsilon: 1,
      deltaExponent: 6,
      weights: { people: 1, measures: [1] },
    } as const;
    expect((await answer({ ...terms, release: noisy })).reasons.map(({ code }) => code)).toContain(
      "template",
    );
    const other = { ...template!, digest: new Uint8Array(32) };
    expect(await refusal({ ...terms, template: other })).toMatchObject([
      ...refused,
      /version 1 holds, and this is another/,
    ]);
    expect(await refusal({ ...terms, template: { ...template!, parameters: [] } })).toMatchObject([
      ...refused,
      /"since"/,
    ]);
    expect(await refusal({ ...terms, template: { ...template!, version: 2 } })).toMatchObject([
      ...refused,
      /another name or version/,
    ]);
    // What carries the frames is no part of the report.
    expect((await answer({ ...terms, streams: "own" })).decision).toBe("accept");
    // Without the member it is any proposal: a person decides.
    const { template: _, ...alone } = terms;
    expect(await answer(alone)).toMatchObject({ decision: "hold", reasons: [{ code: "by-hand" }] });
    expect((await answer(terms)).decision).toBe("accept");
  });

  test("it runs as often as it says, and no more, whichever version", async () => {
    await handOver();
    for (const since of ["2026-11-01", "2026-11-02", "2026-11-03"]) await runIt({ since });
    // A stored report costs nothing, and is no run.
    expect((await problemsOf(runIt({ since: "2026-11-04" }))).words).toMatch(/has run 3 times in 7 days/);
    await handOver(TEMPLATE.replace("version: 1", "version: 2").replace("runs: 3", "runs: 4"));
    await runIt({ since: "2026-11-04" });
    expect(await problemsOf(runIt({ since: "2026-11-05" }))).toMatchObject({ code: "refused-there" });
  });

  test("it ends when it is withdrawn, replaced, past its day, or its partner gone", async () => {
    const id = await handOver();
    const first = await termsOf();
    await handOver(TEMPLATE.replace("version: 1", "version: 2"));
    expect(await refusal(first)).toMatchObject(["refuse", "template", /version 2 holds/]);
    const second = await termsOf();
    await withdrawTemplate(at().answers, (await readTemplate(at().answers, { id: "roi" })).id);
    expect(await refusal(second)).toMatchObject(["refuse", "template", /has withdrawn it/]);
    expect(await problemsOf(withdrawTemplate(at().answers, id))).toMatchObject({ code: "template" });
    await handOver(TEMPLATE.replace("version: 1", "version: 3"));
    await removePartner(at().answers, "advertiser");
    expect((await listTemplates(at().answers)).length).toBe(0);
    expect(
      (await listTemplates(at().answers, { andFormer: true })).map(({ state }) => state).toSorted(),
    ).toEqual(["replaced", "withdrawn", "withdrawn"]);
  });
});

test("its last day has come: neither side runs it", async () => {
  let now = Date.now();
  pair = await twoNodes({ publisher: publisherSite({ clock: () => now }), advertiser: { clock: () => now } });
  ({ advertiser, publisher } = pair);
  const expires = new Date(now + 3 * DAY_MS).toISOString().slice(0, 10);
  await handOver(TEMPLATE.replace("2099-01-01", expires));
  const terms = await termsOf();
  now += 4 * DAY_MS;
  expect(await problemsOf(runIt())).toMatchObject({
    code: "template",
    words: new RegExp(`ended on ${expires}`),
  });
  expect(await refusal(terms)).toMatchObject(["refuse", "template", new RegExp(`ended on ${expires}`)]);
  const late = problemsOf(
    publishIt(TEMPLATE.replace("2099-01-01", expires).replace("version: 1", "version: 2")),
  );
  expect(await late).toMatchObject({ code: "template" });
});

test("before its last day both sides are told, once at 30 days and at 7; not of what ended before, nor afterwards", async () => {
  // Noon of tomorrow: the folders are as old as the test.
  const noon = (Math.floor(Date.now() / DAY_MS) + 1.5) * DAY_MS;
  const dayAfter = (days: number) => new Date(noon + days * DAY_MS).toISOString().slice(0, 10);
  let now = noon;
  const lastDay = dayAfter(62);
  pair = await twoNodes({ publisher: publisherSite({ clock: () => now }), advertiser: { clock: () => now } });
  ({ advertiser, publisher } = pair);
  const named = (name: string, expires: string) =>
    TEMPLATE.replace("name: roi", `name: ${name}`).replace("2099-01-01", expires);
  const id = await handOver(named("roi", lastDay));
  // Whoever makes one for a week knows when it ends.
  await handOver(named("short", dayAfter(7)));
  const gone = await handOver(named("gone", lastDay));
  await withdrawTemplate(at().answers, gone);
  await removeTemplate(at().asks, gone);
  const [ours, theirs] = [new ExpiryLog(publisher!, () => undefined), new ExpiryLog(advertiser!, warn)];
  const words: string[] = [];
  function warn(text: string) {
    words.push(text);
  }
  for (let day = 0; day < 70; day++, now += DAY_MS) for (const log of [ours, theirs]) await log.look();
  const facts = { what: "template", name: "advertiser/roi", at: `${lastDay}T00:00:00.000Z` };
  expect(toldOf(publisher!, "expiry.near")).toEqual([
    { ...facts, days: 6 },
    { ...facts, days: 29 },
  ]);
  // The name of the partner's template is none of ours, and in no event or log.
  const theirFacts = { ...facts, name: `publisher/${id.slice(0, 12)}` };
  expect(toldOf(advertiser!, "expiry.near")).toEqual([
    { ...theirFacts, days: 6 },
    { ...theirFacts, days: 29 },
  ]);
  expect(words).toHaveLength(2);
  expect(words.join()).not.toContain("roi");
  expect(words[0]).toContain(`the template ${id.slice(0, 12)} by "publisher" ends on ${lastDay}, in 29 days`);

  now = noon + 58 * DAY_MS;
  expect(await listEndings(at().answers)).toMatchObject([
    { what: "template", partner: "advertiser", template: { id, owner: "us", name: "roi" } },
  ]);
  expect(await listEndings(at().asks)).toMatchObject([
    { what: "template", partner: "publisher", template: { id, owner: "partner", name: "roi" } },
  ]);
  const findings = (await doctor(at().answers)).filter(({ what }) => what === "end of template");
  expect(findings).toMatchObject([
    { state: "warning", words: expect.stringContaining(`"advertiser/roi" ends on ${lastDay}, in 3 days`) },
  ]);
  const registry = new Registry();
  expiryMetrics(registry, publisher!);
  const days = /^halfroom_expires_days\{what="template",name="advertiser\/roi"\} (\S+)$/m;
  expect(Number(days.exec(await registry.metrics())?.[1])).toBeCloseTo(3.5);
});

describe("publishing", () => {
  test("says what it allows, and asks for a policy that does", async () => {
    const { words, report } = await checkTemplate(at().answers, source(), "advertiser");
    const all = words.join(" ");
    expect(all).toContain(
      '"advertiser" may run "roi", version 1, up to 3 times in 7 days without anybody here being asked, until 2099-01-01.',
    );
    expect(all).toMatch(/Each run is an exact report; our policy allows 1000 of them in 30 days/);
    expect(all).toContain('"threshold" may be a whole number, 11 or more.');
    expect(report.join(" ")).toMatch(/The numbers are exact/);
    expect(await listTemplates(at().answers)).toEqual([]);
    const noisy = TEMPLATE.replace("exact: true", "epsilon: 30");
    expect((await checkTemplate(at().answers, source(noisy), "advertiser")).words.join(" ")).toMatch(
      /at most epsilon 30 of our budget, all runs of 7 days together at most 90/,
    );
    writePolicy(publisher!, { exact: false });
    expect(await problemsOf(publishIt())).toMatchObject({ code: "refused-here" });
    writePolicy(publisher!, { partner: "nobody" });
    expect(await problemsOf(publishIt())).toMatchObject({ code: "no-policy" });
    expect(await problemsOf(publishTemplate(at().answers, source(), "nobody"))).toMatchObject({
      code: "no-partner",
    });
  });

  test("the same again is the same; another text needs a higher version", async () => {
    const { id } = await publishIt();
    expect((await publishIt()).id).toBe(id);
    expect(entries(publisher, "template-published")).toHaveLength(1);
    const other = TEMPLATE.replace("Revenue by", "Revenue of each");
    expect(await problemsOf(publishIt(other))).toMatchObject({ code: "template", words: /higher `version`/ });
  });

  test("under two-people two different people do", async () => {
    writePolicy(publisher!, { approval: "two-people" });
    const as = (name: string, kind: Actor["kind"] = "user") =>
      actingFor(at().answers, { kind, name, subject: name });
    const first = await publishTemplate(as("anna"), source(), "advertiser");
    expect(first).toMatchObject({ state: "waiting", approvals: { needed: 2, given: [{ by: "user:anna" }] } });
    expect(first).not.toHaveProperty("signedBy");
    expect(await problemsOf(exportTemplate(as("anna"), first.id))).toMatchObject({ code: "template" });
    for (const who of [as("anna"), as("ci", "token")])
      expect(await problemsOf(approveTemplate(who, first.id))).toMatchObject({ code: "approver" });
    const again = publishTemplate(as("anna"), source(), "advertiser");
    expect(await problemsOf(again)).toMatchObject({ code: "approver" });
    expect(toldOf(publisher!, "template.asked")).toEqual([
      { id: first.id, partner: "advertiser", name: "roi" },
    ]);
    expect(await listWaitingTemplates(as("ben"))).toMatchObject([{ id: first.id, state: "waiting" }]);
    expect(await waitingHere()).toBe(1);
    const approved = await approveTemplate(as("ben"), first.id);
    expect(approved).toMatchObject({ state: "valid", signedBy: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect([await listWaitingTemplates(as("ben")), await waitingHere()]).toEqual([[], 0]);
    expect(await problemsOf(approveTemplate(as("cleo"), first.id))).toMatchObject({ code: "template" });
    expect(entries(publisher, "template-published")[0]!.facts).toMatchObject({
      actor: "user:ben",
      template: "roi",
    });
    await importTemplateFile(at().asks, await exportTemplate(at().answers, first.id));
    expect((await answer(await termsOf())).decision).toBe("accept");
  });

  test("a backup that is restored brings none back without people", async () => {
    const id = await handOver();
    const restored = await restoredFrom(at().answers);
    expect(await listTemplates(restored)).toMatchObject([
      { id, state: "waiting", approvals: { needed: 1, given: [] } },
    ]);
    const events = await listEvents(restored, { limit: 2 });
    expect(events.map(({ type, facts }) => [type, facts])).toContainEqual([
      "template.asked",
      { id, partner: "advertiser", name: "roi" },
    ]);
    expect(await approveTemplate(restored, id)).toMatchObject({ state: "valid" });
  });
});

describe("importing", () => {
  test("takes what the partner signed for this node, newer versions only", async () => {
    const { id } = await publishIt();
    const file = await exportTemplate(at().answers, id);
    expect(await importTemplateFile(at().asks, `${file}\n`)).toMatchObject({
      id,
      owner: "partner",
      partner: "publisher",
    });
    await importTemplateFile(at().asks, file);
    expect(entries(advertiser, "template-imported")).toHaveLength(1);
    await handOver(TEMPLATE.replace("version: 1", "version: 2"));
    expect(await problemsOf(importTemplateFile(at().asks, file))).toMatchObject({
      code: "template",
      words: /Version 2 of "roi" is here/,
    });
    await removeTemplate(at().asks, (await readTemplate(at().asks, { id: "roi" })).id);
    expect(await problemsOf(runIt())).toMatchObject({ code: "no-template" });
  });

  test("refuses what was changed, is for somebody else, or is by nobody here", async () => {
    const { id } = await publishIt();
    const file = await exportTemplate(at().answers, id);
    const changed = [
      file.replace("runs: 3", "runs: 9"),
      file.slice(1),
      file.replace(/"by":"../, '"by":"00'),
      "{}",
      "",
    ];
    for (const each of changed)
      expect(await problemsOf(importTemplateFile(at().asks, each))).toMatchObject({ code: "template" });
    expect(await problemsOf(importTemplateFile(at().answers, file))).toMatchObject({
      code: "template",
      words: /No partner here has signed/,
    });
    const other = await twoNodes({ publisher: publisherSite() });
    other.advertiser.partners.pin({ name: "third", ...publisher!.identity, address: "", pinnedAt: 0 });
    expect(await problemsOf(importTemplateFile(handleOf(other.advertiser), file))).toMatchObject({
      words: /for another node/,
    });
  });
});

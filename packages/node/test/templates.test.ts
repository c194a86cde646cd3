// Templates between two nodes: what runs without a person, and everything that does not.
import type { Terms } from "@halfroom/session";
import { beforeEach, describe, expect, test } from "vitest";
import { removePartner } from "../src/api/partners.ts";
import { preview } from "../src/api/run.ts";
import { disclose, listSessions } from "../src/api/sessions.ts";
import { listTemplates, readTemplate, withdrawTemplate } from "../src/api/templates.ts";
import {
  entries,
  openTemplateNodes,
  problemsOf,
  SET,
  TEMPLATE,
  writePolicy,
  type TemplateNodes,
} from "./template-nodes.ts";
import { cellsOf } from "./two-nodes.ts";

let nodes: TemplateNodes;
beforeEach(async () => {
  nodes = await openTemplateNodes();
});

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
    const id = await nodes.handOver();
    const { json } = await nodes.runIt({ ...SET, threshold: 12 });
    expect(cellsOf(json)).toEqual(plain("2026-11-01", ["autumn", "spring"]));
    const [answered] = nodes.publisher.sessions.list();
    expect(answered!.where).toBe(
      "seen >= (DATE '2026-11-01') AND (campaign = ('spring') OR campaign IN ('autumn'))",
    );
    expect(entries(nodes.publisher, "approved").map(({ facts }) => facts)).toEqual([
      { id: answered!.id, partner: "advertiser", by: "template", template: "roi", version: 1 },
    ]);
    expect(entries(nodes.publisher, "held")).toEqual([]);
    for (const node of [nodes.asks, nodes.answers]) {
      const [session] = await listSessions(node);
      expect(session!.template).toMatchObject({ name: "roi", version: 1, id });
      const { report } = await disclose(node, session!.id);
      expect(report.join(" ")).toMatch(/a run of the template "roi", version 1, .*"threshold" is "12"/);
    }
    expect(await readTemplate(nodes.answers, { id: "roi" })).toMatchObject({ used: 1, runs: 3 });
  });

  test("may be made stricter by either side's policy, and is previewed as it would run", async () => {
    await nodes.handOver();
    writePolicy(nodes.publisher, { threshold: 13 });
    const seen = await preview(nodes.asks, { template: "roi", set: SET });
    expect([seen.outcome, seen.theirs]).toMatchObject(["run", { decision: "accept" }]);
    expect(seen.report.join(" ")).toMatch(/at least 13 people in it match/);
    await nodes.runIt({ ...SET, threshold: 12 });
    expect(nodes.publisher.sessions.list()[0]!.terms.threshold).toBe(13);
  });

  test("takes a filter of one's own, with parameters in it", async () => {
    await nodes.handOver();
    const { json } = await nodes.runIt(SET, { where: "revenue::double < $most AND revenue::double >= 34" });
    expect(nodes.advertiser.sessions.list()[0]!.where).toBe(
      "revenue::double < (500) AND revenue::double >= 34",
    );
    const [, spring] = plain("2026-11-01", ["autumn", "spring"]);
    expect(cellsOf(json)[1]!["people"]).toBe(spring!.people - 2);
  });

  test("is no more than the policy allows: without its hours a person decides, and no column is let by", async () => {
    await nodes.handOver();
    writePolicy(nodes.publisher, { hours: { days: ["mon"], from: "00:00", to: "00:01" } });
    const isOpen = new Date().getUTCDay() === 1 && new Date().toISOString().slice(11, 16) === "00:00";
    if (!isOpen)
      expect(await nodes.answer(await nodes.termsOf())).toMatchObject({
        decision: "hold",
        reasons: [{ code: "hours" }],
      });
    writePolicy(nodes.publisher, { group_by: [] });
    expect(await nodes.answer(await nodes.termsOf())).toMatchObject({
      decision: "refuse",
      reasons: [{ code: "group-by" }],
    });
  });
});

describe("outside the ranges", () => {
  test("it is refused here, before a partner is called, naming each parameter", async () => {
    await nodes.handOver();
    await nodes.serving.close();
    const asked = await problemsOf(
      nodes.runIt({ since: "2027-01-01", threshold: 10, most: "1e2", colour: "red" }),
    );
    expect([asked.code, asked.fields]).toEqual(["template", ["colour", "since", "most", "threshold"]]);
    expect(asked.words).toContain('since: it is "2027-01-01". Write a date from 2026-11-01 to 2026-12-31.');
    expect(await problemsOf(nodes.runIt({}))).toMatchObject({ fields: ["since"], words: /it is missing/ });
    const sql = "x' OR true --";
    expect(await problemsOf(nodes.runIt({ ...SET, only: sql }))).toMatchObject({ fields: ["only"] });
    expect(nodes.advertiser.sessions.list()).toEqual([]);
  });

  test("a changed asker is refused by the other side, naming the parameter or what differs", async () => {
    await nodes.handOver();
    const terms = await nodes.termsOf();
    const { template } = terms;
    const withValue = (name: string, value: string | string[], more: Partial<Terms> = {}): Terms => {
      const parameters = template!.parameters.map((each) => (each.name === name ? { name, value } : each));
      return { ...terms, ...more, template: { ...template!, parameters } };
    };
    const refused = ["refuse", "template"];
    const outside = await nodes.refusal(withValue("threshold", "10", { threshold: 11 }));
    expect(outside).toEqual([
      ...refused,
      expect.stringMatching(/"threshold": it is "10", and may be a whole number, 11/),
    ]);
    expect(await nodes.refusal(withValue("since", "2026-11-1"))).toMatchObject([...refused, /"since"/]);
    expect(await nodes.refusal(withValue("most", "500.0"))).toMatchObject([
      ...refused,
      /"most" is not written in its one form/,
    ]);
    expect(await nodes.refusal(withValue("only", ["spring"]))).toMatchObject([...refused, /"only"/]);
    // What the parameters say is what runs.
    expect(await nodes.refusal(withValue("most", "400"))).toMatchObject([
      ...refused,
      /differs from the template in "sum of \\?"/,
    ]);
    const wider = { ...terms, measures: terms.measures.map((each) => ({ ...each, high: 100_000_000n })) };
    expect(await nodes.refusal(wider)).toMatchObject([
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
      expect(
        (await nodes.answer({ ...terms, ...change })).reasons.map((each) => each.words).join(" "),
      ).toMatch(words);
    const noisy = {
      mode: "noise",
      mechanism: "laplace",
      microEpsilon: 1,
      deltaExponent: 6,
      weights: { people: 1, measures: [1] },
    } as const;
    expect((await nodes.answer({ ...terms, release: noisy })).reasons.map(({ code }) => code)).toContain(
      "template",
    );
    const other = { ...template!, digest: new Uint8Array(32) };
    expect(await nodes.refusal({ ...terms, template: other })).toMatchObject([
      ...refused,
      /version 1 holds, and this is another/,
    ]);
    expect(await nodes.refusal({ ...terms, template: { ...template!, parameters: [] } })).toMatchObject([
      ...refused,
      /"since"/,
    ]);
    expect(await nodes.refusal({ ...terms, template: { ...template!, version: 2 } })).toMatchObject([
      ...refused,
      /another name or version/,
    ]);
    // What carries the frames is no part of the report.
    expect((await nodes.answer({ ...terms, streams: "own" })).decision).toBe("accept");
    // Without the member it is any proposal: a person decides.
    const { template: _, ...alone } = terms;
    expect(await nodes.answer(alone)).toMatchObject({ decision: "hold", reasons: [{ code: "by-hand" }] });
    expect((await nodes.answer(terms)).decision).toBe("accept");
  });

  test("it runs as often as it says, and no more, whichever version", async () => {
    await nodes.handOver();
    for (const since of ["2026-11-01", "2026-11-02", "2026-11-03"]) await nodes.runIt({ since });
    // A stored report costs nothing, and is no run.
    expect((await problemsOf(nodes.runIt({ since: "2026-11-04" }))).words).toMatch(
      /has run 3 times in 7 days/,
    );
    await nodes.handOver(TEMPLATE.replace("version: 1", "version: 2").replace("runs: 3", "runs: 4"));
    await nodes.runIt({ since: "2026-11-04" });
    expect(await problemsOf(nodes.runIt({ since: "2026-11-05" }))).toMatchObject({ code: "refused-there" });
  });

  test("it ends when it is withdrawn, replaced, past its day, or its partner gone", async () => {
    const id = await nodes.handOver();
    const first = await nodes.termsOf();
    await nodes.handOver(TEMPLATE.replace("version: 1", "version: 2"));
    expect(await nodes.refusal(first)).toMatchObject(["refuse", "template", /version 2 holds/]);
    const second = await nodes.termsOf();
    await withdrawTemplate(nodes.answers, (await readTemplate(nodes.answers, { id: "roi" })).id);
    expect(await nodes.refusal(second)).toMatchObject(["refuse", "template", /has withdrawn it/]);
    expect(await problemsOf(withdrawTemplate(nodes.answers, id))).toMatchObject({ code: "template" });
    await nodes.handOver(TEMPLATE.replace("version: 1", "version: 3"));
    await removePartner(nodes.answers, "advertiser");
    expect((await listTemplates(nodes.answers)).length).toBe(0);
    expect(
      (await listTemplates(nodes.answers, { andFormer: true })).map(({ state }) => state).toSorted(),
    ).toEqual(["replaced", "withdrawn", "withdrawn"]);
  });
});

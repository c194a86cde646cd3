// A template before its first run: published by those who may, handed over as a file, and taken in.
import { Registry } from "prom-client";
import { beforeEach, describe, expect, test } from "vitest";
import { listEvents } from "../src/api/events.ts";
import { actingFor, handleOf } from "../src/api/node.ts";
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
} from "../src/api/templates.ts";
import type { Actor } from "../src/people/actor.ts";
import { waitingMetrics } from "../src/serve/waiting-metrics.ts";
import { restoredFrom } from "./backed-up.ts";
import {
  entries,
  openTemplateNodes,
  problemsOf,
  publisherSite,
  source,
  TEMPLATE,
  toldOf,
  writePolicy,
  type TemplateNodes,
} from "./template-nodes.ts";
import { twoNodes } from "./two-nodes.ts";

let nodes: TemplateNodes;
beforeEach(async () => {
  nodes = await openTemplateNodes();
});

/** As the publisher's metrics say. */
async function waitingHere(): Promise<number> {
  const registry = new Registry();
  waitingMetrics(registry, nodes.publisher);
  return Number(/^halfroom_approvals_waiting (\d+)$/m.exec(await registry.metrics())?.[1]);
}

describe("publishing", () => {
  test("says what it allows, and asks for a policy that does", async () => {
    const { words, report } = await checkTemplate(nodes.answers, source(), "advertiser");
    const all = words.join(" ");
    expect(all).toContain(
      '"advertiser" may run "roi", version 1, up to 3 times in 7 days without anybody here being asked, until 2099-01-01.',
    );
    expect(all).toMatch(/Each run is an exact report; our policy allows 1000 of them in 30 days/);
    expect(all).toContain('"threshold" may be a whole number, 11 or more.');
    expect(report.join(" ")).toMatch(/The numbers are exact/);
    expect(await listTemplates(nodes.answers)).toEqual([]);
    const noisy = TEMPLATE.replace("exact: true", "epsilon: 30");
    expect((await checkTemplate(nodes.answers, source(noisy), "advertiser")).words.join(" ")).toMatch(
      /at most epsilon 30 of our budget, all runs of 7 days together at most 90/,
    );
    writePolicy(nodes.publisher, { exact: false });
    expect(await problemsOf(nodes.publishIt())).toMatchObject({ code: "refused-here" });
    writePolicy(nodes.publisher, { partner: "nobody" });
    expect(await problemsOf(nodes.publishIt())).toMatchObject({ code: "no-policy" });
    expect(await problemsOf(publishTemplate(nodes.answers, source(), "nobody"))).toMatchObject({
      code: "no-partner",
    });
  });

  test("the same again is the same; another text needs a higher version", async () => {
    const { id } = await nodes.publishIt();
    expect((await nodes.publishIt()).id).toBe(id);
    expect(entries(nodes.publisher, "template-published")).toHaveLength(1);
    const other = TEMPLATE.replace("Revenue by", "Revenue of each");
    expect(await problemsOf(nodes.publishIt(other))).toMatchObject({
      code: "template",
      words: /higher `version`/,
    });
  });

  test("under two-people two different people do", async () => {
    writePolicy(nodes.publisher, { approval: "two-people" });
    const as = (name: string, kind: Actor["kind"] = "user") =>
      actingFor(nodes.answers, { kind, name, subject: name });
    const first = await publishTemplate(as("anna"), source(), "advertiser");
    expect(first).toMatchObject({ state: "waiting", approvals: { needed: 2, given: [{ by: "user:anna" }] } });
    expect(first).not.toHaveProperty("signedBy");
    expect(await problemsOf(exportTemplate(as("anna"), first.id))).toMatchObject({ code: "template" });
    for (const who of [as("anna"), as("ci", "token")])
      expect(await problemsOf(approveTemplate(who, first.id))).toMatchObject({ code: "approver" });
    const again = publishTemplate(as("anna"), source(), "advertiser");
    expect(await problemsOf(again)).toMatchObject({ code: "approver" });
    expect(toldOf(nodes.publisher, "template.asked")).toEqual([
      { id: first.id, partner: "advertiser", name: "roi" },
    ]);
    expect(await listWaitingTemplates(as("ben"))).toMatchObject([{ id: first.id, state: "waiting" }]);
    expect(await waitingHere()).toBe(1);
    const approved = await approveTemplate(as("ben"), first.id);
    expect(approved).toMatchObject({ state: "valid", signedBy: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect([await listWaitingTemplates(as("ben")), await waitingHere()]).toEqual([[], 0]);
    expect(await problemsOf(approveTemplate(as("cleo"), first.id))).toMatchObject({ code: "template" });
    expect(entries(nodes.publisher, "template-published")[0]!.facts).toMatchObject({
      actor: "user:ben",
      template: "roi",
    });
    await importTemplateFile(nodes.asks, await exportTemplate(nodes.answers, first.id));
    expect((await nodes.answer(await nodes.termsOf())).decision).toBe("accept");
  });

  test("a backup that is restored brings none back without people", async () => {
    const id = await nodes.handOver();
    const restored = await restoredFrom(nodes.answers);
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
    const { id } = await nodes.publishIt();
    const file = await exportTemplate(nodes.answers, id);
    expect(await importTemplateFile(nodes.asks, `${file}\n`)).toMatchObject({
      id,
      owner: "partner",
      partner: "publisher",
    });
    await importTemplateFile(nodes.asks, file);
    expect(entries(nodes.advertiser, "template-imported")).toHaveLength(1);
    await nodes.handOver(TEMPLATE.replace("version: 1", "version: 2"));
    expect(await problemsOf(importTemplateFile(nodes.asks, file))).toMatchObject({
      code: "template",
      words: /Version 2 of "roi" is here/,
    });
    await removeTemplate(nodes.asks, (await readTemplate(nodes.asks, { id: "roi" })).id);
    expect(await problemsOf(nodes.runIt())).toMatchObject({ code: "no-template" });
  });

  test("refuses what was changed, is for somebody else, or is by nobody here", async () => {
    const { id } = await nodes.publishIt();
    const file = await exportTemplate(nodes.answers, id);
    const changed = [
      file.replace("runs: 3", "runs: 9"),
      file.slice(1),
      file.replace(/"by":"../, '"by":"00'),
      "{}",
      "",
    ];
    for (const each of changed)
      expect(await problemsOf(importTemplateFile(nodes.asks, each))).toMatchObject({ code: "template" });
    expect(await problemsOf(importTemplateFile(nodes.answers, file))).toMatchObject({
      code: "template",
      words: /No partner here has signed/,
    });
    const other = await twoNodes({ publisher: publisherSite() });
    other.advertiser.partners.pin({ name: "third", ...nodes.publisher.identity, address: "", pinnedAt: 0 });
    expect(await problemsOf(importTemplateFile(handleOf(other.advertiser), file))).toMatchObject({
      words: /for another node/,
    });
  });
});

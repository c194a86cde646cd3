// Two nodes that have met, of which the publisher has written a template: what each of the tests of templates begins with.
import { writeFileSync } from "node:fs";
import type { Terms } from "@halfroom/session";
import { handleOf } from "../src/api/node.ts";
import { run } from "../src/api/run.ts";
import { exportTemplate, importTemplateFile, publishTemplate } from "../src/api/templates.ts";
import { OperatorError } from "../src/errors.ts";
import type { NodeEvent } from "../src/events/kinds.ts";
import type { NodeState } from "../src/node-state.ts";
import { planReport } from "../src/run/plan.ts";
import { answerProposal } from "../src/serve/answer-proposal.ts";
import { twoNodes, type SiteChanges } from "./two-nodes.ts";

const SEEN = { columns: { seen: "date" }, dimensions: { campaign: {} } };
/** Whoever is below 50 was seen in November, the others in December: of the shared 30 .. 59 that are 20 and 10. */
const ROWS = Array.from(
  { length: 60 },
  (_, i) => `p${i}@example.com,${i % 2 === 0 ? "spring" : "autumn"},2026-${i < 50 ? 11 : 12}-05`,
);
/** The publisher, who may change more than that. */
export const publisherSite = (changes: SiteChanges = {}): SiteChanges => ({
  ...changes,
  header: "email,campaign,seen",
  rows: ROWS,
  dataset: SEEN,
  policy: { approval: "by-hand", epsilon: 50, ...changes.policy },
});

export const TEMPLATE = `template:
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

export const SET = { since: "2026-11-01" };
export type Values = Record<string, string | number>;

export type TemplateNodes = Awaited<ReturnType<typeof openTemplateNodes>>;

/** `clock`: that of both, in milliseconds since 1970. */
export async function openTemplateNodes(clock?: () => number) {
  const timed: SiteChanges = clock === undefined ? {} : { clock };
  const { advertiser, publisher, serving } = await twoNodes({
    publisher: publisherSite(timed),
    advertiser: timed,
  });
  const [asks, answers] = [handleOf(advertiser), handleOf(publisher)];
  let proposals = 0;

  const publishIt = async (text = TEMPLATE) => await publishTemplate(answers, source(text), "advertiser");
  /** Published there and taken in here. */
  async function handOver(text = TEMPLATE): Promise<string> {
    const { id } = await publishIt(text);
    await importTemplateFile(asks, await exportTemplate(answers, id));
    return id;
  }
  const runIt = async (set: Values = SET, more: object = {}) =>
    await run(asks, { template: "roi", set, ...more });
  const termsOf = async (set: Values = SET) => (await planReport(advertiser, { template: "roi", set })).terms;
  /** The publisher's, to a proposal of these terms. */
  async function answer(terms: Terms) {
    const partner = publisher.partners.named("advertiser");
    const proposal = (++proposals).toString(16).padStart(32, "0");
    return answerProposal(publisher, await publisher.rules(), partner, proposal, terms).answer;
  }
  const refusal = async (terms: Terms) => {
    const { decision, reasons } = await answer(terms);
    return [decision, reasons[0]?.code, reasons[0]?.words];
  };
  return {
    advertiser,
    publisher,
    serving,
    asks,
    answers,
    publishIt,
    handOver,
    runIt,
    termsOf,
    answer,
    refusal,
  };
}

export const source = (text = TEMPLATE) => ({ text, name: "roi.yaml" });

export const entries = (node: NodeState, kind: string) =>
  node.audit.entries().filter((each) => each.kind === kind);

export const toldOf = (node: NodeState, type: NodeEvent["type"]) =>
  node.events.list().flatMap((event) => (event.type === type ? [event.facts] : []));

export const problemsOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof OperatorError)) throw error ?? new Error("nothing was wrong");
  return { code: error.code, fields: error.problems.map(({ field }) => field), words: error.message };
};

/** In place of what the configuration says. */
export function writePolicy(node: NodeState, changes: object): void {
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

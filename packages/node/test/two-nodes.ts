// Two nodes in one process that have met, over TLS, with small files whose join is known. What needs processes of their own
// is in test/e2e/nodes.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { initiate } from "../src/run/initiate.ts";
import type { RunEvent } from "../src/run/run-events.ts";
import { WORKS, type Works } from "../src/run/works.ts";
import { planReport } from "../src/run/plan.ts";
import { initNode } from "../src/api/init.ts";
import { openState, type NodeState } from "../src/node-state.ts";
import { openLog } from "../src/serve/log.ts";
import { serve, type Serving } from "../src/serve/serve.ts";
import type { SessionReport } from "../src/run/session-job.ts";
import { emptyFolder } from "./home.ts";

/** The publisher has 0 .. 59, the advertiser 30 .. 79; 22 of the 30 whom both have saw "spring", 8 "autumn". */
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const EXPOSURES = range(0, 60).map((i) => `p${i}@example.com,${i < 52 ? "spring" : "autumn"}`);
const PURCHASES = range(30, 80).map((i) => `P${i}@Example.com,${i}.25`);

/** The one cell that may be shown: the plain join of the two rules above. */
export const SPRING = {
  campaign: "spring",
  people: 22,
  revenue: range(30, 52).reduce((sum, i) => sum + i + 0.25, 0),
};

/** The cells of a stored report, each with its numbers under the names of its columns. */
export function cellsOf(json: string): Record<string, unknown>[] {
  const { partitions } = JSON.parse(json);
  return partitions[0].cells.map(({ labels, people, sums }: StoredCell) => ({
    campaign: labels[0],
    people: people.value,
    revenue: sums[0]?.value ?? null,
  }));
}

interface StoredCell {
  readonly labels: readonly string[];
  readonly people: { readonly value: number };
  readonly sums: readonly ({ readonly value: number } | null)[];
}

const POLICY = { threshold: 11, people: 10, exact: 1000, approval: "automatic" };

export interface SiteChanges {
  readonly settings?: Record<string, unknown>;
  readonly policy?: Record<string, unknown>;
  readonly dataset?: Record<string, unknown>;
  /** The first line of the file. */
  readonly header?: string;
  readonly rows?: readonly string[];
  /** The site's clock, in milliseconds since 1970. */
  readonly clock?: () => number;
  /** What the site's software has changed. */
  readonly works?: Partial<Works>;
}

export interface TwoNodes {
  readonly advertiser: NodeState;
  readonly publisher: NodeState;
  /** HOST:PORT of the publisher, which serves. */
  readonly address: string;
  readonly serving: Serving;
  /** Makes the advertiser dial this address. */
  dial(address: string): void;
  /** The advertiser asks for revenue by campaign; `lines` are further ones of the request, `where` is its own filter. */
  run(lines?: string, onEvent?: (event: RunEvent) => void, where?: string): Promise<SessionReport>;
}

export async function twoNodes(
  changes: { readonly advertiser?: SiteChanges; readonly publisher?: SiteChanges } = {},
): Promise<TwoNodes> {
  const advertiser = await open("purchases", "email,revenue", PURCHASES, changes.advertiser ?? {}, {
    dataset: { measures: { revenue: {} } },
    policy: { ...POLICY, partner: "publisher", dataset: "purchases", sum: ["revenue"] },
  });
  const publisher = await open("exposures", "email,campaign", EXPOSURES, changes.publisher ?? {}, {
    dataset: { dimensions: { campaign: {} } },
    policy: { ...POLICY, partner: "advertiser", dataset: "exposures", group_by: ["campaign"] },
  });
  const serving = await serve(publisher, openLog({ ...publisher.settings, log_level: "silent" }));
  onTestFinished(() => serving.close());
  const pin = (at: NodeState, name: string, { identity }: NodeState, address: string) =>
    at.partners.pin({ name, ...identity, address, pinnedAt: Date.now() });
  pin(publisher, "advertiser", advertiser, "");
  pin(advertiser, "publisher", publisher, serving.address);
  const file = join(advertiser.folder.path, "roi.yaml");
  return {
    advertiser,
    publisher,
    address: serving.address,
    serving,
    dial: (address) => advertiser.partners.move("publisher", address),
    async run(lines = "exact: true", onEvent = () => undefined, where) {
      writeFileSync(file, `${requestOf(where)}${lines}\n`);
      return await initiate(advertiser, await planReport(advertiser, { file }), onEvent);
    },
  };
}

/** The request for revenue by campaign, without its release rule. */
export const requestOf = (where: string | undefined) => `partner: publisher
ours:
  dataset: purchases
  measures: { revenue: { low: 0, high: 500, decimals: 2 } }${where === undefined ? "" : `\n  where: ${JSON.stringify(where)}`}
theirs: { dataset: exposures, group_by: [campaign] }
threshold: 11
`;

/** A request of the advertiser for the overlap alone, exact. */
export const OVERLAP_REQUEST = `partner: publisher
ours: { dataset: purchases }
theirs: { dataset: exposures }
report: overlap
receiver: us
threshold: 11
exact: true
`;

async function open(
  name: string,
  header: string,
  rows: readonly string[],
  changes: SiteChanges,
  own: { readonly dataset: object; readonly policy: object },
): Promise<NodeState> {
  const folder = emptyFolder();
  await initNode(folder.path);
  writeFileSync(
    join(folder.path, `${name}.csv`),
    [changes.header ?? header, ...(changes.rows ?? rows), ""].join("\n"),
  );
  const dataset = { source: { csv: `${name}.csv` }, match: { email: { columns: "email" } }, ...own.dataset };
  const config = {
    listen: "127.0.0.1:0",
    admin: "127.0.0.1:0",
    threads: 1,
    ask_seconds: 0.05,
    ...changes.settings,
    datasets: { [name]: { ...dataset, ...changes.dataset } },
    policies: [{ ...own.policy, ...changes.policy }],
  };
  writeFileSync(folder.configFile, JSON.stringify(config));
  const node = await openState(folder, {}, changes.clock, { ...WORKS, ...changes.works });
  onTestFinished(() => node.close());
  return node;
}

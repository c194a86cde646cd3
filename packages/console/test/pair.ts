// Two nodes in this process that meet, and agree, over HTTP alone; small files whose join is known.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { serve } from "@halfroom/node";
import { onTestFinished } from "vitest";
import type { Client } from "../src/client.ts";
import type { Limits } from "../src/index.ts";
import { openSite, type ConsoleSite } from "./site.ts";

/** The publisher has 0 .. 59, the advertiser 30 .. 79; 22 of the 30 whom both have saw "spring", 8 "autumn". */
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const EXPOSURES = range(0, 60).map((i) => `p${i}@example.com,${i < 52 ? "spring" : "autumn"}`);
const PURCHASES = range(30, 80).map((i) => `P${i}@Example.com,${i}.25`);
/** The one cell that may be shown. */
export const SPRING = {
  labels: ["spring"],
  people: 22,
  revenue: range(30, 52).reduce((sum, i) => sum + i + 0.25, 0),
};

export const REQUEST = `partner: publisher
ours:
  dataset: purchases
  measures: { revenue: { low: 0, high: 500, decimals: 2 } }
theirs: { dataset: exposures, group_by: [campaign] }
threshold: 11
exact: true
`;
/** Another report, of the same numbers. */
export const OTHER_REQUEST = REQUEST.replace("high: 500", "high: 501");

/** The publisher's, of the same numbers where nothing else is said. */
export const TEMPLATE = `template: { name: roi, version: 1, description: Revenue by campaign., expires: "2099-01-01" }
parameters:
  campaigns: { type: choice, of: [spring, "summer's"], default: spring, description: which campaign }
  most: { type: number, at_least: 100, at_most: 500, default: 500 }
  threshold: { type: integer, at_least: 11 }
match: [email]
ours: { dataset: exposures, where: campaign = $campaigns, group_by: [campaign] }
theirs: { dataset: purchases, measures: { revenue: { low: 0, high: $most, decimals: 2 } } }
threshold: $threshold
exact: true
`;

export interface SitePair {
  readonly advertiser: ConsoleSite & { readonly admin: Client };
  readonly publisher: ConsoleSite & { readonly admin: Client };
}

interface PairOptions {
  readonly approval: "automatic" | "by-hand" | "two-people";
  readonly limits?: Partial<Limits>;
  /** Settings of both nodes, as variables. */
  readonly settings?: Readonly<Record<string, string>>;
}

export async function openPair({ approval, limits = {}, settings = {} }: PairOptions): Promise<SitePair> {
  const env = {
    HALFROOM_LISTEN: "127.0.0.1:0",
    HALFROOM_ADMIN: "127.0.0.1:0",
    HALFROOM_ASK_SECONDS: "0.05",
    ...settings,
  };
  const open = async (company: string) => {
    const site = await openSite({ ...env, HALFROOM_COMPANY: company }, { tokenPerMinute: 1e6, ...limits });
    return { ...site, admin: await site.client("administrator") };
  };
  const [advertiser, publisher] = [await open("Example Stores"), await open("Example Media")];
  const add = async ({ node, admin }: typeof publisher, name: string, lines: string[], columns: object) => {
    writeFileSync(join(node.folder, `${name}.csv`), [...lines, ""].join("\n"));
    const source = { csv: `${name}.csv` };
    await admin.addDataset({
      name,
      definition: { source, match: { email: { columns: "email" } }, ...columns },
    });
  };
  await add(advertiser, "purchases", ["email,revenue", ...PURCHASES], { measures: { revenue: {} } });
  await add(publisher, "exposures", ["email,campaign", ...EXPOSURES], { dimensions: { campaign: {} } });
  const serving = await serve(publisher.node);
  onTestFinished(() => serving.close());
  const { token } = await publisher.admin.invitePartner({ name: "advertiser", address: serving.address });
  await advertiser.admin.joinPartner({ token, name: "publisher" });
  const rules = { threshold: 11, people: 10, exact: 100 };
  const ours = {
    partner: "publisher",
    dataset: "purchases",
    sum: ["revenue"],
    approval: "automatic",
    ...rules,
  };
  const theirs = { partner: "advertiser", dataset: "exposures", group_by: ["campaign"], approval, ...rules };
  await advertiser.admin.addPolicies({ yaml: JSON.stringify(ours) });
  await publisher.admin.addPolicies({ yaml: JSON.stringify(theirs) });
  return { advertiser, publisher };
}

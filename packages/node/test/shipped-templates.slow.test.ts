// The templates that come with the program: each is published by one of two nodes, handed over, and run by the other within its ranges while the
// policy asks a person; once as it is, with noise near the plain join, and once without noise, where the report is the plain join to the unit.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { plainCredit, sqlRows } from "@halfroom/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { initNode } from "../src/api/init.ts";
import { handleOf } from "../src/api/node.ts";
import { run } from "../src/api/run.ts";
import {
  exportTemplate,
  importTemplateFile,
  listTemplateKinds,
  newTemplate,
  publishTemplate,
} from "../src/api/templates.ts";
import { openState, type NodeState } from "../src/node-state.ts";
import { openLog } from "../src/serve/log.ts";
import { serve, type Serving } from "../src/serve/serve.ts";
import { emptyFolder } from "./home.ts";

type SiteName = "advertiser" | "publisher";
const OTHER = { advertiser: "publisher", publisher: "advertiser" } as const;
const PEOPLE = { publisher: [0, 2400], advertiser: [800, 3200] } as const;
const CAMPAIGNS = ["spring", "summer", "autumn"];
const day = (number: number) => new Date(Date.UTC(2026, 2, 1 + number)).toISOString().slice(0, 10);

/** Everybody saw one or two campaigns in March and April 2026, once to three times each. */
function exposures(): string[][] {
  return range(...PEOPLE.publisher).flatMap((p) =>
    range(0, 1 + (p % 2)).map((n) => [
      `p${p}@example.com`,
      CAMPAIGNS[(p + n) % 3]!,
      p % 5 < 2 ? "north" : "south",
      ["18-34", "35+"][(p >> 3) % 2]!,
      String(1 + ((p >> 2) % 3)),
      p % 7 < 4 ? "test" : "control",
      `${day((p % 3 === 0 ? p % 40 : 8 + (p % 7)) + 3 * n)} 10:00:00`,
    ]),
  );
}

/** Everybody bought once or twice, up to eight weeks later. */
function purchases(): string[][] {
  return range(...PEOPLE.advertiser).flatMap((p) =>
    range(0, 1 + (p % 3 === 0 ? 1 : 0)).map((n) => [
      `p${p}@example.com`,
      p % 11 < 5 ? "gold" : "base",
      `${(p * 7 + n) % 90}.25`,
      String(1 + (p % 3)),
      `${day(5 + (p % 57) + 2 * n)} 15:00:00`,
    ]),
  );
}

const EXPOSURE_COLUMNS = ["email", "campaign", "region", "age_band", "frequency", "arm", "seen_at"];
const PURCHASE_COLUMNS = ["email", "tier", "revenue", "orders", "bought_at"];
const LIMITS = {
  threshold: 100,
  people: 100,
  epsilon: 8,
  budget: 1000,
  numbers: 100_000,
  exact: 1000,
  approval: "by-hand",
  questions_per_hour: 1000,
  questions_per_day: 1000,
  statements_per_hour: 1000,
  statements_per_day: 1000,
};

const nodes = {} as Record<SiteName, NodeState>;
const servings: Serving[] = [];

async function openSite(
  name: SiteName,
  lines: string[][],
  columns: readonly string[],
  own: object,
): Promise<void> {
  const folder = emptyFolder();
  await initNode(folder.path);
  const dataset = name === "publisher" ? "exposures" : "purchases";
  writeFileSync(join(folder.path, `${dataset}.csv`), csv(columns, lines));
  const { policy, ...definition } = own as { policy: object };
  const config = {
    listen: "127.0.0.1:0",
    admin: "127.0.0.1:0",
    threads: 1,
    ask_seconds: 0.05,
    datasets: {
      [dataset]: { source: { csv: `${dataset}.csv` }, match: { email: { columns: "email" } }, ...definition },
    },
    policies: [{ partner: OTHER[name], dataset, ...LIMITS, ...policy }],
  };
  writeFileSync(folder.configFile, JSON.stringify(config));
  const node = await openState(folder, {});
  nodes[name] = node;
  servings.push(await serve(node, openLog({ ...node.settings, log_level: "silent" })));
}

beforeAll(async () => {
  const groups = ["campaign", "region", "age_band", "frequency", "arm"];
  await openSite("publisher", exposures(), EXPOSURE_COLUMNS, {
    columns: { seen_at: "timestamp" },
    dimensions: Object.fromEntries(
      groups.map((each) => [each, each === "frequency" ? { derive: each } : {}]),
    ),
    time: { column: "seen_at" },
    policy: { group_by: groups },
  });
  await openSite("advertiser", purchases(), PURCHASE_COLUMNS, {
    columns: { bought_at: "timestamp", orders: "integer" },
    dimensions: { tier: {} },
    measures: { revenue: {}, orders: {} },
    time: { column: "bought_at" },
    policy: { group_by: ["tier"], sum: ["revenue", "orders"] },
  });
  const { advertiser, publisher } = nodes;
  const pin = (at: NodeState, name: SiteName, { identity }: NodeState, serving: Serving) =>
    at.partners.pin({ name, ...identity, address: serving.address, pinnedAt: Date.now() });
  pin(publisher, "advertiser", advertiser, servings[1]!);
  pin(advertiser, "publisher", publisher, servings[0]!);
});
afterAll(async () => {
  for (const serving of servings) await serving.close();
  for (const node of Object.values(nodes)) node.close();
});

interface Case {
  readonly owner: SiteName;
  readonly set: Readonly<Record<string, string | number | readonly string[]>>;
  /** Of each list of columns the cells by the plain join: labels, people, sums and squares. */
  readonly truth: readonly (() => Promise<unknown[][]>)[];
  /** Without noise one list of columns is left: which. */
  readonly one?: readonly [from: string, to: string, index: number];
}

/** The rows of `sql` over both files, of each side one row a person: the first of those that count. */
function joined(sql: string, where: { readonly e?: string; readonly p?: string } = {}) {
  const load = (name: string, site: SiteName, file: string) =>
    `create table ${name}_rows as select * ${name === "e" ? "replace (frequency::varchar as frequency)" : ""}, row_number() over () as n from read_csv('${join(nodes[site].folder.path, file)}', header = true)`;
  const first = (columns: readonly string[]) =>
    columns.map((each) => `arg_min(${each}, n) as ${each}`).join(", ");
  return async () =>
    await sqlRows(
      [
        load("e", "publisher", "exposures.csv"),
        load("p", "advertiser", "purchases.csv"),
        `create table e as select email, ${first(["campaign", "region", "age_band", "frequency"])} from e_rows where ${where.e ?? "true"} group by email`,
        `create table p as select email, ${first(["tier"])}, sum(revenue) as revenue, sum(orders) as orders from p_rows where ${where.p ?? "true"} group by email`,
        `create table entries as select distinct email, campaign, frequency from e_rows where ${where.e ?? "true"}`,
      ],
      sql,
    );
}

/** Credited events by plain SQL of its own, revenue in cents. */
function credited(
  columns: readonly string[],
  rule: { readonly entries: number; readonly keep: "first" | "last"; readonly days: number },
  where: { readonly e?: (at: string) => boolean; readonly p?: (at: string) => boolean },
) {
  return async () => {
    const folder = nodes.publisher.folder.path;
    const [sender, receiver] = [join(folder, "events.csv"), join(folder, "touches.csv")];
    const touches = exposures().filter((row) => where.e?.(row[6]!) ?? true);
    const events = purchases().filter((row) => where.p?.(row[4]!) ?? true);
    writeFileSync(receiver, csv([...EXPOSURE_COLUMNS.slice(0, 6), "at"], touches));
    const cents = events.map(([email, , revenue, , at]) => [
      email!,
      at!,
      String(Math.round(Number(revenue) * 100)),
    ]);
    writeFileSync(sender, csv(["email", "at", "revenue"], cents));
    const { entries, keep, days } = rule;
    const query = {
      measures: ["revenue"],
      groupBy: columns,
      events: 2,
      entries,
      keep,
      windowSeconds: days * 86_400,
    };
    const cells = await plainCredit(sender, receiver, query);
    return cells.map(({ labels, people, sums }) => [...labels, people, Number(sums[0]) / 100]);
  };
}

const MARCH = { since: "2026-03-01", until: "2026-04-01" };
const inMarch = (at: string) => at >= "2026-03-01" && at < "2026-04-01";
const SEEN_IN_MARCH = { e: "seen_at >= '2026-03-01' and seen_at < '2026-04-01'" };

const CASES: Readonly<Record<string, Case>> = {
  "campaign-roi": {
    owner: "publisher",
    set: { ...MARCH, epsilon: 4 },
    truth: [
      joined(
        "select campaign, count(*), sum(revenue), sum(orders) from e join p using (email) group by 1",
        SEEN_IN_MARCH,
      ),
    ],
  },
  "reach-and-frequency": {
    owner: "publisher",
    set: { ...MARCH, epsilon: 8 },
    truth: [
      joined("select campaign, count(*) from entries join p using (email) group by 1", SEEN_IN_MARCH),
      joined(
        "select campaign, frequency, count(*) from entries join p using (email) group by 1, 2",
        SEEN_IN_MARCH,
      ),
    ],
    one: ["[[campaign], [campaign, frequency]]", "[campaign, frequency]", 1],
  },
  "overlap-check": {
    owner: "publisher",
    set: { since: "2026-03-10", epsilon: 1, threshold: 100 },
    truth: [joined("select count(*) from e join p using (email)", { e: "seen_at >= '2026-03-10'" })],
  },
  "audience-profile": {
    owner: "publisher",
    set: { by: ["age_band", "region"], epsilon: 2 },
    truth: [joined("select age_band, region, count(*) from e join p using (email) group by 1, 2")],
  },
  "lift-by-region": {
    owner: "publisher",
    set: { since: "2026-03-05", window: 40, epsilon: 8 },
    truth: [["arm"], ["arm", "region"]].map((columns) =>
      credited(columns, { entries: 1, keep: "first", days: 40 }, { e: (at) => at >= "2026-03-05" }),
    ),
    one: ["[[arm], [arm, region]]", "[arm, region]", 1],
  },
  "weekly-attribution": {
    owner: "publisher",
    set: { week: "2026-03-09", window: 30, epsilon: 4 },
    truth: [
      credited(
        ["campaign"],
        { entries: 2, keep: "last", days: 30 },
        { e: (at) => at >= "2026-03-09" && at < "2026-03-16" },
      ),
    ],
  },
  "frequency-response": {
    owner: "publisher",
    set: { campaign: "summer", epsilon: 4 },
    truth: [
      joined("select frequency, count(*), sum(revenue) from e join p using (email) group by 1", {
        e: "campaign = 'summer'",
      }),
    ],
  },
  "customer-mix": {
    owner: "publisher",
    set: { by: "region", epsilon: 2 },
    truth: [joined("select region, tier, count(*) from e join p using (email) group by 1, 2")],
  },
  "basket-by-age": {
    owner: "publisher",
    set: { most: 200, epsilon: 6 },
    truth: [
      joined(
        "select age_band, count(*), sum(revenue), sum(revenue * revenue) from e join p using (email) group by 1",
      ),
    ],
  },
  "exact-totals": {
    owner: "publisher",
    set: MARCH,
    truth: [
      joined("select campaign, count(*), sum(revenue) from e join p using (email) group by 1", SEEN_IN_MARCH),
    ],
  },
  "buyers-by-tier": {
    owner: "advertiser",
    set: { since: "2026-03-20", orders: 2 },
    truth: [
      joined("select tier, count(*) from e join p using (email) group by 1", {
        p: "bought_at >= '2026-03-20' and orders >= 2",
      }),
    ],
  },
  "sales-lift": {
    owner: "advertiser",
    set: { ...MARCH, epsilon: 4 },
    truth: [credited(["arm"], { entries: 1, keep: "first", days: 0 }, { p: inMarch })],
  },
};

test("every template has its case here", () => {
  expect(Object.keys(CASES).toSorted()).toEqual(
    listTemplateKinds()
      .map(({ kind }) => kind)
      .toSorted(),
  );
});

/** Publishes the template, hands it over, and runs it from the other side. */
async function ranFrom(kind: string, text: string, { owner, set }: Case): Promise<Partition[]> {
  const [answers, asks] = [handleOf(nodes[owner]), handleOf(nodes[OTHER[owner]])];
  const { id } = await publishTemplate(answers, { text, name: kind }, OTHER[owner]);
  await importTemplateFile(asks, await exportTemplate(answers, id));
  const { json } = await run(asks, { template: kind, set });
  return (JSON.parse(json) as { partitions: Partition[] }).partitions;
}

test.each(Object.entries(CASES))("%s as it is: the numbers are near the plain join", async (kind, it) => {
  const partitions = await ranFrom(kind, newTemplate(kind), it);
  expect(partitions).toHaveLength(it.truth.length);
  for (const [i, { cells }] of partitions.entries()) {
    const truth = sorted(await it.truth[i]!());
    const shown = sorted(cells.map(valuesOf));
    expect(shown.map(labelsIn)).toEqual(truth.map(labelsIn));
    const errors = sorted(cells.map(errorsOf));
    for (const [row, values] of truth.entries())
      for (const [column, value] of values.entries())
        if (typeof value !== "string") expectNear(shown[row]![column], value, errors[row]![column]);
  }
});

test.each(Object.entries(CASES).filter(([kind]) => kind !== "exact-totals"))(
  "%s without noise: the report is the plain join",
  async (kind, it) => {
    const [from, to, index] = it.one ?? ["", "", 0];
    const { epsilon: _, ...set } = it.set;
    const exact = newTemplate(kind)
      .replace("version: 1", "version: 2")
      .replace(from, to)
      .replace(/^ {2}epsilon: .*\n/m, "")
      .replace(/^(mechanism|delta): .*\n/gm, "")
      .replace("epsilon: $epsilon", "exact: true");
    const [partition] = await ranFrom(kind, exact, { ...it, set });
    expect(sorted(partition!.cells.map(valuesOf))).toEqual(
      sorted(await it.truth[index]!()).map((row) => row.map(asNumber)),
    );
  },
);

interface Opened {
  readonly value: number;
  readonly standardError?: number;
}
interface Cell {
  readonly labels: readonly string[];
  readonly people: Opened;
  readonly sums: readonly (Opened | null)[];
  readonly squares?: readonly (Opened | null)[];
}
interface Partition {
  readonly cells: readonly Cell[];
}

function valuesOf({ labels, people, sums, squares = [] }: Cell): unknown[] {
  return [
    ...labels,
    ...[people, ...sums, ...squares].filter((each) => each !== null).map(({ value }) => value),
  ];
}

function errorsOf({ labels, people, sums, squares = [] }: Cell): unknown[] {
  const numbers = [people, ...sums, ...squares].filter((each) => each !== null);
  return [...labels, ...numbers.map(({ standardError = 0 }) => standardError)];
}

const asNumber = (value: unknown) => (typeof value === "string" ? value : Number(value));
const labelsIn = (row: readonly unknown[]) => row.filter((value) => typeof value === "string");

/** Labels of a join may be numbers there. */
function sorted(rows: readonly (readonly unknown[])[]): unknown[][] {
  return rows.map((row) => [...row]).sort((a, b) => (labelsIn(a).join() < labelsIn(b).join() ? -1 : 1));
}

/** Twenty standard errors: of Laplace noise beyond once in 10^12 numbers. */
function expectNear(shown: unknown, truth: unknown, standardError: unknown): void {
  const distance = Math.abs(Number(shown) - Number(truth));
  expect(distance).toBeLessThanOrEqual(20 * Number(standardError));
}

function csv(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return [columns, ...rows].map((row) => `${row.join(",")}\n`).join("");
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

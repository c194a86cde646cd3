// Reports of the other kinds between two nodes in separate processes, on invented people with known numbers; the budget
// before and after; pages and plans made from stored reports. Attribution and lift are in credit.slow.test.ts.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Site } from "./site.ts";

/** The publisher has 0 .. 1199, the advertiser 600 .. 1799: 600 in common, half of either side. */
const PUBLISHER = range(0, 1200);
const ADVERTISER = range(600, 1800);
const SHARED = range(600, 1200);
const CAMPAIGNS = ["autumn", "spring", "summer"];
const THRESHOLD = 60;

/** Of the publisher's people 37.5 % are young, of the shared ones 50 %: their index is 133. */
const ageOf = (person: number) => (person % (person < 600 ? 4 : 2) === 0 ? "18-34" : "35+");
/** Everybody saw one to three campaigns. */
const campaignsOf = (person: number) => range(0, 1 + (person % 3)).map((n) => CAMPAIGNS[(person + n) % 3]!);
const segmentOf = (person: number) => (person % 5 < 2 ? "new" : "old");
const revenueOf = (person: number) => person % 97;

let advertiser: Site;
let publisher: Site;

beforeAll(async () => {
  [advertiser, publisher] = await Promise.all([Site.open(), Site.open()]);
  const purchases = ADVERTISER.map((p) => `p${p}@example.com,${segmentOf(p)},${revenueOf(p)}`);
  const exposures = PUBLISHER.flatMap((p) =>
    campaignsOf(p).map((campaign) => `P${p}@Example.com,${campaign},${ageOf(p)}`),
  );
  advertiser.write("purchases.csv", ["email,segment,revenue", ...purchases, ""].join("\n"));
  publisher.write("exposures.csv", ["email,campaign,age", ...exposures, ""].join("\n"));
  const match = "--match email=email";
  const add = (site: Site, flags: string) => site.ok("dataset", "add", ...`${flags} ${match}`.split(" "));
  await add(advertiser, "purchases --file purchases.csv --dimension segment --measure revenue");
  await add(publisher, "exposures --file exposures.csv --dimension campaign --dimension age");
  const serving = await publisher.serve();
  const token = (await publisher.ok("invite", "--name", "advertiser")).trim();
  await advertiser.ok("join", token, "--name", "publisher");
  await serving.kill();
  const rules = {
    threshold: THRESHOLD,
    people: 10,
    exact: 1000,
    approval: "automatic",
    epsilon: 4,
    budget: 9,
  };
  const of = (policy: Record<string, unknown>) => `  - ${JSON.stringify({ ...policy, ...rules })}`;
  const columns = { sum: ["revenue"], group_by: ["segment"] };
  advertiser.policies(of({ partner: "publisher", dataset: "purchases", ...columns }));
  publisher.policies(of({ partner: "advertiser", dataset: "exposures", group_by: ["campaign", "age"] }));
  await publisher.serve();
});
afterAll(async () => void (await Promise.all([advertiser.close(), publisher.close()])));

interface Asked {
  readonly report: string;
  readonly rest: string;
  readonly measures?: boolean;
  readonly segments?: boolean;
  readonly groupBy?: string;
}

async function ask(name: string, { report, rest, measures = false, segments = false, groupBy }: Asked) {
  const lines = [
    `report: ${report}`,
    "partner: publisher",
    "receiver: them",
    "ours:",
    "  dataset: purchases",
    ...(measures ? ["  measures: { revenue: { low: 0, high: 100, variance: true } }"] : []),
    ...(segments ? ["  group_by: [segment]"] : []),
    "theirs:",
    "  dataset: exposures",
    ...(groupBy === undefined ? [] : [`  group_by: ${groupBy}`]),
    `threshold: ${THRESHOLD}`,
    rest,
  ];
  advertiser.write(`${name}.yaml`, `${lines.join("\n")}\n`);
  return JSON.parse(await advertiser.ok("run", `${name}.yaml`, "--json"));
}

describe("exact", () => {
  test("overlap: the people in common, and each side's own match rate", async () => {
    const { partitions, derived, origin } = await ask("overlap", { report: "overlap", rest: "exact: true" });
    expect(partitions[0].cells.map(valuesOf)).toEqual([["", SHARED.length]]);
    expect(JSON.stringify(derived)).toContain('"ownRate":{"percent":50,');
    const theirs = JSON.parse(await publisher.ok("report", origin.session, "--json"));
    expect(JSON.stringify(theirs.derived)).toContain('"ownRate":{"percent":50,');
  });

  test("sums by columns of both sides, with squares", async () => {
    const { partitions } = await ask("sums", {
      report: "sums",
      groupBy: "[age]",
      segments: true,
      measures: true,
      rest: "exact: true",
    });
    const cells = ["18-34", "35+"].flatMap((age) =>
      ["new", "old"].map((segment) => {
        const people = SHARED.filter((p) => ageOf(p) === age && segmentOf(p) === segment);
        const sum = (power: number) => people.reduce((total, p) => total + revenueOf(p) ** power, 0);
        return [`${age} ${segment}`, people.length, sum(1), sum(2)];
      }),
    );
    expect(partitions[0].cells.map(valuesOf)).toEqual(cells);
  });

  test("index: the publisher alone can tell how over-represented the young are, and plan by it", async () => {
    const { origin } = await ask("index", { report: "index", groupBy: "[age]", rest: "exact: true" });
    const text = await publisher.ok("report", origin.session, "--json");
    // Shares of the young: a half of the shared people, and (150 + 300) / 1200 of the publisher's.
    const index = (100 * 0.5) / (450 / 1200);
    const derived = JSON.stringify(JSON.parse(text).partitions[0].derived);
    expect(derived).toContain(index.toFixed(3).slice(0, 7));
    const plan = await publisher.ok("activate", origin.session, "--index-over", "120", "--csv");
    expect(plan).toMatch(/18-34/);
    expect(plan).not.toMatch(/35\+/);
  });

  test("reach: a person counts in each campaign", async () => {
    const { partitions } = await ask("reach", {
      report: "reach",
      groupBy: "[campaign]",
      rest: "entries: 3\nexact: true",
    });
    const reached = CAMPAIGNS.map((campaign) => [
      campaign,
      SHARED.filter((p) => campaignsOf(p).includes(campaign)).length,
    ]);
    expect(partitions[0].cells.map(valuesOf)).toEqual(reached);
  });

  test("stored reports become pages without a script", async () => {
    for (const { session } of JSON.parse(await publisher.ok("reports", "--json"))) {
      const page = join(publisher.folder, "page.html");
      await publisher.ok("report", session, "--html", "--out", page);
      const html = readFileSync(page, "utf8");
      expect(html).toContain("<svg");
      expect(html).not.toContain("<script");
      expect(html).toContain(session);
    }
  });
});

describe("with noise", () => {
  test("numbers lie near the truth, the budget is charged, and ends", async () => {
    expect(await spent()).toBe(0);
    const first = await ask("noisy", {
      report: "sums",
      groupBy: "[age]",
      measures: true,
      rest: "epsilon: 4",
    });
    const truth = ["18-34", "35+"].map((age) => {
      const people = SHARED.filter((p) => ageOf(p) === age);
      return [people.length, people.reduce((total, p) => total + revenueOf(p), 0)];
    });
    expect(first.noise).toMatchObject({ mechanism: "laplace", microEpsilon: 4_000_000 });
    first.partitions[0].cells.forEach(({ people, sums: [revenue] }: Cell, i: number) => {
      for (const [j, number] of [people, revenue!].entries()) {
        expect(number.standardError).toBeGreaterThan(0);
        expect(number.low).toBeLessThan(number.value);
        expect(Math.abs(number.value - truth[i]![j]!)).toBeLessThan(10 * number.standardError);
      }
    });
    expect(await spent()).toBeCloseTo(4, 4);

    await ask("noisier", { report: "overlap", rest: "epsilon: 4\nmechanism: gaussian" });
    expect(await spent()).toBeCloseTo(8, 4);
    advertiser.write(
      "last.yaml",
      readFileSync(join(advertiser.folder, "noisy.yaml"), "utf8").replace("[age]", "[campaign]"),
    );
    const { exitCode, stderr } = await advertiser.run("run", "last.yaml");
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/budget of this period/);
  });

  test("the same request again is served from the store, digit for digit, at no cost", async () => {
    const before = await spent();
    const again = await advertiser.ok("run", "noisy.yaml", "--json");
    const [stored] = JSON.parse(await advertiser.ok("reports", "--json")).filter(
      ({ session }: { session: string }) => session === JSON.parse(again).origin.session,
    );
    expect(stored).toBeDefined();
    expect(await spent()).toBe(before);
  });
});

interface Opened {
  readonly value: number;
  readonly low: number;
  readonly standardError: number;
}

interface Cell {
  readonly labels: readonly string[];
  readonly people: Opened;
  readonly sums: readonly (Opened | null)[];
  readonly squares?: readonly (Opened | null)[];
}

function valuesOf({ labels, people, sums, squares = [] }: Cell): (string | number | null)[] {
  return [labels.join(" "), ...[people, ...sums, ...squares].map((number) => number?.value ?? null)];
}

/** Epsilon of all entries with noise in the advertiser's ledger. */
async function spent(): Promise<number> {
  const { entries }: { entries: { mode: string; microEpsilon: number }[] } = JSON.parse(
    await advertiser.ok("ledger", "--json"),
  );
  return entries.reduce((sum, { microEpsilon }) => sum + microEpsilon, 0) / 1e6;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

// An operator's years in one go: two companies install the release before this one, meet and run reports; one of them loses its machine and
// restores a backup, upgrades first, then the other does; keys are rotated, a node moves. Every kind of report, asked for by either side, has the
// same numbers throughout.
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Installed, release, scratch } from "../package/install.ts";
import { Site, type Running } from "../e2e/nodes/site.ts";

const RELEASES = fileURLToPath(new URL("../fixtures/releases/", import.meta.url));
const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 2, 2);
const THRESHOLD = 11;

const made = scratch();
let before: string;
let now: string;
let advertiser: Site;
let publisher: Site;
let serving: { advertiser: Running; publisher: Running };
/** Numbers of each kind of report as the release before this one opens them. */
const baseline = new Map<string, unknown>();

interface Kind {
  readonly ofAdvertiser: string;
  readonly ofPublisher: string;
  readonly rest?: string;
}

const REVENUE = "measures: { revenue: { low: 0, high: 1000, decimals: 0 } }";
const BY_CAMPAIGN = "group_by: [campaign]";
const KINDS: Readonly<Record<string, Kind>> = {
  overlap: { ofAdvertiser: "", ofPublisher: "" },
  sums: { ofAdvertiser: REVENUE, ofPublisher: BY_CAMPAIGN },
  reach: { ofAdvertiser: "", ofPublisher: BY_CAMPAIGN, rest: "entries: 3" },
  attribution: {
    ofAdvertiser: REVENUE,
    ofPublisher: BY_CAMPAIGN,
    rest: "events: 4\nentries: 3\nwindow_days: 7",
  },
  lift: {
    ofAdvertiser: REVENUE,
    ofPublisher: "group_by: [arm]",
    rest: "arms: { column: arm, test: test, control: control }",
  },
};

beforeAll(async () => {
  const [archive] = readdirSync(RELEASES).filter((name) => name.endsWith(".tgz"));
  const install = async (path: string, folder: string) =>
    join((await Installed.open(path, join(made.folder, folder))).root, "bin/halfroom.js");
  before = await install(join(RELEASES, archive!), "before");
  now = await install(await release(), "now");

  [advertiser, publisher] = (await Promise.all(
    ["advertiser", "publisher"].map(async (name) => {
      const folder = join(made.folder, name);
      mkdirSync(folder);
      const site = await Site.in(folder);
      site.command = before;
      return site;
    }),
  )) as [Site, Site];
});
afterAll(async () => {
  await Promise.all([advertiser.close(), publisher.close()]);
  made.remove();
});

test("two companies on the release before this one meet and run every kind of report", async () => {
  const { purchases, exposures } = rows();
  await Promise.all([advertiser.ok("init"), publisher.ok("init")]);
  advertiser.write("purchases.csv", purchases);
  publisher.write("exposures.csv", exposures);
  const columns = ["--match", "email=email", "--time", "at"];
  await advertiser.ok(
    "dataset",
    "add",
    "purchases",
    "--file",
    "purchases.csv",
    ...columns,
    "--measure",
    "revenue",
  );
  await publisher.ok(
    "dataset",
    "add",
    "exposures",
    "--file",
    "exposures.csv",
    ...columns,
    "--dimension",
    "campaign",
    "--dimension",
    "arm",
  );
  const often = Object.fromEntries(
    ["questions", "statements"].flatMap((what) => [
      [`${what}_per_hour`, 1000],
      [`${what}_per_day`, 1000],
    ]),
  );
  const rules = { threshold: THRESHOLD, people: 10, exact: 1000, approval: "automatic", ...often };
  const policy = (site: Site, own: object) =>
    site.write("policy.yaml", JSON.stringify({ ...own, ...rules, epsilon: 10, budget: 5000 }));
  await publisher.serve().then(async (running) => {
    const token = (await publisher.ok("invite", "--name", "advertiser")).trim();
    await advertiser.ok("join", token, "--name", "publisher");
    await running.kill();
  });
  policy(advertiser, { partner: "publisher", dataset: "purchases", sum: ["revenue"] });
  policy(publisher, { partner: "advertiser", dataset: "exposures", group_by: ["campaign", "arm"] });
  for (const site of [advertiser, publisher]) await site.ok("policy", "add", "policy.yaml");
  serving = { advertiser: await advertiser.serve(), publisher: await publisher.serve() };
  for (const kind of Object.keys(KINDS)) baseline.set(kind, await ask(advertiser, kind));
  expect(baseline.get("sums")).toHaveLength(3);
});

test("a lost machine comes back from its backup, and the reports go on", async () => {
  publisher.write("passphrase", "moor lantern oyster plum\n");
  const key = ["--passphrase-file", "passphrase"];
  await publisher.ok("backup", "node.age", ...key);
  await publisher.ok("backup", "--heads", "heads");
  await serving.publisher.kill();
  const home = join(publisher.folder, "restored");
  await publisher.ok("restore", "node.age", ...key, "--heads", "heads", "--home", home);
  publisher.env["HALFROOM_HOME"] = home;
  serving.publisher = await publisher.serve();
  await same(advertiser);
});

test("one side is upgraded: each can ask the other for every kind of report", async () => {
  await serving.publisher.kill();
  publisher.command = now;
  serving.publisher = await publisher.serve();
  await same(advertiser);
  await same(publisher);
});

test("the other side is upgraded too", async () => {
  await serving.advertiser.kill();
  advertiser.command = now;
  serving.advertiser = await advertiser.serve();
  await same(advertiser);
  await same(publisher);
});

test("certificate, identity, vault and epoch are rotated without an invitation", async () => {
  const rotate = async (...part: string[]) => JSON.parse(await publisher.ok("rotate", ...part, "--json"));
  // The advertiser gave an address, so it is shown the new certificate at once.
  expect(await rotate("certificate")).toMatchObject({ isDone: true });
  await same(advertiser, "sums");
  const { to, isDone } = await rotate("identity");
  expect(isDone).toBe(false);
  await advertiser.ok("partners", "confirm", "publisher", to);
  expect(await rotate("identity")).toMatchObject({ to, isDone: true });
  await same(advertiser, "sums");
  await same(publisher, "sums");
  await rotate("vault");
  await rotate("epoch", "advertiser");
  await same(advertiser, "sums");
});

test("a node moves to another address", async () => {
  await serving.publisher.kill();
  const elsewhere = await Site.in(join(made.folder, "elsewhere"));
  for (const name of ["HALFROOM_LISTEN", "HALFROOM_ADDRESS"]) publisher.env[name] = elsewhere.env[name]!;
  serving.publisher = await publisher.serve();
  await advertiser.ok("partners", "move", "publisher", elsewhere.env["HALFROOM_ADDRESS"]!);
  await same(advertiser, "sums");
  for (const site of [advertiser, publisher]) await site.ok("audit", "verify");
});

/** `kind`, or every kind, asked for by a side, has the numbers that it has always had; and one with noise comes out at all. */
async function same(by: Site, kind?: string): Promise<void> {
  for (const each of kind === undefined ? Object.keys(KINDS) : [kind])
    expect(await ask(by, each), each).toEqual(baseline.get(each));
  expect(await ask(by, "sums", "epsilon: 10")).toHaveLength(3);
}

let asked = 0;

/**
 * Labels and numbers of a report's cells. No request comes twice, which would be answered from the store: bounds that nobody reaches and
 * thresholds that all pass are other ones each time.
 */
async function ask(by: Site, kind: string, release = "exact: true"): Promise<unknown[]> {
  const { ofAdvertiser, ofPublisher, rest = "" } = KINDS[kind]!;
  const [purchases, exposures] = [
    `{ dataset: purchases, ${ofAdvertiser} }`,
    `{ dataset: exposures, ${ofPublisher} }`,
  ];
  const isAdvertiser = by === advertiser;
  by.write(
    "request.yaml",
    `report: ${kind}
partner: ${isAdvertiser ? "publisher" : "advertiser"}
ours: ${isAdvertiser ? purchases : exposures}
theirs: ${isAdvertiser ? exposures : purchases}
threshold: ${THRESHOLD + 5 + (++asked % 13)}
${release}
${rest}
`.replace("high: 1000", `high: ${1000 + asked}`),
  );
  const { partitions } = JSON.parse(await by.ok("run", "request.yaml", "--json"));
  return partitions[0].cells.map(({ labels, people, sums }: Cell) => [
    ...labels,
    people.value,
    ...sums.map((sum) => sum?.value),
  ]);
}

interface Cell {
  readonly labels: readonly string[];
  readonly people: { readonly value: number };
  readonly sums: readonly ({ readonly value: number } | null)[];
}

/** 300 people a side, 200 of them on both, with up to three rows each. */
function rows(): { readonly purchases: string; readonly exposures: string } {
  const at = (day: number) => new Date(START + day * DAY_MS).toISOString();
  const purchases = ["email,at,revenue"];
  const exposures = ["email,at,campaign,arm"];
  for (let person = 0; person < 400; person++) {
    for (let i = 0; i <= person % 3; i++) {
      if (person >= 100)
        purchases.push(`p${person}@example.com,${at(2 * i + (person % 11))},${(person * 7 + i) % 90}`);
      if (person < 300) {
        const campaign = ["spring", "autumn", "brand"][(person + i) % 3]!;
        const arm = ["test", "control"][person % 2]!;
        exposures.push(`P${person}@Example.com,${at(i + (person % 7))},${campaign},${arm}`);
      }
    }
  }
  return { purchases: `${purchases.join("\n")}\n`, exposures: `${exposures.join("\n")}\n` };
}

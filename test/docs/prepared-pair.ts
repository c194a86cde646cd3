// The starting point of documents about nodes: an advertiser and a publisher who have met, each in a folder of its own with
// a node in `home`, a file of invented people and a dataset over it.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Site, type Running } from "../e2e/nodes/site.ts";

const SIDES = ["advertiser", "publisher"] as const;
type Side = (typeof SIDES)[number];

/** People 0 to 2,999 are the publisher's, 1,000 to 3,999 the advertiser's: they share 2,000. */
const SHARED_FROM = 1000;
const PUBLISHER_TO = 3000;
const ADVERTISER_TO = 4000;

const email = (person: number) => `p${person}@example.com`;
const phone = (person: number) => `+49 30 ${1_000_000 + person}`;
const day = (person: number) => String(1 + (person % 28)).padStart(2, "0");

function exposures(): string {
  const rows = Array.from({ length: PUBLISHER_TO }, (_, person) => [
    email(person),
    phone(person),
    ["spring", "summer"][person % 2],
    ["18-34", "35-54", "55+"][person % 3],
    ["north", "south"][(person >> 1) % 2],
    person % 4 === 0 ? "control" : "test",
    `2026-10-${day(person)}T08:00:00Z`,
  ]);
  return csv(["email", "phone", "campaign", "age_band", "region", "arm", "seen_at"], rows);
}

function purchases(): string {
  const rows = Array.from({ length: ADVERTISER_TO - SHARED_FROM }, (_, i) => {
    const person = SHARED_FROM + i;
    return [
      email(person),
      phone(person),
      `${person % 400}.${String(person % 100).padStart(2, "0")}`,
      1 + (person % 3),
      ["new", "regular"][person % 5 === 0 ? 0 : 1],
      `2026-11-${day(person)}T18:30:00Z`,
    ];
  });
  return csv(["email", "phone", "revenue", "orders", "tier", "bought_at"], rows);
}

function csv(head: readonly string[], rows: readonly (readonly unknown[])[]): string {
  return `${[head, ...rows].map((row) => row.join(",")).join("\n")}\n`;
}

const DATASET: Readonly<Record<Side, string>> = {
  publisher:
    "dataset add exposures --file exposures.csv --match email=email --match phone=phone --dimension campaign --dimension age_band " +
    "--dimension region --dimension arm --time seen_at --type seen_at=timestamp",
  advertiser:
    "dataset add purchases --file purchases.csv --match email=email --match phone=phone --measure revenue --measure orders " +
    "--dimension tier --time bought_at --type bought_at=timestamp --type orders=integer",
};

/** Every column may be used, without a person's approval. */
const POLICY: Readonly<Record<Side, string>> = {
  publisher: `  - partner: advertiser
    dataset: exposures
    group_by: [campaign, age_band, region, arm]
    approval: automatic
    exact: 100
    epsilon: 10
    budget: 100`,
  advertiser: `  - partner: publisher
    dataset: purchases
    group_by: [tier]
    sum: [revenue, orders]
    approval: automatic
    exact: 100
    epsilon: 10
    budget: 100`,
};

/** Documents print this report and rank by it. */
const INDEX = `report: index
partner: advertiser
ours: { dataset: exposures, group_by: [[campaign], [age_band, region]] }
theirs: { dataset: purchases }
epsilon: 2
rules: pair
`;

/** The state in which a document finds the two: only their files; met; or with policies, serving, and with one report. */
export type Start = "bare" | "met" | "serving";

/** The two sites. Every document finds them at the same addresses, so documents are typed one after another. */
export class PreparedPair {
  readonly sites: Readonly<Record<Side, Site>>;
  readonly #kept = mkdtempSync(join(tmpdir(), "halfroom-docs-kept-"));

  private constructor(sites: Readonly<Record<Side, Site>>) {
    this.sites = sites;
  }

  static async make(): Promise<PreparedPair> {
    const folder = mkdtempSync(join(tmpdir(), "halfroom-docs-"));
    const [advertiser, publisher] = await Promise.all(SIDES.map((side) => Site.in(join(folder, side))));
    const pair = new PreparedPair({ advertiser: advertiser!, publisher: publisher! });
    for (const side of SIDES) pair.#writeFiles(pair.sites[side]);
    await pair.#keep("bare");
    await pair.#meet();
    await pair.#keep("met");
    await pair.#allow();
    await pair.#keep("serving");
    return pair;
  }

  /** Both folders as they were at that point; with `serving`, both nodes serve. */
  async reset(start: Start): Promise<void> {
    for (const side of SIDES) {
      const { folder } = this.sites[side];
      rmSync(folder, { recursive: true, force: true });
      cpSync(join(this.#kept, start, side), folder, { recursive: true });
    }
    if (start === "serving") await Promise.all(SIDES.map((side) => this.sites[side].serve()));
  }

  /** Ends the serving nodes. */
  async close(): Promise<void> {
    await Promise.all(SIDES.map((side) => this.sites[side].close()));
  }

  /** Both files on both sides: an advertiser who rehearses has invented the publisher's. */
  #writeFiles(site: Site): void {
    mkdirSync(site.folder, { recursive: true });
    site.write("exposures.csv", exposures());
    site.write("purchases.csv", purchases());
  }

  async #meet(): Promise<void> {
    const { advertiser, publisher } = this.sites;
    await Promise.all(
      SIDES.map(async (side) => {
        await this.sites[side].ok("init");
        await this.sites[side].ok(...DATASET[side].split(" "));
      }),
    );
    const serving = await publisher.serve();
    const token = (await publisher.ok("invite", "--name", "advertiser")).trim();
    await advertiser.ok("join", token, "--name", "publisher");
    await end(serving);
  }

  async #allow(): Promise<void> {
    const { advertiser, publisher } = this.sites;
    for (const side of SIDES) this.sites[side].policies(POLICY[side]);
    publisher.write("index.yaml", INDEX);
    const serving = await advertiser.serve();
    await publisher.ok("run", "index.yaml");
    await end(serving);
  }

  async #keep(start: Start): Promise<void> {
    for (const side of SIDES) {
      cpSync(this.sites[side].folder, join(this.#kept, start, side), { recursive: true });
    }
  }
}

/** As an operator ends it. */
async function end({ child, ended }: Running): Promise<void> {
  child.kill("SIGTERM");
  await ended;
}

// Two companies that have met, each with a Redis, a share and workers of its own, as their operators set them up.
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addWorker, enrolWorker, movePartner, openNode, type HalfroomNode } from "@halfroom/node";
import { RedisServer } from "../../packages/node/test/cluster/redis-server.ts";
import type { TestStore } from "../../packages/prepare/test/object-store.ts";
import { Site, type Running } from "../e2e/nodes/site.ts";
import { commandAs, give, giveToGroup, LEADER, WORKER } from "./accounts.ts";

/** How many each side has: the last of the publisher's are the first of the advertiser's, half as many as the smaller side has. */
export interface People {
  readonly publisher: number;
  readonly advertiser: number;
}
const PEOPLE: People = { publisher: 20_000, advertiser: 20_000 };

/** The first whom both have. */
const firstShared = ({ publisher, advertiser }: People) => publisher - Math.min(publisher, advertiser) / 2;

const campaignOf = (person: number) => (person % 2 === 0 ? "spring" : "autumn");
const revenueOf = (person: number) => person % 50;

/** What the report is: the plain join of the two files below. */
export const EXPECTED = expectedOf(PEOPLE);

export function expectedOf(all: People) {
  const cells = { spring: { people: 0, revenue: 0 }, autumn: { people: 0, revenue: 0 } };
  for (let person = firstShared(all); person < all.publisher; person++) {
    const cell = cells[campaignOf(person)];
    cell.people++;
    cell.revenue += revenueOf(person);
  }
  return (["autumn", "spring"] as const).map((campaign) => ({ campaign, ...cells[campaign] }));
}

const requestOf = (shardPeople: number) => `partner: publisher
ours: { dataset: purchases, measures: { revenue: { low: 0, high: 50 } } }
theirs: { dataset: exposures, group_by: [campaign] }
threshold: 50
exact: true
shard_people: ${shardPeople}
`;

const policy = (partner: string, dataset: string, uses: string) =>
  `  - { partner: ${partner}, dataset: ${dataset}, ${uses}, approval: automatic, exact: 1000 }`;

/** Of a share in an object store. */
export const BUCKET = "halfroom-share";
const PREFIX = "clean/room";

function makeFolder({ folder }: Site): string {
  const share = join(folder, "share");
  mkdirSync(share);
  chmodSync(share, 0o2770);
  return share;
}

/** One company, whose engine nobody else knows. */
export class Company {
  readonly site: Site;
  readonly share: string;
  readonly redis: RedisServer;
  readonly #store: TestStore | undefined;
  readonly workers = new Map<string, Running>();
  /** The machines of its workers, which have none of the node's settings. */
  readonly #machines: Site;

  private constructor(site: Site, machines: Site, redis: RedisServer, store: TestStore | undefined) {
    this.site = site;
    this.redis = redis;
    this.#store = store;
    this.share = store === undefined ? makeFolder(site) : `s3://${BUCKET}/${PREFIX}`;
    this.#machines = machines;
    for (const name of Object.keys(machines.env)) delete machines.env[name];
    for (const { env } of [site, machines])
      Object.assign(env, { HALFROOM_REDIS: redis.url, HALFROOM_SHARE: this.share, ...store?.variables });
  }

  /** With a store its share is in the bucket of that name, else a folder. */
  static async at(folder: string, store?: TestStore): Promise<Company> {
    return new Company(await Site.in(folder), await Site.in(folder), await RedisServer.start(), store);
  }

  /** A gateway in front of the node, which has to name this machine in `gateways`. `env`: where it listens. */
  async gateway(env: Record<string, string>): Promise<Running> {
    const to = this.site.env["HALFROOM_LISTEN"]!;
    const none = { HALFROOM_REDIS: undefined, HALFROOM_SHARE: undefined } as unknown as Record<
      string,
      string
    >;
    const running = this.#machines.start(["gateway", "--to", to], { ...none, ...env });
    await running.seen((line) => line.includes('"msg":"ready"'));
    return running;
  }

  /** Enrols a worker, adds it at the leader, and starts it; `runner`: a command line that runs it. */
  async hire(name: string, env: Record<string, string> = {}, runner?: readonly string[]): Promise<Running> {
    await this.enrol(name);
    return await this.start(name, env, runner);
  }

  /** Enrols a worker, and adds it at the leader. Returns its folder. */
  async enrol(name: string): Promise<string> {
    const home = join(this.site.folder, name);
    const { request } = await enrolWorker(home, { name, env: {} });
    await withNode(this.site, (node) => addWorker(node, { request }));
    return home;
  }

  /** From now on its node and its workers run as accounts that share nothing but the group of the share; root alone can have it so. */
  separate(...workers: string[]): void {
    const { folder, home } = this.site;
    // The file that was copied, not the one that it was copied from.
    const config = join(home, "config.yaml");
    const own = join(folder, "exposures.csv");
    writeFileSync(config, readFileSync(config, "utf8").replaceAll(/\/\S+\/exposures\.csv/g, own));
    // Others may pass through them, and see nothing.
    for (const path of [join(folder, ".."), folder]) chmodSync(path, 0o711);
    give(LEADER, folder);
    chmodSync(own, 0o600);
    give(WORKER, ...workers);
    giveToGroup(this.share);
    this.site.runner = commandAs(LEADER, []);
    this.#machines.runner = commandAs(WORKER, []);
  }

  async start(
    name: string,
    env: Record<string, string> = {},
    runner = this.#machines.runner,
  ): Promise<Running> {
    const home = join(this.site.folder, name);
    this.#machines.runner = runner;
    const running = this.#machines.start(["worker", "--threads", "1", "--home", home], env);
    await running.seen((line) => line.includes('"msg":"ready"'));
    this.workers.set(name, running);
    return running;
  }

  /** What of sessions is in the share. */
  async sessionsInShare(): Promise<string[]> {
    return (await this.#filesInShare()).filter((name) => name !== "halfroom-node");
  }

  async #filesInShare(): Promise<string[]> {
    if (this.#store === undefined) return existsSync(this.share) ? readdirSync(this.share) : [];
    return (await this.#store.keys(`${PREFIX}/`)).map((key) => key.slice(PREFIX.length + 1));
  }

  async close(): Promise<void> {
    await Promise.all([this.site.close(), this.#machines.close()]);
    await this.redis.close();
  }
}

export interface Companies {
  readonly advertiser: Company;
  readonly publisher: Company;
  /** From now on the advertiser dials the publisher there. */
  dialAt(address: string): Promise<void>;
  close(): Promise<void>;
}

const ROWS_AT_ONCE = 100_000;

/** Writes a table of some people from the first on, in pieces, so that it may be longer than a string. */
function writeTable(
  { folder }: Site,
  name: string,
  column: string,
  [from, end]: readonly [number, number],
  value: (person: number) => string | number,
): void {
  const path = join(folder, name);
  writeFileSync(path, `email,${column}\n`);
  for (let first = from; first < end; first += ROWS_AT_ONCE) {
    const count = Math.min(ROWS_AT_ONCE, end - first);
    const row = (person: number) => `p${person}@example.com,${value(person)}\n`;
    appendFileSync(path, Array.from({ length: count }, (_, i) => row(first + i)).join(""));
  }
}

/** The folders of two sites that have met, to be copied: meeting takes longer than most tests. */
export class Prepared {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async make(people = PEOPLE, shardPeople = 2500): Promise<Prepared> {
    const folder = mkdtempSync(join(tmpdir(), "halfroom-companies-"));
    for (const side of ["advertiser", "publisher"]) mkdirSync(join(folder, side));
    const advertiser = await Site.in(join(folder, "advertiser"));
    const publisher = await Site.in(join(folder, "publisher"));
    const first = firstShared(people);
    writeTable(advertiser, "purchases.csv", "revenue", [first, first + people.advertiser], revenueOf);
    writeTable(publisher, "exposures.csv", "campaign", [0, people.publisher], campaignOf);
    advertiser.write("roi.yaml", requestOf(shardPeople));
    await Promise.all([advertiser.ok("init"), publisher.ok("init")]);
    const match = ["--match", "email=email"];
    await advertiser.ok(
      "dataset",
      "add",
      "purchases",
      "--file",
      "purchases.csv",
      ...match,
      "--measure",
      "revenue",
    );
    await publisher.ok(
      "dataset",
      "add",
      "exposures",
      "--file",
      "exposures.csv",
      ...match,
      "--dimension",
      "campaign",
    );
    const serving = await publisher.serve();
    const token = (await publisher.ok("invite", "--name", "advertiser")).trim();
    await advertiser.ok("join", token, "--name", "publisher");
    serving.child.kill("SIGTERM");
    await serving.ended;
    advertiser.policies(policy("publisher", "purchases", "sum: [revenue]"));
    publisher.policies(policy("advertiser", "exposures", "group_by: [campaign]"));
    return new Prepared(folder);
  }

  /** Copies that have not run anything yet, at addresses of their own; `store`: where the publisher's share is, if it is no folder. */
  async companies(store?: TestStore): Promise<Companies> {
    const folder = mkdtempSync(join(tmpdir(), "halfroom-companies-"));
    cpSync(this.#folder, folder, { recursive: true });
    const [advertiser, publisher] = [
      await Company.at(join(folder, "advertiser")),
      await Company.at(join(folder, "publisher"), store),
    ];
    const dialAt = (address: string) =>
      withNode(advertiser.site, (node) => movePartner(node, "publisher", address));
    await dialAt(publisher.site.env["HALFROOM_LISTEN"]!);
    return {
      advertiser,
      publisher,
      dialAt,
      async close() {
        await Promise.all([advertiser.close(), publisher.close()]);
        rmSync(folder, { recursive: true, force: true });
      },
    };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What a command would do, without the time that a process takes to start. */
async function withNode<T>({ home }: Site, verb: (node: HalfroomNode) => Promise<T>): Promise<T> {
  const node = await openNode(home, { env: {} });
  try {
    return await verb(node);
  } finally {
    node.close();
  }
}

/** The cells of a report as it is printed with --json, in the order of their labels. */
export function cellsOf(json: string): unknown[] {
  const { partitions } = JSON.parse(json) as { partitions: { cells: Cell[] }[] };
  return partitions[0]!.cells
    .map(({ labels, people, sums }) => ({
      campaign: labels[0]!,
      people: people.value,
      revenue: Number(sums[0]!.value),
    }))
    .toSorted((a, b) => a.campaign.localeCompare(b.campaign));
}

interface Cell {
  readonly labels: readonly string[];
  readonly people: { readonly value: number };
  readonly sums: readonly { readonly value: number | string }[];
}

/** Resolves once a worker of the company has a block, or a shard; or none will any more. */
export async function untilActive(
  { redis }: Company,
  what: "blocks" | "shards" = "blocks",
  isOver: () => boolean = () => false,
): Promise<void> {
  const connection = redis.connect();
  const key = `halfroom:${what}-3:active`;
  while (!isOver() && (await connection.llen(key)) === 0)
    await new Promise((resolve) => setTimeout(resolve, 20));
  connection.disconnect();
}

export async function stopped(running: Running): Promise<void> {
  const closed = once(running.child, "close");
  running.child.kill("SIGTERM");
  await closed;
}

// An advertiser and a publisher who have met, with small files whose join is known.
import { Site } from "./site.ts";

/** People of the two sites: the publisher has 0 .. 59, the advertiser 30 .. 79, so they share 30. */
const PUBLISHER = range(0, 60);
const ADVERTISER = range(30, 80);

/** 22 of the shared people saw "spring", 8 saw "autumn", which stays under every threshold. */
const campaignOf = (person: number) => (person < 52 ? "spring" : "autumn");
const revenueOf = (person: number) => person * 100 + 25;

/** What a report of revenue by campaign must contain: the plain join, worked out from the two rules above. */
export const EXPECTED = [
  {
    campaign: "spring",
    people: 22,
    revenue: range(30, 52).reduce((sum, person) => sum + revenueOf(person), 0) / 100,
  },
];

/** The two sides' files, as CSV. */
export function peopleFiles(): { readonly exposures: string; readonly purchases: string } {
  const exposures = PUBLISHER.map((person) => `p${person}@example.com,${campaignOf(person)},${person % 3}`);
  const purchases = ADVERTISER.map(
    (person) => `P${person}@Example.com,${(revenueOf(person) / 100).toFixed(2)}`,
  );
  return {
    exposures: ["email,campaign,age_band", ...exposures, ""].join("\n"),
    purchases: ["email,revenue", ...purchases, ""].join("\n"),
  };
}

export interface Pair {
  readonly advertiser: Site;
  readonly publisher: Site;
  close(): Promise<void>;
}

/** The publisher invites, the advertiser joins. Nobody serves yet, no policy is written. */
export async function openPair(): Promise<Pair> {
  const [advertiser, publisher] = await Promise.all([Site.open(), Site.open()]);
  const files = peopleFiles();
  publisher.write("exposures.csv", files.exposures);
  advertiser.write("purchases.csv", files.purchases);
  const match = ["--match", "email=email"];
  const dimensions = ["--dimension", "campaign", "--dimension", "age_band"];
  await publisher.ok("dataset", "add", "exposures", "--file", "exposures.csv", ...match, ...dimensions);
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
  const serving = await publisher.serve();
  const token = (await publisher.ok("invite", "--name", "advertiser")).trim();
  await advertiser.ok("join", token, "--name", "publisher");
  await serving.kill();
  advertiser.write("roi.yaml", requestOf("advertiser"));
  publisher.write("roi.yaml", requestOf("publisher"));
  const close = async () => void (await Promise.all([advertiser.close(), publisher.close()]));
  return { advertiser, publisher, close };
}

export interface RequestChanges {
  readonly threshold?: number;
  readonly groupBy?: string;
  /** Upper clip bound of the revenue; nobody reaches 500. */
  readonly high?: number;
  readonly rest?: string;
}

/** The same report, as either side would request it. */
export function requestOf(side: "advertiser" | "publisher", changes: RequestChanges = {}): string {
  const { threshold = 11, groupBy = "campaign", high = 500, rest = "exact: true" } = changes;
  const sums = `
  dataset: purchases
  measures:
    revenue: { low: 0, high: ${high}, decimals: 2 }`;
  const groups = `
  dataset: exposures
  group_by: [${groupBy}]`;
  const [partner, ours, theirs] =
    side === "advertiser" ? ["publisher", sums, groups] : ["advertiser", groups, sums];
  return `partner: ${partner}\nours:${ours}\ntheirs:${theirs}\nthreshold: ${threshold}\n${rest}\n`;
}

/** More than a test asks for. */
const OFTEN = {
  questions_per_hour: 1000,
  questions_per_day: 1000,
  statements_per_hour: 1000,
  statements_per_day: 1000,
};

/** A policy of the advertiser for its partner, or of the publisher; `rest` are further lines. */
export function policyOf(side: "advertiser" | "publisher", rest: Record<string, unknown> = {}): string {
  const base =
    side === "advertiser"
      ? { partner: "publisher", dataset: "purchases", sum: ["revenue"] }
      : { partner: "advertiser", dataset: "exposures", group_by: ["campaign"] };
  const policy = {
    ...base,
    threshold: 11,
    people: 10,
    exact: 1000,
    approval: "automatic",
    ...OFTEN,
    ...rest,
  };
  return `  - ${JSON.stringify(policy)}`;
}

/** Both sides allow the report without a person. */
export function allowAll({ advertiser, publisher }: Pair): void {
  advertiser.policies(policyOf("advertiser"));
  publisher.policies(policyOf("publisher"));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** The cells of a report's document as one object each: labels, people and sums under the names of their columns. */
export function cellsOf(json: string): Record<string, unknown>[] {
  const { measures, partitions } = JSON.parse(json);
  const [{ groupBy, cells }] = partitions;
  return cells.map(({ labels, people, sums }: Cell) => ({
    ...Object.fromEntries(groupBy.map((name: string, i: number) => [name, labels[i]])),
    people: people.value,
    ...Object.fromEntries(
      measures.map(({ name }: { name: string }, i: number) => [name, sums[i]?.value ?? null]),
    ),
  }));
}

interface Cell {
  readonly labels: readonly string[];
  readonly people: { readonly value: number };
  readonly sums: readonly ({ readonly value: number } | null)[];
}

// The same people through every kind of file give the same arrays, digest and check; and they are what plain code says.
import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allNumbers } from "@halfroom/crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkDataset, datasetSchema, preparePeople } from "../src/index.ts";
import type { DatasetInput, PreparedPeople } from "../src/index.ts";
import { checked, definition, heldColumns, someRows, writeSources, type Row } from "./datasets.ts";

const ROWS = someRows(3000);
const REQUEST = {
  match: ["email"],
  measures: [
    { name: "amount", low: 0n, high: 30_000n, decimals: 2 },
    { name: "net", low: -1000n, high: 20_000n, decimals: 2 },
    { name: "rows", low: 0n, high: 2n, decimals: 0 },
  ],
  partitions: [["age_band", "country", "vip", "week", "frequency"]],
};

let folder: string;
let sources: Record<string, DatasetInput["source"]>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "halfroom-sources-"));
  sources = await writeSources(folder, ROWS);
});
afterAll(() => rm(folder, { recursive: true }));

const prepare = (source: DatasetInput["source"]): Promise<PreparedPeople> =>
  preparePeople(datasetSchema.parse(definition(source)), REQUEST, { scratch: folder, threads: 2 });

// --- a second, plain implementation of the definition ---

interface Person {
  rows: Row[];
}

function plainPeople(): Map<string, Person> {
  const people = new Map<string, Person>();
  for (const row of ROWS) {
    if (!(row.ts! >= "2026-02-01" && row.country !== "FR")) continue;
    const email = (row.email ?? "").trim().toLowerCase();
    if (!email.includes("@")) continue;
    const digest = createHash("sha256").update(email).digest("hex");
    const person = people.get(digest) ?? { rows: [] };
    people.set(digest, person);
    person.rows.push(row);
  }
  return people;
}

const cents = (text: string | null): bigint => (text === null ? 0n : BigInt(text.replace(".", "")));
/** Half away from zero, as SQL rounds decimals. */
function net(text: string | null): bigint {
  const exact = cents(text) * 81n;
  return exact < 0n ? -((-exact + 50n) / 100n) : (exact + 50n) / 100n;
}
const clip = (value: bigint, low: bigint, high: bigint): bigint =>
  value < low ? low : value > high ? high : value;
const add = (rows: Row[], value: (row: Row) => bigint): bigint =>
  rows.reduce((sum, row) => sum + value(row), 0n);

function ageBand(age: string | null): string {
  if (age === null) return "unknown";
  const years = Number(age);
  return years < 18 ? "under 18" : years < 25 ? "18-24" : years < 35 ? "25-34" : years < 50 ? "35-49" : "50+";
}

function mostFrequent(rows: Row[]): string {
  const counts = new Map<string, number>();
  for (const { country } of rows) {
    const label = country === null || country === "" ? "(none)" : country;
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return [...counts].reduce((best, each) => (each[1] > best[1] ? each : best))[0];
}

function week(date: string): string {
  const thursday = new Date(`${date}T00:00:00Z`);
  thursday.setUTCDate(thursday.getUTCDate() + 3 - ((thursday.getUTCDay() + 6) % 7));
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 4);
  const number =
    1 +
    Math.round(((thursday.getTime() - first) / 86_400_000 - 3 + ((new Date(first).getUTCDay() + 6) % 7)) / 7);
  return `${thursday.getUTCFullYear()}-W${String(number).padStart(2, "0")}`;
}

function frequency(visits: number): string {
  return visits <= 3 ? String(visits) : visits <= 5 ? "4-5" : visits <= 10 ? "6-10" : "11+";
}

function plainPerson({ rows }: Person): { measures: bigint[]; labels: string[] } {
  const last = rows.reduce((best, row) => (row.ts! >= best.ts! ? row : best));
  return {
    measures: [
      clip(
        add(rows, ({ amount }) => cents(amount)),
        0n,
        30_000n,
      ),
      clip(
        add(rows, ({ amount }) => net(amount)),
        -1000n,
        20_000n,
      ),
      clip(BigInt(rows.length), 0n, 2n),
    ],
    labels: [
      ageBand(rows[0]!.age),
      mostFrequent(rows),
      last.vip!,
      week(rows[0]!.ts!),
      frequency(rows.reduce((sum, { visits }) => sum + Number(visits), 0)),
    ],
  };
}

test("a CSV file becomes what a plain reading of the definition says", async () => {
  const prepared = await prepare(sources["csv"]!);
  const expected = [...plainPeople()].sort(([a], [b]) => (a < b ? -1 : 1));
  const [inCells] = prepared.partitions;
  expect(prepared.count).toBe(expected.length);
  expect(prepared.count).toBeGreaterThan(1000);
  const measures = await Promise.all(prepared.measures.map(allNumbers));
  const cells = await allNumbers(inCells!.cells);
  const digests = Buffer.from((await prepared.digests.slice()).buffer);
  expected.forEach(([digest, person], i) => {
    expect(Buffer.from(digests.subarray(i * 32, (i + 1) * 32)).toString("hex")).toBe(digest);
    const expectedOf = plainPerson(person);
    expect(measures.map((values) => values[i])).toEqual(expectedOf.measures);
    expect(inCells!.labels[cells[i]!]).toEqual(expectedOf.labels);
  });
});

test.each([
  "gzip csv",
  "dos csv",
  "csv glob",
  "ndjson",
  "gzip ndjson",
  "parquet",
  "sqlite table",
  "sqlite query",
])("%s gives the same people and the same digest", async (name) => {
  const [csv, other] = [await prepare(sources["csv"]!), await prepare(sources[name]!)];
  const { digests: ofCsv, everybody: _, ...expected } = csv;
  const { digests, everybody, ...found } = other;
  const { dropped: __, counts: ___, ...same } = await heldColumns(expected);
  expect(await heldColumns(found)).toMatchObject(same);
  expect(await digests.slice()).toEqual(await ofCsv.slice());
  expect(everybody).toBeUndefined();
  expect(other.counts.dropped).toEqual(csv.counts.dropped);
  expect(Buffer.from(other.digest).toString("hex")).toBe(Buffer.from(csv.digest).toString("hex"));
});

test("the digest does not depend on the order of rows where no rule does, and on every value", async () => {
  const request = { ...REQUEST, partitions: [["frequency"]] };
  const digestOf = async (source: DatasetInput["source"], asked = request): Promise<string> => {
    const dataset = datasetSchema.parse(definition(source));
    return Buffer.from((await preparePeople(dataset, asked, { scratch: tmpdir() })).digest).toString("hex");
  };
  const digest = await digestOf(sources["csv"]!);
  expect(await digestOf(sources["csv list"]!)).toBe(digest);
  const narrower = {
    ...request,
    measures: [{ ...REQUEST.measures[0]!, high: 29_999n }, ...REQUEST.measures.slice(1)],
  };
  expect(await digestOf(sources["csv"]!, narrower)).not.toBe(digest);
});

test("the check is the same for every source, and its numbers add up", async () => {
  const check = (name: string) =>
    checkDataset(
      datasetSchema.parse(definition(sources[name]!)),
      {
        measures: checked(REQUEST.measures),
        threshold: 20,
      },
      { scratch: tmpdir() },
    );
  const csv = await check("csv");
  const { dropped: _, source: __, ...others } = await check("parquet");
  expect(csv).toMatchObject(others);
  const dropped = csv.dropped.reduce((total, { rows }) => total + rows, 0);
  expect(csv.rows).toBe(ROWS.length);
  expect(csv.people + csv.merged + csv.filtered + dropped).toBe(ROWS.length);
  expect(csv.measures[0]!.quantiles[0]).toBeLessThanOrEqual(csv.measures[0]!.quantiles[4]);
  expect(csv.measures[0]!.clippedBelow).toBeGreaterThan(0);
  expect(csv.keys.map(({ name }) => name)).toEqual(["email", "phone"]);
  expect(csv.keys[0]!.rules).toBe("email/iab-1");
  expect(csv.dimensions.find(({ name }) => name === "country")!.labels).toBe(3);
  const [together] = csv.partitions;
  expect(together!.groupBy).toEqual(csv.dimensions.map(({ name }) => name));
  expect(together!.hopelessCells).toBeGreaterThan(0);
  expect(together!.hopelessCells).toBeLessThanOrEqual(together!.cells);
  expect(
    JSON.stringify(csv, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value)),
  ).not.toMatch(/person\d|0170/i);
});

test("nothing is left in the scratch folder", async () => {
  await prepare(sources["ndjson"]!);
  expect((await readdir(folder)).filter((name) => name.startsWith("halfroom-prepare-"))).toEqual([]);
});
test("what does not fit into memory spills, and what cannot is an error with a remedy", async () => {
  const lines = Array.from({ length: 400_000 }, (_, i) => `person${i % 300_000}@example.com,${i}`);
  const csv = join(folder, "large.csv");
  await writeFile(csv, `email,amount\n${lines.join("\n")}\n`);
  const dataset = datasetSchema.parse({
    name: "large",
    source: { csv },
    match: { email: { columns: "email" } },
    measures: { amount: {} },
  });
  const request = {
    match: ["email"],
    measures: [{ name: "amount", low: 0n, high: 10n ** 9n, decimals: 0 }],
    partitions: [],
  };
  const run = (memoryLimitMiB: number) =>
    preparePeople(dataset, request, { scratch: folder, threads: 2, memoryLimitMiB });
  const [little, much] = [await run(64), await run(1024)];
  expect(little.count).toBe(300_000);
  expect(Buffer.from(little.digest).toString("hex")).toBe(Buffer.from(much.digest).toString("hex"));
  await expect(run(1)).rejects.toMatchObject({ name: "InputError", code: "resources" });
  expect((await readdir(folder)).filter((name) => name.startsWith("halfroom-prepare-"))).toEqual([]);
});

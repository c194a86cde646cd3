// The same people in every kind of source.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { allNumbers, type Column, type NumberArray } from "@halfroom/crypto";
import { DatabaseSync } from "@photostructure/sqlite";
import type { CheckRequest, DatasetInput, MeasureRequest, PreparedPeople } from "../src/index.ts";

export const COLUMNS = ["email", "phone", "amount", "age", "country", "ts", "vip", "visits"] as const;
export type Row = Record<(typeof COLUMNS)[number], string | null>;

/** Deterministic rows with duplicates, blanks and mess. */
export function someRows(count: number): Row[] {
  return Array.from({ length: count }, (_, i) => {
    const person = (i * 7919) % Math.ceil(count * 0.8);
    const spelled = person % 3 === 0 ? `Person${person}@Example.COM ` : `person${person}@example.com`;
    return {
      email: person % 29 === 0 ? null : person % 31 === 0 ? "nobody" : spelled,
      phone: person % 5 === 0 ? null : `0170 ${String(1_000_000 + person)}`,
      amount: i % 13 === 0 ? null : `${(i % 400) - 20}.${String(i % 100).padStart(2, "0")}`,
      age: i % 17 === 0 ? null : String(12 + (person % 70)),
      country: ["DE", "FR", "Österreich", "", null][person % 5]!,
      ts: `2026-0${1 + (person % 9)}-1${person % 10}`,
      vip: person % 4 === 0 ? "true" : "false",
      visits: String(1 + (i % 15)),
    };
  });
}

const cell = (value: string | null): string => (value === null ? "" : `"${value.replaceAll('"', '""')}"`);

function csvOf(rows: readonly Row[]): string {
  return [COLUMNS.join(","), ...rows.map((row) => COLUMNS.map((name) => cell(row[name])).join(","))].join(
    "\n",
  );
}

function jsonOf(rows: readonly Row[]): string {
  // Numbers and booleans as JSON has them.
  const value = (name: string, text: string | null): unknown => {
    if (text === null) return null;
    if (name === "vip") return text === "true";
    return name === "age" || name === "visits" || name === "amount" ? Number(text) : text;
  };
  return rows
    .map((row) => JSON.stringify(Object.fromEntries(COLUMNS.map((name) => [name, value(name, row[name])]))))
    .join("\n");
}

/** Writes the rows to every kind of file; the last rows are a part of their own where a source has parts. */
export async function writeSources(
  folder: string,
  rows: readonly Row[],
): Promise<Record<string, DatasetInput["source"]>> {
  const half = rows.length >> 1;
  const path = (name: string): string => join(folder, name);
  await writeFile(path("all.csv"), csvOf(rows));
  await writeFile(path("all.csv.gz"), gzipSync(csvOf(rows)));
  await writeFile(path("dos.csv"), `\ufeff${csvOf(rows).replaceAll("\n", "\r\n")}\r\n`);
  await writeFile(path("part-1.csv"), csvOf(rows.slice(0, half)));
  await writeFile(path("part-2.csv"), csvOf(rows.slice(half)));
  await writeFile(path("all.ndjson"), jsonOf(rows));
  await writeFile(path("all.ndjson.gz"), gzipSync(jsonOf(rows)));
  await writeParquet(path("all.csv"), path("all.parquet"));
  writeSqlite(path("all.sqlite"), rows);
  return {
    csv: { csv: path("all.csv") },
    "gzip csv": { csv: path("all.csv.gz") },
    "dos csv": { csv: path("dos.csv") },
    "csv glob": { csv: path("part-*.csv") },
    "csv list": { csv: [path("part-2.csv"), path("part-1.csv")] },
    ndjson: { ndjson: path("all.ndjson") },
    "gzip ndjson": { ndjson: path("all.ndjson.gz") },
    parquet: { parquet: path("all.parquet") },
    "sqlite table": { sqlite: { file: path("all.sqlite"), table: 'peo"ple' } },
    "sqlite query": {
      sqlite: { file: path("all.sqlite"), query: 'select * from "peo""ple" order by rowid;' },
    },
  };
}

/** SQLite keeps numbers of any column as what they look like, and has no dates or booleans. */
function writeSqlite(file: string, rows: readonly Row[]): void {
  const database = new DatabaseSync(file);
  database.exec(`create table "peo""ple" (email text, phone text, amount decimal(12, 2), age integer, country text, ts text,
    vip boolean, visits integer)`);
  const insert = database.prepare(`insert into "peo""ple" values (${COLUMNS.map(() => "?").join(", ")})`);
  database.exec("begin");
  for (const row of rows) {
    insert.run(...COLUMNS.map((name) => (name === "vip" ? (row.vip === "true" ? 1 : 0) : row[name])));
  }
  database.exec("commit");
  database.close();
}

async function writeParquet(csv: string, parquet: string): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(`copy (select email, phone, amount::decimal(12, 2) as amount, age::integer as age, country,
      ts::date as ts, vip::boolean as vip, visits::smallint as visits
    from read_csv('${csv}', all_varchar = true, nullstr = '', header = true)) to '${parquet}' (format parquet)`);
  connection.closeSync();
  instance.closeSync();
}

/** One definition for all of them. */
export function definition(source: DatasetInput["source"]): DatasetInput {
  return {
    name: "people",
    source,
    columns: { amount: "decimal(12,2)", age: "integer", ts: "date", vip: "boolean", visits: "integer" },
    match: { email: { columns: "email" }, phone: { columns: "phone", region: "DE" } },
    dimensions: {
      age_band: { column: "age", derive: { bands: [18, 25, 35, 50] }, null: { label: "unknown" } },
      country: { null: { label: "(none)" }, pick: "most frequent" },
      vip: { pick: { lastBy: "ts" } },
      week: { column: "ts", derive: "week" },
      frequency: { column: "visits", derive: "frequency", pick: "sum" },
    },
    measures: { amount: {}, net: { expression: "round(amount * 0.81, 2)" }, rows: { expression: "1" } },
    where: "ts >= date '2026-02-01' and (country is null or country <> 'FR')",
  };
}

/** The measures of a request as a check takes them. */
export function checked(measures: readonly MeasureRequest[]): CheckRequest["measures"] {
  return measures.map(({ name, low, high, decimals }) => ({ name, bounds: { low, high }, decimals }));
}

/** With the numbers of columns in place of these. */
export async function heldColumns({
  measures,
  partitions,
  entries,
  events,
  ...all
}: Omit<PreparedPeople, "digests" | "everybody">) {
  const numbersOf = <T extends NumberArray>(columns: readonly Column<T>[]) =>
    Promise.all(columns.map(allNumbers));
  const ofPartition = async ({ slots, labels }: NonNullable<typeof entries>["partitions"][number]) => ({
    slots: await numbersOf(slots),
    labels,
  });
  return {
    ...all,
    measures: await numbersOf(measures),
    partitions: await Promise.all(
      partitions.map(async ({ cells, ...partition }) => ({ ...partition, cells: await allNumbers(cells) })),
    ),
    entries: entries && {
      ...entries,
      partitions: await Promise.all(entries.partitions.map(ofPartition)),
      times: entries.times && (await numbersOf(entries.times)),
    },
    events: events && {
      ...events,
      counts: await allNumbers(events.counts),
      times: await numbersOf(events.times),
      values: await Promise.all(events.values.map((slots) => numbersOf(slots))),
    },
  };
}

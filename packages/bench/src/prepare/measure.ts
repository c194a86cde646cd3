// How fast, and in how much memory, a source of many rows is prepared. One call per process: peak memory only grows.
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { datasetSchema, preparePeople, type Dataset } from "@halfroom/prepare";
import pg from "pg";

export const SOURCES = ["csv", "csv.gz", "ndjson", "parquet", "postgres"] as const;
export type Source = (typeof SOURCES)[number];

export interface PrepareSpeed {
  readonly source: Source;
  readonly rows: number;
  readonly people: number;
  readonly seconds: number;
  /** Of the whole process, including writing the source. */
  readonly peakMemoryBytes: number;
}

const TABLE = "halfroom_bench";

/**
 * Writes `rows` rows into `folder` (or into a table that it drops afterwards, at the URL in the environment variable
 * `urlVariable`), a fifth of them for people who already have a row, and prepares them as a sender with one measure.
 */
export async function prepareSpeed(
  source: Source,
  rows: number,
  folder: string,
  urlVariable: string,
): Promise<PrepareSpeed> {
  const dataset =
    source === "postgres" ? await fillTable(rows, urlVariable) : await writeRows(source, rows, folder);
  const request = {
    match: ["email"],
    measures: [{ name: "amount", low: 0n, high: 50_000n, decimals: 2 }],
    partitions: [],
  };
  try {
    const started = performance.now();
    const { count } = await preparePeople(dataset, request, { scratch: folder });
    const seconds = (performance.now() - started) / 1000;
    const peakMemoryBytes = process.resourceUsage().maxRSS * 1024;
    return { source, rows, people: count, seconds, peakMemoryBytes };
  } finally {
    if (source === "postgres") await onServer(urlVariable, `drop table ${TABLE}`);
  }
}

const PEOPLE_SHARE = 0.8;

function benchDataset(source: Dataset["source"]): Dataset {
  return datasetSchema.parse({
    name: "bench",
    source,
    match: { email: { columns: "email" } },
    measures: { amount: {} },
  });
}

/** The columns of a row in SQL of both engines, for row number `i`, from 0. */
function rowOf(people: number): string {
  return `'person' || (i % ${people}) || '@example.com' as email, (i % 500) || '.' || (10 + i % 90) as amount`;
}

async function writeRows(
  source: Exclude<Source, "postgres">,
  rows: number,
  folder: string,
): Promise<Dataset> {
  const file = join(folder, `rows.${source}`);
  const formats = {
    csv: "format csv, header true",
    "csv.gz": "format csv, header true, compression gzip",
    ndjson: "format json",
    parquet: "format parquet",
  };
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: "256MiB",
    preserve_insertion_order: "false",
  });
  const connection = await instance.connect();
  const select = `select ${rowOf(Math.ceil(rows * PEOPLE_SHARE))} from range(${rows}) r(i)`;
  await connection.run(`copy (${select}) to '${file.replaceAll("'", "''")}' (${formats[source]})`);
  connection.closeSync();
  instance.closeSync();
  const kind = source === "csv.gz" ? "csv" : source;
  return benchDataset({ [kind]: file } as Dataset["source"]);
}

async function fillTable(rows: number, urlVariable: string): Promise<Dataset> {
  await onServer(
    urlVariable,
    `drop table if exists ${TABLE}; create table ${TABLE} as
      select ${rowOf(Math.ceil(rows * PEOPLE_SHARE))} from generate_series(0::bigint, ${rows - 1}) i`,
  );
  return benchDataset({ postgres: { urlVariable, query: `select email, amount from ${TABLE}` } });
}

async function onServer(urlVariable: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: process.env[urlVariable] });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

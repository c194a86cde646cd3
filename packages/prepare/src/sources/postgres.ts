// A PostgreSQL query as a relation of the engine: one COPY in a read-only transaction, streamed to a file in the
// engine's folder, which only this user can read and which is removed with it. The rows are never all in memory.
import { createWriteStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import type { Engine } from "../engine/engine.ts";
import { InputError } from "../errors.ts";
import { csvPart } from "./csv.ts";
import type { Part } from "./part.ts";
import type { Source } from "../dataset/schema.ts";

type PostgresSource = Extract<Source, { postgres: unknown }>["postgres"];

const CONNECT_MS = 10_000;

/** OIDs of pg_type, and the engine's type for each; any other type stays text. */
const TYPES: Readonly<Record<number, string>> = {
  16: "BOOLEAN",
  17: "BLOB",
  20: "BIGINT",
  21: "SMALLINT",
  23: "INTEGER",
  700: "FLOAT",
  701: "DOUBLE",
  1082: "DATE",
  1114: "TIMESTAMP",
};
const NUMERIC = 1700;
/** Arrays of smallint, integer, text, char(n), varchar, bigint and uuid, which come as JSON. */
const ARRAYS: readonly number[] = [1005, 1007, 1009, 1014, 1015, 1016, 2951];

/** Throws `InputError` (`connection`, `query`, `credentials`). */
export async function postgresPart(engine: Engine, source: PostgresSource, label: string): Promise<Part> {
  const client = await connect(source, label);
  const lost = new Promise<never>((_, reject) => client.on("error", reject));
  lost.catch(() => undefined);
  try {
    const file = join(engine.folder, "query.csv");
    const { columns, rows } = await Promise.race([copyQuery(client, source.query, file), lost]);
    const plain = { compression: "uncompressed", delimiter: "," } as const;
    const header = columns.map(({ name }) => name);
    const csv = { header, rows, file, ...plain, rowNumber: (row: number) => row };
    const shape = { lineEnd: "\n", brokenFields: true } as const;
    const part = csvPart(label, { ...csv, shape }, { quotedNull: false });
    const casts = columns.map(({ type }, i) => `${cast(`halfroom_c${i}`, type)} as halfroom_c${i}`);
    return {
      ...part,
      relation: `select halfroom_row, ${casts.join(", ")} from (${part.relation})`,
      columns: columns.map(({ name, type }) => ({ name, typed: type !== "" })),
    };
  } catch (error) {
    throw databaseError(error, label);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function copyQuery(
  client: pg.Client,
  query: string,
  file: string,
): Promise<{ columns: { name: string; type: string }[]; rows: number }> {
  await client.query("begin transaction isolation level repeatable read read only");
  await client.query(
    "set local datestyle = 'ISO, YMD'; set local timezone = 'UTC'; set local extra_float_digits = 1; set local bytea_output = 'hex'",
  );
  // Describing a cursor gives the columns without running the query.
  const { fields } = await client.query({
    text: `select * from (${query}\n) as halfroom limit 0`,
    rowMode: "array",
  });
  const copy = client.query(
    copyTo(
      `copy (${withoutArrays(query, fields)}) to stdout with (format csv, header true, encoding 'UTF8')`,
    ),
  );
  await pipeline(copy, createWriteStream(file, { mode: 0o600 }));
  await client.query("commit");
  const columns = fields.map(({ name, dataTypeID, dataTypeModifier }) => ({
    name,
    type: dataTypeID === NUMERIC ? decimalType(dataTypeModifier) : (TYPES[dataTypeID] ?? ""),
  }));
  return { columns, rows: copy.rowCount };
}

/** A text of COPY in the engine's type; bytes are written as \\x and hexadecimal digits. */
function cast(text: string, type: string): string {
  if (type === "BLOB") return `unhex(substr(${text}, 3))`;
  return type === "" ? text : `${text}::${type}`;
}

/** The query, or one over it that writes its arrays as JSON. */
function withoutArrays(query: string, fields: readonly pg.FieldDef[]): string {
  if (!fields.some(({ dataTypeID }) => ARRAYS.includes(dataTypeID))) return `${query}\n`;
  const names = fields.map((_, i) => `c${i}`);
  const columns = fields.map(({ dataTypeID }, i) =>
    ARRAYS.includes(dataTypeID) ? `array_to_json(halfroom.c${i})::text` : `halfroom.c${i}`,
  );
  return `select ${columns.join(", ")} from (${query}\n) as halfroom(${names.join(", ")})`;
}

/** numeric(p, s) has a modifier of ((p << 16) | s) + 4; numeric without one holds anything and stays text. */
function decimalType(modifier: number): string {
  const digits = (modifier - 4) >>> 16;
  const decimals = (modifier - 4) & 0x7ff;
  return modifier < 4 || digits > 38 || decimals > digits ? "" : `DECIMAL(${digits}, ${decimals})`;
}

async function connect(source: PostgresSource, label: string): Promise<pg.Client> {
  const connectionString = await connectionUrl(source, label);
  const client = new pg.Client({
    ...(connectionString !== undefined && { connectionString }),
    connectionTimeoutMillis: CONNECT_MS,
    application_name: "halfroom",
    client_encoding: "UTF8",
  });
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw databaseError(error, label, "connection");
  }
}

/** Undefined if the PG* variables and PGPASSFILE say everything. */
async function connectionUrl(
  { url, urlVariable, urlFile }: PostgresSource,
  label: string,
): Promise<string | undefined> {
  if (urlVariable !== undefined) {
    const value = process.env[urlVariable];
    if (value !== undefined && value !== "") return value;
    throw new InputError("credentials", {
      file: label,
      remedy: `Set the environment variable ${urlVariable}.`,
    });
  }
  if (urlFile === undefined) return url;
  const problem = (remedy: string) => new InputError("credentials", { file: urlFile, remedy });
  try {
    if (((await stat(urlFile)).mode & 0o077) !== 0) throw problem("Others can read it: chmod 600.");
    return (await readFile(urlFile, "utf8")).trim();
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw problem("Check its path and rights.");
  }
}

/** The server's words may quote values; its SQLSTATE never does. */
function databaseError(error: unknown, label: string, fallback?: "connection"): unknown {
  if (error instanceof InputError) return error;
  const state = error instanceof Error && "code" in error ? String(error.code) : "";
  const ofQuery = error instanceof pg.DatabaseError && !/^(08|28|3D|53|57)/.test(state);
  if (ofQuery && fallback === undefined) {
    const remedy = `SQLSTATE ${state}: run the query in psql to see what it says. It has to be one SELECT.`;
    return new InputError("query", { file: label, remedy });
  }
  const remedy = `${state === "" ? "It ended early" : `The reason is ${state}`}: check the address, the rights and the network, then run it again.`;
  return new InputError("connection", { file: label, remedy });
}

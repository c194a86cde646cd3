// A PostgreSQL query as a relation of the engine: one COPY in a read-only transaction, streamed to a file. The rows are never all in
// memory.
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import type { PostgresSource } from "../../dataset/source.ts";
import type { Engine } from "../../engine/engine.ts";
import { InputError } from "../../errors.ts";
import type { Part } from "../part.ts";
import { answerFile, answerPart, type Answer } from "./copy.ts";
import { urlAt, type UrlPlace } from "./credentials.ts";
import { postgresAddress } from "./postgres-address.ts";
import { withoutSemicolon } from "./statement.ts";
import { certificateRemedy, type Attempt } from "./tls.ts";

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
  const client = await connectPostgres(source, label);
  const lost = new Promise<never>((_, reject) => client.on("error", reject));
  lost.catch(() => undefined);
  try {
    const copied = copyQuery(client, withoutSemicolon(source.query), answerFile(engine));
    return answerPart(engine, label, await Promise.race([copied, lost]));
  } catch (error) {
    throw databaseError(error, label);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function copyQuery(client: pg.Client, query: string, file: string): Promise<Answer> {
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
    ...(dataTypeID === NUMERIC
      ? { type: decimalType(dataTypeModifier), nullWord: "NaN" }
      : { type: TYPES[dataTypeID] }),
  }));
  return { columns, rows: copy.rowCount };
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
function decimalType(modifier: number): string | undefined {
  const digits = (modifier - 4) >>> 16;
  const decimals = (modifier - 4) & 0x7ff;
  return modifier < 4 || digits > 38 || decimals > digits ? undefined : `DECIMAL(${digits}, ${decimals})`;
}

/** Throws `InputError` (`connection`, `credentials`). */
export async function connectPostgres(
  source: UrlPlace,
  label: string,
  more: Pick<pg.ClientConfig, "query_timeout"> = {},
): Promise<pg.Client> {
  const url = await urlAt(source, ["postgres", "postgresql"], label);
  const { config, attempts } = await postgresAddress(url, label);
  let failure: unknown;
  for (const [i, ssl] of attempts.entries()) {
    const client = new pg.Client({ ...config, ...more, ssl });
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      failure = error;
      if (i === attempts.length - 1 || !mayDoOtherwise(error, ssl)) break;
    }
  }
  throw databaseError(failure, label, "connection");
}

const NO_ENTRY = "28000";

/** Whether an attempt with TLS instead of without, or the other way round, may do better: not with a server that is not there, or a wrong password. */
function mayDoOtherwise(error: unknown, ssl: Attempt): boolean {
  if (error instanceof pg.DatabaseError) return error.code === NO_ENTRY;
  return ssl !== false && error instanceof Error && !("syscall" in error) && !(error instanceof InputError);
}

/** SQLSTATE classes of what has nothing to do with the query: the connection, rights, the database's name, resources, the operator. */
const NOT_THE_QUERY = /^(?:08|28|3D|53|57)/;
const CANCELLED = "57014";

/** The server's words may quote values; its SQLSTATE never does. */
function databaseError(error: unknown, label: string, fallback?: "connection"): unknown {
  if (error instanceof InputError) return error;
  const state = error instanceof Error && "code" in error ? String(error.code) : "";
  const ofQuery = error instanceof pg.DatabaseError && (state === CANCELLED || !NOT_THE_QUERY.test(state));
  if (ofQuery && fallback === undefined) {
    const remedy =
      state === CANCELLED
        ? `SQLSTATE ${state}: the server's time limit (statement_timeout) or somebody there ended it. Raise the limit for this user, or ask for less.`
        : `SQLSTATE ${state}: run the query in psql to see what it says. It has to be one SELECT.`;
    return new InputError("query", { file: label, remedy });
  }
  return new InputError("connection", { file: label, remedy: connectionRemedy(error, state) });
}

function connectionRemedy(error: unknown, state: string): string {
  const certificate = certificateRemedy(state, "sslrootcert");
  if (certificate !== undefined) return certificate;
  // The driver gives this no code.
  if (error instanceof Error && error.message === "The server does not support SSL connections") {
    return "The server offers no TLS, which sslmode asks for: switch it on there, or write sslmode=prefer.";
  }
  const reason = state === "" ? "It ended early" : `The reason is ${state}`;
  return `${reason}: check the address, the rights and the network, then run it again.`;
}

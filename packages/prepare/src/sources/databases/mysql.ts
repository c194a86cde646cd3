// A query of MySQL or MariaDB as a relation of the engine: one prepared statement in a read-only transaction, streamed to a file. Prepared,
// since as text the server rounds floats to six digits.
import { createConnection, type Connection, type FieldPacket, type SslOptions } from "mysql2";
import type { MysqlSource } from "../../dataset/source.ts";
import type { Engine } from "../../engine/engine.ts";
import { InputError } from "../../errors.ts";
import type { Part } from "../part.ts";
import { answerPart, writeAnswer, type AnswerColumn, type Cell } from "./copy.ts";
import { urlAt, type UrlPlace } from "./credentials.ts";
import { mysqlAddress } from "./mysql-address.ts";
import { certificateRemedy } from "./tls.ts";

/** Exact numbers and dates as they are written, in UTC; no limit on rows; time for whoever reads slowly; and no statement that writes. */
const SESSION = [
  "set session time_zone = '+00:00', session sql_select_limit = 18446744073709551615, session net_write_timeout = 600",
  "set session transaction isolation level repeatable read, read only",
  "start transaction read only",
];

/** Throws `InputError` (`connection`, `query`, `credentials`, `size`, `encoding`). */
export async function mysqlPart(engine: Engine, source: MysqlSource, label: string): Promise<Part> {
  const connection = await connectMysql(source, label);
  const lost = new Promise<never>((_, reject) => connection.on("error", reject));
  lost.catch(() => undefined);
  try {
    const part = await Promise.race([copyQuery(connection, engine, source.query, label), lost]);
    connection.end();
    return part;
  } catch (error) {
    connection.destroy();
    throw databaseError(error, label);
  }
}

async function copyQuery(connection: Connection, engine: Engine, sql: string, label: string): Promise<Part> {
  for (const statement of SESSION) await answered(connection, statement);
  const command = connection.execute({ sql, rowsAsArray: true });
  const rows = command.stream({ highWaterMark: 256 });
  // Whoever reads the rows hears of it; where there is nothing to be read nobody would.
  rows.on("error", () => undefined);
  const fields = await new Promise<FieldPacket[] | undefined>((resolve, reject) => {
    command.on("fields", resolve);
    command.on("error", reject);
  });
  if (fields === undefined) throw notOneSelect(label, "It gives no rows");
  const columns = fields.map(columnOf);
  const names = columns.map(({ name }) => name);
  const count = await writeAnswer(engine, label, names, cellsOf(rows as AsyncIterable<unknown[]>, columns));
  return answerPart(engine, label, { columns, rows: count });
}

async function answered(connection: Connection, statement: string): Promise<void> {
  await new Promise<void>((resolve, reject) =>
    connection.query(statement, (error) => (error === null ? resolve() : reject(error))),
  );
}

async function* cellsOf(rows: AsyncIterable<unknown[]>, columns: readonly Column[]): AsyncGenerator<Cell[]> {
  for await (const row of rows) {
    yield row.map((value, i) => (value === null || value === undefined ? null : columns[i]!.cell(value)));
  }
}

interface Column extends AnswerColumn {
  /** From what the driver gives. */
  readonly cell: (value: unknown) => Cell;
}

/** Types of columns by their numbers in the protocol (https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html). */
const WHOLE = [1, 2, 3, 9, 13];
const BIGINT = 8;
const FLOATS: Readonly<Record<number, string>> = { 4: "FLOAT", 5: "DOUBLE" };
const DECIMALS = [0, 246];
const TIMESTAMP = 7;
const DAYS: Readonly<Record<number, string>> = { 10: "DATE", 14: "DATE", 12: "TIMESTAMP" };
const BIT = 16;
const TEXTS = [15, 247, 248, 249, 250, 251, 252, 253, 254];
const BYTES = 63;
const UNSIGNED = 0x20;
const ZEROFILL = 0x40;

function columnOf(field: FieldPacket): Column {
  const { name, columnType: kind = 0, columnLength: length = 0, flags, decimals } = field;
  const is = (flag: number) => (Number(flags) & flag) !== 0;
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  const as = (type: string | undefined, cell: (value: unknown) => Cell = text): Column => ({
    name,
    type,
    cell,
  });
  // Where zeros are shown in front they may be a part of it, as of a postcode.
  if (is(ZEROFILL)) return as(undefined, (value) => text(value).padStart(length, "0"));
  if (WHOLE.includes(kind)) return as("BIGINT");
  if (kind === BIGINT) return as(is(UNSIGNED) ? "UBIGINT" : "BIGINT");
  if (FLOATS[kind] !== undefined) return as(FLOATS[kind]);
  if (DECIMALS.includes(kind)) {
    const digits = length - (decimals > 0 ? 1 : 0) - (is(UNSIGNED) ? 0 : 1);
    return as(digits > 38 || decimals > digits ? undefined : `DECIMAL(${digits}, ${decimals})`);
  }
  if (DAYS[kind] !== undefined) return as(DAYS[kind]);
  // A moment, in the session's time zone, which is UTC.
  if (kind === TIMESTAMP) return as(undefined, (value) => `${text(value)}+00:00`);
  if (kind === BIT) return as("UBIGINT", (value) => String(BigInt(`0x${(value as Buffer).toString("hex")}`)));
  const isBytes = TEXTS.includes(kind) && field.characterSet === BYTES;
  return isBytes ? as("BLOB", (value) => value as Buffer) : as(undefined);
}

/** Throws `InputError` (`connection`, `credentials`). */
export async function connectMysql(source: UrlPlace, label: string): Promise<Connection> {
  const { config, attempts } = await mysqlAddress(await urlAt(source, ["mysql", "mariadb"], label), label);
  let failure: unknown;
  for (const [i, ssl] of attempts.entries()) {
    try {
      return await connected({ ...config, ...(ssl !== false && { ssl }) });
    } catch (error) {
      failure = error;
      if (i === attempts.length - 1 || !mayDoOtherwise(error)) break;
    }
  }
  throw databaseError(failure, label, "connection");
}

async function connected(
  config: Parameters<typeof createConnection>[0] & { ssl?: SslOptions },
): Promise<Connection> {
  const connection = createConnection({
    ...config,
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    jsonStrings: true,
    multipleStatements: false,
    // Who asks through a socket is known to the server by it.
    authPlugins: { unix_socket: () => () => Buffer.alloc(0), auth_socket: () => () => Buffer.alloc(0) },
  });
  return await new Promise((resolve, reject) => {
    connection.on("error", reject);
    connection.connect((error) => {
      if (error === null) resolve(connection);
      else reject(error);
    });
  });
}

/** Whether an attempt without TLS may do better: not with a server that is not there, or one that refuses the user. */
function mayDoOtherwise(error: unknown): boolean {
  return error instanceof Error && !("syscall" in error) && !("sqlState" in error);
}

/** What the server's errors are called that say something of the connection, rights, the database's name, resources or the operator. */
const NOT_THE_QUERY =
  /^ER_(?:ACCESS_DENIED|DBACCESS_DENIED|BAD_DB|CON_COUNT|HOST_|TOO_MANY_USER_CONNECTIONS|SERVER_SHUTDOWN|CONNECTION_KILLED|NET_|MUST_CHANGE_PASSWORD|ACCOUNT_)/;
/** A query that ran too long, or that somebody ended: of MySQL, of both, of MariaDB. */
const CANCELLED = [3024, 1317, 1969];

/** The server's words may quote values; its name for the error never does. */
function databaseError(error: unknown, label: string, fallback?: "connection"): unknown {
  if (error instanceof InputError) return error;
  const code = codeOf(error);
  const number = error instanceof Error && "errno" in error ? Number(error.errno) : 0;
  const name = /^[A-Z][A-Z\d_]*$/.test(code) ? code : number === 0 ? "" : `error ${number}`;
  const ofServer = error instanceof Error && "sqlState" in error;
  if (ofServer && fallback === undefined && !NOT_THE_QUERY.test(code)) {
    if (!CANCELLED.includes(number))
      return notOneSelect(label, `The server says ${name}: run the query in mysql to see more`);
    const remedy = `The server says ${name}: its time limit or somebody there ended it. Raise the limit for this user, or ask for less.`;
    return new InputError("query", { file: label, remedy });
  }
  const certificate = certificateRemedy(code, "ssl-ca");
  const withoutTls =
    "The server offers no TLS, which ssl-mode asks for: switch it on there, or write ssl-mode=PREFERRED.";
  const reason = name === "" ? "It ended early" : `The reason is ${name}`;
  const general = `${reason}: check the address, the rights and the network, then run it again.`;
  const remedy = certificate ?? (code === "HANDSHAKE_NO_SSL_SUPPORT" ? withoutTls : general);
  return new InputError("connection", { file: label, remedy });
}

/** What went wrong with TLS the driver names alike, whatever it was, and leaves the words of OpenSSL. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error && "code" in error)) return "";
  if (error.code !== "HANDSHAKE_SSL_ERROR") return String(error.code);
  if ("cert" in error && "host" in error) return "ERR_TLS_CERT_ALTNAME_INVALID";
  return /^[a-z -]+$/i.test(error.message)
    ? error.message.toUpperCase().replaceAll(/[ -]/g, "_")
    : error.code;
}

function notOneSelect(file: string, reason: string): InputError {
  return new InputError("query", { file, remedy: `${reason}. It has to be one SELECT.` });
}

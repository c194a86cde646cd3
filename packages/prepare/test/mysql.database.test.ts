// Against a real MariaDB server (test/database/mariadb.ts).
import { mkdtemp, readdir, rm } from "node:fs/promises";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConnection } from "mysql2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkDataset, datasetSchema, InputError, preparePeople, type DatasetInput } from "../src/index.ts";
import { cuttingServer } from "./cutting-server.ts";
import { COLUMNS, definition, someRows, writeSources } from "./datasets.ts";

const VARIABLE = "HALFROOM_TEST_MYSQL";
const OTHER = "HALFROOM_TEST_MYSQL_OTHER";
const ROWS = someRows(2000);
const REQUEST = {
  match: ["email"],
  measures: [
    { name: "amount", low: 0n, high: 30_000n, decimals: 2 },
    { name: "net", low: -1000n, high: 20_000n, decimals: 2 },
  ],
  partitions: [["age_band", "country", "vip", "week", "frequency"]],
};
const QUERY = `select email, phone, amount, age, country, ts, if(vip, 'true', 'false') as vip, visits from people order by line;`;

let folder: string;
let url: string;
const servers: Server[] = [];
beforeAll(async () => {
  url = process.env[VARIABLE]!;
  folder = await mkdtemp(join(tmpdir(), "halfroom-mysql-"));
  await admin(
    "drop table if exists people, notes",
    `create table people (line serial, email varchar(200), phone text, amount decimal(12, 2), age mediumint, country text,
      ts date, vip boolean, visits tinyint unsigned) character set utf8mb4`,
    "create table notes (text text)",
  );
  const values = ROWS.map((row) => COLUMNS.map((name) => (name === "vip" ? row.vip === "true" : row[name])));
  await admin([`insert into people (${COLUMNS.join(", ")}) values ?`, [values]]);
});
afterAll(async () => {
  servers.forEach((server) => server.close());
  await admin("drop table people, notes");
  await rm(folder, { recursive: true });
});

async function admin(...statements: (string | [sql: string, values: unknown[]])[]): Promise<unknown[][]> {
  const connection = createConnection({ uri: url, rowsAsArray: true });
  try {
    let rows: unknown[][] = [];
    for (const statement of statements) {
      const [sql, values] = typeof statement === "string" ? [statement, []] : statement;
      rows = await new Promise((resolve, reject) =>
        connection.query(sql, values, (error, found) =>
          error === null ? resolve(found as unknown[][]) : reject(error),
        ),
      );
    }
    return rows;
  } finally {
    connection.end();
  }
}

type Place = { urlVariable: string } | { url: string };
const sourceOf = (query: string, place: Place = { urlVariable: VARIABLE }) => ({
  mysql: { ...place, query },
});
const listOf = (query: string, given: Partial<DatasetInput> = {}, place?: Place) =>
  datasetSchema.parse({
    name: "list",
    source: sourceOf(query, place),
    match: { email: { columns: "email" } },
    ...given,
  });

/** The labels of a column that a query gives, one a person. */
async function labelsOf(query: string, given: Partial<DatasetInput> = {}, place?: Place): Promise<string[]> {
  const dimensions = { value: { null: { label: "(null)" } } };
  const request = { match: ["email"], measures: [], partitions: [["value"]] };
  const dataset = listOf(query, { dimensions, ...given }, place);
  const { partitions } = await preparePeople(dataset, request, { scratch: folder, threads: 1 });
  return partitions[0]!.labels.map(([label]) => label!).sort();
}

async function failureOf(query: string, place?: Place): Promise<InputError> {
  const check = checkDataset(
    listOf(query, {}, place),
    { measures: [], threshold: 11 },
    { scratch: folder, threads: 1 },
  );
  const error = await check.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  expect((await readdir(folder)).filter((name) => name.startsWith("halfroom-prepare-"))).toEqual([]);
  return error as InputError;
}

test("a query gives the same people and digest as a CSV file", async () => {
  const { csv } = await writeSources(folder, ROWS);
  const prepare = (source: DatasetInput["source"]) =>
    preparePeople(datasetSchema.parse(definition(source)), REQUEST, { scratch: tmpdir() });
  const [fromFile, fromQuery] = [await prepare(csv!), await prepare(sourceOf(QUERY))];
  expect(fromQuery.count).toBeGreaterThan(500);
  expect(Buffer.from(fromQuery.digest).toString("hex")).toBe(Buffer.from(fromFile.digest).toString("hex"));
});

/** Values of one type, as SQL, and their labels. */
test.each<[type: string, values: string[], labels: string[]]>([
  [
    "decimal(38, 2)",
    ["123456789012345678901234567890123456.78", "-0.10"],
    ["-0.10", "123456789012345678901234567890123456.78"],
  ],
  [
    "decimal(65, 10)",
    ["1234567890123456789012345678901234567890.5"],
    ["1234567890123456789012345678901234567890.5000000000"],
  ],
  ["bigint unsigned", ["18446744073709551615", "0"], ["0", "18446744073709551615"]],
  ["bigint", ["-9223372036854775808", "9007199254740993"], ["-9223372036854775808", "9007199254740993"]],
  ["int(5) zerofill", ["1067", "80331"], ["01067", "80331"]],
  ["float", ["1234567", "0.1"], ["0.1", "1234567"]],
  ["double", ["4915112345678", "0.1", "1e-7"], ["0.0000001", "0.1", "4915112345678"]],
  ["bit(9)", ["257", "0"], ["0", "257"]],
  ["year", ["2026"], ["2026"]],
  ["json", [`'["x", 1]'`], ['["x", 1]']],
  ["text", ["'x,\"y\"\\n\\\\.\\r\\nz'", "''", "'(null)'", "'ö😀'"], ["(null)", 'x,"y"\n\\.\r\nz', "ö😀"]],
  ["enum('a', 'b')", ["'b'"], ["b"]],
  ["date", ["'2026-03-01'", "'0000-00-00'", "'9999-12-31'"], ["2026-03-01", "9999-12-31", "infinity"]],
])("%s arrives as it is", async (type, values, labels) => {
  await admin(
    "set sql_mode = ''",
    "drop table if exists kinds",
    `create table kinds (line serial, value ${type}) character set utf8mb4`,
  );
  await admin(
    "set sql_mode = ''",
    `insert into kinds (value) values ${values.map((value) => `(${value})`).join(", ")}`,
  );
  expect(await labelsOf("select concat('p', line, '@example.com') as email, value from kinds")).toEqual(
    labels,
  );
});

test("moments are in UTC, clock times are the zone's, and zeros are no date", async () => {
  await admin(
    "drop table if exists kinds",
    "create table kinds (line serial, moment timestamp null, clock datetime)",
  );
  await admin(
    "set time_zone = '-10:00', sql_mode = ''",
    "insert into kinds (moment, clock) values ('2026-03-31 15:00:00', '2026-03-31 15:00:00'), (null, '0000-00-00')",
  );
  const query = "select concat('p', line, '@example.com') as email, moment, clock as value from kinds";
  const month = (column: string, zone: string) =>
    labelsOf(query, { zone, dimensions: { value: { column, derive: "month", null: { label: "(none)" } } } });
  // 01:00 in UTC on the first of April, in Berlin 03:00.
  expect(await month("moment", "UTC")).toEqual(["(none)", "2026-04"]);
  expect(await month("moment", "Pacific/Honolulu")).toEqual(["(none)", "2026-03"]);
  // The second row is dropped.
  expect(await month("value", "Europe/Berlin")).toEqual(["2026-03"]);
});

test("digests as bytes, and bytes that are text", async () => {
  const match = { email: { columns: "email", hashed: true } };
  const digestOf = async (email: string) => {
    const dataset = listOf(
      `select ${email} as email from (select 'a@example.com' as e union select 'b@example.com') t;`,
      { match },
    );
    return await checkDataset(dataset, { measures: [], threshold: 11 }, { scratch: folder, threads: 1 });
  };
  const text = await digestOf("sha2(e, 256)");
  expect(text).toMatchObject({ people: 2, dropped: [] });
  expect(await digestOf("unhex(sha2(e, 256))")).toMatchObject({
    people: 2,
    dropped: [],
    digest: text.digest,
  });
  expect(await labelsOf("select 'a@example.com' as email, cast('ö' as binary) as value")).toEqual(["ö"]);
});

test.each([
  ["a statement that writes", "delete from people returning *"],
  ["a second statement", "select * from people; delete from people"],
  ["a definition of data", "drop table people"],
  ["no rows", "set @x = 1"],
  [
    "a value in the error",
    "select json_value('{', concat('secret', email)) x, extractvalue('<a/>', concat('secret', email)) from people",
  ],
  ["a column that is not there", "select secret from people"],
])("%s is refused, changes nothing and names no value", async (_, query) => {
  const error = await failureOf(query);
  expect(error.code).toBe("query");
  expect(JSON.stringify([error, error.message, error.stack, error.cause])).not.toContain("secret");
  expect(await admin("select count(*) from people")).toEqual([[ROWS.length]]);
});

test("a time limit of the server is told as the query's", async () => {
  const error = await failureOf("set statement max_statement_time = 0.1 for select sleep(60) as email");
  expect(error.code).toBe("query");
  expect(error.message).toMatch(/The server says ER_STATEMENT_TIMEOUT|error 1969/);
  expect(error.message).toContain("its time limit or somebody there ended it");
});

test("a text with NUL ends with its row and column", async () => {
  expect((await failureOf("select convert(concat('a', char(0)) using utf8mb4) as email")).message).toMatch(
    /row 1, column "email": .*NUL/,
  );
});

function placeWith(parameters: Record<string, string>, spoil: (url: URL) => void = () => undefined): Place {
  const changed = new URL(url);
  for (const [name, value] of Object.entries(parameters)) changed.searchParams.set(name, value);
  spoil(changed);
  process.env[OTHER] = changed.href;
  return { urlVariable: OTHER };
}

const CA = process.env["HALFROOM_TEST_MYSQL_CA"] ?? "";
const LINE = `select 'a@example.com' as email, if((select variable_value from information_schema.session_status
  where variable_name = 'Ssl_cipher') = '', 'plain', 'TLS') as value`;
test.skipIf(CA === "").each<[string, Record<string, string>, host: string, line: string]>([
  ["nothing", {}, "127.0.0.1", "TLS"],
  ["DISABLED", { "ssl-mode": "DISABLED" }, "127.0.0.1", "plain"],
  ["REQUIRED", { "ssl-mode": "required" }, "127.0.0.1", "TLS"],
  ["VERIFY_CA", { "ssl-mode": "VERIFY_CA", "ssl-ca": CA }, "127.0.0.1", "TLS"],
  ["VERIFY_IDENTITY", { "ssl-mode": "VERIFY_IDENTITY", "ssl-ca": CA }, "localhost", "TLS"],
])("ssl-mode %s means what it means in MySQL's programs", async (_, parameters, host, line) => {
  expect(
    await labelsOf(
      LINE,
      {},
      placeWith(parameters, (changed) => (changed.hostname = host)),
    ),
  ).toEqual([line]);
});

test("a socket of this machine", async () => {
  const [[socket] = []] = await admin("select @@socket");
  const place = placeWith({ socket: String(socket) }, (changed) => (changed.hostname = "nowhere.invalid"));
  expect(await labelsOf(LINE, {}, place)).toEqual(["plain"]);
});

test.each<[string, Record<string, string>, (url: URL) => void, code: string, words: RegExp]>([
  ["a wrong password", {}, (u) => (u.password = "wrong"), "connection", /ER_ACCESS_DENIED_ERROR/],
  ["no server", {}, (u) => (u.port = "1"), "connection", /ECONNREFUSED/],
  ["no such database", {}, (u) => (u.pathname = "/none"), "connection", /ER_BAD_DB_ERROR/],
  [
    "an authority that nobody knows",
    { "ssl-mode": "VERIFY_IDENTITY" },
    (u) => (u.hostname = "localhost"),
    "connection",
    /SELF_SIGNED_CERT.*ssl-ca=/,
  ],
  [
    "an address to verify",
    { "ssl-mode": "VERIFY_IDENTITY" },
    () => undefined,
    "credentials",
    /needs the host's name/,
  ],
  ["VERIFY_CA without an authority", { "ssl-mode": "VERIFY_CA" }, () => undefined, "credentials", /ssl-ca=/],
  ["no mode", { "ssl-mode": "secret" }, () => undefined, "credentials", /ssl-mode is none of DISABLED/],
  ["another parameter", { secret: "secret" }, () => undefined, "credentials", /leave others out/],
])("%s is told with its remedy, and without the password", async (_, parameters, spoil, code, words) => {
  const { password } = new URL(url);
  const error = await failureOf("select 1 as email", placeWith(parameters, spoil));
  expect(error.code).toBe(code);
  expect(error.message).toMatch(words);
  expect(JSON.stringify([error, error.message, error.stack])).not.toMatch(new RegExp(`${password}|secret`));
});

test.each([10, 600, 60_000])(
  "a connection that drops after %i bytes is an error, not a short list",
  async (bytes) => {
    process.env[OTHER] = await cuttingServer(url, () => bytes, servers);
    expect((await failureOf(QUERY, { urlVariable: OTHER })).code).toBe("connection");
  },
);

// Against a real PostgreSQL server (test/database/postgres.ts).
import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkDataset, datasetSchema, InputError, preparePeople } from "../src/index.ts";
import { cuttingServer } from "./cutting-server.ts";
import { checked, COLUMNS, definition, someRows, writeSources } from "./datasets.ts";

const VARIABLE = "HALFROOM_TEST_POSTGRES";
const ROWS = someRows(2000);
const REQUEST = {
  match: ["email"],
  measures: [
    { name: "amount", low: 0n, high: 30_000n, decimals: 2 },
    { name: "net", low: -1000n, high: 20_000n, decimals: 2 },
  ],
  partitions: [["age_band", "country", "vip", "week", "frequency"]],
};
const QUERY = "select * from people order by line";

let folder: string;
let url: string;
const servers: Server[] = [];
beforeAll(async () => {
  url = process.env[VARIABLE]!;
  folder = await mkdtemp(join(tmpdir(), "halfroom-database-"));
  await admin(async (client) => {
    await client.query("drop table if exists people; drop table if exists notes");
    await client.query(`create table people (line serial, email text, phone text, amount numeric(12, 2), age integer,
      country text, ts date, vip boolean, visits smallint)`);
    await client.query("create table notes (text text)");
    const values = ROWS.map((row) => COLUMNS.map((name) => row[name]));
    await client.query(
      `insert into people (${COLUMNS.join(", ")}) select r->>0, r->>1, (r->>2)::numeric, (r->>3)::int, r->>4,
        (r->>5)::date, (r->>6)::boolean, (r->>7)::smallint from json_array_elements($1::json) r`,
      [JSON.stringify(values)],
    );
  });
});
afterAll(async () => {
  servers.forEach((server) => server.close());
  await admin((client) => client.query("drop table people; drop table notes"));
  await rm(folder, { recursive: true });
});

async function admin<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const dataset = (postgres: { query: string; url?: string; urlVariable?: string; urlFile?: string }) =>
  datasetSchema.parse(definition({ postgres }));
const prepare = (postgres: Parameters<typeof dataset>[0], request = REQUEST) =>
  preparePeople(dataset(postgres), request, { scratch: folder });

async function failureOf(work: Promise<unknown>): Promise<InputError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  expect((await readdir(folder)).filter((name) => name.startsWith("halfroom-prepare-"))).toEqual([]);
  return error as InputError;
}

test("a query gives the same people, digest and check as a CSV file", async () => {
  const { csv } = await writeSources(folder, ROWS);
  const fromFile = await preparePeople(datasetSchema.parse(definition(csv!)), REQUEST, { scratch: tmpdir() });
  const fromQuery = await prepare({ urlVariable: VARIABLE, query: QUERY });
  expect(fromQuery.count).toBeGreaterThan(500);
  expect(Buffer.from(fromQuery.digest).toString("hex")).toBe(Buffer.from(fromFile.digest).toString("hex"));
  const {
    dropped: _,
    source: _files,
    ...check
  } = await checkDataset(
    datasetSchema.parse(definition(csv!)),
    {
      measures: checked(REQUEST.measures),
      threshold: 20,
    },
    { scratch: tmpdir() },
  );
  const other = checkDataset(
    dataset({ urlVariable: VARIABLE, query: QUERY }),
    {
      measures: checked(REQUEST.measures),
      threshold: 20,
    },
    { scratch: tmpdir() },
  );
  expect(await other).toMatchObject(check);
});

test("NULL and the empty text stay apart, and odd texts come through", async () => {
  const query = `select * from (values ('a@b.cd', null), ('b@b.cd', ''), ('c@b.cd', E'x,"y"\\n\\\\.\\r\\nz'),
    ('d@b.cd', '\\N')) v(email, label)`;
  const { partitions } = await preparePeople(
    datasetSchema.parse({
      name: "odd",
      source: { postgres: { urlVariable: VARIABLE, query } },
      match: { email: { columns: "email" } },
      dimensions: { label: { expression: `coalesce("label", '(null)')`, null: { label: "(empty)" } } },
    }),
    { match: ["email"], measures: [], partitions: [["label"]] },
    { scratch: tmpdir() },
  );
  expect(new Set(partitions[0]!.labels.map(([label]) => label))).toEqual(
    new Set(["(empty)", "(null)", "\\N", 'x,"y"\n\\.\r\nz']),
  );
});

test("the credentials may stand in a file that nobody else can read", async () => {
  const urlFile = join(folder, "url");
  await writeFile(urlFile, `${url}\n`, { mode: 0o600 });
  expect((await prepare({ urlFile, query: QUERY })).count).toBeGreaterThan(500);
  await chmod(urlFile, 0o644);
  const error = await failureOf(prepare({ urlFile, query: QUERY }));
  expect(error).toMatchObject({ code: "credentials", file: urlFile });
});

test("a definition may not hold a password", () => {
  const parsed = datasetSchema.safeParse(
    definition({ postgres: { url: "postgres://me:secret@example.com/db", query: QUERY } }),
  );
  expect(parsed.success).toBe(false);
  expect(JSON.stringify(parsed.error)).not.toContain("secret");
});

test.each([
  ["a query that writes", "with gone as (delete from people returning *) select * from gone"],
  ["a second statement", "select * from people) to stdout; insert into notes values ('x'); copy (select 1"],
  ["a call that writes", "select setval('people_line_seq', 1) as email"],
  ["no query", "drop table people"],
])("%s is refused and changes nothing", async (_, query) => {
  const error = await failureOf(prepare({ urlVariable: VARIABLE, query }));
  expect(error.code).toBe("query");
  const counts = await admin((client) =>
    client.query("select (select count(*) from people)::int p, (select count(*) from notes)::int n"),
  );
  expect(counts.rows[0]).toEqual({ p: ROWS.length, n: 0 });
});

test("an error of the query names no value", async () => {
  const error = await failureOf(
    prepare({ urlVariable: VARIABLE, query: "select *, ('secret' || email)::int from people" }),
  );
  expect(error).toMatchObject({ code: "query" });
  expect(error.message).toContain("22P02");
  expect(JSON.stringify([error, error.message, error.stack, error.cause])).not.toContain("secret");
});

test.each([
  ["a wrong password", (good: URL) => (good.password = "wrong"), "28P01"],
  ["no server", (good: URL) => (good.port = "1"), "ECONNREFUSED"],
  ["no such database", (good: URL) => (good.pathname = "/none"), "3D000"],
])("%s is an error of the connection, without the password", async (_, spoil, state) => {
  const bad = new URL(url);
  const { password } = bad;
  spoil(bad);
  process.env["HALFROOM_TEST_SPOILT"] = bad.href;
  const error = await failureOf(prepare({ urlVariable: "HALFROOM_TEST_SPOILT", query: QUERY }));
  expect(error).toMatchObject({ code: "connection" });
  expect(error.message).toContain(state);
  expect(error.message).not.toContain(password);
  expect(error.message).not.toContain("wrong");
});

test("a variable that is not set is named", async () => {
  const error = await failureOf(prepare({ urlVariable: "HALFROOM_TEST_NOT_SET", query: QUERY }));
  expect(error).toMatchObject({ code: "credentials" });
  expect(error.message).toContain("HALFROOM_TEST_NOT_SET");
});

test.each([10, 600, 60_000])(
  "a connection that drops after %i bytes is an error, not a short list",
  async (bytes) => {
    process.env["HALFROOM_TEST_PROXY"] = await cuttingServer(url, () => bytes, servers);
    const error = await failureOf(prepare({ urlVariable: "HALFROOM_TEST_PROXY", query: QUERY }));
    expect(error).toMatchObject({ code: "connection" });
  },
);

// What SQLite's files hold beyond rows of one type a column, and what is wrong with one as a whole.
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkDataset, datasetSchema, InputError, preparePeople, type DatasetInput } from "../src/index.ts";

const folder = mkdtempSync(join(tmpdir(), "halfroom-sqlite-"));
const FILE = join(folder, "crm.db");
beforeAll(() => {
  const database = new DatabaseSync(FILE);
  database.exec("create table people (email, value); insert into people values ('a@example.com', 1)");
  database.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

type Sqlite = Extract<DatasetInput["source"], { sqlite?: unknown }>["sqlite"];
type Definition = Omit<DatasetInput, "name" | "source" | "match"> & Partial<Pick<DatasetInput, "match">>;

function datasetOf(sqlite: NonNullable<Sqlite>, definition: Definition) {
  return datasetSchema.parse({
    name: "list",
    source: { sqlite },
    match: { email: { columns: "email" } },
    ...definition,
  });
}

/** One person a value; `values` are SQL. */
const listOf = (values: readonly string[]): string =>
  values.map((value, i) => `select 'p${i}@example.com' as email, ${value} as value`).join(" union all ");

async function labelsOf(values: readonly string[]): Promise<string[]> {
  const dataset = datasetOf(
    { file: FILE, query: listOf(values) },
    { dimensions: { value: { null: { label: "(null)" } } } },
  );
  const request = { match: ["email"], measures: [], partitions: [["value"]] };
  const { partitions } = await preparePeople(dataset, request, { scratch: folder });
  return partitions[0]!.labels.map(([label]) => label!).sort();
}

test.each([
  ["whole numbers", ["1", "9223372036854775807", "null"], ["(null)", "1", "9223372036854775807"]],
  ["numbers of both kinds", ["1", "2.5", "4.0", "-0.25"], ["-0.25", "1", "2.5", "4"]],
  [
    "whole numbers that no double holds beside others",
    ["9007199254740993", "2.5"],
    ["2.5", "9007199254740993"],
  ],
  ["texts and numbers", ["'x'", "7", "4915112345678.0", "''"], ["(null)", "4915112345678", "7", "x"]],
  ["texts in quotes, with line breaks", [`'a,"b"' || char(10) || '\\x41'`, `'c'`], ['a,"b"\n\\x41', "c"]],
  [
    "texts that look like bytes",
    [String.raw`'\x41'`, String.raw`'\xZZ'`, "'plain'"],
    [String.raw`\x41`, String.raw`\xZZ`, "plain"],
  ],
  ["bytes that are text", ["x'c3a4'", "'ö'", String.raw`'\x41'`], [String.raw`\x41`, "ä", "ö"]],
])("%s", async (_, values, labels) => {
  expect(await labelsOf(values)).toEqual(labels);
});

test("digests as bytes, also beside digests as text, are those digests", async () => {
  const match = { email: { columns: "value", hashed: true } };
  const hex = (byte: string): string => byte.repeat(32);
  const check = (values: string[]) =>
    checkDataset(
      datasetOf({ file: FILE, query: listOf(values) }, { match }),
      { measures: [], threshold: 11 },
      { scratch: folder },
    );
  const texts = await check([`'${hex("ab")}'`, `'${hex("cd")}'`]);
  expect(texts.people).toBe(2);
  for (const values of [
    [`x'${hex("ab")}'`, `x'${hex("cd")}'`],
    [`x'${hex("ab")}'`, `'${hex("cd")}'`],
  ]) {
    expect(await check(values)).toMatchObject({ people: 2, dropped: [], digest: texts.digest });
  }
});

test("a whole number that a double may have changed is nobody's id", async () => {
  const match = { card: { type: "custom" as const, columns: "value" } };
  const dataset = datasetOf({ file: FILE, query: listOf(["9007199254740994.0", "5.0"]) }, { match });
  const { people, dropped } = await checkDataset(
    dataset,
    { measures: [], threshold: 11 },
    { scratch: folder },
  );
  expect(people).toBe(1);
  expect(dropped).toMatchObject([{ rows: 1, reason: expect.stringContaining("card: ") }]);
});

async function failureOf(sqlite: NonNullable<Sqlite>): Promise<InputError> {
  const check = checkDataset(datasetOf(sqlite, {}), { measures: [], threshold: 11 }, { scratch: folder });
  const error = await check.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  expect(readdirSync(folder).filter((name) => name.startsWith("halfroom-prepare-"))).toEqual([]);
  return error as InputError;
}

test.each([
  ["a statement that writes", "delete from people returning *"],
  ["a second statement", "select * from people; delete from people"],
  ["another file", `attach '${FILE}' as other`],
  ["no query", "drop table people"],
  ["nothing", ";"],
  ["an error with a value in it", "select json_extract('{}', '$' || 'secret[') as email"],
  ["a column that is not there", "select secret from people"],
])("%s is refused", async (_, query) => {
  const error = await failureOf({ file: FILE, query });
  expect(error.message).toMatch(/the database refused the query\. SQLITE_ERROR: .*one SELECT/);
  expect(error.message).not.toContain("secret");
});

test("a file that is no database, not there, without the table or with too long a row is told as that", async () => {
  const other = join(folder, "other.db");
  const failure = () => failureOf({ file: other, table: "people" });
  expect(await failure()).toMatchObject({ code: "unreadable", file: other });
  writeFileSync(other, "email\na@example.com\n".repeat(100));
  expect(await failure()).toMatchObject({ code: "damaged", file: other });
  expect((await failureOf({ file: FILE, table: "none" })).code).toBe("query");
  expect((await failureOf({ file: FILE, query: "select hex(zeroblob(600000)) as email" })).code).toBe("size");
});

test("a file that may not be written to is read, and all of this has left it as it was", async () => {
  chmodSync(FILE, 0o400);
  expect(await labelsOf(["(select value from people)"])).toEqual(["1"]);
  expect(readdirSync(folder)).not.toContain("crm.db-wal");
});

test("a definition names a table or a query", () => {
  const sound = (sqlite: object) =>
    datasetSchema.safeParse({ name: "d", source: { sqlite }, match: { email: { columns: "e" } } }).success;
  expect(sound({ file: "a.db", table: "t" })).toBe(true);
  expect(sound({ file: "a.db" })).toBe(false);
  expect(sound({ file: "a.db", table: "t", query: "select 1" })).toBe(false);
  expect(sound({ table: "t" })).toBe(false);
});

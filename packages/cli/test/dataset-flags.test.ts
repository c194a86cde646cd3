// The flags of `dataset add` as the definitions that config.yaml would hold.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { definitionOf, NO_FLAGS, type DefinitionFlags } from "../src/commands/node/dataset-flags.ts";
import { OperatorError } from "../src/failure.ts";

const folder = mkdtempSync(join(tmpdir(), "halfroom-flags-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string) => {
  writeFileSync(join(folder, name), "");
  return join(folder, name);
};

const CSV = file("people.csv");

function flags(given: Partial<DefinitionFlags>): DefinitionFlags {
  return { ...NO_FLAGS, file: [CSV], match: ["email=email"], ...given };
}

const of = (given: Partial<DefinitionFlags>) => definitionOf(flags(given));

async function messageOf(given: Partial<DefinitionFlags>): Promise<string> {
  const error = await of(given).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(OperatorError);
  expect((error as OperatorError).exit).toBe(2);
  return (error as OperatorError).message;
}

test.each([
  [{ file: [CSV] }, { csv: CSV }],
  [{ file: [file("a.csv.gz")] }, { csv: join(folder, "a.csv.gz") }],
  [{ file: [file("a.jsonl.gz")] }, { ndjson: join(folder, "a.jsonl.gz") }],
  [{ file: [file("a.PARQUET")] }, { parquet: join(folder, "a.PARQUET") }],
  [{ file: [join(folder, "*.ndjson")] }, { ndjson: join(folder, "*.ndjson") }],
  [
    { file: [file("A.TSV.ZST")], encoding: "utf-16le" },
    { csv: join(folder, "A.TSV.ZST"), encoding: "utf-16le" },
  ],
  [
    { file: [CSV], delimiter: ";" },
    { csv: CSV, delimiter: ";" },
  ],
  [{ file: [CSV, file("b.csv")] }, { csv: [CSV, join(folder, "b.csv")] }],
  [{ file: [folder], format: "parquet" }, { parquet: folder }],
  [
    { file: [], "postgres-query": "select 1", "postgres-url-variable": "CRM" },
    { postgres: { urlVariable: "CRM", query: "select 1" } },
  ],
  [{ file: [], "postgres-query": "select 1" }, { postgres: { query: "select 1" } }],
  [
    { file: [], "mysql-query": "select 1", "mysql-url": "mysql://h/d" },
    { mysql: { url: "mysql://h/d", query: "select 1" } },
  ],
  [
    { file: [], "postgres-query": "select 1", "postgres-url-file": "/secrets/url" },
    { postgres: { urlFile: "/secrets/url", query: "select 1" } },
  ],
  [
    { file: [file("crm.db")], "sqlite-table": "people" },
    { sqlite: { file: join(folder, "crm.db"), table: "people" } },
  ],
  [{ file: ["s3://bucket/crm/*.csv.gz"] }, { csv: "s3://bucket/crm/*.csv.gz" }],
  [
    { file: ["s3://bucket/a", "s3://bucket/b/"], format: "parquet" },
    { parquet: ["s3://bucket/a", "s3://bucket/b/"] },
  ],
  [{ file: [CSV], "sqlite-query": "select 1" }, { sqlite: { file: CSV, query: "select 1" } }],
])("the source of %j", async (given, source) => {
  expect((await of(given)).source).toEqual(source);
});

test("types of dates may have formats, and a dataset a zone", async () => {
  const type = [
    "amount=decimal(12,2)",
    "a=b=date:format=%d.%m.%Y",
    "at=timestamp:format=%m/%d/%Y %H:%M|%Y%m%d",
    "x=y:format==text",
  ];
  expect(await of({ type, zone: "Europe/Berlin" })).toMatchObject({
    columns: {
      amount: "decimal(12,2)",
      "a=b": { type: "date", format: "%d.%m.%Y" },
      at: { type: "timestamp", format: ["%m/%d/%Y %H:%M", "%Y%m%d"] },
      "x=y:format=": "text",
    },
    zone: "Europe/Berlin",
  });
  expect(await messageOf({ file: [], "postgres-query": "select 1", delimiter: ";" })).toMatch(
    /are for files of text/,
  );
});

test("match keys have types, columns and the options that fit them", async () => {
  const { match } = await of({
    match: [
      "email=mail",
      "phone=home,mobile",
      "work:email=office",
      "postal=street,zip,city",
      "card:custom=no=1",
    ],
    profile: "meta",
    region: "DE",
    plus: "yes",
    hashed: ["email"],
  });
  expect(match).toEqual({
    email: { columns: "mail", profile: "meta", hashed: true },
    phone: { columns: ["home", "mobile"], profile: "meta", region: "DE", plus: true },
    work: { type: "email", columns: "office", profile: "meta" },
    postal: { columns: ["street", "zip", "city"] },
    card: { type: "custom", columns: "no=1" },
  });
});

test("dimensions and measures have columns, expressions and options, from the right", async () => {
  const { dimensions, measures, ...rest } = await of({
    dimension: [
      "campaign",
      "age band=age:bands=18,25,35:null=unknown",
      "f=visits:frequency:pick=sum",
      "w=ts:week:last-by=changed",
      "m=ts:month:null=drop:pick=most-frequent",
      "a:b=c:d",
      "tier",
    ],
    measure: ["amount", "net", "tax=tax:vat:null=drop"],
    expression: ["net=round(amount * 0.81, 2)", "tier=case when amount > 5 then 'a=b' end"],
    type: ["amount=decimal(12,2)", "a=b=date"],
    person: "id",
    time: "ts",
    where: "amount > 0",
    population: "customers",
  });
  expect(dimensions).toEqual({
    campaign: {},
    "age band": { column: "age", derive: { bands: [18, 25, 35] }, null: { label: "unknown" } },
    f: { column: "visits", derive: "frequency", pick: "sum" },
    w: { column: "ts", derive: "week", pick: { lastBy: "changed" } },
    m: { column: "ts", derive: "month", null: "drop", pick: "most frequent" },
    "a:b": { column: "c:d" },
    tier: { expression: "case when amount > 5 then 'a=b' end" },
  });
  expect(measures).toEqual({
    amount: {},
    net: { expression: "round(amount * 0.81, 2)" },
    tax: { column: "tax:vat", null: "drop" },
  });
  expect(rest).toEqual({
    source: { csv: CSV },
    match: { email: { columns: "email" } },
    columns: { amount: "decimal(12,2)", "a=b": "date" },
    person: "id",
    time: { column: "ts" },
    where: "amount > 0",
    population: "customers",
  });
});

mkdirSync(join(folder, "parts"));
test.each([
  [{ file: [] }, /Where is the data\?/],
  [{ "postgres-query": "select 1" }, /Where is the data\?/],
  [{ "postgres-url": "postgres://h/d" }, /need --postgres-query/],
  [{ file: [], "postgres-query": "select 1", "mysql-query": "select 1" }, /Where is the data\?/],
  [{ "mysql-url-file": "url" }, /need --mysql-query/],
  [{ file: [], "postgres-query": "select 1", "sqlite-table": "t" }, /need --file with the database/],
  [{ "sqlite-table": "t", "sqlite-query": "select 1" }, /either --sqlite-table or --sqlite-query/],
  [{ file: [CSV, CSV], "sqlite-table": "t" }, /is one --file/],
  [{ "sqlite-table": "t", delimiter: ";" }, /--delimiter and --encoding are for files of text/],
  [{ file: [file("b.sqlite3")] }, /say --sqlite-table NAME or --sqlite-query SQL/],
  [{ file: [join(folder, "none.csv")] }, /--file .*none\.csv: there is no such file/],
  [{ file: [join(folder, "parts")] }, /--format csv, ndjson or parquet/],
  [{ file: [CSV, file("c.parquet")] }, /--format csv, ndjson or parquet/],
  [{ match: ["email"] }, /--match email: a column is missing/],
  [{ match: ["email=a,,b"] }, /a column is missing/],
  [{ match: ["emial=a"] }, /--match emial=a: its type must be one of email, phone/],
  [{ match: ["email=a", "email=b"] }, /"email" is given twice/],
  [{ region: "DE" }, /are for telephone numbers/],
  [{ hashed: ["phone"] }, /--hashed phone: there is no --match of that name/],
  [{ dimension: ["a", "a=b"] }, /"a" is given twice/],
  [{ dimension: ["=b"] }, /a name is missing/],
  [{ dimension: ["a=b:pick=last"] }, /pick must be one of first, most-frequent, sum/],
  [{ measure: ["a="] }, /--measure a=: a name is missing/],
  [{ expression: ["a=1"] }, /--expression a: there is no --dimension or --measure/],
  [{ measure: ["a"], expression: ["a= "] }, /a part is missing/],
  [{ type: ["a"] }, /--type a: a part is missing/],
] as const)("%j is refused, naming the flag", async (given, words) => {
  expect(await messageOf(given as Partial<DefinitionFlags>)).toMatch(words);
});

test("how cells and numbers are written is said for a key, for a measure and for all columns", async () => {
  const definition = await of({
    match: ["email=email", "phone=tel"],
    split: ["email=;", "phone==="],
    "null-word": ["N/A", "\\N"],
    measure: ["amount:round", "net=total:null=drop:format=1.234,56", "plain"],
  });
  expect(definition).toMatchObject({
    match: { email: { split: ";" }, phone: { split: "==" } },
    nullWords: ["N/A", "\\N"],
    measures: {
      amount: { round: true },
      net: { column: "total", null: "drop", format: "1.234,56" },
      plain: {},
    },
  });
  expect(await messageOf({ split: ["email"] })).toContain("--split email");
  expect(await messageOf({ split: ["card=;"] })).toContain("there is no --match of that name");
});

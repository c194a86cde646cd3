// What real files get wrong: each an error that names file, row, field and remedy and never a value, and nothing is left.
import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { allNumbers } from "@halfroom/crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { datasetSchema, InputError, preparePeople } from "../src/index.ts";
import type { DatasetInput, PreparedPeople } from "../src/index.ts";
import { someRows, writeSources } from "./datasets.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "halfroom-hostile-"));
});
afterAll(() => rm(folder, { recursive: true }));

const AMOUNT = { name: "amount", low: 0n, high: 10_000n, decimals: 2 };

function prepare(source: DatasetInput["source"], more: Partial<DatasetInput> = {}): Promise<PreparedPeople> {
  const dataset = datasetSchema.parse({
    name: "hostile",
    source,
    match: { email: { columns: "email" } },
    measures: { amount: {} },
    ...more,
  });
  return preparePeople(
    dataset,
    { match: ["email"], measures: [AMOUNT], partitions: [] },
    { scratch: folder },
  );
}

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function failureOf(work: Promise<unknown>): Promise<InputError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  const { file, remedy, message, stack, cause } = error as InputError;
  expect(file).not.toBe("");
  expect(remedy.length).toBeGreaterThan(10);
  expect(JSON.stringify([error, message, stack, cause])).not.toContain("secret");
  expect((await readdir(folder)).filter((name) => name.startsWith("halfroom-prepare-"))).toEqual([]);
  return error as InputError;
}

const GOOD = "email,amount\na@b.cd,1.50\nb@b.cd,2\n";
const bytes = (...parts: (string | number)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.of(part))));

test.each([
  ["a BOM", `\ufeff${GOOD}`],
  ["CRLF", GOOD.replaceAll("\n", "\r\n")],
  ["CR", GOOD.replaceAll("\n", "\r")],
  ["mixed line ends", "email,amount\r\na@b.cd,1.50\nb@b.cd,2\r"],
  ["blank lines", "\n\nemail,amount\n\na@b.cd,1.50\n\n\nb@b.cd,2\n\n"],
  ["no last line end", GOOD.trimEnd()],
  ["quotes everywhere", '"email","amount"\n"a@b.cd","1.50"\n"b@b.cd","2"\n'],
  ["line breaks in fields", 'email,amount,note\na@b.cd,1.50,"x\ny"\nb@b.cd,2,"\r\n""\n"\n'],
  ["another column twice", "x,email,amount,x\n1,a@b.cd,1.50,2\n1,b@b.cd,2,2\n"],
  ["columns that differ in case alone", "EMAIL,email,amount\nno,a@b.cd,1.50\nno,b@b.cd,2\n"],
  ["columns with names of SQL", 'email,amount,"a"" from x; --","select"\na@b.cd,1.50,1,2\nb@b.cd,2,1,2\n'],
])("%s is no obstacle", async (_, content) => {
  const prepared = await prepare({ csv: await write("good.csv", content) });
  expect(prepared.counts).toMatchObject({ rows: 2, people: 2, dropped: {} });
  expect((await allNumbers(prepared.measures[0]!)).toSorted()).toEqual(BigInt64Array.of(150n, 200n));
});

test.each([
  ["unbalanced quotes", 'email,amount\na@b.cd,1\n"secret,2\n', { code: "quotes", row: 3 }],
  ["a quote inside a field", 'email,amount\nsecret"x@b.cd,2\n', { code: "quotes", row: 2 }],
  ["a field too many", "email,amount\nsecret@b.cd,2,3\n", { code: "fields", row: 2 }],
  ["a field of 10 MB", `email,amount\na@b.cd,"${"secret".repeat(1_700_000)}"\n`, { code: "size", row: 2 }],
  ["a NUL byte", bytes("email,amount\na@b.cd,1\nsecret", 0, "@b.cd,2\n"), { code: "encoding", row: 3 }],
  [
    "Latin-1",
    bytes("email,amount\nsecr\u00e9t".slice(0, -1), 0xe9, "secret@b.cd,2\n"),
    { code: "encoding", row: 2 },
  ],
  ["UTF-16", Buffer.from(GOOD, "utf16le"), { code: "encoding", row: 1 }],
  ["a missing column", "mail,amount\nsecret@b.cd,2\n", { code: "missing", field: "email" }],
  ["a separator of two kinds", "email;a,amount\nsecret@b.cd;2,3\n", { code: "delimiter" }],
  ["a column twice", "email,amount,email\nsecret@b.cd,2,x\n", { code: "twice", field: "email" }],
  ["no header", "", { code: "empty" }],
])("%s in CSV is refused", async (_, content, place) => {
  const file = await write("bad.csv", content);
  expect(await failureOf(prepare({ csv: file }))).toMatchObject({ file, ...place });
  const packed = await write("bad.csv.gz", gzipSync(content));
  expect(await failureOf(prepare({ csv: packed }))).toMatchObject({ file: packed, ...place });
});

test("the header as a row again is a row like any other: dropped and counted", async () => {
  const file = await write("twice.csv", `${GOOD}email,amount\nc@b.cd,3\n`);
  const { counts } = await prepare({ csv: file });
  expect(counts).toMatchObject({ rows: 4, people: 3, dropped: { "email: invalid": 1 } });
  expect(counts.examples).toEqual({ "email: invalid": [4] });
});

test("wrong types are dropped by reason and row, through blank lines and line breaks", async () => {
  const file = await write(
    "types.csv",
    'email,amount,age,note\n\na@b.cd,secret,1,"x\ny"\n\nb@b.cd,1.005,2,\nc@b.cd,1,secret,\nd@b.cd,1e400,4,\ne@b.cd,5,,\n' +
      `f@b.cd,${"9".repeat(40)},1,\n`,
  );
  const { counts } = await prepare({ csv: file }, { columns: { age: "integer" } });
  expect(counts).toMatchObject({
    rows: 6,
    people: 1,
    dropped: {
      "amount: not a decimal number": 1,
      "amount: not a decimal number: an exponent": 1,
      "amount: more than 2 decimals": 1,
      "age: not of type integer": 1,
      "amount: too large": 1,
    },
    examples: {
      "amount: not a decimal number": [3],
      "amount: not a decimal number: an exponent": [7],
      "amount: more than 2 decimals": [5],
      "age: not of type integer": [6],
      "amount: too large": [9],
    },
  });
});

test.each([
  ["a half line", '{"email":"a@b.cd","amount":1}\n{"email":"secret', { code: "json", row: 2 }],
  ["an array", '{"email":"a@b.cd"}\n["secret"]\n', { code: "json", row: 2 }],
  ["a field twice", '{"email":"a@b.cd"}\n\n{"email":"secret","email":"x"}\n', { code: "json", row: 3 }],
  ["two objects a line", '{"email":"a@b.cd"} {"email":"secret"}\n', { code: "json", row: 1 }],
  [
    "bytes that are no UTF-8",
    bytes('{"email":"a@b.cd"}\n{"email":"secret', 0xff, '"}\n'),
    { code: "encoding", row: 2 },
  ],
  ["a NUL byte", bytes('{"email":"secret', 0, '"}\n'), { code: "encoding", row: 1 }],
  [
    "a field of 10 MB",
    `{"email":"a@b.cd"}\n{"email":"${"secret".repeat(1_700_000)}"}\n`,
    { code: "size", row: 2 },
  ],
  ["no such field", '{"mail":"secret@b.cd","amount":1}\n', { code: "missing", field: "email" }],
])("%s in NDJSON is refused", async (_, content, place) => {
  const file = await write("bad.ndjson", content);
  expect(await failureOf(prepare({ ndjson: file }))).toMatchObject({ file, ...place });
});

test("numbers of JSON are exact up to 15 digits; longer ones have to stand in quotes", async () => {
  const file = await write(
    "numbers.ndjson",
    '{"email":"a@b.cd","amount":1.50}\n{"email":"b@b.cd","amount":"99.99"}\n{"email":"c@b.cd","amount":1234567890123.4567}\n' +
      '{"email":"d@b.cd","amount":12345678901234567890}\n{"email":"e@b.cd"}\n{"email":"f@b.cd","amount":null}\n',
  );
  const { counts, measures } = await prepare({ ndjson: file });
  expect(counts).toMatchObject({
    people: 5,
    dropped: { "amount: a JSON number of more than 15 digits": 1 },
    examples: { "amount: a JSON number of more than 15 digits": [3] },
  });
  expect([...(await allNumbers(measures[0]!))].map(Number).sort((a, b) => a - b)).toEqual([
    0, 0, 150, 9999, 10_000,
  ]);
});

test("a Parquet file that is cut short, or is none, is refused", async () => {
  const { parquet } = await writeSources(folder, someRows(500));
  const whole = await readFile((parquet as { parquet: string }).parquet);
  for (const [name, content] of [
    ["short.parquet", whole.subarray(0, whole.length - 100)],
    ["head.parquet", whole.subarray(0, 100)],
    ["none.parquet", Buffer.from("secret")],
    ["empty.parquet", Buffer.alloc(0)],
  ] as const) {
    const file = await write(name, content);
    expect(await failureOf(prepare({ parquet: file }))).toMatchObject({ code: "damaged", file });
  }
  const file = (parquet as { parquet: string }).parquet;
  const other = { match: { email: { columns: "mail" } } };
  expect(await failureOf(prepare({ parquet: file }, other))).toMatchObject({
    code: "missing",
    file,
    field: "mail",
  });
});

test("a gzip file that is cut short is refused, whatever is in it", async () => {
  const packed = gzipSync(GOOD.repeat(1000));
  const file = await write("short.csv.gz", packed.subarray(0, packed.length - 9));
  expect(await failureOf(prepare({ csv: file }))).toMatchObject({ code: "damaged", file });
  const json = gzipSync('{"email":"a@b.cd","amount":1}\n'.repeat(1000));
  const ndjson = await write("short.ndjson.gz", json.subarray(0, json.length - 9));
  expect(await failureOf(prepare({ ndjson }))).toMatchObject({ file: ndjson });
});

test("a folder means its parts, and an error names the part", async () => {
  const parts = join(folder, "parts");
  await mkdir(parts);
  await write("parts/1.csv", GOOD);
  await write("parts/2.csv.gz", gzipSync("amount,email\n7,c@b.cd\n"));
  await write("parts/notes.txt", "secret");
  expect((await prepare({ csv: parts })).counts).toMatchObject({ rows: 3, people: 3 });
  const bad = await write("parts/3.csv", "email,amount\na@b.cd,1\nsecret\n");
  expect(await failureOf(prepare({ csv: parts }))).toMatchObject({ code: "fields", file: bad, row: 3 });
});

test("nothing where files should be is an error", async () => {
  const none = join(folder, "none.csv");
  expect(await failureOf(prepare({ csv: none }))).toMatchObject({ code: "unreadable", file: none });
  const glob = join(folder, "none-*.csv");
  expect(await failureOf(prepare({ csv: glob }))).toMatchObject({ code: "nofiles", file: glob });
});

test("an expression that cannot be computed is named, the value is not", async () => {
  const file = await write("text.csv", "email,amount,note\na@b.cd,1,secret\n");
  const bound = prepare({ csv: file }, { where: "nota > 'x'" });
  expect(await failureOf(bound)).toMatchObject({ code: "expression", field: "where of the dataset" });
  const measures = { amount: { expression: "note::integer" } };
  expect(await failureOf(prepare({ csv: file }, { measures }))).toMatchObject({ code: "expression" });
});

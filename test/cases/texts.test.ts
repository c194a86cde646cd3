// Files of text as spreadsheets and warehouses write them: separators, encodings, marks, and characters cut in half.
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { desk } from "./reading.ts";

const { at, write, check } = desk();

const DEFINITION = { measures: { amount: {} }, dimensions: { town: {} } };
const ROWS = [
  ["email", "amount", "town"],
  ["a@example.com", "1.50", "Köln"],
  ["b@example.com", "2.50", "Łódź, east"],
  ["c@example.com", "3.50", "A;B|C\tD"],
] as const;
const written = (separator: string, rows: readonly (readonly string[])[] = ROWS, end = "\n") =>
  rows
    .map((row) => row.map((field) => (/[,;|\t]/.test(field) ? `"${field}"` : field)).join(separator) + end)
    .join("");

async function plain(rows = ROWS as readonly (readonly string[])[]): Promise<string> {
  return (await check({ source: { csv: await write("plain.csv", written(",", rows)) }, ...DEFINITION }))
    .digest;
}

test.each([
  ["comma", ","],
  ["semicolon", ";"],
  ["tab", "\t"],
  ["pipe", "|"],
])("a header with one kind of separator says which: %s", async (name, separator) => {
  for (const [file, content] of [
    ["export.csv", written(separator)],
    ["dos.csv", `\ufeff${written(separator, ROWS, "\r\n")}`],
    ["blank.csv", `\n${written(separator, ROWS, "\n\n")}`],
  ] as const) {
    const found = await check({ source: { csv: await write(file, content) }, ...DEFINITION });
    expect(found).toMatchObject({ digest: await plain(), rows: 3, source: { delimiters: [name] } });
  }
});

test("of several separators in a header the only one that fits the rows counts; otherwise nothing is guessed", async () => {
  const heading = [["email", "amount", "town, country"], ...ROWS.slice(1)];
  const semicolons = heading
    .map((row) => row.join(";"))
    .join("\n")
    .replaceAll("A;B|C\tD", "A");
  const definition = { measures: { amount: {} }, dimensions: { town: { column: "town, country" } } };
  const file = await write("names.csv", semicolons);
  expect(await check({ source: { csv: file }, ...definition })).toMatchObject({
    rows: 3,
    source: { delimiters: ["semicolon"] },
  });
  const both = await write("both.csv", "email,a;amount,b\nx@example.com,1;2,3\n");
  await expect(check({ source: { csv: both } })).rejects.toMatchObject({ code: "delimiter", file: both });
  await expect(check({ source: { csv: both } })).rejects.toThrow(/comma and semicolon.*--delimiter/);
  expect(await check({ source: { csv: both, delimiter: "," } })).toMatchObject({ people: 1 });
});

test("a separator that is declared, announced in the file's first line, or named by its ending", async () => {
  const digest = await plain();
  for (const [name, content, delimiter] of [
    ["declared.csv", written(":"), ":"],
    ["controls.csv", written("\u0001"), "\u0001"],
    ["tabs.csv", written("\t"), "tab"],
    ["announced.csv", `sep=;\r\n${written(";")}`, undefined],
    ["marked.csv", `\ufeff"sep=|"\n${written("|")}`, undefined],
    ["ending.TSV", written("\t"), undefined],
  ] as const) {
    const csv = await write(name, content);
    const found = await check({ source: { csv, ...(delimiter && { delimiter }) }, ...DEFINITION });
    expect(found, name).toMatchObject({ digest, rows: 3 });
  }
  // Rows count as a spreadsheet shows them: the line that announces is none.
  const faulty = await write("faulty.csv", `sep=;\n${written(";")}x;y\n`);
  await expect(check({ source: { csv: faulty } })).rejects.toMatchObject({ code: "fields", row: 5 });
});

const utf16 = (text: string, bigEndian = false) => {
  const bytes = Buffer.from(text, "utf16le");
  return bigEndian ? bytes.swap16() : bytes;
};

test("UTF-16 by its mark or by declaration, in CSV and NDJSON", async () => {
  const digest = await plain();
  const csv = written(";");
  const lines = ROWS.slice(1)
    .map(([email, amount, town]) => `${JSON.stringify({ email, amount, town })}\r\n`)
    .join("");
  for (const bigEndian of [false, true]) {
    const encoding = bigEndian ? ("utf-16be" as const) : ("utf-16le" as const);
    for (const mark of ["\ufeff", ""]) {
      const declared = mark === "" ? { encoding } : {};
      const table = await write("wide.csv", utf16(mark + csv, bigEndian));
      expect(await check({ source: { csv: table, ...declared }, ...DEFINITION })).toMatchObject({
        digest,
        source: { encodings: [encoding] },
      });
      const objects = await write("wide.ndjson", utf16(mark + lines, bigEndian));
      expect(await check({ source: { ndjson: objects, ...declared }, ...DEFINITION })).toMatchObject({
        digest,
      });
    }
  }
  const bare = await write("bare.csv", utf16(csv));
  await expect(check({ source: { csv: bare } })).rejects.toMatchObject({ code: "encoding", row: 1 });
  // Half a character in row 3, and a byte too many at the end.
  const half = await write("half.csv", utf16("\ufeffemail;town\na@example.com;x\nb@example.com;\ud83d\n"));
  await expect(check({ source: { csv: half } })).rejects.toMatchObject({ code: "encoding", row: 3 });
  const cut = await write("cut.csv", utf16("\ufeffemail;town\na@example.com;x\n").subarray(0, -1));
  await expect(check({ source: { csv: cut } })).rejects.toMatchObject({ code: "encoding" });
});

test("Windows-1252 only where it is declared, and no byte that it does not have", async () => {
  const western = [
    ["email", "amount", "town"],
    ["a@example.com", "1.50", "Köln €“"],
    ["b@example.com", "2.50", "Æ"],
  ];
  const bytes = Buffer.from(written(";", western).replace("€", "\x80").replace("“", "\x93"), "latin1");
  const csv = await write("western.csv", bytes);
  await expect(check({ source: { csv } })).rejects.toMatchObject({ code: "encoding", row: 2 });
  await expect(check({ source: { csv } })).rejects.toThrow(/--encoding windows-1252/);
  const digest = await plain(western);
  expect(await check({ source: { csv, encoding: "windows-1252" }, ...DEFINITION })).toMatchObject({ digest });
  // A mark says more than a declaration.
  const marked = await write("marked.csv", `\ufeff${written(";", western)}`);
  expect(await check({ source: { csv: marked, encoding: "windows-1252" }, ...DEFINITION })).toMatchObject({
    digest,
  });
  const lines = western
    .slice(1)
    .map(([email, amount, town]) => JSON.stringify({ email, amount, town }))
    .join("\n");
  const ndjson = await write(
    "western.ndjson",
    Buffer.from(lines.replace("€", "\x80").replace("“", "\x93"), "latin1"),
  );
  expect(await check({ source: { ndjson, encoding: "windows-1252" }, ...DEFINITION })).toMatchObject({
    digest,
  });
  const odd = await write("odd.csv", Buffer.from("email;town\na@example.com;x\x81\n", "latin1"));
  await expect(check({ source: { csv: odd, encoding: "windows-1252" } })).rejects.toMatchObject({
    code: "encoding",
    row: 2,
  });
});

test("options of text files belong to text files", async () => {
  for (const source of [
    { parquet: "a", delimiter: ";" },
    { ndjson: "a", delimiter: ";" },
    { parquet: "a", encoding: "utf-8" as const },
  ])
    await expect(check({ source })).rejects.toThrow(/Remove it/);
  await expect(check({ source: { csv: "a", delimiter: ";;" } })).rejects.toThrow(/separates/);
});

const OBJECTS = [
  { email: "a@example.com", amount: "1.50", town: "Köln" },
  { email: "b@example.com", amount: "2.50", town: "Łódź" },
];
const lines = (end: string) => OBJECTS.map((row) => JSON.stringify(row) + end).join("");

test("NDJSON with a byte order mark, plain, compressed and in each part", async () => {
  const { digest } = await check({
    source: { ndjson: await write("one.ndjson", lines("\n")) },
    ...DEFINITION,
  });
  const marked = `\ufeff${lines("\r\n")}`;
  await write("marks/a.ndjson", `\ufeff${JSON.stringify(OBJECTS[0])}`);
  await write("marks/b.json.gz", gzipSync(`\ufeff${JSON.stringify(OBJECTS[1])}\r\n`));
  for (const ndjson of [
    await write("m.ndjson", marked),
    await write("m.ndjson.gz", gzipSync(marked)),
    at("marks"),
  ])
    expect(await check({ source: { ndjson }, ...DEFINITION })).toMatchObject({
      digest,
      rows: 2,
      dropped: [],
    });
  const faulty = await write("f.ndjson", `\ufeff${lines("\n")}{"email":\n`);
  await expect(check({ source: { ndjson: faulty } })).rejects.toMatchObject({ code: "json", row: 3 });
});

test("half a character counts where nothing uses its field, and drops its row where something does", async () => {
  const half = String.raw`{"email":"c@example.com","amount":"3.50","town":"Ulm","name":"x \ud83d","note":["\ude00"]}`;
  const whole = String.raw`{"email":"d@example.com","amount":"4.50","town":"Bonn \\ud83d","name":"\ud83d\ude00"}`;
  const plainRows =
    '{"email":"c@example.com","amount":"3.50","town":"Ulm"}\n{"email":"d@example.com","amount":"4.50","town":"Bonn \\\\ud83d"}';
  const ndjson = await write("halves.ndjson", `${lines("\n")}${half}\n${whole}\n`);
  const unhalved = await write("unhalved.ndjson", `${lines("\n")}${plainRows}\n`);
  const { digest } = await check({ source: { ndjson: unhalved }, ...DEFINITION });
  expect(await check({ source: { ndjson }, ...DEFINITION })).toMatchObject({ digest, rows: 4, dropped: [] });
  for (const used of [
    { dimensions: { name: {} } },
    { dimensions: { upper: { expression: "upper(Name)" } } },
    { match: { email: { columns: ["email", "name"] } } },
    { where: "name is null or name <> 'q'" },
  ]) {
    const found = await check({ source: { ndjson }, ...used });
    expect(found).toMatchObject({ rows: 4, people: 3 });
    expect(found.dropped).toMatchObject([{ rows: 1, examples: [{ row: 3 }] }]);
    expect(found.dropped[0]!.reason).toMatch(/^name: half a character/);
  }
});

// Folders and files as export programs leave them: all rows are read, or it is said which are not.
import { gzipSync } from "node:zlib";
import { writeCopy, writeParquet } from "@halfroom/testkit";
import { expect, test } from "vitest";
import { desk } from "./reading.ts";

const { at, write, check } = desk();

const MEASURES = { measures: { amount: {} } };
const csv = (from: number, to: number) =>
  `email,amount\n${rows(from, to)
    .map(([who, sum]) => `${who},${sum}\n`)
    .join("")}`;
const ndjson = (from: number, to: number) =>
  rows(from, to)
    .map(([email, amount]) => `${JSON.stringify({ email, amount })}\n`)
    .join("");
const rows = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => [`p${from + i}@example.com`, `${from + i}.50`] as const);
const select = (from: number, to: number) =>
  `select 'p' || range || '@example.com' as email, (range + 0.5)::decimal(9,2) as amount from range(${from}, ${to})`;

/** What the same sixty people give from one plain file. */
async function plain() {
  return (await check({ source: { csv: await write("plain.csv", csv(0, 60)) }, ...MEASURES })).digest;
}

test("endings in capitals are endings", async () => {
  await write("capitals/PART1.CSV", csv(0, 20));
  await write("capitals/Part2.csv.GZ", gzipSync(csv(20, 40)));
  await writeCopy(at("capitals/part3.Csv.ZST"), select(40, 60), "format csv, compression zstd");
  await write("capitals/notes.txt", "nothing");
  await write("capitals/_SUCCESS", "");
  const found = await check({ source: { csv: at("capitals") }, ...MEASURES });
  expect(found).toMatchObject({ rows: 60, people: 60, dropped: [], digest: await plain() });
  expect(found.source).toMatchObject({ files: 3, emptyFiles: 0, passedOver: [at("capitals/notes.txt")] });

  await write("lines/A.JSONL", ndjson(0, 20));
  await write("lines/B.NDJSON.GZ", gzipSync(ndjson(20, 40)));
  await writeCopy(at("lines/C.Json.zst"), select(40, 60), "format json, compression zstd");
  expect(await check({ source: { ndjson: at("lines") }, ...MEASURES })).toMatchObject({
    people: 60,
    digest: await plain(),
  });

  await write("columns/readme.md", "");
  await writeParquet(at("columns/ALL.PARQUET"), select(0, 60));
  expect(await check({ source: { parquet: at("columns") }, ...MEASURES })).toMatchObject({
    digest: await plain(),
    source: { files: 1, passedOver: [at("columns/readme.md")] },
  });
});

test("what is compressed is known by its first bytes, and an archive is named", async () => {
  const zipped = await write("export.csv", gzipSync(csv(0, 60)));
  expect(await check({ source: { csv: zipped }, ...MEASURES })).toMatchObject({ digest: await plain() });
  const book = await write("book.csv", Buffer.from("504b0304140000000000", "hex"));
  await expect(check({ source: { csv: book } })).rejects.toMatchObject({ code: "archive", file: book });
  await write("others/a.xlsx", "x");
  await expect(check({ source: { csv: at("others") } })).rejects.toThrow(/1 files with other endings/);
});

test("a compressed file that is cut short is damaged, even with blank lines, for which it is copied", async () => {
  await writeCopy(at("whole.csv.zst"), select(0, 5000), "format csv, compression zstd");
  const { readFile } = await import("node:fs/promises");
  const whole = await readFile(at("whole.csv.zst"));
  const cut = await write("cut.csv.zst", whole.subarray(0, whole.length - 100));
  await expect(check({ source: { csv: cut } })).rejects.toMatchObject({ code: "damaged" });
  // Two frames, one after the other, as parallel compressors write; the second begins with a blank line.
  const [head, blank] = [
    "select 'email' as x union all select 'p0@example.com'",
    "select '' as x union all select 'p1@example.com'",
  ];
  await writeCopy(at("head.zst"), head, "format csv, header false, compression zstd");
  await writeCopy(at("tail.zst"), blank, "format csv, header false, compression zstd, quote '', escape ''");
  const both = Buffer.concat([await readFile(at("head.zst")), await readFile(at("tail.zst"))]);
  const found = await check({ source: { csv: await write("both.csv.zst", both) } });
  expect(found.people).toBe(2);
});

test("a part of no bytes has no rows, a file of none is an error", async () => {
  for (const [kind, text] of [
    ["csv", csv],
    ["ndjson", ndjson],
  ] as const) {
    await write(`${kind}-parts/part-0.${kind}`, text(0, 60));
    await write(`${kind}-parts/part-1.${kind}`, "");
    await write(`${kind}-parts/part-2.${kind}.gz`, gzipSync(""));
    await write(`${kind}-parts/part-3.${kind}`, "\n\n");
    await write(`${kind}-parts/_SUCCESS`, "");
    const source = (path: string | string[]) => (kind === "csv" ? { csv: path } : { ndjson: path });
    for (const path of [at(`${kind}-parts`), at(`${kind}-parts/part-*`)]) {
      expect(await check({ source: source(path), ...MEASURES })).toMatchObject({
        rows: 60,
        digest: await plain(),
        source: { files: 4, emptyFiles: 3 },
      });
    }
    for (const path of [
      at(`${kind}-parts/part-1.${kind}`),
      [at(`${kind}-parts/part-1.${kind}`), at(`${kind}-parts/part-3.${kind}`)],
    ])
      await expect(check({ source: source(path) })).rejects.toMatchObject({ code: "empty" });
  }
});

test("folders of a column hold that column, whatever is in them", async () => {
  const body = ["a@example.com,1", "b@example.com,2", "c@example.com,3"];
  const [spring, summer, none] = [
    "month=2026%2D04",
    "month=2026-07/deep",
    "month=__HIVE_DEFAULT_PARTITION__",
  ];
  const flat = ["2026-04", "2026-07", ""].map((month, i) => `${body[i]},${month}\n`).join("");
  const definition = { ...MEASURES, dimensions: { month: {} } };
  const one = await check({
    source: { csv: await write("flat.csv", `email,amount,month\n${flat}`) },
    ...definition,
  });
  for (const [i, folder] of [spring, summer, none].entries()) {
    const [who, amount] = body[i]!.split(",");
    await write(`hive-csv/${folder}/part.csv`, `email,amount\n${body[i]}\n`);
    await write(`hive-json/${folder}/part.json`, JSON.stringify({ email: who, amount: Number(amount) }));
    await write(`hive-parquet/${folder}/_SUCCESS`, "");
    await writeParquet(
      at(`hive-parquet/${folder}/p.parquet`),
      `select '${who}' as email, ${amount} as amount`,
    );
  }
  await write("hive-csv/_temporary/part.csv", `email,amount\nd@example.com,4\n`);
  for (const source of [
    { csv: at("hive-csv") },
    { csv: at("hive-csv/month=*/**/part.csv") },
    { ndjson: at("hive-json") },
    { parquet: at("hive-parquet") },
  ]) {
    expect((await check({ source, ...definition })).digest, JSON.stringify(source)).toBe(one.digest);
  }
  // The file's own column says more than the folder, and a folder cannot say two things.
  await write("own/month=2026-04/a.csv", "email,amount,Month\na@example.com,1,2026-09\n");
  const own = await check({
    source: { csv: at("own") },
    ...MEASURES,
    dimensions: { month: { column: "Month" } },
  });
  const same = await write("same.csv", "email,amount,Month\na@example.com,1,2026-09\n");
  expect(own.digest).toBe(
    (await check({ source: { csv: same }, ...MEASURES, dimensions: { month: { column: "Month" } } })).digest,
  );
  await write("twice/m=1/m=2/a.csv", "email\na@example.com\n");
  await expect(check({ source: { csv: at("twice") } })).rejects.toMatchObject({ code: "twice", field: "m" });
});

test("a column that some parts lack is NULL there, and the check says so", async () => {
  const full = "email,amount,tier\na@example.com,1.50,gold\nb@example.com,,\n";
  const definition = { ...MEASURES, dimensions: { tier: {}, big: { expression: "amount::double > 1" } } };
  const one = await check({ source: { csv: await write("full.csv", full) }, ...definition });
  await write("lack-csv/1.csv", "email,amount,tier\na@example.com,1.50,gold\n");
  await write("lack-csv/2.csv", "email\nb@example.com\n");
  await write("lack-json/1.json", '{"email":"a@example.com","amount":1.5,"tier":"gold"}\n');
  await write("lack-json/2.json", '{"email":"b@example.com"}\n');
  const { writeFile } = await import("node:fs/promises");
  await writeFile(at("lack-json/3.json"), "");
  await write("lack-parquet/x", "");
  await writeParquet(
    at("lack-parquet/1.parquet"),
    "select 'a@example.com' as email, 1.5::decimal(9,2) as amount, 'gold' as tier",
  );
  await writeParquet(at("lack-parquet/2.parquet"), "select 'b@example.com' as email");
  for (const source of [
    { csv: at("lack-csv") },
    { ndjson: at("lack-json") },
    { parquet: at("lack-parquet") },
  ]) {
    const found = await check({ source, ...definition });
    expect(found).toMatchObject({ digest: one.digest, dropped: [] });
    expect(found.source.gaps).toEqual([
      { column: "amount", files: 1 },
      { column: "tier", files: 1 },
    ]);
  }
  await expect(
    check({ source: { ndjson: at("lack-json") }, dimensions: { none: {} } }),
  ).rejects.toMatchObject({
    code: "missing",
    field: "none",
  });
  // Not a lacking column: a name spelled otherwise, and a table that has nobody in it.
  await write("spelled/1.csv", "email,amount\na@example.com,1\n");
  await write("spelled/2.csv", "email,Amount\nb@example.com,2\n");
  await expect(check({ source: { csv: at("spelled") }, ...MEASURES })).rejects.toMatchObject({
    code: "missing",
  });
  await write("other/1.csv", "email,amount\na@example.com,1\n");
  await write("other/2.csv", "b@example.com,2\nc@example.com,3\n");
  await expect(check({ source: { csv: at("other") }, ...MEASURES })).rejects.toThrow(
    /first row looks like data/,
  );
});

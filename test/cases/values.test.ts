// Cases 3, 4, 9 and 10: dates, ages and amounts as exports write them. The number that was written, or a named reason.
import { expect, test } from "vitest";
import { caseFiles, lines, lost, type Definition } from "./sources.ts";

const { write, parquet, check } = caseFiles();

const EMAIL = { match: { email: { columns: "email" } } } satisfies Definition;
const people = (values: readonly string[]): string[] =>
  values.map((value, i) => `p${i}@example.com,${value}`);
const csvOf = (column: string, values: readonly string[]) => lines([`email,${column}`, ...people(values)]);
const jsonOf = (column: string, values: readonly string[]) =>
  lines(values.map((value, i) => `{"email":"p${i}@example.com","${column}":${value}}`));
/** `values` are SQL. */
const parquetOf = (column: string, values: readonly string[], type: string) =>
  `select 'p' || (row_number() over () - 1) || '@example.com' as email, v::${type} as ${column}
    from (select unnest([${values.map((value) => `${value}::${type}`).join(", ")}]) as v)`;

test("case 3: a year of two digits is no date, by derivation and by type", async () => {
  const short = await write(
    "short.csv",
    csvOf("sold_on", ["3/4/26", "14/3/26", "04.03.26", "26-03-04", "2026-03-04"]),
  );
  const derived: Definition = { ...EMAIL, dimensions: { month: { column: "sold_on", derive: "month" } } };
  const week: Definition = { ...EMAIL, dimensions: { week: { column: "sold_on", derive: "week" } } };
  const typed: Definition = { ...derived, columns: { sold_on: "date" } };
  const stamped: Definition = { ...derived, columns: { sold_on: "timestamp" } };
  for (const definition of [derived, week, typed, stamped]) {
    const found = await check({ csv: short }, definition);
    expect(found.people).toBe(1);
    const [[reason, rows] = ["", 0]] = Object.entries(lost(found));
    expect(reason).toMatch(/: a year of two digits; declare its format$/);
    expect(rows).toBe(4);
    expect(found.dropped[0]!.remedy).toContain("date:format=");
  }
});

test("case 3: what is no day of a year with four digits is no month", async () => {
  const derived: Definition = { ...EMAIL, dimensions: { month: { column: "sold_on", derive: "month" } } };
  const dates = ["'infinity'", "'0044-03-15 (BC)'", "'0026-03-04'", "'2026-03-04'"].map(
    (day) => `${day}::date`,
  );
  const file = await parquet("dates.parquet", parquetOf("sold_on", dates, "date"));
  expect(lost(await check({ parquet: file }, derived))).toEqual({ "month: not a date": 3 });
});

test("case 4: an age belongs to the last band that it has reached, in any format", async () => {
  const ages = ["17.5", "34.9", "17.999999999999999", "18", "25.0", "24.5", ".5", "-0.5"];
  const bands: Definition = { ...EMAIL, dimensions: { age: { derive: { bands: [0, 18, 25, 35] } } } };
  const found = await check({ csv: await write("ages.csv", csvOf("age", ages)) }, bands);
  const floors = ["17", "34", "17", "18", "25", "24", "0", "-1"];
  const whole = await check({ csv: await write("floors.csv", csvOf("age", floors)) }, bands);
  expect(found).toMatchObject({ people: ages.length, dropped: [], digest: whole.digest });
  const numbers = ages.map((age) => age.replace(/^\./, "0."));
  // As a double 17.999999999999999 is 18.
  numbers[2] = "17.99";
  const others = [
    { ndjson: await write("ages.ndjson", jsonOf("age", numbers)) },
    { parquet: await parquet("ages.parquet", parquetOf("age", numbers, "double")) },
    { parquet: await parquet("ages-decimal.parquet", parquetOf("age", numbers, "decimal(9, 3)")) },
  ];
  for (const source of others) expect((await check(source, bands)).digest).toBe(whole.digest);
});

test("case 4: frequencies are rounded down, added up before that, and a declared integer has no fraction", async () => {
  const rows = ["p0@example.com,1.5", "p0@example.com,1.6", "p1@example.com,2.9"];
  const file = await write("visits.csv", lines(["email,visits", ...rows]));
  const labels = async (definition: Definition) => (await check({ csv: file }, definition)).digest;
  const whole = await write("whole.csv", lines(["email,visits", "p0@example.com,3", "p1@example.com,2"]));
  const summed: Definition = { ...EMAIL, dimensions: { visits: { derive: "frequency", pick: "sum" } } };
  expect(await labels(summed)).toBe((await check({ csv: whole }, summed)).digest);
  const integer = await check({ csv: file }, { ...summed, columns: { visits: "integer" } });
  expect(lost(integer)).toEqual({ "visits: not of type integer": 3 });
  const decimal = await check({ csv: file }, { ...summed, columns: { visits: "decimal(9,0)" } });
  expect(lost(decimal)).toEqual({ "visits: not of type decimal(9,0)": 3 });
});

const AMOUNT = [{ name: "amount", low: 0n, high: 1_000_000n, decimals: 2 }];
const amount = (measure: NonNullable<Definition["measures"]>[string] = {}): Definition => ({
  ...EMAIL,
  measures: { amount: measure },
});

test("case 9: each form that is no decimal number is dropped under its own name, with a remedy", async () => {
  const forms = [
    '"1,234.50"',
    "€12.50",
    "$12.50",
    '"12,50"',
    "12 EUR",
    "1 234",
    "1.2E+2",
    "(12.50)",
    "12.50-",
    "NULL",
    "N/A",
    "NaN",
    "\\N",
    "None",
    "-",
    "Infinity",
    "abc",
  ];
  const found = await check(
    { csv: await write("forms.csv", csvOf("amount", [".5", "5.", "+.25", ...forms])) },
    amount(),
    AMOUNT,
  );
  expect(found.people).toBe(3);
  expect(lost(found)).toEqual({
    "amount: not a decimal number: a comma, an apostrophe or a blank": 3,
    "amount: not a decimal number: a currency's sign": 3,
    "amount: not a decimal number: an exponent": 1,
    "amount: not a decimal number: brackets": 1,
    "amount: not a decimal number: a minus behind it": 1,
    "amount: not a decimal number: a word for NULL": 6,
    "amount: not a decimal number: infinity": 1,
    "amount: not a decimal number": 1,
  });
  expect(found.measures[0]!.quantiles[4]).toBe(500n);
  const remedies = found.dropped.flatMap(({ remedy }) => remedy ?? []).join("\n");
  for (const option of ["--null-word", "format=", "--type"]) expect(remedies).toContain(option);
  expect(remedies).not.toContain("1,234.50");
});

test("case 9: words that are declared to mean NULL, and NaN of floats, count as NULL", async () => {
  const csv = await write("words.csv", csvOf("amount", ["NULL", " N/A ", "1.5", ""]));
  const words = { ...amount(), nullWords: ["NULL", "N/A"] };
  const found = await check({ csv }, words, AMOUNT);
  expect(found).toMatchObject({ people: 4, dropped: [], measures: [{ nullShare: 0.75 }] });
  const nan = [
    { ndjson: await write("nan.ndjson", jsonOf("amount", ["NaN", "null", "1.5", "NaN"])) },
    {
      parquet: await parquet("nan.parquet", parquetOf("amount", ["'nan'", "null", "1.5", "'nan'"], "double")),
    },
  ];
  for (const source of nan) {
    expect((await check(source, amount(), AMOUNT)).digest).toBe(found.digest);
    expect(lost(await check(source, amount({ null: "drop" }), AMOUNT))).toEqual({ "amount: empty": 3 });
  }
});

test.each([
  ["1,234.56", ["1,234.5", "12.50", "-1,234,567.89", "(7.25)", "7.25-", ".5"]],
  ["1.234,56", ["1.234,5", "12,50", "-1.234.567,89", "(7,25)", "7,25-", ",5"]],
  ["1 234,56 €", ["1 234,5 €", "12,50", "-1\u00a0234\u202f567,89€", "(7,25 €)", "€ -7,25", ",5"]],
  ["$1,234.56", ["$1,234.5", "12.50", "-$1,234,567.89", "($7.25)", "$-7.25", "$.5"]],
  ["CHF 1'234.56", ["CHF 1'234.5", "12.50", "-1’234’567.89", "(7.25)", "7.25-", ".5"]],
])("case 9: amounts written as %s are read as such", async (format, texts) => {
  const plain = ["1234.5", "12.50", "-1234567.89", "-7.25", "-7.25", ".5"];
  const clean = await check({ csv: await write("plain.csv", csvOf("amount", plain)) }, amount(), AMOUNT);
  const quoted = texts.map((text) => `"${text}"`);
  const found = await check(
    { csv: await write("format.csv", csvOf("amount", quoted)) },
    amount({ format }),
    AMOUNT,
  );
  expect(found).toMatchObject({ people: 6, dropped: [], digest: clean.digest });
  const json = await write("format.ndjson", jsonOf("amount", quoted));
  expect((await check({ ndjson: json }, amount({ format }), AMOUNT)).digest).toBe(clean.digest);
});

test("case 9: under a declared format nothing else is read, but numbers of JSON are numbers", async () => {
  const format = "1.234,56";
  const texts = ['"12.5"', '"1.23,4"', '"1,234.5"', '"€ 5,00"', '"1-2"', '"1.234"'];
  const found = await check(
    { csv: await write("strict.csv", csvOf("amount", texts)) },
    amount({ format }),
    AMOUNT,
  );
  expect(lost(found)).toEqual({ "amount: not a number written as 1.234,56": 5 });
  expect(found.measures[0]!.quantiles[4]).toBe(123_400n);
  const json = await write("numbers.ndjson", jsonOf("amount", ["1.234", "1.25"]));
  const numbers = await check({ ndjson: json }, amount({ format, round: true }), AMOUNT);
  expect(numbers.measures[0]!.quantiles).toEqual([123n, 123n, 123n, 125n, 125n]);
});

test("case 10: floats are rounded where their owner says so, exponents of floats are numbers", async () => {
  const doubles = ["0.30000000000000004", "59.96999999999999", "19.99", "1e-7", "-0.005", "2.675"];
  const rounded = ["0.30", "59.97", "19.99", "0", "-0.01", "2.68"];
  const clean = await check({ csv: await write("cents.csv", csvOf("amount", rounded)) }, amount(), AMOUNT);
  const strict = { parquet: await parquet("dust.parquet", parquetOf("amount", doubles, "double")) };
  const dropped = await check(strict, amount(), AMOUNT);
  expect(lost(dropped)).toEqual({ "amount: more than 2 decimals": 5 });
  expect(dropped.dropped[0]!.remedy).toContain("round");
  const others = [
    strict,
    { ndjson: await write("dust.ndjson", jsonOf("amount", doubles)) },
    {
      parquet: await parquet(
        "texts.parquet",
        parquetOf(
          "amount",
          doubles.map((text) => `'${text}'`),
          "varchar",
        ).replaceAll("1e-7", "0.0000001"),
      ),
    },
  ];
  for (const source of others) {
    expect(await check(source, amount({ round: true }), AMOUNT)).toMatchObject({
      dropped: [],
      digest: clean.digest,
    });
  }
});

test("case 10: a float is the number that it prints, however it prints it", async () => {
  const wide = [{ name: "amount", low: 0n, high: 2n ** 62n, decimals: 7 }];
  const clean = await check(
    { csv: await write("wide.csv", csvOf("amount", ["0.0000001", "100000000000", "12300000000000000"])) },
    amount(),
    wide,
  );
  const floats = ["1e-7", "1e11", "1.23e16"];
  const declared: Definition = { ...amount(), columns: { amount: "double" } };
  expect((await check({ csv: await write("e.csv", csvOf("amount", floats)) }, declared, wide)).digest).toBe(
    clean.digest,
  );
  expect(
    (await check({ ndjson: await write("e.ndjson", jsonOf("amount", floats)) }, amount(), wide)).digest,
  ).toBe(clean.digest);
  const typed = await parquet("e.parquet", parquetOf("amount", floats, "double"));
  const found = await check({ parquet: typed }, amount(), wide);
  expect(found).toMatchObject({ dropped: [], digest: clean.digest });
});

test("case 10: rounding never makes up digits that a JSON number does not hold", async () => {
  const file = await write("large.ndjson", jsonOf("amount", ["12345678901234567.25", "1.25"]));
  const found = await check({ ndjson: file }, amount({ round: true }), AMOUNT);
  expect(lost(found)).toEqual({ "amount: a JSON number of more than 15 digits": 1 });
});

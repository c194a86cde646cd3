// Cases 1, 2, 7, 14 and 23: identifiers as exports spoil them. The same people whatever the format, or dropped by name.
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { caseFiles, lines, lost, type Definition } from "./sources.ts";

const { write, parquet, check } = caseFiles();

const PHONE: Definition = { match: { phone: { columns: "tel" } } };
const CARD: Definition = { match: { card: { type: "custom", columns: "card" } } };
const numbers = Array.from({ length: 20 }, (_, i) => 4_915_550_000_100 + i);
const cards = Array.from({ length: 20 }, (_, i) => 7001 + i);
const list = (values: readonly unknown[]) => `select unnest([${values.join(", ")}])`;

test("case 1: phone numbers that went through a column of floats are the same people, from any format", async () => {
  const csv = (spell: (number: number) => string, name: string) =>
    write(name, lines(["no,tel", ...numbers.map((number, i) => `${i},${spell(number)}`)]));
  const clean = await check({ csv: await csv((number) => `+${number}`, "clean.csv") }, PHONE);
  expect(clean).toMatchObject({ people: 20, dropped: [] });
  const spoilt = [
    { csv: await csv((number) => `${number}.0`, "float.csv") },
    { csv: await csv((number) => `'${number}.0`, "apostrophe.csv") },
    { ndjson: await write("float.ndjson", lines(numbers.map((number) => `{"tel":${number}.0}`))) },
    { ndjson: await write("exponent.ndjson", lines(numbers.map((number) => `{"tel":${number / 1e12}e12}`))) },
    { parquet: await parquet("float.parquet", `${list(numbers)}::double as tel`) },
    { parquet: await parquet("decimal.parquet", `${list(numbers)}::decimal(20, 2) as tel`) },
  ];
  for (const source of spoilt) expect((await check(source, PHONE)).digest).toBe(clean.digest);
});

test("case 1: what may be another number is dropped, and a separator stays one", async () => {
  const file = await write(
    "phones.csv",
    lines([
      "no,tel",
      ..."4915550000100.5 4.91555E+12 4915550000100.00 +1.212.555.4567".split(" ").map((tel) => `1,${tel}`),
    ]),
  );
  const found = await check({ csv: file }, PHONE);
  expect(lost(found)).toEqual({
    "phone: a number with a fraction": 2,
    "phone: a number with an exponent, which may lack digits": 1,
  });
  const separated = await write("separated.csv", lines(["no,tel", "1,+12125554567"]));
  expect(found.digest).toBe((await check({ csv: separated }, PHONE)).digest);
});

test.each([
  // A German number, an American one and a British one without their "+", read as if dialled in Germany.
  ["DE", ["4915112345100", "4915112345100.0", "12125554567", "447911123456"], 4],
  // As they are dialled in their own region, with and without a leading zero or 1.
  ["US", ["2125554567", "12125554567", "(479) 123-4567"], 0],
  ["BR", ["(31) 98765-4321"], 0],
  ["CH", ["446681800", "044 668 18 00"], 0],
  ["FR", ["33612345678", "612345678"], 0],
  ["DE", ["030 123456", "0049 30 123456", "+1 212 555 4567"], 0],
])(
  "a country code without + in region %s: of %j, %i are dropped and named",
  async (region, tels, dropped) => {
    const file = await write("region.csv", lines(["no,tel", ...tels.map((tel) => `1,${tel}`)]));
    const found = await check({ csv: file }, { match: { phone: { columns: "tel", region } } });
    expect(lost(found)).toEqual(dropped === 0 ? {} : { "phone: perhaps a country code without +": dropped });
    if (dropped > 0) expect(found.dropped[0]!.remedy).toContain("leave out the region");
  },
);

test("case 2: whole numbers in a column of floats are the same identifiers, labels and people", async () => {
  const definition: Definition = { ...CARD, person: "card", dimensions: { tier: {} } };
  const rows = cards.map((card) => `${card},${card % 3}`);
  const clean = await check({ csv: await write("cards.csv", lines(["card,tier", ...rows])) }, definition);
  expect(clean).toMatchObject({ people: 20, dropped: [] });
  const floats = cards.map((card) => `${card}.0,${card % 3}.0`);
  const json = cards.map((card) => `{"card":${card}.0,"tier":${card % 3}.0}`);
  const values = `select card, card % 3 as tier from (${list(cards)} as card)`;
  const others = [
    { csv: await write("floats.csv", lines(["card,tier", ...floats])) },
    { ndjson: await write("floats.ndjson", lines(json)) },
    {
      parquet: await parquet(
        "doubles.parquet",
        `select card::double as card, tier::double as tier from (${values})`,
      ),
    },
    {
      parquet: await parquet(
        "reals.parquet",
        `select card::float as card, tier::float as tier from (${values})`,
      ),
    },
    {
      parquet: await parquet(
        "integers.parquet",
        `select card::bigint as card, tier::tinyint as tier from (${values})`,
      ),
    },
    {
      parquet: await parquet(
        "decimals.parquet",
        `select card::decimal(38, 9) as card, tier::utinyint as tier from (${values})`,
      ),
    },
  ];
  for (const source of others) expect((await check(source, definition)).digest).toBe(clean.digest);
});

test("case 2: a fraction, NaN, and a whole number that its float may have rounded are nobody's", async () => {
  const reasons = {
    "card: a number with a fraction": 1,
    "card: empty": 2,
    "card: a number beyond what a float holds exactly": 2,
  };
  const doubles = await parquet(
    "odd.parquet",
    `${list(["7001.5", "'nan'", "null", "9007199254740992", "'inf'", "7001"].map((value) => `${value}::double`))} as card`,
  );
  expect(lost(await check({ parquet: doubles }, CARD))).toEqual(reasons);
  const reals = await parquet("reals.parquet", `${list([16777216, 7001])}::float as card`);
  expect(lost(await check({ parquet: reals }, CARD))).toEqual({
    "card: a number beyond what a float holds exactly": 1,
  });
  const json = await write(
    "odd.ndjson",
    lines(["7001.5", "NaN", "null", "9007199254740992.0", "1e400", "7001"].map((card) => `{"card":${card}}`)),
  );
  expect(lost(await check({ ndjson: json }, CARD))).toMatchObject({
    "card: a number with a fraction": 1,
    "card: empty": 2,
  });
  const csv = await write("odd.csv", lines(["no,card", "1,9007199254740993.0", "2,NULL", "3,n/a", "4,7001"]));
  expect(lost(await check({ csv }, CARD))).toEqual({
    "card: a number beyond what a float holds exactly": 1,
    "card: a word for NULL": 2,
  });
  expect(lost(await check({ csv }, { ...CARD, nullWords: ["NULL", "n/a"] }))).toMatchObject({
    "card: empty": 2,
  });
});

test("a column that tells people apart makes nobody one person by a word for NULL", async () => {
  const csv = await write(
    "persons.csv",
    lines(["id,email", "NULL,a@example.com", "NULL,b@example.com", "7,c@example.com"]),
  );
  const definition = { match: { email: { columns: "email" } }, person: "id" };
  expect(await check({ csv }, definition)).toMatchObject({
    people: 1,
    dropped: [{ reason: "id: a word for NULL", rows: 2 }],
  });
  expect(await check({ csv }, { ...definition, nullWords: ["NULL"] })).toMatchObject({
    people: 3,
    dropped: [],
  });
});

test("a postcode in a column of floats is that postcode", async () => {
  const postal: Definition = { match: { postal: { columns: ["street", "zip"] } } };
  const clean = await write("postal.csv", lines(["street,zip", "Main Street 1,10115"]));
  const { digest } = await check({ csv: clean }, postal);
  const float = await write("postal-float.csv", lines(["street,zip", '"\'Main Street 1",10115.0']));
  expect((await check({ csv: float }, postal)).digest).toBe(digest);
  const typed = await parquet("postal.parquet", "select 'Main Street 1' as street, 10115::double as zip");
  expect((await check({ parquet: typed }, postal)).digest).toBe(digest);
});

test("case 7: quotes around identifiers and an apostrophe in front are none of theirs", async () => {
  const both: Definition = { match: { email: { columns: "email" }, phone: { columns: "phone" } } };
  const people = (quote: (text: string, i: number) => string, name: string) =>
    write(
      name,
      lines([
        "email,phone",
        ...numbers.map((number, i) => `${quote(`p${i}@example.com`, i)},${quote(`+${number}`, i + 1)}`),
      ]),
    );
  const clean = await check({ csv: await people((text) => text, "plain.csv") }, both);
  const around = ["'…", "‘…’", "“…”", "„…“", "’…", "'…'", "«…»", '"""…"""', "  '…", "”…”"];
  const quoted = await people((text, i) => around[i % around.length]!.replace("…", text), "quoted.csv");
  const found = await check({ csv: quoted }, both);
  expect(found).toMatchObject({ people: 20, dropped: [], digest: clean.digest });
});

test("case 7: quotes inside stay, and a domain is a host name", async () => {
  const email: Definition = { match: { email: { columns: "email" } } };
  const emails = (texts: readonly string[]) => lines(["no,email", ...texts.map((text) => `1,${text}`)]);
  const plain = await write("inside.csv", emails(["o'neil@example.com", "a'b@example.com"]));
  const found = await check({ csv: plain }, email);
  expect(found).toMatchObject({ people: 2, dropped: [] });
  const ahead = await write("ahead.csv", emails(["'o'neil@example.com", "'a'b@example.com"]));
  expect((await check({ csv: ahead }, email)).digest).toBe(found.digest);
  const bad = [
    "x@example.com'",
    "x@example.com”",
    "“x@example.com",
    "x@exam_ple.com",
    "x@-example.com",
    "x@exam!ple.com",
  ];
  expect(lost(await check({ csv: await write("bad.csv", emails(bad)) }, email))).toEqual({
    "email: invalid": bad.length,
  });
});

test("case 14: digests as bytes, as hexadecimal digits and as PostgreSQL prints them are one", async () => {
  const hashed: Definition = { match: { email: { columns: "digest", hashed: true } } };
  const hex = numbers.map((number) => createHash("sha256").update(`${number}@example.com`).digest("hex"));
  const csv = (spell: (digest: string) => string, name: string) =>
    write(name, lines(["no,digest", ...hex.map((digest) => `1,${spell(digest)}`)]));
  const { digest, people } = await check({ csv: await csv((text) => text, "hex.csv") }, hashed);
  expect(people).toBe(20);
  const texts = list(hex.map((text) => `'${text}'`));
  const others = [
    { csv: await csv((text) => text.toUpperCase(), "upper.csv") },
    { csv: await csv((text) => `\\x${text}`, "bytea.csv") },
    { csv: await csv((text) => `0x${text}`, "prefixed.csv") },
    { parquet: await parquet("bytes.parquet", `select unhex(d) as digest from (${texts} as d)`) },
    { parquet: await parquet("unmarked.parquet", `select encode(d) as digest from (${texts} as d)`) },
  ];
  for (const source of others) expect((await check(source, hashed)).digest).toBe(digest);
});

test("case 14: bytes elsewhere are text in UTF-8, or a named reason", async () => {
  const definition: Definition = { match: { email: { columns: "email" } }, dimensions: { city: {} } };
  const texts = await parquet(
    "texts.parquet",
    "select * from (values (encode('zoë@example.com'), encode('Köln')), ('\\xC3@b.cd'::blob, encode('x')), (encode('b@b.cd'), '\\xFF'::blob)) v(email, city)",
  );
  const found = await check({ parquet: texts }, definition);
  expect(lost(found)).toEqual({
    "email: bytes that are neither text in UTF-8 nor a digest": 1,
    "city: bytes that are not text in UTF-8": 1,
  });
  const csv = await write("texts.csv", lines(["email,city", "zoë@example.com,Köln"]));
  expect(found.digest).toBe((await check({ csv }, definition)).digest);
});

test("case 23: of several addresses in a cell the first that is one counts", async () => {
  const email = (split?: string): Definition => ({
    match: { email: { columns: "email", ...(split && { split }) } },
  });
  const clean = await write("single.csv", lines(["no,email", "1,ann@example.com", "2,bob@example.com"]));
  const { digest } = await check({ csv: clean }, email());
  const cells = ['"ann@example.com; a@example.org"', "none; bob@example.com"];
  const several = await write("several.csv", lines(["no,email", ...cells.map((cell) => `1,${cell}`)]));
  const dropped = await check({ csv: several }, email());
  expect(lost(dropped)).toEqual({ "email: several in one cell": 2 });
  expect(dropped.dropped[0]!.remedy).toContain("--split");
  expect((await check({ csv: several }, email(";"))).digest).toBe(digest);
  const arrays = [
    {
      csv: await write(
        "json.csv",
        lines(["no,email", '1,"[""ann@example.com"",""a@example.org""]"', '1,"[null,""bob@example.com""]"']),
      ),
    },
    {
      ndjson: await write(
        "arrays.ndjson",
        lines(['{"email":["ann@example.com","a@example.org"]}', '{"email":["?","bob@example.com"]}']),
      ),
    },
    {
      parquet: await parquet(
        "arrays.parquet",
        "select unnest([['ann@example.com', 'a@example.org'], [null, 'bob@example.com']]) as email",
      ),
    },
  ];
  for (const source of arrays) expect((await check(source, email())).digest).toBe(digest);
});

// Cases 1, 2, 4, 9, 10, 14 and 23 from PostgreSQL: the same people and numbers as from a CSV file.
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { caseFiles, lines, lost, type Bounds, type Definition } from "./sources.ts";

const { write, check } = caseFiles();
const AMOUNT: Bounds = [{ name: "amount", low: 0n, high: 1_000_000n, decimals: 2 }];
const query = (sql: string) => ({ postgres: { urlVariable: "HALFROOM_TEST_POSTGRES", query: sql } });
const hash = (text: string) => createHash("sha256").update(text).digest("hex");

test.each<[string, Definition, string[], string]>([
  [
    "phone numbers in double precision",
    { match: { phone: { columns: "tel" } } },
    ["tel,amount", "+4915550000100,1", "+4915550000101,2"],
    "select v::double precision as tel, a as amount from (values (4915550000100, 1), (4915550000101, 2)) t(v, a)",
  ],
  [
    "ids in real and in numeric(12, 2), labels in double precision",
    { match: { card: { type: "custom", columns: "card" } }, person: "no", dimensions: { tier: {} } },
    ["card,no,tier,amount", "7001,1,2,1", "7002,2,3,2"],
    "select v::real as card, n::numeric(12, 2) as no, d::double precision as tier, a as amount from (values (7001, 1, 2, 1), (7002, 2, 3, 2)) t(v, n, d, a)",
  ],
  [
    "ages in double precision",
    { match: { email: { columns: "email" } }, dimensions: { age: { derive: { bands: [18, 25, 35] } } } },
    ["email,age,amount", "a@example.com,17,1", "b@example.com,34,2"],
    "select e as email, v::double precision as age, a as amount from (values ('a@example.com', 17.5, 1), ('b@example.com', 34.9, 2)) t(e, v, a)",
  ],
  [
    "digests as bytes",
    { match: { email: { columns: "digest", hashed: true } } },
    ["digest,amount", `${hash("a@example.com")},1`, `${hash("b@example.com")},2`],
    "select sha256(e::bytea) as digest, a as amount from (values ('a@example.com', 1), ('b@example.com', 2)) t(e, a)",
  ],
  [
    "addresses in an array",
    { match: { email: { columns: "email" } } },
    ["email,amount", "a@example.com,1", "b@example.com,2"],
    "select e as email, a as amount from (values (array['a@example.com', 'x, \"y\"'], 1), (array[null, 'b@example.com'], 2)) t(e, a)",
  ],
])("%s", async (_, definition, rows, sql) => {
  const csv = await write("same.csv", lines(rows));
  const plain = { ...definition, measures: { amount: {} } };
  const clean = await check({ csv }, plain, AMOUNT);
  expect(clean).toMatchObject({ people: 2, dropped: [] });
  expect(await check(query(sql), plain, AMOUNT)).toMatchObject({
    people: 2,
    dropped: [],
    digest: clean.digest,
  });
});

test("floats that are rounded, and NaN that counts as NULL", async () => {
  const definition: Definition = {
    match: { email: { columns: "email" } },
    measures: { amount: { round: true } },
  };
  const csv = await write(
    "rounded.csv",
    lines(["email,amount", "a@example.com,0.30", "b@example.com,", "c@example.com,1000"]),
  );
  const sql =
    "select e as email, v::double precision as amount from (values ('a@example.com', 0.1::float8 + 0.2::float8), ('b@example.com', 'NaN'), ('c@example.com', 1e3)) t(e, v)";
  const clean = await check({ csv }, definition, AMOUNT);
  expect(await check(query(sql), definition, AMOUNT)).toMatchObject({ dropped: [], digest: clean.digest });
  const strict = await check(query(sql), { ...definition, measures: { amount: {} } }, AMOUNT);
  expect(lost(strict)).toEqual({ "amount: more than 2 decimals": 1 });
});

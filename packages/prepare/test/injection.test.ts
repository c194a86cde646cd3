// A partner's request only names what is declared; an owner's expressions read the dataset and nothing else.
import { mkdtemp, rm, writeFile, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { allNumbers } from "@halfroom/crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { datasetSchema, InputError, preparePeople } from "../src/index.ts";

let folder: string;
let file: string;
let other: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "halfroom-injection-"));
  file = join(folder, "it's.csv");
  other = join(folder, "other.csv");
  await writeFile(file, "email,amount,campaign\na@b.cd,1,x\nb@b.cd,2,y\n");
  await writeFile(other, "secret\n1\n");
});
afterAll(() => rm(folder, { recursive: true }));

const dataset = (more: object = {}) =>
  datasetSchema.parse({
    name: "d",
    source: { csv: file },
    match: { email: { columns: "email" } },
    measures: { amount: {} },
    dimensions: { campaign: {} },
    ...more,
  });

const HOSTILE = [
  "amount) from halfroom_staged; drop table halfroom_staged; --",
  "campaign\" from read_csv('/etc/passwd') --",
  "read_text('/etc/passwd')",
  "email",
  "1; copy (select 1) to '/tmp/x'",
  "__proto__",
  "constructor",
  "toString",
  "CAMPAIGN",
  "campaign\u0000",
  "",
];

test("a request that names anything else than what is declared is refused", async () => {
  const names = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: "binary", maxLength: 40 }));
  await fc.assert(
    fc.asyncProperty(names, fc.constantFrom("match", "measures", "dimensions"), async (name, kind) => {
      fc.pre(!["email", "amount", "campaign"].includes(name) || HOSTILE.includes(name));
      fc.pre(!(kind === "match" && name === "email"));
      const request = {
        match: kind === "match" ? [name] : ["email"],
        measures: kind === "measures" ? [{ name, low: 0n, high: 1n, decimals: 0 }] : [],
        partitions: kind === "dimensions" ? [["campaign"], [name]] : [],
      };
      const error = await preparePeople(dataset(), request, { scratch: tmpdir() }).catch(
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(InputError);
      expect(error).toMatchObject({ code: "undeclared", field: name });
    }),
    { numRuns: 200 },
  );
});

test("names that are declared are only ever looked up, whatever they look like", async () => {
  const [name] = HOSTILE;
  const odd = dataset({
    measures: { [name!]: { column: "amount" } },
    dimensions: { "campaign' || '": { column: "campaign" } },
    match: { [HOSTILE[1]!]: { type: "email", columns: "email" } },
  });
  const prepared = await preparePeople(
    odd,
    {
      match: [HOSTILE[1]!],
      measures: [{ name: name!, low: 0n, high: 10n, decimals: 0 }],
      partitions: [["campaign' || '"]],
    },
    { scratch: tmpdir() },
  );
  expect(prepared.count).toBe(2);
  expect((await allNumbers(prepared.measures[0]!)).toSorted()).toEqual(BigInt64Array.of(1n, 2n));
  expect(prepared.partitions[0]!.labels).toEqual([["x"], ["y"]]);
});

test.each([
  ["another file", (path: string) => `exists (from read_csv('${path}'))`],
  ["the folder's files", (path: string) => `(select count(*) from glob('${path}')) > 0`],
  ["a write", (path: string) => `true) t; copy (select 1) to '${path}.out'; select (true`],
  ["a setting", () => "true); set enable_external_access = true; select (true"],
  ["the environment", () => "getenv('PATH') <> ''"],
  ["an extension", () => "true); install httpfs; select (true"],
])("an owner's expression cannot reach %s", async (_, where) => {
  const request = { match: ["email"], measures: [], partitions: [] };
  const error = await preparePeople(dataset({ where: where(other) }), request, { scratch: tmpdir() }).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).code).toBe("expression");
  expect((await readdir(folder)).sort()).toEqual(["it's.csv", "other.csv"]);
});

test("a filter of the report applies on top of the dataset's", async () => {
  const request = { match: ["email"], measures: [], partitions: [] };
  const narrow = dataset({ where: "amount <> '9' -- all" });
  expect(
    (await preparePeople(narrow, request, { where: "campaign = 'x'", scratch: tmpdir() })).counts,
  ).toMatchObject({
    rows: 2,
    people: 1,
    filtered: 1,
  });
});

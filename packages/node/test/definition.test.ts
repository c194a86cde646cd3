// Definitions of datasets as files, and datasets added to and taken out of config.yaml.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parse } from "yaml";
import { readDefinition } from "../src/config/definition.ts";
import { addDataset, addPolicies, removeDataset, writeFirstConfig } from "../src/config/edit.ts";
import { loadSettings } from "../src/config/load.ts";
import { nodeFolder } from "../src/store/folder.ts";
import { OperatorError } from "../src/errors.ts";

const PAGE = new URL("../../../docs/datasets.md", import.meta.url);

const home = mkdtempSync(join(tmpdir(), "halfroom-definition-"));
const folder = nodeFolder(home);
afterAll(() => rmSync(home, { recursive: true }));

function file(text: string): string {
  const path = join(home, "dataset.yaml");
  writeFileSync(path, text);
  return path;
}

test("the definition in the documentation is sound, and holds every field that there is", async () => {
  const [, text = ""] = /^```yaml\n(.*?)^```$/ms.exec(readFileSync(PAGE, "utf8"))!;
  const definition = await readDefinition(file(text));
  expect(definition["source"]).toEqual({
    postgres: { urlFile: join(home, "crm.url"), query: "select * from sales" },
  });
  const plain = parse(text, { stringKeys: true });
  expect({ ...definition, source: plain.source }).toEqual(plain);
  writeFirstConfig(folder);
  await addDataset(folder, "sales", definition);
  writeFileSync(folder.configFile, readFileSync(folder.configFile, "utf8").replaceAll('"null":', "null:"));
  const { sales } = (await loadSettings(folder, {})).datasets;
  expect(sales).toMatchObject({
    population: "customers",
    measures: ["amount", "net", "price", "list_price"],
  });
  expect(Object.values(sales!.definition).every((value) => value !== undefined)).toBe(true);
  const fields = "columns dimensions match measures name nullWords person source time where zone";
  expect(Object.keys(sales!.definition).sort()).toEqual(fields.split(" "));
});

test("paths start at the file's folder, unless they are absolute", async () => {
  const source = 'source: { csv: a.csv, delimiter: ";", encoding: windows-1252 }';
  const one = await readDefinition(file(`${source}\nmatch: { email: { columns: email } }\n`));
  expect(one["source"]).toEqual({ csv: join(home, "a.csv"), delimiter: ";", encoding: "windows-1252" });
  const two = file(
    "source: { ndjson: [parts/*.ndjson, /data/b, 's3://b/c.ndjson'] }\nmatch: { email: { columns: email } }\n",
  );
  expect((await readDefinition(two))["source"]).toEqual({
    ndjson: [join(home, "parts/*.ndjson"), "/data/b", "s3://b/c.ndjson"],
  });
});

test("the file of an SQLite database starts there too, and queries and tables do not", async () => {
  const source = "source: { sqlite: { file: crm.db, table: people } }";
  const { source: placed } = await readDefinition(file(`${source}\nmatch: { email: { columns: email } }\n`));
  expect(placed).toEqual({ sqlite: { file: join(home, "crm.db"), table: "people" } });
});

test("every fault of a file has its line, field and remedy, and no value", async () => {
  const error = await readDefinition(
    file(`name: x
source: { csv: a.csv, parquet: b }
match:
  email: { columns: email, profile: secret, hashed: perhaps }
  phone: { columns: tel, region: Secretland }
  card: { columns: no }
columns: { amount: secret }
dimensions:
  a: { derive: secret }
  b: { pick: sum }
  c: { column: x, expression: y }
  d: { null: 5 }
measures: { amount: { null: secret } }
time: {}
popul: x
`),
  ).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(OperatorError);
  const { problems, message } = error as OperatorError;
  expect(problems.map(({ line, field }) => `${line} ${field}`).sort()).toEqual(
    [
      "1 name",
      "2 source",
      "4 match.email.profile",
      "4 match.email.hashed",
      "5 match.phone.region",
      "7 columns.amount",
      "9 dimensions.a.derive",
      "10 dimensions.b",
      "11 dimensions.c",
      "12 dimensions.d.null",
      "13 measures.amount.null",
      "14 time",
      "15 popul",
    ].sort(),
  );
  expect(problems.every(({ remedy }) => /^(Write|Remove)/.test(remedy))).toBe(true);
  expect(message).not.toMatch(/secret/i);
});

test.each([
  ["match: { card: { columns: no } }", /line 1, match\.card\.type: .*Write which of email/],
  ["match: {}", /line 1, match: .*Write 1 to 8 keys/],
  ["match: { maid: { columns: id, hashed: true } }", /match\.maid\.hashed: .*Remove it/],
  ["match: { email: { columns: [a, b], hashed: true } }", /match\.email\.columns: .*Write one column/],
])("%s is refused", async (match, words) => {
  await expect(readDefinition(file(`${match}\nsource: { csv: a.csv }\n`))).rejects.toThrow(words);
});

test("a password is refused wherever a URL may hold it", async () => {
  for (const url of ["postgres://u:secret@h/d", "postgres://h/d?password=secret", "no url"]) {
    const text = `source: { postgres: { url: "${url}", query: select 1 } }\nmatch: { email: { columns: e } }\n`;
    const refused = readDefinition(file(text));
    await expect(refused).rejects.toThrow(/source\.postgres\.url: .*Do not write a password here/);
    await expect(refused).rejects.not.toThrow(/secret/);
  }
});

test("a dataset that is removed is gone, the rest of the settings stays, and policies that name it are told", async () => {
  const before = readFileSync(folder.configFile, "utf8");
  await addDataset(folder, "other", { source: { csv: "x.csv" }, match: { email: { columns: "email" } } });
  writeFileSync(join(home, "policy.yaml"), "partner: p\ndataset: other\n");
  const subjects = { partners: ["p"], datasets: { other: { dimensions: [], measures: [] } } };
  await addPolicies(folder, join(home, "policy.yaml"), subjects);
  expect(await removeDataset(folder, "other")).toEqual(["p"]);
  const after = await loadSettings(folder, {});
  expect(Object.keys(after.datasets)).toEqual(["sales"]);
  const written = readFileSync(folder.configFile, "utf8").replaceAll('"null":', "null:");
  expect(written).toContain(before.slice(0, before.indexOf("policies")).trim());
  await expect(removeDataset(folder, "other")).rejects.toThrow(/no dataset "other".*there are sales/);
  await expect(removeDataset(folder, "../x")).rejects.toThrow(/dataset name/);
});

// The label of a row as SQL over the owner's own table: it selects the people that a dataset puts into a cell.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { expect, onTestFinished, test } from "vitest";
import { datasetSchema, labelExpression, prepareReceiverDataset } from "../src/index.ts";

const DIMENSIONS = {
  age: { derive: { bands: [18, 25, 35] } },
  seen: { column: "views", derive: "frequency" },
  month: { column: "since", derive: "month" },
  week: { column: "since", derive: "week" },
  region: { null: { label: "elsewhere" } },
  'a "quoted" o\'name': { expression: "upper(region) || '''s'" },
};
const ROWS = Array.from({ length: 60 }, (_, i) => {
  const since = `2026-0${1 + (i % 4)}-${String(1 + (i % 28)).padStart(2, "0")}`;
  return `p${i}@example.com,${12 + (i % 30)},${i % 13},${since},${["north", "", "o'south"][i % 3]}`;
});

test("the condition on a label finds as many rows as the cell has people, derived dimensions included", async () => {
  const folder = mkdtempSync(join(tmpdir(), "halfroom-labels-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "people.csv");
  writeFileSync(file, `email,age,views,since,region\n${ROWS.join("\n")}\n`);
  const match = { email: { columns: "email" } };
  const dataset = datasetSchema.parse({
    name: "people",
    source: { csv: file },
    match,
    dimensions: DIMENSIONS,
  });
  const names = Object.keys(DIMENSIONS);
  const request = { match: ["email"], partitions: names.map((name) => [name]) };
  const { partitions } = await prepareReceiverDataset(dataset, request, { scratch: folder });
  const connection = await (await DuckDBInstance.create()).connect();
  onTestFinished(() => connection.closeSync());
  const table = `read_csv('${file}', header = true, all_varchar = true)`;
  for (const [p, name] of names.entries()) {
    const expression = labelExpression(dataset, name)!;
    const { labels, base } = partitions[p]!;
    expect(labels.length, name).toBeGreaterThan(1);
    for (const [cell, [label]] of labels.entries()) {
      const literal = `'${label!.replaceAll("'", "''")}'`;
      const found = await connection.runAndReadAll(
        `select count(*) from ${table} where ${expression} = ${literal}`,
      );
      expect([name, label, Number(found.getRowsJS()[0]![0])]).toEqual([name, label, base[cell]]);
    }
  }
});

test("a label that follows from all rows of a person has none, nor has one that is not declared", () => {
  const match = { email: { columns: "email" } };
  const dimensions = { seen: { derive: "frequency", pick: "sum" }, tier: { pick: "most frequent" } };
  const dataset = datasetSchema.parse({ name: "people", source: { csv: "x.csv" }, match, dimensions });
  for (const name of ["seen", "tier", "other", "constructor"])
    expect(labelExpression(dataset, name)).toBeUndefined();
});

// A report's filter against the same condition in the dataset: where one identifier is one person, both say the same of everybody
// whom the filter keeps, and only the first still knows of everybody else.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { datasetSchema, preparePeople, type DatasetInput, type PrepareRequest } from "../src/index.ts";
import { definition, heldColumns, someRows, writeSources } from "./datasets.ts";

let folder: string;
let people: DatasetInput;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "halfroom-filter-"));
  const sources = await writeSources(folder, someRows(3000));
  people = { ...definition(sources["csv"]!), time: { column: "ts" } };
});
afterAll(() => rm(folder, { recursive: true }));

const KEPT = "amount > 20 and visits < 10";
const MEASURES = ["amount", "net"].map((name) => ({ name, low: 0n, high: 30_000n, decimals: 2 }));
const BY = [["age_band", "country"], ["vip", "week"], ["frequency"]];

test.each<[name: string, request: Omit<PrepareRequest, "match">]>([
  ["sums, and labels by every rule", { measures: MEASURES, partitions: BY }],
  ["several cells a person", { measures: [], partitions: BY, entries: { kind: "cells", max: 3 } }],
  [
    "touches",
    { measures: [], partitions: BY.slice(0, 2), entries: { kind: "touches", max: 3, keep: "last" } },
  ],
  ["events", { measures: MEASURES, partitions: [[]], events: { max: 3 } }],
])("%s are those of the rows that the filter keeps", async (_, request) => {
  const prepare = async (dataset: DatasetInput, where?: string) => {
    const definition = datasetSchema.parse(dataset);
    const asked = { ...request, match: ["email"] };
    const { digests, everybody, ...all } = await preparePeople(definition, asked, { scratch: folder, where });
    const held = everybody && { ...everybody, digests: await everybody.digests.slice() };
    return { ...(await heldColumns(all)), digests: await digests.slice(), everybody: held };
  };
  const all = await prepare(people);
  const inDataset = await prepare({ ...people, where: `(${people.where}) and (${KEPT})` });
  const inReport = await prepare(people, KEPT);
  expect(inReport.count).toBeLessThan(all.count);
  expect(inReport.count).toBeGreaterThan(50);
  const { everybody, ...report } = inReport;
  expect({ ...report, merges: { ...report.merges, outside: 0n }, everybody: undefined }).toEqual(inDataset);
  expect(everybody!.digests).toEqual(all.digests);
  expect(everybody!.inside.reduce((sum, inside) => sum + inside, 0)).toBe(inReport.count);
  expect(all.everybody).toBeUndefined();
});

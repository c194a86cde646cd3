// The setting `records_mib`: what a session holds of everybody stays in memory up to it, and is the same beyond it, opt-outs, a filter and
// several keys included.
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { allNumbers, allRows, rowCount } from "@halfroom/crypto";
import { keyLabelOf } from "@halfroom/prepare";
import { heldData } from "@halfroom/session";
import { TERMS } from "@halfroom/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { initNode } from "../src/api/init.ts";
import { handleOf } from "../src/api/node.ts";
import { suppress } from "../src/api/suppress.ts";
import { prepareDataset } from "../src/datasets/prepare-dataset.ts";
import { openState } from "../src/node-state.ts";
import { recordsIn } from "../src/store/records.ts";
import { emptyFolder } from "./home.ts";

/** Several pages of records. */
const PEOPLE = 9000;
const KEYS = { email: { columns: "email" }, card: { columns: "card", type: "custom" } };
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "halfroom-records-memory-"));
  const rows = Array.from({ length: PEOPLE }, (_, i) => {
    const card = i % 7 === 0 ? "" : `c${i}`;
    return `p${i}@example.com,${card},${i % 90},campaign ${i % 12}`;
  });
  writeFileSync(join(folder, "people.csv"), `email,card,amount,campaign\n${rows.join("\n")}\n`);
  const listed = Array.from({ length: 300 }, (_, i) => `p${i * 29}@example.com`);
  writeFileSync(join(folder, "gone.csv"), `email\n${listed.join("\n")}\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Files of this process in the folder that are open and have no name. */
const nameless = (path: string) =>
  readdirSync("/proc/self/fd").filter((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return target.startsWith(path) && target.endsWith(" (deleted)");
    } catch {
      return false;
    }
  }).length;

/** All that both roles take of the dataset with so many MiB, and how many files that took. */
async function preparedWith(mib: number) {
  const home = emptyFolder();
  await initNode(home.path);
  const dimensions = { campaign: {} };
  const dataset = {
    source: { csv: join(folder, "people.csv") },
    match: KEYS,
    measures: { amount: {} },
    dimensions,
  };
  writeFileSync(home.configFile, JSON.stringify({ datasets: { people: dataset }, records_mib: mib }));
  const node = await openState(home, {});
  const records = recordsIn(node.scratch);
  try {
    await suppress(handleOf(node), { file: join(folder, "gone.csv"), columns: {}, hashed: false });
    const ofDataset = (await node.rules()).datasets["people"]!;
    const match = ["email", "card"].map((key) => ({ key, label: keyLabelOf(ofDataset.definition, key) }));
    const measures = [{ name: "amount", low: 0n, high: 100n, decimals: 0, squares: false }];
    const terms = {
      ...TERMS,
      match,
      measures,
      senderGroupBy: ["campaign"],
      partitions: [["campaign"]],
      replay: true,
    };
    const found = [];
    for (const role of ["sender", "receiver"] as const) {
      const asked = {
        node,
        dataset: ofDataset,
        role,
        terms,
        where: "amount::integer < 60",
        askedAt: 0,
        records,
      };
      const { data, own, everybody, takeIdentifiers } = await prepareDataset(asked);
      const { identifiers, items } = takeIdentifiers();
      const rows = await allRows(identifiers);
      found.push({ data: await heldData(data), own, everybody, rows, items: await allNumbers(items!) });
    }
    return { found, files: nameless(home.path) };
  } finally {
    await records.close();
    node.close();
  }
}

test("people are the same in memory and in files", async () => {
  const [memory, files] = [await preparedWith(256), await preparedWith(0)];
  expect(memory.files).toBe(0);
  expect(files.files).toBeGreaterThan(1);
  // Arrays of many numbers, which `toEqual` takes half a minute for.
  expect(isDeepStrictEqual(files.found, memory.found)).toBe(true);
  const [sender] = memory.found;
  // Two thirds of all are below 60.
  expect(sender!.own.optedOut).toBeGreaterThan(100);
  expect(sender!.data.people.people).toBeGreaterThan(PEOPLE / 2);
  expect(rowCount(sender!.rows)).toBeGreaterThan(2 * PEOPLE);
});

// Several partitions of the receiver and the sender's categories, from one pass, against a plain reading of the rows.
import { tmpdir } from "node:os";
import { rowAt, rowCount, type ByteRows, allRows } from "@halfroom/crypto";
import fc from "fast-check";
import { inMemory } from "@halfroom/testkit";
import { expect, test } from "vitest";
import {
  datasetSchema,
  encodeIdentifier,
  prepareReceiverDataset,
  prepareSenderDataset,
} from "../src/index.ts";
import type { Dataset, DatasetInput } from "../src/index.ts";
import { digestOf } from "../src/identifiers/key.ts";
import { profileOf } from "../src/identifiers/profiles.ts";
import { scratchFiles } from "./scratch.ts";

const write = scratchFiles();

interface Row {
  readonly person: number;
  readonly campaign: string;
  readonly age: number;
  readonly region: string;
}

const row: fc.Arbitrary<Row> = fc.record({
  person: fc.nat(30),
  campaign: fc.constantFrom("spring", "autumn", "", "é"),
  age: fc.integer({ min: 10, max: 60 }),
  region: fc.constantFrom("north", "south"),
});

const PARTITIONS = [["campaign"], [], ["age", "region"], ["region", "campaign", "age"]];

function dataset(csv: string, more: Partial<DatasetInput> = {}): Dataset {
  return datasetSchema.parse({
    name: "people",
    source: { csv },
    match: { email: { columns: "email" }, card: { type: "custom", columns: "card" } },
    dimensions: { campaign: {}, age: { derive: { bands: [18, 35] } }, region: {} },
    ...more,
  });
}

function csvOf(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ person, campaign, age, region }) =>
      `p${person}@example.com,card-${person},${campaign},${age},${region}`,
  );
  return `email,card,campaign,age,region\n${lines.join("\n")}\n`;
}

const rules = {
  name: "email",
  type: "email",
  profile: profileOf("iab")!,
  plus: true,
  hashed: false,
} as const;

function labelsOf({ campaign, age, region }: Row): Record<string, string> {
  return { campaign, region, age: age < 18 ? "under 18" : age < 35 ? "18-34" : "35+" };
}

/** Where each person's address stands among the identifiers. */
function positions(identifiers: ByteRows): Map<string, number> {
  const at = Array.from({ length: rowCount(identifiers) }, (_, item) => item);
  return new Map(at.map((item) => [Buffer.from(rowAt(identifiers, item)).toString("hex"), item]));
}

function itemOf(items: ReadonlyMap<string, number>, person: number): number {
  const digest = digestOf(rules, [`p${person}@example.com`]) as Uint8Array;
  const item = items.get(Buffer.from(encodeIdentifier("email/iab-1", digest)).toString("hex"));
  if (item === undefined) throw new Error(`person ${person} is missing`);
  return item;
}

test.each([[["email"]], [["email", "card"]]])(
  "with the keys %j every partition and every category is that of the person's first row",
  async (match) => {
    const items = 2 ** match.length - 1;
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 60 }), async (rows) => {
        const definition = dataset(await write("people.csv", csvOf(rows)));
        const first = new Map(rows.toReversed().map((each) => [each.person, labelsOf(each)]));
        const receiver = await inMemory(
          prepareReceiverDataset(definition, { match, partitions: PARTITIONS }, { scratch: tmpdir() }),
        );
        const at = positions(await allRows(receiver.identifiers));
        expect(receiver.people).toBe(first.size);
        expect(receiver.partitions.map(({ groupBy }) => groupBy)).toEqual(PARTITIONS);
        for (const { groupBy, cells, labels, base } of receiver.partitions) {
          const expected = [...first].map(([person, all]) => [person, groupBy.map((name) => all[name])]);
          const found = [...first.keys()].map((person) => [person, labels[cells[itemOf(at, person)]!]]);
          expect(found).toEqual(expected);
          expect(cells.length).toBe(items * first.size);
          for (let item = 0; item < cells.length; item++)
            expect(cells[item]).toBe(cells[item - (item % items)]);
          const sizes = labels.map(
            (label) => expected.filter(([, other]) => JSON.stringify(other) === JSON.stringify(label)).length,
          );
          expect([...base]).toEqual(sizes);
          expect(Math.min(...sizes)).toBeGreaterThan(0);
        }
        const request = { match, measures: [], dimensions: ["region", "age"] };
        const { categories, categoryLabels, identifiers } = await inMemory(
          prepareSenderDataset(definition, request, {
            scratch: tmpdir(),
          }),
        );
        const items1 = positions(await allRows(identifiers));
        for (const [person, all] of first) {
          const category = categories[itemOf(items1, person)]!;
          expect(categoryLabels[category]).toEqual([all["region"], all["age"]]);
        }
        expect(categoryLabels.length).toBe(new Set(categories).size);
      }),
      { numRuns: 5 },
    );
  },
);

test("without dimensions everybody is in the one category and the one cell of no labels", async () => {
  const definition = dataset(await write("few.csv", "email,card\na@b.cd,1\nb@b.cd,2\n"), { dimensions: {} });
  const sender = await inMemory(
    prepareSenderDataset(
      definition,
      { match: ["email"], measures: [], dimensions: [] },
      { scratch: tmpdir() },
    ),
  );
  expect(sender).toMatchObject({ categories: new Uint32Array(2), categoryLabels: [[]] });
  const { partitions } = await inMemory(
    prepareReceiverDataset(definition, { match: ["email"], partitions: [[]] }, { scratch: tmpdir() }),
  );
  expect(partitions).toEqual([
    { groupBy: [], cells: new Uint32Array(2), labels: [[]], base: Uint32Array.of(2) },
  ]);
});

test("a negative count drops its row and nobody who has another, however counts add up", async () => {
  const file = await write(
    "counts.csv",
    "email,visits\na@b.cd,-5\na@b.cd,2\nb@b.cd,-1\nc@b.cd,3\nc@b.cd,4\n",
  );
  const definition = dataset(file, {
    match: { email: { columns: "email" } },
    dimensions: { visits: { derive: "frequency", pick: "sum" } },
  });
  const prepared = await inMemory(
    prepareReceiverDataset(definition, { match: ["email"], partitions: [["visits"]] }, { scratch: tmpdir() }),
  );
  expect(prepared).toMatchObject({ rows: 5, people: 2, merged: 1, dropped: { "visits: not a count": 2 } });
  expect(prepared.partitions[0]!.labels).toEqual([["2"], ["6-10"]]);
});

test("a partition names a dimension once", async () => {
  const definition = dataset(await write("once.csv", csvOf([])));
  const twice = { match: ["email"], partitions: [["region", "region"]] };
  await expect(prepareReceiverDataset(definition, twice, { scratch: tmpdir() })).rejects.toThrow(RangeError);
});

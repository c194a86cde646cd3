// What is prepared is the same whether it stays in memory or lies in files, whatever is asked for; and a person's numbers are those of each of
// their items.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { heldColumn, RecordStore, type Column, type NumberArray } from "@halfroom/crypto";
import { inMemory } from "@halfroom/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  datasetSchema,
  NO_CELL,
  peopleOfCells,
  prepareReceiverDataset,
  prepareSenderDataset,
} from "../src/index.ts";
import type { Dataset } from "../src/index.ts";
import { peoplePayloadOf, perItem, signedPayload } from "../src/keys/items.ts";
import { definition, someRows, writeSources } from "./datasets.ts";

let folder: string;
let people: Dataset;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "halfroom-columns-"));
  const sources = await writeSources(folder, someRows(1500));
  people = datasetSchema.parse({ ...definition(sources["csv"]!), time: { column: "ts" } });
});
afterAll(async () => rm(folder, { recursive: true }));

const MEASURES = ["amount", "net"].map((name) => ({ name, low: 0n, high: 30_000n, decimals: 2 }));
const BY = [["age_band", "country"], ["vip", "week"], []];
const KEPT = "amount > 20 and visits < 10";

/** Prepared twice: all of it in memory, and none, with a few records a page. */
async function bothWays<T>(prepare: (records: RecordStore) => Promise<T>): Promise<[T, T]> {
  const files = new RecordStore({ openFolder: async () => folder, memoryBytes: 0, pageBytes: 300 });
  try {
    return [await prepare(new RecordStore()), await prepare(files)];
  } finally {
    await files.close();
  }
}

const ASKED = [["email"], ["email", "phone"]].flatMap((match) =>
  [undefined, KEPT].map((where) => ({ match, where })),
);

test.each(ASKED)("a sender's people by $match, with the filter $where", async ({ match, where }) => {
  for (const events of [undefined, { max: 3 }]) {
    const request = { match, measures: MEASURES, dimensions: ["age_band"], events };
    const [memory, files] = await bothWays(async (records) => {
      const prepared = prepareSenderDataset(people, request, { scratch: folder, records, where });
      const { identifiers, ...all } = await inMemory(prepared);
      return { ...all, rows: { bytes: identifiers.bytes, offsets: identifiers.offsets } };
    });
    expect(memory.people).toBeGreaterThan(50);
    const values = [...memory.measures, ...(memory.events?.values.flat() ?? [])];
    expect(values.some((column) => column.some((value) => value > 0n))).toBe(true);
    expect(files).toEqual(memory);
  }
});

test.each(ASKED)("a receiver's people by $match, with the filter $where", async ({ match, where }) => {
  for (const entries of [
    undefined,
    { kind: "cells", max: 3 } as const,
    { kind: "touches", max: 3, keep: "last" } as const,
  ]) {
    const [memory, files] = await bothWays(async (records) => {
      const request = { match, partitions: BY, entries };
      const prepared = prepareReceiverDataset(people, request, { scratch: folder, records, where });
      const { identifiers, ...all } = await inMemory(prepared);
      return { ...all, rows: { bytes: identifiers.bytes, offsets: identifiers.offsets } };
    });
    expect(memory.people).toBeGreaterThan(50);
    expect(new Set(memory.partitions[0]!.cells).size).toBeGreaterThan(5);
    expect(files).toEqual(memory);
  }
});

/** All of a column's ranges, against an array. */
async function expectRanges<T extends NumberArray>(column: Column<T>, numbers: T): Promise<void> {
  expect(column.length).toBe(numbers.length);
  for (let start = 0; start <= numbers.length; start++)
    for (let end = start; end <= numbers.length + 2; end++)
      expect(await column.read(start, end)).toEqual(numbers.slice(start, end));
}

test("every item has its person's number, with its sign where numbers add up", async () => {
  const ofPeople = heldColumn(BigInt64Array.of(5n, -7n, 0n, 9n));
  await expectRanges(
    signedPayload(ofPeople, 2),
    BigInt64Array.of(5n, 5n, -5n, -7n, -7n, 7n, 0n, 0n, 0n, 9n, 9n, -9n),
  );
  await expectRanges(signedPayload(ofPeople, 1), BigInt64Array.of(5n, -7n, 0n, 9n));
  await expectRanges(
    peoplePayloadOf(2, 3),
    BigInt64Array.of(1n, 1n, -1n, 1n, -1n, -1n, 1n, 1n, 1n, -1n, 1n, -1n, -1n, 1n),
  );
  await expectRanges(perItem(heldColumn(Uint8Array.of(3, 4)), 2), Uint8Array.of(3, 3, 3, 4, 4, 4));
});

test("a person counts once in each cell that an entry is in, whatever piece their items are read in", async () => {
  const persons = 20_000;
  const of = (entry: number, person: number) =>
    (person + entry) % 3 === 0 && entry > 0 ? NO_CELL : (person * (entry + 1)) % 5;
  const slots = [0, 1, 2].map((entry) =>
    heldColumn(Uint32Array.from({ length: 3 * persons }, (_, item) => of(entry, Math.floor(item / 3)))),
  );
  const expected = new Uint32Array(5);
  for (let person = 0; person < persons; person++)
    for (const cell of new Set([0, 1, 2].map((entry) => of(entry, person))))
      if (cell !== NO_CELL) expected[cell]!++;
  expect(await peopleOfCells(slots, 5, 3)).toEqual(expected);
});

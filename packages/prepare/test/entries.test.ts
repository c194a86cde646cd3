// Several cells, touches and events a person, against a plain reading of the rows.
import { tmpdir } from "node:os";
import { rowAt, rowCount, type ByteRows, allRows } from "@halfroom/crypto";
import fc from "fast-check";
import { inMemory } from "@halfroom/testkit";
import { expect, test } from "vitest";
import {
  AFTER_ALL,
  BEFORE_ALL,
  datasetSchema,
  encodeIdentifier,
  NO_CELL,
  prepareReceiverDataset,
  prepareSenderDataset,
} from "../src/index.ts";
import type { Dataset, DatasetInput, HeldReceiver } from "../src/index.ts";
import { sha256 } from "../src/identifiers/hashed.ts";
import { scratchFiles } from "./scratch.ts";

const write = scratchFiles();

interface Row {
  readonly person: number;
  readonly campaign: string;
  readonly device: string;
  readonly visits: number;
  readonly second: number;
  readonly amount: number;
}

const row: fc.Arbitrary<Row> = fc.record({
  person: fc.nat(12),
  campaign: fc.constantFrom("spring", "autumn", "winter", ""),
  device: fc.constantFrom("phone", "desk"),
  visits: fc.integer({ min: 0, max: 6 }),
  second: fc.integer({ min: 0, max: 20 }),
  amount: fc.integer({ min: -60, max: 90 }),
});
const someRows = fc.array(row, { minLength: 1, maxLength: 60 });

const START = Date.UTC(2026, 1, 1) / 1000;

function dataset(csv: string, more: Partial<DatasetInput> = {}): Dataset {
  return datasetSchema.parse({
    name: "people",
    source: { csv },
    columns: { visits: "integer" },
    match: { email: { columns: "email" } },
    dimensions: {
      campaign: {},
      device: { pick: "most frequent" },
      frequency: { column: "visits", derive: "frequency", pick: "sum" },
    },
    measures: { amount: {} },
    time: { column: "ts" },
    ...more,
  });
}

async function fileOf(rows: readonly Row[]): Promise<string> {
  const lines = rows.map(({ person, campaign, device, visits, second, amount }) => {
    const ts = new Date((START + second) * 1000).toISOString();
    return [`p${person}@example.com`, campaign, device, visits, ts, amount].join(",");
  });
  return write("rows.csv", `email,campaign,device,visits,ts,amount\n${lines.join("\n")}\n`);
}

function byPerson(rows: readonly Row[]): Map<number, Row[]> {
  const people = new Map<number, Row[]>();
  for (const each of rows) people.set(each.person, [...(people.get(each.person) ?? []), each]);
  return people;
}

function itemsOf(identifiers: ByteRows): (person: number) => number {
  const items = new Map<string, number>();
  for (let item = 0; item < rowCount(identifiers); item++) {
    items.set(Buffer.from(rowAt(identifiers, item)).toString("hex"), item);
  }
  return (person) => {
    const identifier = encodeIdentifier("email/iab-1", sha256(`p${person}@example.com`));
    return items.get(Buffer.from(identifier).toString("hex"))!;
  };
}

function frequency(visits: number): string {
  return visits <= 3 ? String(visits) : visits <= 5 ? "4-5" : visits <= 10 ? "6-10" : "11+";
}

function deviceOf(rows: readonly Row[]): string {
  const of = (device: string) => rows.filter((each) => each.device === device).length;
  const first = rows[0]!.device;
  const other = first === "phone" ? "desk" : "phone";
  return of(other) > of(first) ? other : first;
}

type HeldPartition = HeldReceiver["partitions"][number];

/** The labels of a person's slots; a slot without an entry is left out, and must be the last. */
function slotLabels({ entries, labels }: HeldPartition, item: number): string[][] {
  const cells = entries!.map((slot) => slot[item]!);
  const found = cells.filter((cell) => cell !== NO_CELL);
  expect(cells.slice(0, found.length)).toEqual(found);
  return found.map((cell) => labels[cell]!);
}

function expectBase({ base, labels, entries, cells }: HeldPartition, people: readonly string[][][]): void {
  const has = (label: string[]) =>
    people.filter((each) => each.some((other) => JSON.stringify(other) === JSON.stringify(label))).length;
  expect([...base]).toEqual(labels.map(has));
  expect(Math.min(...base)).toBeGreaterThan(0);
  expect(cells).toEqual(entries![0]);
}

const distinct = (labels: readonly string[][]): string[][] =>
  [...new Set(labels.map((label) => JSON.stringify(label)))].map((text) => JSON.parse(text) as string[]);

test("cells: a person is in the first of those that their rows reach, counted by entry where numbers add up", async () => {
  const partitions = [["campaign"], ["campaign", "frequency"], ["device", "campaign"], ["device"], []];
  await fc.assert(
    fc.asyncProperty(someRows, fc.integer({ min: 1, max: 3 }), async (rows, max) => {
      const request = { match: ["email"], partitions, entries: { kind: "cells", max } as const };
      const receiver = await inMemory(
        prepareReceiverDataset(dataset(await fileOf(rows)), request, {
          scratch: tmpdir(),
        }),
      );
      expect(receiver.times).toBeUndefined();
      const item = itemsOf(await allRows(receiver.identifiers));
      const people = byPerson(rows);
      const expected = [...people].map(([person, own]) => {
        const campaigns = distinct(own.map(({ campaign }) => [campaign]));
        const visits = (campaign: string) =>
          own.filter((each) => each.campaign === campaign).reduce((sum, each) => sum + each.visits, 0);
        const lists = [
          campaigns,
          campaigns.map(([campaign]) => [campaign!, frequency(visits(campaign!))]),
          campaigns.map(([campaign]) => [deviceOf(own), campaign!]),
          [[deviceOf(own)]],
          [[]],
        ];
        return { person, lists };
      });
      receiver.partitions.forEach((partition, p) => {
        for (const { person, lists } of expected) {
          expect(slotLabels(partition, item(person))).toEqual(lists[p]!.slice(0, max));
        }
        expectBase(
          partition,
          expected.map(({ lists }) => lists[p]!.slice(0, max)),
        );
        const lost = expected.reduce((sum, { lists }) => sum + Math.max(0, lists[p]!.length - max), 0);
        expect(partition.lostEntries).toBe(lost);
      });
    }),
    { numRuns: 10 },
  );
});

/** Stable by time; of rows alike in time and campaign the last one's place counts. */
function touchesOf(own: readonly Row[]): Row[] {
  const last = new Map(own.map((each, at) => [`${each.second} ${each.campaign}`, at]));
  return own
    .map((each, at) => ({ each, at }))
    .filter(({ each, at }) => last.get(`${each.second} ${each.campaign}`) === at)
    .sort((a, b) => a.each.second - b.each.second || a.at - b.at)
    .map(({ each }) => each);
}

test.each(["first", "last"] as const)(
  "touches: the %s of a person's rows, in the order of time",
  async (keep) => {
    await fc.assert(
      fc.asyncProperty(someRows, fc.integer({ min: 1, max: 4 }), async (rows, max) => {
        const partitions = [["campaign"], ["device"]];
        const request = { match: ["email"], partitions, entries: { kind: "touches", max, keep } as const };
        const receiver = await inMemory(
          prepareReceiverDataset(dataset(await fileOf(rows)), request, {
            scratch: tmpdir(),
          }),
        );
        const item = itemsOf(await allRows(receiver.identifiers));
        const labels: string[][][] = [];
        let lost = 0;
        for (const [person, own] of byPerson(rows)) {
          const all = touchesOf(own);
          const kept = keep === "first" ? all.slice(0, max) : all.slice(-max);
          lost += all.length - kept.length;
          labels.push(kept.map(({ campaign }) => [campaign]));
          const [campaign, device] = receiver.partitions;
          expect(slotLabels(campaign!, item(person))).toEqual(labels.at(-1));
          expect(slotLabels(device!, item(person))).toEqual(kept.map(() => [deviceOf(own)]));
          expect(receiver.times!.map((times) => times[item(person)])).toEqual(
            Array.from({ length: max }, (_, s) => (s < kept.length ? START + kept[s]!.second : AFTER_ALL)),
          );
        }
        expectBase(receiver.partitions[0]!, labels);
        expect(receiver.partitions.map((partition) => partition.lostEntries)).toEqual([lost, lost]);
      }),
      { numRuns: 10 },
    );
  },
);

/** In the order of time, values count until they add up to a bound. */
function clippedIn(kept: readonly Row[], low: number, high: number): number[] {
  let [up, down] = [0, 0];
  return kept.map(({ amount }) => {
    const value = amount > 0 ? Math.min(amount, high - up) : Math.max(amount, low - down);
    if (value > 0) up += value;
    else down += value;
    return value + 0;
  });
}

const inOrder = (own: readonly Row[]): Row[] => own.toSorted((a, b) => a.second - b.second);

test("events: the latest of a person, in the order of time, whose values stay within the bounds together", async () => {
  const [low, high] = [-70, 100];
  const measure = { name: "amount", low: BigInt(low), high: BigInt(high), decimals: 0 };
  await fc.assert(
    fc.asyncProperty(someRows, fc.integer({ min: 1, max: 4 }), async (rows, max) => {
      const request = { match: ["email"], measures: [measure], dimensions: ["device"], events: { max } };
      const sender = await inMemory(
        prepareSenderDataset(dataset(await fileOf(rows)), request, { scratch: tmpdir() }),
      );
      const { times, values, counts, lost } = sender.events!;
      const item = itemsOf(await allRows(sender.identifiers));
      let left = 0;
      let outside = 0;
      for (const [person, own] of byPerson(rows)) {
        const kept = inOrder(own).slice(-max);
        if (kept.some(({ amount }, i) => amount !== clippedIn(kept, low, high)[i])) outside++;
        left += own.length - kept.length;
        const clipped = clippedIn(kept, low, high);
        const at = item(person);
        expect(counts[at]).toBe(kept.length);
        const padded = <T>(list: T[], none: T) => [...list, ...Array<T>(max - list.length).fill(none)];
        expect(times.map((slot) => slot[at])).toEqual(
          padded(
            kept.map(({ second }) => START + second),
            BEFORE_ALL,
          ),
        );
        expect(values[0]!.map((slot) => Number(slot[at]))).toEqual(padded(clipped, 0));
        expect(sender.categoryLabels[sender.categories[at]!]).toEqual([deviceOf(own)]);
      }
      expect(lost).toBe(left);
      expect(sender.clipped).toEqual([outside]);
    }),
    { numRuns: 10 },
  );
});

test("with two keys an event's values carry the items' signs, its time does not", async () => {
  const file = await write("two.csv", "email,card,ts,amount\na@b.cd,1,2026-02-01,5\na@b.cd,1,2026-02-02,7\n");
  const two = dataset(file, {
    match: { email: { columns: "email" }, card: { type: "custom", columns: "card" } },
    columns: {},
    dimensions: {},
  });
  const { events } = await inMemory(
    prepareSenderDataset(
      two,
      {
        match: ["email", "card"],
        measures: [{ name: "amount", low: 0n, high: 100n, decimals: 0 }],
        dimensions: [],
        events: { max: 2 },
      },
      { scratch: tmpdir() },
    ),
  );
  expect(events!.counts).toEqual(Uint8Array.of(2, 2, 2));
  expect(events!.values).toEqual([[BigInt64Array.of(5n, 5n, -5n), BigInt64Array.of(7n, 7n, -7n)]]);
  expect(events!.times[0]).toEqual(new Uint32Array(3).fill(START));
});

test("moments are timestamps, dates and declared numbers; other texts drop their row, only where times count", async () => {
  const moments = [
    ["2026-02-01", START],
    ["2026-02-01 00:00:01", START + 1],
    ["2026-02-01T00:00:02Z", START + 2],
    [" 2026-02-01T02:00:03+02:00", START + 3],
    ["2026-02-01 00:00:04.999", START + 4],
    ["2105-12-31 23:59:59", Date.UTC(2106, 0, 1) / 1000 - 1],
    ["", "empty"],
    ["20260201", undefined],
    ["1769904000", undefined],
    ["soon", undefined],
    ["1969-12-31", undefined],
    ["infinity", undefined],
    ["2107-01-01", undefined],
  ] as const;
  const lines = moments.map(([text], i) => `p${i}@example.com,${text}`);
  const file = await write("moments.csv", `email,ts\n${lines.join("\n")}\n`);
  const plain = dataset(file, { dimensions: {}, measures: {}, columns: {} });
  const request = { match: ["email"], measures: [], dimensions: [], events: { max: 1 } };
  const sender = await inMemory(prepareSenderDataset(plain, request, { scratch: tmpdir() }));
  const item = itemsOf(await allRows(sender.identifiers));
  const good = moments.flatMap(([, second], person) =>
    typeof second === "number" ? [{ person, second }] : [],
  );
  expect(good.map(({ person }) => sender.events!.times[0]![item(person)])).toEqual(
    good.map(({ second }) => second),
  );
  expect(sender.dropped).toEqual({
    "time: empty": 1,
    "time: not a moment from 1970 to 2105": 4,
    "time: not a moment from 1970 to 2105: eight digits; declare its format": 1,
    "time: not a moment from 1970 to 2105: a number; make a time of it with an expression": 1,
  });
  expect(
    (await inMemory(prepareSenderDataset(plain, { ...request, events: undefined }, { scratch: tmpdir() })))
      .people,
  ).toBe(moments.length);

  const numbers = await write("numbers.csv", "email,ts\na@b.cd,1769904000\nb@b.cd,1769904001.9\nc@b.cd,-1\n");
  const declared = dataset(numbers, { dimensions: {}, measures: {}, columns: { ts: "double" } });
  const { events, dropped } = await inMemory(prepareSenderDataset(declared, request, { scratch: tmpdir() }));
  expect(events!.times[0]!.toSorted()).toEqual(Uint32Array.of(START, START + 1));
  expect(dropped).toEqual({ "time: not a moment from 1970 to 2105": 1 });
});

test("events and touches need a declared time", async () => {
  const file = await write("none.csv", "email,ts\na@b.cd,2026-02-01\n");
  const plain = dataset(file, { dimensions: {}, measures: {}, columns: {}, time: undefined });
  const asked = prepareSenderDataset(
    plain,
    {
      match: ["email"],
      measures: [],
      dimensions: [],
      events: { max: 1 },
    },
    { scratch: tmpdir() },
  );
  await expect(asked).rejects.toMatchObject({ name: "InputError", code: "undeclared", field: "time" });
});

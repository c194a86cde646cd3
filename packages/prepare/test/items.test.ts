// Items and signs in the clear: what the protocol computes on shares, against an OR-join in SQL.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { allNumbers, rowAt, rowCount, type ByteRows, allRows, RecordStore } from "@halfroom/crypto";
import fc from "fast-check";
import { inMemory, type PreparedPair } from "@halfroom/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkDataset, datasetSchema, prepareReceiverDataset, prepareSenderDataset } from "../src/index.ts";
import type { Dataset } from "../src/index.ts";
import { encodeItems, LACKING } from "../src/keys/items.ts";
import { assertHeld, ITEMS_HELD_MAX } from "../src/people/room.ts";

const KEYS = ["email", "phone", "card"];
const AMOUNT = { name: "amount", low: -500n, high: 500n, decimals: 0 };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "halfroom-items-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Person n's value of each key; undefined where they lack it. */
type Person = { keys: (number | undefined)[]; amount: number; cell: string };

function textOf(key: string, n: number | undefined): string {
  if (n === undefined) return "";
  return key === "email" ? `P${n}@example.com` : key === "phone" ? `+49170${1_000_000 + n}` : `card-${n}`;
}

async function write(name: string, people: readonly Person[]): Promise<string> {
  const rows = people.map(({ keys, amount, cell }) =>
    [...KEYS.map((key, k) => textOf(key, keys[k])), amount, cell].join(","),
  );
  const file = join(folder, name);
  await writeFile(file, `${[...KEYS, "amount", "cell"].join(",")}\n${rows.join("\n")}\n`);
  return file;
}

function dataset(file: string): Dataset {
  return datasetSchema.parse({
    name: "people",
    source: { csv: file },
    match: {
      email: { columns: "email" },
      phone: { columns: "phone" },
      card: { type: "custom", columns: "card" },
    },
    measures: { amount: {} },
    dimensions: { cell: {} },
  });
}

interface Cells {
  [label: string]: { people: bigint; amount: bigint };
}

/** Joins by equal items and adds up the payloads, as the protocol does on shares. */
function joinItems({ sender, receiver }: PreparedPair): Cells {
  const payloads = new Map(itemsOf(sender, "sender").map((key, item) => [key, item]));
  expect(payloads.size).toBe(sender.categories.length);
  const received = itemsOf(receiver, "receiver");
  expect(new Set(received).size).toBe(received.length);
  const cells: Cells = {};
  const cellOf = receiver.partitions[0]!;
  received.forEach((key, item) => {
    const match = payloads.get(key);
    if (match === undefined) return;
    const [label] = cellOf.labels[cellOf.cells[item]!]!;
    const cell = (cells[label!] ??= { people: 0n, amount: 0n });
    cell.people += sender.peoplePayload === undefined ? 1n : sender.peoplePayload[match]!;
    cell.amount += sender.measures[0]![match]!;
  });
  return cells;
}

/** The report's items; one that lacks a key equals nothing. */
function itemsOf({ identifiers, items }: PreparedPair["sender" | "receiver"], side: string): string[] {
  const keys = keysOf(identifiers);
  if (items === undefined) return keys;
  return Array.from(items, (row, item) => (row === LACKING ? `${side} ${item}` : keys[row]!));
}

function keysOf(rows: ByteRows): string[] {
  return Array.from({ length: rowCount(rows) }, (_, i) => Buffer.from(rowAt(rows, i)).toString("latin1"));
}

/** Pairs of people with some key in common, each pair once, in SQL. */
async function orJoin(sender: string, receiver: string, keys: readonly string[]): Promise<Cells> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  const table = (file: string): string =>
    `read_csv('${file}', all_varchar = true, header = true, nullstr = '', quote = '"')`;
  const equal = keys.map((key) => `lower(s.${key}) = lower(r.${key})`).join(" or ");
  const reader = await connection.runAndReadAll(
    `select r.cell, count(*), sum(greatest(-500, least(500, s.amount::bigint)))::bigint
     from ${table(sender)} s join ${table(receiver)} r on ${equal} group by r.cell`,
  );
  connection.closeSync();
  instance.closeSync();
  return Object.fromEntries(
    reader
      .getRows()
      .map(([cell, people, amount]) => [
        String(cell),
        { people: people as bigint, amount: amount as bigint },
      ]),
  );
}

const POOL = 40;

/**
 * Every value of a key belongs to one person of a side. Most people have the same number under all keys; for some the
 * numbers of one key are passed on to the next person, so that one of the other side may match two of this one.
 */
const side = fc
  .record({
    numbers: fc.shuffledSubarray(
      Array.from({ length: POOL }, (_, i) => i),
      { minLength: 10 },
    ),
    crossed: fc.tuple(...KEYS.map(() => fc.nat(POOL))),
    has: fc.array(fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()), { minLength: POOL, maxLength: POOL }),
    amounts: fc.array(fc.integer({ min: -900, max: 900 }), { minLength: POOL, maxLength: POOL }),
  })
  .map(({ numbers, crossed, has, amounts }) => {
    const valueOf = (k: number, i: number): number => {
      const length = Math.min(crossed[k]!, numbers.length);
      return numbers[i < length ? (i + 1) % length : i]!;
    };
    return numbers.map((number, i) => ({
      keys: KEYS.map((_, k) => (has[i]![k]! || k === i % 3 ? valueOf(k, i) : undefined)),
      amount: amounts[i]!,
      cell: `c${number % 3}`,
    }));
  });

test.each([1, 2, 3])(
  "with %i keys items and signs add up to the OR-join, pair by pair",
  async (count) => {
    const keys = KEYS.slice(0, count);
    let released = 0n;
    await fc.assert(
      fc.asyncProperty(side, side, async (ours, theirs) => {
        const held = (people: Person[]) =>
          people.filter((person) => person.keys.slice(0, count).some((n) => n !== undefined));
        const [senders, receivers] = [held(ours), held(theirs)];
        fc.pre(senders.length > 0 && receivers.length > 0);
        const files = [await write("sender.csv", senders), await write("receiver.csv", receivers)] as const;
        const sender = await inMemory(
          prepareSenderDataset(
            dataset(files[0]),
            {
              match: keys,
              measures: [AMOUNT],
              dimensions: [],
            },
            { scratch: tmpdir() },
          ),
        );
        const receiver = await inMemory(
          prepareReceiverDataset(
            dataset(files[1]),
            {
              match: keys,
              partitions: [["cell"]],
            },
            { scratch: tmpdir() },
          ),
        );
        expect(itemsOf(sender, "")).toHaveLength(senders.length * (2 ** count - 1));
        expect(itemsOf(receiver, "")).toHaveLength(receivers.length * (2 ** count - 1));
        const expected = await orJoin(files[0], files[1], keys);
        const found = joinItems({ sender, receiver });
        for (const { people } of Object.values(found)) released += people;
        expect(found).toEqual(expected);
      }),
      { numRuns: 10 },
    );
    // Empty joins would prove nothing. With one key a run finds about four pairs, and one run in 18 finds none: fewer than one pair
    // for every two runs is no accident.
    expect(released).toBeGreaterThanOrEqual(5n);
  },
  600_000,
);

test("an identifier of two people of one side is taken from both, counted, and whoever has no other is left out", async () => {
  const file = await write("crossed.csv", [
    { keys: [1, 10, undefined], amount: 1, cell: "x" },
    { keys: [2, 10, undefined], amount: 2, cell: "x" },
    { keys: [undefined, 10, undefined], amount: 4, cell: "x" },
    { keys: [3, 11, undefined], amount: 8, cell: "x" },
    { keys: [3, 12, undefined], amount: 16, cell: "x" },
  ]);
  const check = await checkDataset(
    dataset(file),
    {
      match: ["email", "phone"],
      measures: [{ name: "amount", bounds: AMOUNT, decimals: 0 }],
      threshold: 11,
    },
    { scratch: tmpdir() },
  );
  // The last two rows are one person, by the first key; their second phone number does not count.
  expect(check).toMatchObject({ rows: 5, people: 3, merged: 1 });
  expect(check.dropped).toEqual([{ reason: "identifiers of several people", rows: 1, examples: [] }]);
  expect(check.keys).toMatchObject([
    { name: "email", people: 3, shared: 0, several: 0 },
    { name: "phone", people: 1, shared: 1, several: 1 },
  ]);
  const { measures, peoplePayload } = await inMemory(
    prepareSenderDataset(
      dataset(file),
      {
        match: ["email", "phone"],
        measures: [AMOUNT],
        dimensions: [],
      },
      { scratch: tmpdir() },
    ),
  );
  expect(peoplePayload!.length).toBe(9);
  expect(
    [...measures[0]!]
      .map(Number)
      .filter((amount) => amount > 0)
      .sort((a, b) => a - b),
  ).toEqual([1, 1, 2, 2, 24, 24]);
});

test("a declared person column decides who is one person", async () => {
  const file = join(folder, "person.csv");
  await writeFile(file, "id,email,amount,cell\n7,a@b.cd,1,x\n7,,2,x\n8,c@b.cd,4,x\n8,a@b.cd,8,x\n");
  const { people, measures } = await inMemory(
    prepareSenderDataset(
      datasetSchema.parse({
        name: "crm",
        source: { csv: file },
        match: { email: { columns: "email" } },
        person: "id",
        measures: { amount: {} },
      }),
      { match: ["email"], measures: [AMOUNT], dimensions: [] },
      { scratch: tmpdir() },
    ),
  );
  // Person 8's first address is c@b.cd, so a@b.cd is person 7's alone; the row without an address has no identifier.
  expect(people).toBe(2);
  expect(measures[0]!.toSorted()).toEqual(BigInt64Array.of(1n, 12n));
});

test("only what people have is an identifier, and two people with one are never let through", async () => {
  const keys = ["a", "b"];
  const records = new RecordStore();
  const bytes = new Uint8Array(3 * 2 * 32).map((_, i) => i);
  const peopleWith = (digests: Uint8Array) => {
    const stored = records.records(16);
    stored.append(new Uint32Array(digests.slice().buffer));
    return { count: 3, keys, digests: stored, present: Uint8Array.of(3, 1, 2) };
  };
  const { identifiers, items } = await encodeItems(peopleWith(bytes), records);
  expect(identifiers.count).toBe(5);
  expect([...(await allNumbers(items!))]).toEqual([0, 1, 2, 3, LACKING, LACKING, LACKING, 4, LACKING]);
  // Whom the report keeps come first; all are enrolled, in the same order.
  const kept = await encodeItems({ ...peopleWith(bytes), inside: Uint8Array.of(0, 1, 1) }, records);
  expect(await allRows(kept.identifiers)).toEqual(await allRows(identifiers));
  expect([...(await allNumbers(kept.items!))]).toEqual([3, LACKING, LACKING, LACKING, 4, LACKING, 0, 1, 2]);
  bytes.set(bytes.subarray(0, 32), 64);
  await expect(encodeItems(peopleWith(bytes), records)).rejects.toThrow(RangeError);
  // With one key people are sorted: one who is not behind the other is there twice, or in another order.
  const single = async (digests: Uint8Array) => {
    const stored = records.records(8);
    stored.append(new Uint32Array(digests.slice().buffer));
    return await encodeItems(
      { count: 2, keys: ["a"], digests: stored, present: Uint8Array.of(1, 1) },
      records,
    );
  };
  const two = new Uint8Array(64).map((_, i) => i);
  expect((await single(two)).items).toBeUndefined();
  await expect(single(Buffer.concat([two.subarray(0, 32), two.subarray(0, 32)]))).rejects.toThrow(RangeError);
});

test("a dataset with more people than a node holds is refused, by what its items could be", () => {
  expect(() => assertHeld(ITEMS_HELD_MAX, 1, "crm")).not.toThrow();
  expect(() => assertHeld(ITEMS_HELD_MAX + 1, 1, "crm")).toThrow(
    /^dataset crm: .*room for 1000000000: divide it/,
  );
  expect(() => assertHeld(142_857_142, 3, "crm")).not.toThrow();
  expect(() => assertHeld(142_857_143, 3, "crm")).toThrow(/or match by fewer keys/);
});

test("a report's filter chooses rows, and changes neither who a person is nor what is enrolled", async () => {
  const file = join(folder, "filtered.csv");
  await writeFile(
    file,
    [
      "id,email,amount,region",
      "1,a@b.cd,1,south",
      "1,x@b.cd,2,north",
      "2,b@b.cd,4,north",
      "3,b@b.cd,8,south",
      "4,c@b.cd,16,north",
      "5,d@b.cd,32,south",
      "6,e@b.cd,nothing,south",
      "",
    ].join("\n"),
  );
  const crm = datasetSchema.parse({
    name: "crm",
    source: { csv: file },
    match: { email: { columns: "email" } },
    person: "id",
    measures: { amount: {} },
  });
  const prepare = (where?: string) =>
    prepareSenderDataset(
      crm,
      { match: ["email"], measures: [AMOUNT], dimensions: [] },
      { scratch: tmpdir(), where },
    );
  const [all, north] = [await prepare(), await prepare("region = 'north'")];
  expect(await allRows(north.identifiers)).toEqual(await allRows(all.identifiers));
  expect(all.identifiers.count).toBe(3);
  // Person 1 has the first address of the file, and b@b.cd is nobody's: two people of the dataset hold it.
  expect((await allNumbers(north.measures[0]!)).toSorted()).toEqual(BigInt64Array.of(2n, 16n));
  expect((await allNumbers(all.measures[0]!)).toSorted()).toEqual(BigInt64Array.of(3n, 16n, 32n));
  expect(new Set(await allNumbers(north.items!))).toEqual(new Set([0, 1, 2]));
  expect(north).toMatchObject({ rows: 7, people: 2, filtered: 4, merged: 0 });
  expect(north.dropped).toEqual({ "identifiers of several people": 1 });
});

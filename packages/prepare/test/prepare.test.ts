import { tmpdir } from "node:os";
import { createHash } from "node:crypto";
import { inMemory } from "@halfroom/testkit";
import { expect, test } from "vitest";
import { rowAt, rowCount, allRows } from "@halfroom/crypto";
import type { RowSource } from "@halfroom/crypto";
import { prepareReceiver, prepareSender } from "../src/index.ts";
import { scratchFiles } from "./scratch.ts";

const write = scratchFiles();

const AMOUNT = { name: "amount", low: 0n, high: 10_000n, decimals: 2 };

const hashed = (address: string): Buffer => createHash("sha256").update(address).digest();

/** The digests of the identifiers by the specification: label and digest, each behind its length. */
async function digestsOf(source: RowSource): Promise<string[]> {
  const rows = await allRows(source);
  return Array.from({ length: rowCount(rows) }, (_, person) => {
    const row = Buffer.from(rowAt(rows, person));
    expect(row.subarray(0, 19)).toEqual(Buffer.from("\u000b\0\0\0email/iab-1\u0020\0\0\0"));
    return row.toString("hex", 19);
  });
}

/** Whatever stands beside each person's identifier, by the names of addresses. */
async function byAddress<T>(
  rows: RowSource,
  values: ArrayLike<T>,
  addresses: readonly string[],
): Promise<Record<string, T>> {
  const digests = await digestsOf(rows);
  expect([...digests].sort()).toEqual(digests);
  expect(digests.length).toBe(addresses.length);
  return Object.fromEntries(
    addresses.map((address) => {
      const person = digests.indexOf(hashed(address).toString("hex"));
      expect(person, address).toBeGreaterThanOrEqual(0);
      return [address, values[person]!];
    }),
  );
}

test("a sender's rows become people, sorted by their digests", async () => {
  const file = await write(
    "sender.csv",
    [
      "note,amount,email,orders",
      "x,10.5,Bea@example.com,1",
      "x,1.25,ann@example.com,",
      "x, 2 ,BEA@example.com ,3",
      "x,,ann@example.com,4",
      "x,-500,cy@example.com,-2",
      "x,99999999999999999999,ann@example.com,1",
    ].join("\n"),
  );
  const orders = { name: "orders", low: -1n, high: 4n, decimals: 0 };
  const prepared = await inMemory(
    prepareSender(file, {
      scratch: tmpdir(),
      match: "email",
      measures: [AMOUNT, orders],
    }),
  );
  const people = ["bea@example.com", "ann@example.com", "cy@example.com"];
  const [amounts, counts] = await Promise.all(
    prepared.measures.map((values) => byAddress(prepared.identifiers, values, people)),
  );
  expect(amounts).toEqual({ "bea@example.com": 1250n, "ann@example.com": 10_000n, "cy@example.com": 0n });
  expect(counts).toEqual({ "bea@example.com": 4n, "ann@example.com": 4n, "cy@example.com": -1n });
  expect(prepared).toMatchObject({ rows: 6, people: 3, merged: 3, dropped: {}, examples: {} });
});

test("a sum is clipped once a person, after all rows, not row by row", async () => {
  const file = await write("sender.csv", "email,amount\na@b.cd,150\na@b.cd,-120\nz@b.cd,\n");
  const floor = { name: "amount", low: 5n, high: 100n, decimals: 0 };
  const { identifiers, measures } = await inMemory(
    prepareSender(file, {
      scratch: tmpdir(),
      match: "email",
      measures: [floor],
    }),
  );
  expect(await byAddress(identifiers, measures[0]!, ["a@b.cd", "z@b.cd"])).toEqual({
    "a@b.cd": 30n,
    "z@b.cd": 5n,
  });
});

test("bad rows are dropped whole, counted by reason, and the first few are named", async () => {
  const bad = ["nobody,1", ",1", "a@example.com,1.005", "a@example.com,1e3", ...Array<string>(9).fill("x,1")];
  const file = await write(
    "sender.csv",
    `email,amount\n${bad.join("\n")}\na@example.com,2\na@example.com,3\n`,
  );
  const prepared = await inMemory(
    prepareSender(file, { scratch: tmpdir(), match: "email", measures: [AMOUNT] }),
  );
  expect(prepared.measures).toEqual([BigInt64Array.of(500n)]);
  expect(prepared).toMatchObject({
    rows: 15,
    people: 1,
    merged: 1,
    dropped: {
      "email: invalid": 10,
      "email: empty": 1,
      "amount: more than 2 decimals": 1,
      "amount: not a decimal number: an exponent": 1,
    },
    examples: {
      "email: invalid": [2, 6, 7, 8, 9],
      "email: empty": [3],
      "amount: more than 2 decimals": [4],
      "amount: not a decimal number: an exponent": [5],
    },
  });
});

test("a row with one bad measure adds nothing to the others", async () => {
  const file = await write("sender.csv", "email,amount,orders\na@b.cd,1,x\nb@b.cd,1,1\n");
  const orders = { name: "orders", low: 0n, high: 9n, decimals: 0 };
  const prepared = await inMemory(
    prepareSender(file, {
      scratch: tmpdir(),
      match: "email",
      measures: [AMOUNT, orders],
    }),
  );
  expect(await digestsOf(prepared.identifiers)).toEqual([hashed("b@b.cd").toString("hex")]);
  expect(prepared.measures).toEqual([BigInt64Array.of(100n), BigInt64Array.of(1n)]);
});

test("bounds that 64 bits cannot hold, or upside down, are refused", async () => {
  const file = await write("sender.csv", "email,amount\n");
  for (const bounds of [
    { low: 1n, high: 0n },
    { low: 0n, high: 2n ** 63n },
    { low: -(2n ** 63n) - 1n, high: 0n },
  ]) {
    const measures = [{ ...AMOUNT, ...bounds }];
    await expect(prepareSender(file, { scratch: tmpdir(), match: "email", measures })).rejects.toThrow(
      RangeError,
    );
  }
});

test("a receiver's person is in the cell of their first valid row, labels as they stand", async () => {
  const file = await write(
    "receiver.csv",
    [
      "campaign,email,age",
      "spring,nobody,18",
      " spring,A@example.com,",
      "autumn,a@example.com,30",
      "spring,b@example.com,30",
      '"spring,30",c@example.com,""',
      " spring,d@example.com,",
      "é,e@example.com,1",
      "e\u0301,f@example.com,1",
    ].join("\n"),
  );
  const prepared = await inMemory(
    prepareReceiver(file, {
      scratch: tmpdir(),
      match: "email",
      groupBy: ["campaign", "age"],
    }),
  );
  const people = "abcdef".split("").map((name) => `${name}@example.com`);
  expect(Object.values(await byAddress(prepared.identifiers, prepared.partitions[0]!.cells, people))).toEqual(
    [0, 2, 3, 0, 4, 1],
  );
  expect(prepared.partitions[0]!.labels).toEqual([
    [" spring", ""],
    ["e\u0301", "1"],
    ["spring", "30"],
    ["spring,30", ""],
    ["\u00e9", "1"],
  ]);
  expect(prepared).toMatchObject({ rows: 8, people: 6, merged: 1, dropped: { "email: invalid": 1 } });
});

test("a label may have 1,024 bytes, not more", async () => {
  const options = { scratch: tmpdir(), match: "email", groupBy: ["campaign"] } as const;
  const withLabel = (label: string) => write("receiver.csv", `email,campaign\na@b.cd,x\nb@b.cd,${label}\n`);
  const { partitions } = await inMemory(prepareReceiver(await withLabel("é".repeat(512)), options));
  expect(partitions[0]!.labels[1]).toEqual(["é".repeat(512)]);
  const file = await withLabel(`${"é".repeat(512)}a`);
  await expect(prepareReceiver(file, options)).rejects.toMatchObject({
    code: "label",
    row: 3,
    field: "campaign",
  });
});

test("no rows are no people", async () => {
  const file = await write("empty.csv", "email,amount\r\n");
  const sender = await inMemory(
    prepareSender(file, { scratch: tmpdir(), match: "email", measures: [AMOUNT] }),
  );
  expect(await allRows(sender.identifiers)).toEqual({ bytes: new Uint8Array(0), offsets: Uint32Array.of(0) });
  expect(sender).toMatchObject({ rows: 0, people: 0, merged: 0, measures: [new BigInt64Array(0)] });
  const receiver = await inMemory(
    prepareReceiver(file, { scratch: tmpdir(), match: "email", groupBy: ["amount"] }),
  );
  expect(receiver).toMatchObject({
    rows: 0,
    people: 0,
    partitions: [{ cells: new Uint32Array(0), labels: [] }],
  });
});

test("an error of the file's columns reaches the caller", async () => {
  const file = await write("sender.csv", "mail,amount\na@b.cd,1\n");
  const found = prepareSender(file, { scratch: tmpdir(), match: "email", measures: [AMOUNT] });
  await expect(found).rejects.toMatchObject({ name: "InputError", code: "missing", field: "email" });
});

test("two different byte strings of one column never become one person", async () => {
  const rows = [0x80, 0x81].map((byte) =>
    Buffer.concat([Buffer.from("a"), Buffer.of(byte), Buffer.from("@b.cd\n")]),
  );
  const file = await write("bytes.csv", Buffer.concat([Buffer.from("email\n"), ...rows]));
  const found = prepareSender(file, { scratch: tmpdir(), match: "email", measures: [] });
  await expect(found).rejects.toMatchObject({ code: "encoding", row: 2 });
});

test("20,000 people keep their own values", async () => {
  const lines = Array.from({ length: 40_000 }, (_, i) => `p${i % 20_000}@example.com,${i}`);
  const file = await write("sender.csv", `email,amount\n${lines.join("\n")}\n`);
  const amount = { name: "amount", low: 0n, high: 10n ** 9n, decimals: 3 };
  const prepared = await inMemory(
    prepareSender(file, { scratch: tmpdir(), match: "email", measures: [amount] }),
  );
  const people = Array.from({ length: 20_000 }, (_, i) => `p${i}@example.com`);
  expect(Object.values(await byAddress(prepared.identifiers, prepared.measures[0]!, people))).toEqual(
    people.map((_, i) => BigInt(2 * i + 20_000) * 1000n),
  );
});

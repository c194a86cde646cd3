// Enrolment: who is missing goes through the OPRF, padded to the public step; a store of pseudonyms remembers the rest.
import { nobleKernel, packRows, rowAt, rowCount, systemRng, type ByteRows } from "@halfroom/crypto";
import { evaluate } from "@halfroom/match";
import { memoryPseudonyms, PSEUDONYM_STORE_CASES } from "@halfroom/testkit";
import { expect, test } from "vitest";
import { enrolmentSize, MissingRows } from "../src/pseudonymise/missing-rows.ts";
import type { PseudonymStore } from "../src/pseudonymise/keys.ts";

const people = (from: number, to: number): ByteRows =>
  packRows(Array.from({ length: to - from }, (_, i) => Buffer.from(`person ${from + i}`)));
const pseudonyms = (count: number) => systemRng.bytes(count * 64);

/** Keeps pseudonyms (people x 64 bytes) of those among `identifiers` who have none. */
async function keepPseudonyms(store: PseudonymStore, identifiers: ByteRows, values: Uint8Array) {
  const known = await store.find(identifiers);
  for (const person of known.missing)
    known.pseudonyms.set(values.subarray(person * 64, (person + 1) * 64), person * 64);
  await store.keep(known);
}

test.each(PSEUDONYM_STORE_CASES)("the tests' store of pseudonyms %s", async (_, check) => {
  await check(memoryPseudonyms);
});

test("a batch is padded to whole steps: 1,024 or one in a hundred, one step at least", () => {
  expect(enrolmentSize(0, 5000)).toBe(1024);
  expect(enrolmentSize(1, 5000)).toBe(1024);
  expect(enrolmentSize(1024, 5000)).toBe(1024);
  expect(enrolmentSize(1025, 5000)).toBe(2048);
  expect(enrolmentSize(0, 200_000)).toBe(2000);
  expect(enrolmentSize(2001, 200_000)).toBe(4000);
  expect(enrolmentSize(200_000, 200_000)).toBe(200_000);
  expect(enrolmentSize(3, 102_401)).toBe(1025);
});

test("two sessions: the second sends only new people through the OPRF and gets the same pseudonyms", async () => {
  const cache = memoryPseudonyms();
  const secretKey = new Uint8Array(32).fill(3);
  secretKey[31] = 0;
  const oprf = (rows: ByteRows) => evaluate(nobleKernel, secretKey, rows)!;
  const session = async (identifiers: ByteRows) => {
    const known = await cache.find(identifiers);
    const rows = new MissingRows(known, identifiers);
    const batch = { start: 0, end: rows.count };
    rows.keep(batch, oprf(rows.copy(batch)));
    await cache.keep(known);
    return { count: rows.count, result: known.pseudonyms };
  };
  const cold = await session(people(0, 20));
  expect(cold.count).toBe(20);
  expect(Buffer.compare(cold.result, oprf(people(0, 20)))).toBe(0);
  const warm = await session(people(0, 20));
  expect(warm.count).toBe(0);
  expect(Buffer.compare(warm.result, cold.result)).toBe(0);
  const grown = await session(people(10, 25));
  expect(grown.count).toBe(5);
  expect(Buffer.compare(grown.result, oprf(people(10, 25)))).toBe(0);
});

test("the receiver's batch has the missing people first, then rows that never repeat", async () => {
  const cache = memoryPseudonyms();
  await keepPseudonyms(cache, people(0, 30), pseudonyms(30));
  const identifiers = people(20, 40);
  const known = await cache.find(identifiers);
  const plan = new MissingRows(known, identifiers, { items: rowCount(identifiers), rng: systemRng });
  const batch = { start: 0, end: plan.count };
  const copied = plan.copy(batch);
  expect(plan.copy(batch)).toEqual(copied);
  const rows = Array.from({ length: rowCount(copied) }, (_, i) =>
    Buffer.from(rowAt(copied, i)).toString("hex"),
  );
  expect(rows).toHaveLength(1024);
  expect(new Set(rows).size).toBe(1024);
  const expected = Array.from({ length: 10 }, (_, i) =>
    Buffer.from(rowAt(people(30, 40), i)).toString("hex"),
  );
  expect(rows.slice(0, 10)).toEqual(expected);
  const outputs = pseudonyms(1024);
  // In two batches of which the second holds people and padding.
  plan.keep({ start: 0, end: 4 }, outputs.subarray(0, 4 * 64));
  plan.keep({ start: 4, end: 1024 }, outputs.subarray(4 * 64));
  await cache.keep(known);
  expect(Buffer.compare(known.pseudonyms.subarray(10 * 64), outputs.subarray(0, 10 * 64))).toBe(0);
  expect(Buffer.compare(known.pseudonyms, (await cache.find(identifiers)).pseudonyms)).toBe(0);
});

// What every pseudonym store must do, as cases that the test of each implementation runs.
import assert from "node:assert/strict";
import { packRows, RecordStore, type ByteRows } from "@halfroom/crypto";
import { OUTPUT_BYTES } from "@halfroom/match";
import type { PseudonymStore } from "@halfroom/session";
import { findPseudonyms, keepPseudonyms } from "./pseudonyms.ts";
import { seededRng } from "./rng.ts";

/** `open` gives an empty store. */
type Case = (open: () => PseudonymStore) => Promise<void>;

const people = (from: number, to: number): ByteRows =>
  packRows(Array.from({ length: to - from }, (_, i) => Buffer.from(`person ${from + i}`)));

/** Stand-ins for pseudonyms, derived from the person's number. */
const pseudonymOf = (person: number) => seededRng(`pseudonym ${person}`).bytes(OUTPUT_BYTES);
const pseudonymsOf = (from: number, to: number) =>
  Buffer.concat(Array.from({ length: to - from }, (_, i) => pseudonymOf(from + i)));

/** A session over people `from` .. `to` - 1: finds, makes the missing ones, keeps. Resolves to the missing. */
async function enrol(store: PseudonymStore, from: number, to: number): Promise<number[]> {
  return [...(await keepPseudonyms(store, people(from, to), pseudonymsOf(from, to)))];
}

export const PSEUDONYM_STORE_CASES: readonly (readonly [name: string, check: Case])[] = [
  [
    "knows nobody at first",
    async (open) => {
      const { pseudonyms, missing } = await findPseudonyms(open(), people(0, 5));
      assert.deepEqual([...missing], [0, 1, 2, 3, 4]);
      assert.deepEqual([...pseudonyms], [...new Uint8Array(5 * OUTPUT_BYTES)]);
    },
  ],
  [
    "gives back what it kept for each person, in the order asked",
    async (open) => {
      const store = open();
      await enrol(store, 0, 300);
      const { pseudonyms, missing } = await findPseudonyms(store, people(100, 200));
      assert.equal(missing.length, 0);
      assert.deepEqual(Buffer.from(pseudonyms), pseudonymsOf(100, 200));
    },
  ],
  [
    "names only the missing people, ascending, and leaves them zero",
    async (open) => {
      const store = open();
      await enrol(store, 10, 20);
      const { pseudonyms, missing } = await findPseudonyms(store, people(5, 25));
      assert.deepEqual([...missing], [0, 1, 2, 3, 4, 15, 16, 17, 18, 19]);
      assert.deepEqual(
        Buffer.from(pseudonyms.subarray(5 * OUTPUT_BYTES, 15 * OUTPUT_BYTES)),
        pseudonymsOf(10, 20),
      );
      for (const person of missing) {
        const row = pseudonyms.subarray(person * OUTPUT_BYTES, (person + 1) * OUTPUT_BYTES);
        assert.ok(row.every((byte) => byte === 0));
      }
    },
  ],
  [
    "adds to what it had",
    async (open) => {
      const store = open();
      assert.equal((await enrol(store, 0, 50)).length, 50);
      assert.deepEqual(await enrol(store, 40, 60), [10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
      assert.deepEqual(await enrol(store, 0, 60), []);
      assert.deepEqual(
        Buffer.from((await findPseudonyms(store, people(0, 60))).pseudonyms),
        pseudonymsOf(0, 60),
      );
    },
  ],
  [
    "does not keep what was found but never kept",
    async (open) => {
      const store = open();
      await findPseudonyms(store, people(0, 3));
      await store.collect(new RecordStore()).add(people(0, 3), pseudonymsOf(0, 3));
      assert.equal((await findPseudonyms(store, people(0, 3))).missing.length, 3);
    },
  ],
  [
    "knows its people even when asked for nobody",
    async (open) => {
      const store = open();
      await enrol(store, 0, 3);
      assert.deepEqual(await enrol(store, 7, 7), []);
      assert.equal((await findPseudonyms(store, people(0, 3))).missing.length, 0);
    },
  ],
];

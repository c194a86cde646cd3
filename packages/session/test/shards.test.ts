// Cutting people into shards: sizes held against the exact binomial tail, the split against a count by person.
import { createCipheriv } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hash256, heldColumn, RecordStore } from "@halfroom/crypto";
import { storeSize } from "@halfroom/match";
import { AFTER_ALL } from "@halfroom/prepare";
import { seededRng, streamedPseudonyms } from "@halfroom/testkit";
import { PEOPLE_MAX, SHARDS_MAX, ProtocolError } from "@halfroom/wire";
import { describe, expect, onTestFinished, test } from "vitest";
import { paddedPeople, SHARD_PEOPLE_MAX, shardSizes as sizesOf } from "../src/shards/sizes.ts";
import { Split } from "../src/shards/split.ts";
import { ItemNumbers } from "../src/table/item-numbers.ts";

/** Under terms that say nothing less. */
const shardSizes = (sender: number, receiver: number) => sizesOf(sender, receiver, SHARD_PEOPLE_MAX);

/** ln of n! by Stirling's series, whose error is below 10^-12 from n = 20 on. */
function lnFactorial(n: number): number {
  if (n < 20) return Math.log(Array.from({ length: n }, (_, i) => i + 1).reduce((a, b) => a * b, 1));
  return (
    n * Math.log(n) -
    n +
    Math.log(2 * Math.PI * n) / 2 +
    1 / (12 * n) -
    1 / (360 * n ** 3) +
    1 / (1260 * n ** 5)
  );
}

/** log2 of P[X > bound], X binomial (n, p): the terms of the tail, added up from the largest down. */
function log2Tail(n: number, p: number, bound: number): number {
  const lnTerm = (i: number) =>
    lnFactorial(n) - lnFactorial(i) - lnFactorial(n - i) + i * Math.log(p) + (n - i) * Math.log1p(-p);
  if (bound >= n) return -Infinity;
  const first = lnTerm(bound + 1);
  let sum = 0;
  for (let i = bound + 1, term = 1; i <= n && term > 1e-18; i++) {
    term = Math.exp(lnTerm(i) - first);
    sum += term;
  }
  return (first + Math.log(sum)) / Math.LN2;
}

describe("sizes", () => {
  test("log2Tail is right where the tail is known", () => {
    // P[X > 9] of (10, 1/2) is 2^-10; P[X > 8] of it 11 x 2^-10.
    expect(log2Tail(10, 0.5, 9)).toBeCloseTo(-10, 8);
    expect(log2Tail(10, 0.5, 8)).toBeCloseTo(Math.log2(11) - 10, 8);
  });

  const peoples = [1, 17, 1000, 10_000, 65_537, 100_000, 999_999, PEOPLE_MAX];
  test.each([2, 3, 8, 16, 77, 153, 184])(
    "of %d shards fail with at most 2^-lambda, and are not much larger than that asks for",
    (shards) => {
      const lambda = 40 + Math.ceil(Math.log2(shards));
      for (const people of peoples) {
        const room = paddedPeople(people, shards);
        expect(Number.isInteger(room)).toBe(true);
        expect(log2Tail(people, 1 / shards, room)).toBeLessThanOrEqual(-lambda);
        const excess = room - people / shards;
        if (room < people) {
          // With nine tenths of the excess (and one person for rounding) it would not do, once means are large.
          const less = Math.floor(people / shards + excess * 0.9 - 1);
          if (people / shards > 5000) expect(log2Tail(people, 1 / shards, less)).toBeGreaterThan(-lambda);
        }
      }
    },
  );

  test("one shard holds everybody; there are more when either side is large", () => {
    expect(shardSizes(262_144, 65_536)).toEqual({ shards: 1, senderPeople: 262_144, receiverPeople: 65_536 });
    expect(shardSizes(10, 65_537).shards).toBe(2);
    expect(shardSizes(262_145, 10).shards).toBe(2);
    expect(shardSizes(10_000_000, 1_000_000).shards).toBe(39);
    expect(shardSizes(1_000_000, 10_000_000).shards).toBe(153);
  });

  test("fewer people in a shard make more shards, four times as many of the sender's to one", () => {
    expect(sizesOf(4000, 1000, 1000).shards).toBe(1);
    expect(sizesOf(4001, 1000, 1000).shards).toBe(2);
    expect(sizesOf(4000, 1001, 1000).shards).toBe(2);
    expect(sizesOf(100, 100, 16).shards).toBe(7);
  });

  test("at the largest sets there are lanes enough, a target fits its two numbers and dense columns theirs", () => {
    for (const [sender, receiver] of [
      [PEOPLE_MAX, PEOPLE_MAX],
      [1, PEOPLE_MAX],
      [PEOPLE_MAX, 1],
    ] as const) {
      const sizes = shardSizes(sender, receiver);
      expect(sizes.shards).toBeLessThanOrEqual(SHARDS_MAX);
      const bins = Math.ceil(1.33 * Math.max(1024, sizes.receiverPeople)) * sizes.shards;
      expect(40 + Math.ceil(Math.log2(bins))).toBeLessThanOrEqual(128);
      const lambda = 40 + Math.ceil(Math.log2(sizes.shards));
      expect(storeSize(3 * Math.max(1024, sizes.senderPeople), lambda).dense).toBeLessThanOrEqual(64);
    }
  });
});

const SESSION = hash256("test/session", new Uint8Array(0), "shards");
/** More than are put in order at a time. */
const PEOPLE = 70_000;
const all = {
  pseudonyms: seededRng("pseudonyms").bytes(PEOPLE * 64),
  payloads: [BigInt64Array.from({ length: PEOPLE }, (_, i) => BigInt(i) - 2n ** 40n)],
  cellsOf: [Uint32Array.from({ length: PEOPLE }, (_, i) => i % 50)],
  times: [Uint32Array.from({ length: PEOPLE }, (_, i) => 1_700_000_000 + i)],
};
const numbers = new ItemNumbers(PEOPLE, {
  longs: all.payloads.map(heldColumn),
  shorts: [...all.cellsOf, ...all.times].map(heldColumn),
});
const splitOf = (session: Uint8Array, shards: number, scratch = new RecordStore()) =>
  Split.of(
    {
      pseudonyms: streamedPseudonyms(all.pseudonyms),
      numbers,
      numbersOf: (records, people) => {
        const { longs, shorts } = numbers.columnsOf(records, people);
        return { payloads: longs, cellsOf: shorts.slice(0, 1), times: shorts.slice(1) };
      },
    },
    session,
    shards,
    scratch,
  );

/** Keeps nothing in memory, in pages of 4 KiB. */
function onDisk(): RecordStore {
  const path = mkdtempSync(join(tmpdir(), "halfroom-split-"));
  const store = new RecordStore({ openFolder: async () => path, memoryBytes: 0, pageBytes: 4096 });
  onTestFinished(async () => {
    await store.close();
    rmSync(path, { recursive: true });
  });
  return store;
}

const pseudonymAt = (bytes: Uint8Array, i: number) =>
  Buffer.from(bytes.subarray(i * 64, (i + 1) * 64)).toString("hex");

/** The rule of the specification, a person at a time. */
function shardOf(pseudonym: Uint8Array, shards: number): number {
  const key = hash256("shard/number", SESSION).subarray(0, 16);
  const block = pseudonym.subarray(0, 16);
  const out = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false).update(block);
  const number = out.map((byte, i) => byte ^ block[i]!).subarray(0, 6);
  return Number(Buffer.from(number).readUIntLE(0, 6) % shards);
}

describe("the split", () => {
  test.each([
    ["in memory", () => new RecordStore()],
    ["on disk", onDisk],
  ])(
    "puts every person in the one shard of its pseudonym, with all that belongs to it, and fills up: %s",
    async (_, scratch) => {
      const shards = 7;
      const split = await splitOf(SESSION, shards, scratch());
      const size = paddedPeople(PEOPLE, shards);
      split.assertRoom(size);
      const indexOf = new Map(
        Array.from({ length: PEOPLE }, (_, i) => [pseudonymAt(all.pseudonyms, i), i] as const),
      );
      const seen = new Set<string>();
      let [found, astray, wrong] = [0, 0, 0];
      for (let shard = 0; shard < shards; shard++) {
        const part = await split.people(shard, size, seededRng(`padding ${shard}`));
        expect(part.pseudonyms).toHaveLength(size * 64);
        for (let i = 0; i < size; i++) {
          const pseudonym = pseudonymAt(part.pseudonyms, i);
          if (seen.has(pseudonym)) wrong++;
          seen.add(pseudonym);
          const person = indexOf.get(pseudonym);
          const isRight =
            part.payloads[0]![i] === (person === undefined ? 0n : all.payloads[0]![person]) &&
            part.cellsOf[0]![i] === (person === undefined ? 0 : all.cellsOf[0]![person]) &&
            part.times[0]![i] === (person === undefined ? AFTER_ALL : all.times[0]![person]);
          if (!isRight) wrong++;
          if (person === undefined) continue;
          found++;
          if (shardOf(Buffer.from(pseudonym, "hex"), shards) !== shard) astray++;
        }
      }
      expect({ found, astray, wrong }).toEqual({ found: PEOPLE, astray: 0, wrong: 0 });
    },
  );

  test("is another one in another session", async () => {
    const countIn = async (session: Uint8Array) => {
      const split = await splitOf(session, 2);
      const part = await split.people(0, PEOPLE, seededRng("padding"));
      return new Set(Array.from({ length: 200 }, (_, i) => pseudonymAt(part.pseudonyms, i)));
    };
    const [one, two] = [
      await countIn(SESSION),
      await countIn(hash256("test/session", new Uint8Array(0), "other")),
    ];
    const common = [...one].filter((pseudonym) => two.has(pseudonym)).length;
    expect(common).toBeGreaterThan(50);
    expect(common).toBeLessThan(150);
  });

  test.each([
    ["no pseudonym", all.pseudonyms.subarray(64)],
    ["two pseudonyms", Buffer.concat([all.pseudonyms, all.pseudonyms.subarray(64 * 65_536, 64 * 65_537)])],
  ])("refuses a person with %s", async (_, pseudonyms) => {
    const numbersOf = () => ({ payloads: [], cellsOf: [], times: [] });
    const people = { pseudonyms: streamedPseudonyms(pseudonyms), numbers, numbersOf };
    await expect(Split.of(people, SESSION, 7, new RecordStore())).rejects.toThrow(RangeError);
  });

  test("refuses a shard that is too full", async () => {
    const split = await splitOf(SESSION, 7);
    expect(() => split.assertRoom(PEOPLE / 7)).toThrow(ProtocolError);
  });
});

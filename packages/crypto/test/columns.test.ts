// Columns of numbers, wherever they lie, against arrays of the same; records by number against a sort.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  allNumbers,
  changedColumn,
  columnOfLongs,
  columnOfWords,
  constantColumn,
  heldColumn,
  Lots,
  piecesOfColumns,
  randomWords,
  RecordStore,
  systemRng,
  wordsOfNumbers,
  zerosLike,
  type Column,
  type NumberArray,
} from "../src/index.ts";

const COUNT = 20_000;
const WORDS = randomWords(systemRng, COUNT);
const LONGS = new BigInt64Array(randomWords(systemRng, 2 * COUNT).slice().buffer);

/** Keeps nothing in memory, in pages of 4 KiB. */
function onDisk(): RecordStore {
  const path = mkdtempSync(join(tmpdir(), "halfroom-columns-"));
  const store = new RecordStore({ openFolder: async () => path, memoryBytes: 0, pageBytes: 4096 });
  onTestFinished(async () => {
    await store.close();
    rmSync(path, { recursive: true });
  });
  return store;
}

async function expectSame<T extends NumberArray>(column: Column<T>, numbers: T): Promise<void> {
  expect(column.length).toBe(numbers.length);
  expect(await allNumbers(column)).toEqual(numbers);
  for (const [start, end] of [
    [0, 1],
    [1023, 1026],
    [COUNT - 3, COUNT + 100],
    [700, 700],
    [5, 19_000],
  ] as const)
    expect(await column.read(start, end)).toEqual(numbers.slice(start, end));
}

test.each([
  ["in memory", () => new RecordStore()],
  ["on disk", onDisk],
])("stored %s, numbers come back by range", async (_, open) => {
  const store = open();
  const [words, longs] = [store.records(1), store.records(2)];
  for (let at = 0; at < COUNT; at += 777) {
    words.append(WORDS.subarray(at, at + 777));
    longs.append(wordsOfNumbers(LONGS.subarray(at, at + 777)));
  }
  await expectSame(columnOfWords(words), WORDS);
  await expectSame(columnOfLongs(longs), LONGS);
});

test("held, constant and changed numbers are read alike", async () => {
  await expectSame(heldColumn(WORDS), WORDS);
  const ones = (count: number) => new Uint8Array(count).fill(1);
  await expectSame(constantColumn(COUNT, ones), ones(COUNT));
  const added = changedColumn(heldColumn(WORDS), (numbers, start) =>
    numbers.map((number, i) => number + start + i),
  );
  await expectSame(
    added,
    WORDS.map((number, i) => number + i),
  );
  expect(zerosLike(LONGS, 3)).toEqual(new BigInt64Array(3));
});

test("columns side by side come in pieces of the same places, none of no columns", async () => {
  const places = Uint32Array.from({ length: COUNT }, (_, i) => i);
  let next = 0;
  for await (const { start, pieces } of piecesOfColumns([heldColumn(WORDS), heldColumn(places)])) {
    expect(start).toBe(next);
    const [words, ofPlaces] = pieces;
    expect(words).toEqual(WORDS.subarray(start, start + words!.length));
    expect([ofPlaces![0], ofPlaces!.length]).toEqual([start, words!.length]);
    next += words!.length;
  }
  expect(next).toBe(COUNT);
  for await (const piece of piecesOfColumns([])) expect(piece).toBeUndefined();
});

test.each([
  ["in memory", () => new RecordStore()],
  ["on disk", onDisk],
])("records by number come a lot at a time, each where its number belongs: %s", async (_, open) => {
  const count = 1050;
  const lots = new Lots(open(), 2, count, 100);
  // No number between 300 and 399, so that one lot is empty.
  const numbers = Array.from({ length: count }, (__, i) => i).filter((i) => Math.floor(i / 100) !== 3);
  const order = Array.from(randomWords(systemRng, numbers.length), (word, i) => [word, numbers[i]!] as const);
  const shuffled = order.sort(([a], [b]) => a - b).map(([, number]) => number);
  for (let at = 0; at < shuffled.length; at += 64)
    await lots.add(Uint32Array.from(shuffled.slice(at, at + 64).flatMap((number) => [number, 7 * number])));
  const firsts: number[] = [];
  for await (const { first, count: ofLot, records } of lots.read()) {
    firsts.push(first);
    const found = Array.from({ length: records.length / 2 }, (__, i) => records[2 * i]!);
    expect(found).toEqual(shuffled.filter((number) => number >= first && number < first + ofLot));
    found.forEach((number, i) => expect(records[2 * i + 1]).toBe(7 * number));
  }
  expect(firsts).toEqual(Array.from({ length: 11 }, (__, lot) => lot * 100));
  await expect(lots.add(Uint32Array.of(count, 0))).rejects.toThrow(RangeError);
  await lots.close();
});

// Records beyond memory: what comes back is what was written, and the disk holds neither it nor a name.
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { PageSeal } from "../src/records/seal.ts";
import { RecordStore, ScratchError, systemRng, randomWords } from "../src/index.ts";

const WORDS = 5;

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "halfroom-records-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function store(path: string, memoryBytes: number): RecordStore {
  const made = new RecordStore({ openFolder: async () => path, memoryBytes });
  onTestFinished(() => made.close());
  return made;
}

/** Files of this process that are open and have no name, with their contents. */
const nameless = (path: string) =>
  readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const link = `/proc/self/fd/${fd}`;
      const isOurs = readlinkSync(link).startsWith(path) && statSync(link).nlink === 0;
      return isOurs ? [readFileSync(link)] : [];
    } catch {
      return [];
    }
  });

const words = (records: number, width = WORDS) => randomWords(systemRng, records * width);

describe.each([
  ["in memory alone", () => new RecordStore()],
  ["in memory, with room to spare", () => store(folder(), 2 ** 30)],
  ["partly on disk", () => store(folder(), 300_000)],
  ["on disk", () => store(folder(), 0)],
])("records %s", (_, open) => {
  test("come back in order, page after page and by range", async () => {
    const records = open().records(WORDS);
    const all = words(100_000);
    for (let at = 0; at < all.length; at += 7 * WORDS * 1000) {
      records.append(all.subarray(at, at + 7 * WORDS * 1000));
      await records.settled();
    }
    expect(records.count()).toBe(100_000);
    const read: number[] = [];
    for await (const page of records.read()) for (const word of page) read.push(word);
    expect(Buffer.compare(Buffer.from(Uint32Array.from(read).buffer), Buffer.from(all.buffer))).toBe(0);
    for (const [start, end] of [
      [0, 1],
      [13_000, 40_000],
      [52_427, 52_430],
      [99_999, 100_000],
      [99_990, 200_000],
      [5, 5],
    ] as const) {
      const slice = await records.slice(start, end);
      expect(slice).toEqual(all.slice(start * WORDS, Math.min(end, 100_000) * WORDS));
    }
  });

  test("are found by part, each part in the order in which it was written", async () => {
    const records = open().records(2, 30);
    const parts = Uint16Array.from(words(100_000, 1), (word) => word % 29);
    const all = Uint32Array.from({ length: 200_000 }, (_, i) => (i % 2 === 0 ? i / 2 : parts[(i - 1) / 2]!));
    for (let at = 0; at < parts.length; at += 10_000) {
      records.scatter(all.subarray(at * 2, (at + 10_000) * 2), parts.subarray(at, at + 10_000));
      await records.settled();
    }
    for (let part = 0; part < 30; part++) {
      const numbers = Uint32Array.from(parts.keys()).filter((i) => parts[i] === part);
      const expected = Uint32Array.from({ length: numbers.length * 2 }, (_, i) =>
        i % 2 === 0 ? numbers[i / 2]! : part,
      );
      expect(records.count(part)).toBe(numbers.length);
      expect(await records.slice(0, Infinity, part)).toEqual(expected);
    }
  });
});

test("what is on disk has no name, and nothing of a record; closing gives it up", async () => {
  const path = folder();
  const records = store(path, 0).records(WORDS);
  const all = words(200_000);
  records.append(all);
  await records.slice(0, 1);
  expect(readdirSync(path)).toEqual([]);
  const [file, ...others] = nameless(path);
  expect(others).toEqual([]);
  expect(file!.length).toBeGreaterThan(0.9 * all.byteLength);
  const bytes = Buffer.from(all.buffer);
  for (let at = 0; at < bytes.length; at += 16_384)
    expect(file!.includes(bytes.subarray(at, at + 16))).toBe(false);
  await records.close();
  expect(nameless(path)).toEqual([]);
});

test("memory that records gave back is used again", async () => {
  const path = folder();
  const own = store(path, 2 ** 20);
  for (let round = 0; round < 4; round++) {
    const records = own.records(WORDS);
    records.append(words(40_000));
    await records.settled();
    expect(nameless(path)).toEqual([]);
    await records.close();
  }
});

test("a page that was altered, or stands in for another, is refused", () => {
  const seal = new PageSeal();
  const page = systemRng.bytes(1000);
  const [first, second] = [seal.seal(page), seal.seal(page)];
  expect(Buffer.compare(seal.open(first.number, first.sealed), page)).toBe(0);
  expect(Buffer.compare(first.sealed, second.sealed)).not.toBe(0);
  expect(() => seal.open(second.number, first.sealed)).toThrow(ScratchError);
  const altered = Uint8Array.from(first.sealed);
  altered[500]! ^= 1;
  expect(() => seal.open(first.number, altered)).toThrow(ScratchError);
  expect(() => new PageSeal().open(first.number, first.sealed)).toThrow(ScratchError);
});

test("a folder that cannot be written to is told to whoever waits, without its path", async () => {
  const path = join(folder(), "gone");
  const records = store(path, 0).records(WORDS);
  records.append(words(200_000));
  const waiting = async () => {
    for (;;) await records.settled();
  };
  const error = await records.slice().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ScratchError);
  expect((error as Error).message).not.toContain(path);
  await expect(waiting()).rejects.toThrow(ScratchError);
});

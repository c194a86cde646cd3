// Randomness, rows of bytes, and random scalars.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  nobleKernel,
  packRows,
  randomScalars,
  randomWords,
  rowAt,
  rowCount,
  systemRng,
} from "@halfroom/crypto";
import type { Rng } from "@halfroom/crypto";
import { bytesOf, hex, littleEndian, ORDER, scriptedRng } from "./group-fixtures.ts";

describe("systemRng", () => {
  it.each([0, 1, 31, 33, 65_537, 1 << 20])("gives %i bytes, in an array of their own", (length) => {
    const bytes = systemRng.bytes(length);
    expect([bytes.length, bytes.byteOffset, bytes.buffer.byteLength]).toEqual([length, 0, length]);
  });

  it("gives no bytes twice, forks included", () => {
    const sources: Rng[] = [
      systemRng,
      systemRng.fork("one"),
      systemRng.fork("one"),
      systemRng.fork("two").fork("one"),
    ];
    const draws = sources.flatMap((rng) => Array.from({ length: 100 }, () => hex(rng.bytes(16))));
    expect(new Set(draws).size).toBe(400);
  });

  it("fills all of the array", () => {
    // A byte that is never written stays zero in 64 draws; a random one does so once in 2^512.
    const seen = new Uint8Array(1000);
    for (let draw = 0; draw < 64; draw++) systemRng.bytes(1000).forEach((byte, i) => (seen[i]! |= byte));
    expect(seen.includes(0)).toBe(false);
  });
});

describe("randomWords", () => {
  it.each([0, 1, 2, 31, 33, 1025])("%i words are the generator's bytes, little-endian", (count) => {
    const bytes = bytesOf(`words ${count}`, count * 4);
    const expected = Array.from({ length: count }, (_, i) => Buffer.from(bytes).readUInt32LE(i * 4));
    expect([...randomWords(scriptedRng(bytes), count)]).toEqual(expected);
  });
});

describe("randomScalars", () => {
  it("are the generator's 64 bytes each, modulo the order", () => {
    const bytes = bytesOf("scalars", 64 * 5);
    const scalars = randomScalars(nobleKernel, scriptedRng(bytes), 5);
    for (let i = 0; i < 5; i++) {
      expect(littleEndian(scalars.subarray(i * 32, i * 32 + 32))).toBe(
        littleEndian(bytes.subarray(i * 64, i * 64 + 64)) % ORDER,
      );
    }
  });
});

describe("rows", () => {
  it("come back as they were packed, empty ones included", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 50 }), (list) => {
        const rows = packRows(list);
        expect(rowCount(rows)).toBe(list.length);
        expect(list.map((_, i) => hex(rowAt(rows, i)))).toEqual(list.map(hex));
        expect(rows.bytes.length).toBe(list.reduce((sum, row) => sum + row.length, 0));
      }),
    );
  });

  it("are views, not copies", () => {
    const rows = packRows([Uint8Array.of(1, 2), Uint8Array.of(3)]);
    rowAt(rows, 1)[0] = 9;
    expect([...rows.bytes]).toEqual([1, 2, 9]);
  });
});

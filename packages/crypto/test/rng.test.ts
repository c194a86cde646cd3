// Randomness, rows of bytes, and random scalars.
import { createCipheriv, hkdfSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  encodeParts,
  nobleKernel,
  packRows,
  randomScalars,
  randomWords,
  rowAt,
  rowCount,
  seedRng,
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

describe("seedRng", () => {
  const SEED = bytesOf("seed", 32);
  const SESSION = bytesOf("session", 32);
  const open = () => seedRng("rng/session", SESSION, SEED, "sender");

  it("is AES-256-CTR under the first half of HKDF-SHA-512, and forks by the second half", () => {
    const keysOf = (secret: Uint8Array, ...info: Parameters<typeof encodeParts>) =>
      Buffer.from(hkdfSync("sha512", secret, "", encodeParts(...info), 64));
    const stream = (key: Uint8Array) =>
      createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(100_000));
    const root = keysOf(SEED, "rng/session", SESSION, ["sender"]);
    const fork = keysOf(root.subarray(32), "rng/fork", new Uint8Array(0), ["noise"]);
    const rng = open();
    expect(hex(rng.bytes(100_000))).toBe(hex(stream(root.subarray(0, 32))));
    expect(hex(rng.fork("noise").bytes(100_000))).toBe(hex(stream(fork.subarray(0, 32))));
  });

  it("gives the same bytes in whatever pieces they are drawn", () => {
    const whole = open().bytes(200_000);
    const rng = open();
    const pieces = [0, 1, 15, 65_536, 65_537, 68_911].map((length) => rng.bytes(length));
    expect(hex(Buffer.concat(pieces))).toBe(hex(whole));
    expect(
      pieces.every(({ byteOffset, buffer, length }) => byteOffset === 0 && buffer.byteLength === length),
    ).toBe(true);
  });

  it("gives other bytes for another seed, session, label, part or path of forks", () => {
    const others = [
      open(),
      seedRng("rng/session", SESSION, bytesOf("other", 32), "sender"),
      seedRng("rng/session", bytesOf("other", 32), SEED, "sender"),
      seedRng("rng/shard", SESSION, SEED, "sender"),
      seedRng("rng/session", SESSION, SEED, "receiver"),
      open().fork("a").fork("b"),
      open().fork("b").fork("a"),
      open().fork("a/b"),
      open().fork("a"),
    ];
    expect(new Set(others.map((rng) => hex(rng.bytes(16)))).size).toBe(others.length);
  });

  it("does not depend on what its parent has drawn", () => {
    const rng = open();
    rng.bytes(1000);
    expect(hex(rng.fork("a").bytes(16))).toBe(hex(open().fork("a").bytes(16)));
  });

  it("never forks one label twice, and takes no seed of another length", () => {
    const rng = open();
    rng.fork("a");
    expect(() => rng.fork("a")).toThrow(RangeError);
    for (const length of [0, 16, 31, 33, 64])
      expect(() => seedRng("rng/session", SESSION, new Uint8Array(length))).toThrow(RangeError);
  });
});

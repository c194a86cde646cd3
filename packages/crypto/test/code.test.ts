// The code of silent transfers: each engine against a plain matrix product, and the short code's distance.
import { CODE_PATHS, loadNativeCode } from "@halfroom/crypto-native";
import { hash256, compress } from "@halfroom/crypto";
import { createCipheriv } from "node:crypto";
import { describe, expect, test } from "vitest";
import { SHIFTS, type CodeEngine } from "../src/code/engine.ts";
import { nativeCode } from "../src/code/native.ts";
import { permutation } from "../src/code/permutation.ts";
import { plainCode } from "../src/code/plain.ts";
import { wasmCode } from "../src/code/wasm.ts";
import { bytesOf } from "./group-fixtures.ts";

const engines: (readonly [name: string, engine: CodeEngine])[] = [["TypeScript", plainCode]];
const wasm = wasmCode();
if (wasm !== undefined) engines.push(["WebAssembly", wasm]);
for (const path of CODE_PATHS) {
  const native = loadNativeCode(path);
  if (native !== undefined) engines.push([`the add-on, ${path}`, nativeCode(native)!]);
}

const bytes = (words: Uint32Array) => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
const blocksOf = (label: string, n: number) => new Uint32Array(bytesOf(label, n * 16).buffer);

/** The key stream of section 1.4 under the code's own key. */
function stream(n: number, round: number, what: string, bytes: number): Uint8Array {
  const key = hash256("silent/code", new Uint8Array(0), n, round, what).subarray(0, 16);
  return createCipheriv("aes-128-ctr", key, new Uint8Array(16)).update(new Uint8Array(bytes));
}

/** Where each place goes in a round, as protocol-spec.md says. */
function placesOf(n: number, round: number): number[] {
  const count = 2 ** Math.max(0, Math.ceil(Math.log2(n)) - 13);
  const buckets = Array.from({ length: count }, (): number[] => []);
  const draws = new DataView(Uint8Array.from(stream(n, round, "buckets", 2 * n)).buffer);
  for (let i = 0; i < n; i++) buckets[draws.getUint16(2 * i, true) % count]!.push(i);
  const shuffles = new DataView(Uint8Array.from(stream(n, round, "order", 8 * n)).buffer);
  let next = 0;
  const order = buckets.flatMap((bucket) => {
    for (let i = bucket.length - 1; i > 0; i--, next += 8) {
      const j = Number((shuffles.getBigUint64(next, true) * BigInt(i + 1)) >> 64n);
      [bucket[i], bucket[j]] = [bucket[j]!, bucket[i]!];
    }
    return bucket;
  });
  const to = Array.from({ length: n }, () => 0);
  order.forEach((from, place) => (to[from] = place));
  return to;
}

/** The transposed generator matrix, n / 2 rows of n zeros and ones, from the definition. */
function matrix(n: number): Uint8Array[] {
  const plus = (a: Uint8Array, b: Uint8Array) => a.map((bit, i) => bit ^ b[i]!);
  // Of what each block is the sum.
  let rows: Uint8Array[] = Array.from({ length: n }, (_, i) => new Uint8Array(n).fill(1, i, i + 1));
  for (let round = 0; round < 2; round++) {
    const to = placesOf(n, round);
    const next = [...rows];
    let sum: Uint8Array = new Uint8Array(n);
    for (let i = 0; i < n; i++) {
      sum = plus(sum, rows[i]!);
      next[to[i]!] = sum;
    }
    rows = next;
  }
  return Array.from({ length: n / 2 }, (_, out) => {
    const word = 64 * Math.floor(out / 32);
    const i = out % 32;
    return SHIFTS.map((shift) => rows[word + 32 + ((i + shift) % 32)]!).reduce(plus, rows[word + i]!);
  });
}

describe.each(engines)("%s", (_, engine) => {
  test.each([64, 128, 448])("is the product with the matrix, n = %i", (n) => {
    const vector = blocksOf(`vector ${n}`, n);
    const expected = matrix(n).flatMap((row) => {
      const sum = [0, 0, 0, 0];
      for (let i = 0; i < n; i++) for (let w = 0; w < 4; w++) sum[w]! ^= vector[4 * i + w]! * row[i]!;
      return sum.map((word) => word >>> 0);
    });
    const found = compress(vector.slice(), new Uint32Array(vector.length), engine);
    expect([...found]).toEqual(expected);
  });

  test("does as TypeScript does where there are several buckets, twice in a row", () => {
    const n = 40_000;
    const vector = blocksOf("long", n).slice(0, n * 4);
    const plain = compress(vector.slice(), new Uint32Array(vector.length), plainCode).slice();
    for (let again = 0; again < 2; again++) {
      const found = compress(vector.slice(), new Uint32Array(vector.length), engine);
      expect(Buffer.compare(bytes(found), bytes(plain))).toBe(0);
    }
  });

  test.each([0, 32, 96, 4096])("takes the lowest bits of %i blocks", (n) => {
    const before = blocksOf(`low bits ${n}`, n).slice(0, n * 4);
    const [blocks, bits] = [before.slice(), new Uint32Array(n / 32)];
    engine.takeLowBits(blocks, bits);
    expect(blocks).toEqual(before.map((word, i) => (i % 4 === 0 ? word & ~1 : word)));
    const taken = Array.from({ length: n }, (_place, i) => (bits[i >>> 5]! >>> (i & 31)) & 1);
    expect(taken).toEqual(Array.from({ length: n }, (_place, i) => before[4 * i]! & 1));
    const cleared = before.slice();
    engine.takeLowBits(cleared);
    expect(cleared).toEqual(blocks);
  });

  test("is linear", () => {
    const [a, b] = [blocksOf("a", 192), blocksOf("b", 192)];
    const of = (blocks: Uint32Array) => compress(blocks.slice(), new Uint32Array(blocks.length), engine);
    const [ofA, ofB] = [of(a), of(b)];
    expect(of(a.map((word, i) => word ^ b[i]!))).toEqual(ofA.map((word, i) => word ^ ofB[i]!));
  });
});

test.each([64, 8192, 40_000])("permutations are those of the specification, n = %i", (n) => {
  for (const round of [0, 1]) {
    const to = placesOf(n, round);
    expect(permutation(n, round).every((from, place) => to[from] === place)).toBe(true);
  }
});

test("another length is refused, and room that is not as long", () => {
  expect(() => compress(new Uint32Array(4 * 32), new Uint32Array(4 * 32))).toThrow(RangeError);
  expect(() => compress(new Uint32Array(4 * 64), new Uint32Array(4 * 32))).toThrow(RangeError);
});

test("the native functions refuse what lies outside of their memory", () => {
  const native = loadNativeCode();
  if (native === undefined) return;
  const [from, to] = [new Uint8Array(1024), new Uint8Array(512)];
  const order = Uint32Array.from({ length: 64 }, (_, i) => i);
  const outside = order.with(63, 64);
  expect(() => native.sum(new Uint8Array(17))).toThrow(RangeError);
  expect(() => native.gather(from, from.slice(), outside)).toThrow(RangeError);
  expect(() => native.gather(from, to, order)).toThrow(RangeError);
  expect(() => native.fold(from, to, outside)).toThrow(RangeError);
  expect(() => native.fold(from, to, order.subarray(32))).toThrow(RangeError);
  expect(() => native.fold(from, from.slice(), order)).toThrow(RangeError);
  expect(() => native.takeLowBits(from.subarray(1), new Uint8Array(8))).toThrow(RangeError);
  expect(() => native.takeLowBits(from, new Uint8Array(7))).toThrow(RangeError);
});

describe("the short code", () => {
  /** Words of the generator matrix [I | R], as two numbers of 32 bits. */
  const parities = Array.from({ length: 32 }, (_, a) =>
    SHIFTS.reduce<number>((bits, shift) => (bits | (1 << ((a + shift) % 32))) >>> 0, 0),
  );
  const weight = (bits: number) => {
    let count = 0;
    for (let rest = bits; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count++;
    return count;
  };

  test("is doubly even and self-dual, so that both halves generate it and its weights are multiples of 4", () => {
    parities.forEach((a, i) => {
      expect((1 + weight(a)) % 4).toBe(0);
      parities.forEach((b, j) => expect((weight((a & b) >>> 0) + (i === j ? 1 : 0)) % 2).toBe(0));
    });
  });

  test("has no word of weight 4 or 8: one half of such a word has at most four ones", () => {
    let least = 64;
    const search = (from: number, parity: number, ones: number) => {
      if (ones > 0) least = Math.min(least, ones + weight(parity));
      if (ones < 4) for (let a = from; a < 32; a++) search(a + 1, (parity ^ parities[a]!) >>> 0, ones + 1);
    };
    search(0, 0, 0);
    // In the other half the generator is [R^T | I]: the same circulant the other way round.
    const turned = Array.from({ length: 32 }, (_, a) =>
      SHIFTS.reduce<number>((bits, shift) => (bits | (1 << ((a - shift + 32) % 32))) >>> 0, 0),
    );
    const searchTurned = (from: number, parity: number, ones: number) => {
      if (ones > 0) least = Math.min(least, ones + weight(parity));
      if (ones < 4)
        for (let a = from; a < 32; a++) searchTurned(a + 1, (parity ^ turned[a]!) >>> 0, ones + 1);
    };
    searchTurned(0, 0, 0);
    expect(least).toBe(12);
  });
});

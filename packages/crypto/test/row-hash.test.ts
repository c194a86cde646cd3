// The row hash against its definition, bit by bit, and its field against GHASH as node:crypto computes it.
import { createCipheriv } from "node:crypto";
import { describe, expect, it } from "vitest";
import { addMultiples, RowHash } from "@halfroom/crypto";
import { typescriptKernels } from "../src/kernels/typescript.ts";
import { nativeAes } from "../src/aes-cipher.ts";
import type { ArrayKernels } from "../src/kernels/kernels.ts";
import { loadWasmKernels } from "../src/kernels/wasm.ts";
import { bytesOf } from "./group-fixtures.ts";

const wordsOf = (label: string, words: number) => new Uint32Array(bytesOf(label, words * 4).buffer);

/** The element whose coefficients are the bits of a block, as a polynomial in a bigint. */
function polynomial(block: Uint32Array): bigint {
  return block.reduceRight((value, word) => (value << 32n) | BigInt(word), 0n);
}

/** Schoolbook multiplication and reduction. */
function multiply(a: bigint, b: bigint): bigint {
  let product = 0n;
  for (let i = 0n; i < 128n; i++) if ((a >> i) & 1n) product ^= b << i;
  for (let i = 254n; i >= 128n; i--) if ((product >> i) & 1n) product ^= ((1n << 128n) | 0x87n) << (i - 128n);
  return product;
}

function coefficients(seed: Uint8Array, count: number): bigint[] {
  const stream = createCipheriv("aes-256-ctr", seed, Buffer.alloc(16)).update(Buffer.alloc(count * 16));
  const words = new Uint32Array(new Uint8Array(stream).buffer);
  return Array.from({ length: count }, (_, i) => polynomial(words.subarray(i * 4, i * 4 + 4)));
}

type AddProducts = ArrayKernels["addProducts"];
const raw = (words: Uint32Array) => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
const native: AddProducts = (coefficients, matrix, rowWords, firstBlock, sums) =>
  nativeAes!.addProducts!(raw(coefficients), raw(matrix), rowWords * 4, firstBlock * 16, raw(sums));

const ways: { name: string; addProducts: AddProducts }[] = [
  { name: "in TypeScript", addProducts: typescriptKernels.addProducts },
  { name: "in WebAssembly", addProducts: loadWasmKernels()!.addProducts },
  ...(nativeAes?.addProducts === undefined ? [] : [{ name: "in the add-on", addProducts: native }]),
];

describe.each(ways)("sums of products $name", ({ addProducts }) => {
  it.each([
    [1, 1, 1, 0],
    [3, 2, 5, 1],
    [129, 7, 7, 0],
    [5, 33, 40, 6],
    [0, 3, 3, 0],
    [3, 0, 2, 0],
    // WebAssembly takes 1,024 coefficients at a time, and four rows.
    [5, 1030, 1040, 3],
  ])("of %i rows and %i blocks are those of the definition", (rows, blocks, rowBlocks, first) => {
    const factors = wordsOf(`factors ${rows}`, blocks * 4);
    const matrix = wordsOf(`matrix ${rows}`, rows * rowBlocks * 4);
    const sums = wordsOf("sums", rows * 4);
    const expected = Array.from({ length: rows }, (_, row) => {
      let sum = polynomial(sums.subarray(row * 4, row * 4 + 4));
      for (let b = 0; b < blocks; b++) {
        const at = (row * rowBlocks + first + b) * 4;
        sum ^= multiply(
          polynomial(factors.subarray(b * 4, b * 4 + 4)),
          polynomial(matrix.subarray(at, at + 4)),
        );
      }
      return sum;
    });
    addProducts(factors, matrix, rowBlocks * 4, first, sums);
    const found = Array.from({ length: rows }, (_, row) => polynomial(sums.subarray(row * 4, row * 4 + 4)));
    expect(found).toEqual(expected);
  });

  it("are GHASH (NIST SP 800-38D) where the bits of each byte are reversed", () => {
    const key = bytesOf("key", 16);
    const text = bytesOf("additional data", 16);
    const block = (bytes: Uint8Array) =>
      createCipheriv("aes-128-ecb", key, null).setAutoPadding(false).update(bytes);
    const gcm = createCipheriv("aes-128-gcm", key, Buffer.alloc(12)).setAAD(text);
    gcm.final();
    const mask = block(Buffer.from([...Buffer.alloc(15), 1]));
    const tag = gcm.getAuthTag().map((byte, i) => byte ^ mask[i]!);
    const lengths = Buffer.alloc(16);
    lengths.writeUInt32BE(128, 4);
    const h = reversed(block(Buffer.alloc(16)));
    const square = new Uint32Array(4);
    addProducts(h, h, 4, 0, square);
    const sum = new Uint32Array(4);
    addProducts(
      new Uint32Array([...square, ...h]),
      new Uint32Array([...reversed(text), ...reversed(lengths)]),
      8,
      0,
      sum,
    );
    expect(sum).toEqual(reversed(tag));
  });
});

describe.each([
  { name: "in TypeScript", engine: null },
  ...(nativeAes?.addProducts === undefined ? [] : [{ name: "in the add-on", engine: nativeAes.addProducts }]),
])("multiples $name", ({ engine }) => {
  it.each([0, 1, 2, 37])("of %i blocks are those of the definition, added to what was there", (count) => {
    const factor = wordsOf(`factor ${count}`, 4);
    const blocks = wordsOf(`blocks ${count}`, count * 4);
    blocks.fill(0, 0, 4);
    const before = wordsOf("sums", count * 4);
    const sums = before.slice();
    addMultiples(factor, blocks, sums, engine);
    for (let at = 0; at < sums.length; at += 4) {
      const product = multiply(polynomial(factor), polynomial(blocks.subarray(at, at + 4)));
      expect(polynomial(sums.subarray(at, at + 4)) ^ polynomial(before.subarray(at, at + 4))).toBe(product);
    }
  });
});

/** The block with the bits of each byte the other way round, as words. */
function reversed(bytes: Uint8Array): Uint32Array {
  const turned = Uint8Array.from(bytes, (byte) => {
    let out = 0;
    for (let bit = 0; bit < 8; bit++) out |= ((byte >> bit) & 1) << (7 - bit);
    return out;
  });
  return new Uint32Array(turned.buffer);
}

describe("RowHash", () => {
  const seed = bytesOf("seed", 32);

  it.each([
    [2, 3],
    [129, 9],
    [1, 2050],
  ])("hashes %i rows of %i blocks, in one call or in several", (rows, blocks) => {
    const chi = coefficients(seed, blocks);
    const matrix = wordsOf("matrix", rows * blocks * 4);
    const block = (row: number, b: number) =>
      matrix.subarray((row * blocks + b) * 4, (row * blocks + b) * 4 + 4);
    const sums = new Uint32Array(rows * 4);
    new RowHash(seed).add(matrix, rows, blocks * 4, sums);
    for (let row = 0; row < rows; row += 64) {
      const expected = chi.reduce((sum, c, b) => sum ^ multiply(c, polynomial(block(row, b))), 0n);
      expect(polynomial(sums.subarray(row * 4, row * 4 + 4))).toBe(expected);
    }
    const parted = new Uint32Array(rows * 4);
    const hash = new RowHash(seed);
    for (let from = 0; from < blocks; from += 1024) {
      const count = Math.min(1024, blocks - from);
      const part = new Uint32Array(rows * count * 4);
      for (let row = 0; row < rows; row++) {
        for (let b = 0; b < count; b++) part.set(block(row, from + b), (row * count + b) * 4);
      }
      hash.add(part, rows, count * 4, parted);
    }
    expect(parted).toEqual(sums);
  });

  it("is linear, and differs for other seeds", () => {
    const [a, b] = [wordsOf("a", 40), wordsOf("b", 40)];
    const digest = (row: Uint32Array, key = seed) => {
      const sums = new Uint32Array(4);
      new RowHash(key).add(row, 1, 40, sums);
      return sums;
    };
    const sum = digest(a).map((word, i) => word ^ digest(b)[i]!);
    expect(digest(a.map((word, i) => word ^ b[i]!))).toEqual(sum);
    expect(digest(a, bytesOf("other", 32))).not.toEqual(digest(a));
  });

  it("refuses other sizes", () => {
    expect(() => new RowHash(new Uint8Array(16))).toThrow(RangeError);
    const hash = new RowHash(seed);
    expect(() => hash.add(new Uint32Array(6), 1, 6, new Uint32Array(4))).toThrow(RangeError);
    expect(() => hash.add(new Uint32Array(4), 2, 4, new Uint32Array(8))).toThrow(RangeError);
    expect(() => hash.add(new Uint32Array(8), 2, 4, new Uint32Array(4))).toThrow(RangeError);
  });
});

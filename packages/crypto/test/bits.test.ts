// Bit vectors and the array kernels on them against definitions a bit at a time.
import { describe, expect, it } from "vitest";
import { arrayKernels, bitMask, bitWords, getBit, setBit, xorInto, xorMasked } from "@halfroom/crypto";
import type { ArrayKernels, Permute } from "@halfroom/crypto";
import { typescriptKernels } from "../src/kernels/typescript.ts";
import { bytesOf } from "./group-fixtures.ts";

const words = (label: string, count: number) => new Uint32Array(bytesOf(label, count * 4).buffer);

/** Bit i as bit i mod 8 of byte i / 8: a little-endian vector. */
const bitOf = (vector: Uint32Array, index: number) => {
  const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
  return (bytes[Math.floor(index / 8)]! >> (index % 8)) & 1;
};

describe("a bit vector", () => {
  it.each([0, 1, 2, 31, 32, 33, 63, 64, 65, 127, 129, 1000, 2 ** 31 - 1])(
    "of %i bits has its words",
    (bits) => {
      expect(bitWords(bits)).toBe(Math.ceil(bits / 32));
    },
  );

  it("gives each bit, as a bit and as a mask", () => {
    const vector = words("get", 9);
    for (let i = 0; i < 288; i++) {
      expect(getBit(vector, i)).toBe(bitOf(vector, i));
      expect(bitMask(vector, i)).toBe(bitOf(vector, i) === 1 ? -1 : -0);
    }
  });

  it("sets one bit and no other, by the lowest bit of what it is given", () => {
    for (let i = 0; i < 96; i++) {
      for (const value of [0, 1, 2, 3, -1]) {
        const vector = words(`set ${i}`, 3);
        const expected = Array.from({ length: 96 }, (_, j) => (j === i ? value & 1 : bitOf(vector, j)));
        setBit(vector, i, value);
        expect(Array.from({ length: 96 }, (_, j) => bitOf(vector, j))).toEqual(expected);
      }
    }
  });
});

describe("sums of vectors", () => {
  it("xorInto adds bit by bit", () => {
    const [target, source] = [words("target", 5), words("source", 5)];
    const expected = Array.from({ length: 160 }, (_, i) => bitOf(target, i) ^ bitOf(source, i));
    xorInto(target, source);
    expect(Array.from({ length: 160 }, (_, i) => bitOf(target, i))).toEqual(expected);
  });

  it("xorMasked adds under a mask of ones and leaves the target under zero", () => {
    const [target, source] = [words("target", 5), words("source", 5)];
    const summed = target.map((word, i) => word ^ source[i]!);
    const masked = target.slice();
    xorMasked(masked, source, 0);
    expect(masked).toEqual(target);
    xorMasked(masked, source, -1);
    expect(masked).toEqual(summed);
  });
});

function plainTranspose(matrix: Uint32Array, rows: number, columns: number): Uint32Array {
  const out = new Uint32Array(matrix.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      setBit(out, column * rows + row, bitOf(matrix, row * columns + column));
  return out;
}

describe.each<[string, ArrayKernels]>([
  ["the kernels in use", arrayKernels],
  ["the plain kernels", typescriptKernels],
])("%s", (_name, kernels) => {
  const sizes = [32, 64, 96, 128, 160, 544];

  it.each(sizes.flatMap((rows) => sizes.map((columns) => [rows, columns])))(
    "transpose %i x %i bits",
    (rows, columns) => {
      const matrix = words(`matrix ${rows} ${columns}`, (rows * columns) / 32);
      const before = matrix.slice();
      expect(kernels.transposeBits(matrix, rows, columns)).toEqual(plainTranspose(matrix, rows, columns));
      expect(matrix).toEqual(before);
    },
  );

  it("transpose a matrix of single ones, each to its place", () => {
    for (let bit = 0; bit < 64 * 32; bit += 33) {
      const matrix = new Uint32Array(64);
      setBit(matrix, bit, 1);
      const [row, column] = [Math.floor(bit / 32), bit % 32];
      const expected = new Uint32Array(64);
      setBit(expected, column * 64 + row, 1);
      expect(kernels.transposeBits(matrix, 64, 32)).toEqual(expected);
    }
  });

  it.each([1, 2, 4, 8])("fold 2^%i streams as the sums are defined", (k) => {
    for (const length of [1, 2, 31, 33]) {
      const streams = Array.from({ length: 2 ** k }, (_, x) => words(`stream ${k} ${x}`, length));
      const sum = (chosen: (x: number) => boolean) =>
        Array.from({ length }, (_, word) =>
          streams.reduce((total, stream, x) => (chosen(x) ? (total ^ stream[word]!) >>> 0 : total), 0),
        );
      const rows = words("rows before", k * length);
      const all = kernels.foldStreams(k, length, (x, out) => out.set(streams[x]!), rows);
      expect([...all]).toEqual(sum(() => true));
      const expected = Array.from({ length: k }, (_, bit) => sum((x) => ((x >> bit) & 1) === 1));
      expect([...rows]).toEqual(expected.flat());
    }
  });

  it.each([0, 32, 64, 1056])("keep the lowest bits of the hashes of %i blocks", (count) => {
    const permute: Permute = (from, to) =>
      from.forEach((word, i) => (to[i] = Math.imul(word, 3) ^ (word >>> 7)));
    const of = { blocks: words(`blocks ${count}`, count * 4), firstTweak: 2 ** 33 + 5 };
    const hashes = new Uint32Array(count * 4);
    kernels.tweakedHash(permute, { ...of, bits: false }, hashes);
    const out = new Uint32Array(count / 32);
    kernels.tweakedHash(permute, { ...of, bits: true }, out);
    for (let i = 0; i < count; i++) expect(getBit(out, i)).toBe(bitOf(hashes, i * 128));
  });
});

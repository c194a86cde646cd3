// The WebAssembly kernels against their plain twins, at sizes that are and are not round for them.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { RowHasher, hash256, hash512, systemRng, randomWords } from "@halfroom/crypto";
import { typescriptKernels } from "../src/kernels/typescript.ts";
import { loadWasmKernels } from "../src/kernels/wasm.ts";
import type { Permute } from "../src/kernels/kernels.ts";

const wasm = loadWasmKernels()!;
const random = (words: number) => randomWords(systemRng, words);

/** Two maps of blocks that are no permutations: the kernels must not care. */
const left: Permute = (from, to) =>
  from.forEach((word, i) => (to[i] = Math.imul(word, 0x9e3779b1) + (i & 3)));
const right: Permute = (from, to) =>
  from.forEach((word, i) => (to[i] = Math.imul(word ^ (i & 3), 0x85ebca6b)));

/** Equal arrays; `toEqual` takes a second for a megabyte. */
function expectSame(actual: Uint32Array | Uint8Array, expected: Uint32Array | Uint8Array): void {
  expect(actual.constructor).toBe(expected.constructor);
  expect(Buffer.compare(bytes(actual), bytes(expected))).toBe(0);
}
const bytes = (array: Uint32Array | Uint8Array) =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

describe("the WebAssembly kernels give what the plain ones give", () => {
  it("is built and chosen", async () => {
    const { arrayKernels } = await import("@halfroom/crypto");
    expect(wasm.name).toBe("wasm-simd");
    expect(arrayKernels.name).toBe("wasm-simd");
  });

  it.each([
    [32, 32],
    [128, 128],
    [128, 512],
    [512, 128],
    [512, 8192],
    [128, 16384],
    [160, 512],
    [64, 96],
  ])("transposes %i x %i bits", (rows, columns) => {
    const matrix = random((rows * columns) / 32);
    const transposed = wasm.transposeBits(matrix, rows, columns);
    expectSame(transposed, typescriptKernels.transposeBits(matrix, rows, columns));
    expectSame(wasm.transposeBits(transposed, columns, rows), matrix);
  });

  it.each([
    [128, 256, 12, 3],
    [128, 64, 7, 2],
  ])("transposes a part of %i x %i bits of a wider matrix", (rows, columns, rowWords, firstWord) => {
    const matrix = random(rows * rowWords);
    const words = columns / 32;
    const part = new Uint32Array(rows * words);
    for (let row = 0; row < rows; row++) {
      const at = row * rowWords + firstWord;
      part.set(matrix.subarray(at, at + words), row * words);
    }
    const expected = typescriptKernels.transposeBits(part, rows, columns);
    for (const kernels of [wasm, typescriptKernels]) {
      expect(kernels.transposeBits(matrix, rows, columns, rowWords, firstWord)).toEqual(expected);
    }
  });

  it.each([2, 4, 8])("folds the streams of a tree of depth %i", (k) => {
    for (const words of [1, 3, 4, 5, 64, 513]) {
      const streams = Array.from({ length: 1 << k }, () => random(words));
      const fill = (x: number, out: Uint32Array) => out.set(streams[x]!);
      const [rows, expected] = [random(k * words), random(k * words)];
      const sum = wasm.foldStreams(k, words, fill, rows);
      expect(sum).toEqual(typescriptKernels.foldStreams(k, words, fill, expected));
      expect(rows).toEqual(expected);
    }
  });

  it.each([1, 2, 7, 33, 4096])("hashes %i blocks", (count) => {
    const blocks = random(count * 4);
    const before = blocks.slice();
    expectSame(wasm.oneWay(left, blocks), typescriptKernels.oneWay(left, blocks));
    for (const firstTweak of [0, 1, 2 ** 32 - 3, 2 ** 40 + 5, 2 ** 53 - 5000]) {
      for (const delta of [undefined, random(4)]) {
        const [out, expected] = [random(count * 4 + 1), new Uint32Array(count * 4 + 1)];
        expected[count * 4] = out[count * 4]!;
        wasm.tweakedHash(left, { blocks, delta, firstTweak, bits: false }, out);
        typescriptKernels.tweakedHash(
          left,
          { blocks, delta, firstTweak, bits: false },
          expected.subarray(0, -1),
        );
        expectSame(out, expected);
      }
    }
    expect(blocks).toEqual(before);
  });

  it.each(["sha256", "sha512"] as const)("hashes messages with %s", (algorithm) => {
    for (const length of [64, 76, 111, 112, 119, 120, 157, 180, 240, 300]) {
      for (const offset of [0, 1, length - 64, 63].filter((at) => at + 64 <= length)) {
        for (const count of [1, 2, 3, 4, 5, 9]) {
          const messages = { algorithm, template: systemRng.bytes(length), offset, width: 64 };
          const rows = systemRng.bytes(count * 64);
          expectSame(wasm.hashRows(messages, rows), typescriptKernels.hashRows(messages, rows));
        }
      }
    }
  });

  it("keeps the lowest bits of hashes alone", () => {
    for (const words of [0, 1, 2, 5, 512]) {
      const of = { blocks: random(words * 32 * 4), delta: random(4), firstTweak: 2 ** 32 - 3, bits: true };
      const [out, expected] = [random(words + 1), new Uint32Array(words + 1)];
      expected[words] = out[words]!;
      wasm.tweakedHash(left, of, out);
      typescriptKernels.tweakedHash(left, of, expected);
      expect(out).toEqual(expected);
    }
  });

  it.each([
    [1, 2],
    [3, 2],
    [5, 8],
    [33, 32],
  ])("grows a level of %i trees of %i nodes", (trees, width) => {
    const nodes = random(trees * width * 4);
    expect(wasm.growLevel(left, right, nodes, trees)).toEqual(
      typescriptKernels.growLevel(left, right, nodes, trees),
    );
  });
});

describe("loading the WebAssembly kernels", () => {
  const folder = mkdtempSync(join(tmpdir(), "halfroom-kernels-"));
  const load = async (bytes: Buffer | undefined) => {
    const file = join(folder, "kernels.wasm");
    rmSync(file, { force: true });
    if (bytes !== undefined) writeFileSync(file, bytes);
    const warnings: string[] = [];
    const listen = ({ message }: Error) => warnings.push(message);
    process.on("warning", listen);
    const kernels = loadWasmKernels(pathToFileURL(file));
    // A warning comes in a later turn.
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", listen);
    return { name: kernels?.name, warnings };
  };

  it("takes no module from an older source, and says so", async () => {
    // A module with nothing in it: magic number and version (WebAssembly Core Specification, section 5.5.16).
    const { name, warnings } = await load(Buffer.from("0061736d01000000", "hex"));
    expect(name).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining("npm run prepare")]);
  });

  it("does without, where none was built or it is no module", async () => {
    expect(await load(undefined)).toEqual({ name: undefined, warnings: [] });
    expect(await load(Buffer.from("no module"))).toEqual({ name: undefined, warnings: [] });
  });
});

describe("RowHasher", () => {
  it("hashes each row as hash256 and hash512 do", () => {
    const session = systemRng.bytes(32);
    const count = 5001;
    const one = new RowHasher("sha512", "test/one", session, ["fixed", 7], [64]);
    const values = systemRng.bytes(count * 64);
    const digests = one.digests(values);
    const two = new RowHasher("sha256", "test/two", session, [7], [8, 20]);
    const rows = two.rows(count);
    for (let i = 0; i < count; i++) {
      rows.set(Uint8Array.of(i & 255, i >>> 8), i * two.width + two.offset(0));
      rows.set(values.subarray(i * 64, i * 64 + 20), i * two.width + two.offset(1));
    }
    const narrow = two.digests(rows);
    for (let i = 0; i < count; i++) {
      const value = values.subarray(i * 64, (i + 1) * 64);
      expect(
        Buffer.compare(
          digests.subarray(i * 64, (i + 1) * 64),
          hash512("test/one", session, "fixed", 7, value),
        ),
      ).toBe(0);
      const expected = hash256("test/two", session, 7, i, value.subarray(0, 20));
      expect(Buffer.compare(narrow.subarray(i * 32, (i + 1) * 32), expected)).toBe(0);
    }
  });
});

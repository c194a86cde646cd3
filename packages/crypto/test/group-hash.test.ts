import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ristretto255_hasher } from "@noble/curves/ed25519.js";
import { nativePaths } from "@halfroom/crypto-native";
import {
  expandMessages,
  hashToGroup,
  hashToScalar,
  loadNativeKernel,
  loadSodium,
  nobleKernel,
  packRows,
} from "@halfroom/crypto";
import { bytesOf, hex, scalar } from "./group-fixtures.ts";

const LENGTHS = [0, 1, 31, 63, 64, 65, 127, 128, 129, 1000, 3, 65535];
const messages = LENGTHS.map((length) => bytesOf(`message ${length}`, length));
const natives = nativePaths().map((path) => loadNativeKernel(path)!);
const kernels = [...natives, await loadSodium(), nobleKernel];

describe.each(kernels)("hashing with $name", (kernel) => {
  it.each([1, 16, 43, 255])("gives noble's points and scalars, with a tag of %i bytes", (dstLength) => {
    const dst = bytesOf("dst", dstLength);
    const points = messages.map((message) =>
      ristretto255_hasher.hashToCurve(message, { DST: dst }).toBytes(),
    );
    expect(hex(hashToGroup(kernel, packRows(messages), dst))).toBe(hex(Buffer.concat(points)));
    const scalars = messages.map((message) =>
      scalar(ristretto255_hasher.hashToScalar(message, { DST: dst })),
    );
    expect(hex(hashToScalar(kernel, packRows(messages), dst))).toBe(hex(Buffer.concat(scalars)));
  });

  it("refuses a tag that is too long", () => {
    expect(() => expandMessages(kernel, packRows(messages), new Uint8Array(256))).toThrow(RangeError);
  });

  it("hashes rows as node:crypto does, wherever prefix, row and suffix end within a block", () => {
    for (const [before, after] of [
      [0, 0],
      [1, 0],
      [0, 8],
      [128, 19],
      [111, 17],
      [300, 129],
    ] as const) {
      const [prefix, suffix] = [bytesOf("prefix", before), bytesOf("suffix", after)];
      const rows = Array.from({ length: 131 }, (_, i) => bytesOf(`row ${i}`, i * 2 + (i % 3)));
      const digests = rows.map((row) =>
        createHash("sha512").update(prefix).update(row).update(suffix).digest(),
      );
      expect(hex(kernel.hashRows(prefix, packRows(rows), suffix))).toBe(hex(Buffer.concat(digests)));
    }
    expect(kernel.hashRows(bytesOf("prefix", 9), packRows([]), new Uint8Array(0))).toEqual(new Uint8Array(0));
  });

  it("hashes rows that start in the middle of an array", () => {
    const all = packRows(messages);
    const some = { bytes: all.bytes, offsets: all.offsets.subarray(4, 9) };
    const none = new Uint8Array(0);
    expect(hex(kernel.hashRows(none, some, none))).toBe(
      hex(kernel.hashRows(none, packRows(messages.slice(4, 8)), none)),
    );
  });
});

it.each(natives)("refuses offsets outside of the bytes: $name", (kernel) => {
  const bytes = bytesOf("rows", 10);
  const none = new Uint8Array(0);
  for (const offsets of [[], [0, 11], [5, 4], [0, 8, 3, 10]]) {
    expect(() => kernel.hashRows(none, { bytes, offsets: Uint32Array.from(offsets) }, none)).toThrow(
      RangeError,
    );
  }
});

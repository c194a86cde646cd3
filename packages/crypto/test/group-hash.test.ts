import { expect, it } from "vitest";
import { ristretto255_hasher } from "@noble/curves/ed25519.js";
import { expandMessages, hashToGroup, hashToScalar, loadSodium, packRows } from "@halfroom/crypto";
import { bytesOf, hex, scalar } from "./group-fixtures.ts";

const LENGTHS = [0, 1, 31, 63, 64, 65, 127, 128, 129, 1000, 3, 65535];
const messages = LENGTHS.map((length) => bytesOf(`message ${length}`, length));
const kernel = await loadSodium();

it.each([1, 16, 43, 255])(
  "hashes to points and scalars as noble does, with a tag of %i bytes",
  (dstLength) => {
    const dst = bytesOf("dst", dstLength);
    const points = messages.map((message) =>
      ristretto255_hasher.hashToCurve(message, { DST: dst }).toBytes(),
    );
    expect(hex(hashToGroup(kernel, packRows(messages), dst))).toBe(hex(Buffer.concat(points)));
    const scalars = messages.map((message) =>
      scalar(ristretto255_hasher.hashToScalar(message, { DST: dst })),
    );
    expect(hex(hashToScalar(kernel, packRows(messages), dst))).toBe(hex(Buffer.concat(scalars)));
  },
);

it("refuses a tag that is too long", () => {
  expect(() => expandMessages(packRows(messages), new Uint8Array(256))).toThrow(RangeError);
});

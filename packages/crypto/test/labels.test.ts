// Hash inputs: no two lists of parts are encoded alike, and hashes are SHA-2 of the encoding.
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeParts, hash256, hash512, RowHasher } from "@halfroom/crypto";
import type { Part } from "@halfroom/crypto";
import { bytesOf, hex } from "./group-fixtures.ts";

const SESSION = bytesOf("session", 32);

const part = fc.oneof(
  fc.uint8Array({ maxLength: 12 }),
  fc.string({ maxLength: 6 }),
  fc.maxSafeNat(),
  // Pieces that look like lengths and labels.
  fc.constantFrom<Part>("", new Uint8Array(4), new Uint8Array(8), Uint8Array.of(1, 0, 0, 0), 0, 1, 2 ** 32),
);
const input = fc.tuple(
  fc.constantFrom("", "a", "ab", "b", "match/seed"),
  fc.constantFrom(new Uint8Array(0), SESSION, SESSION.with(0, 1)),
  fc.array(part, { maxLength: 5 }),
);

/** Each part as what stands in the encoding; a string and its bytes are one part. */
function meaning(value: Part): string {
  if (typeof value === "string") return hex(Buffer.from(value, "utf8"));
  if (typeof value !== "number") return hex(value);
  return hex(Uint8Array.from({ length: 8 }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 0xffn)));
}

/** Reads the parts back out of the encoding. */
function decode(encoded: Buffer): string[] {
  const parts: string[] = [];
  for (let at = 0; at < encoded.length;) {
    const length = encoded.readUInt32LE(at);
    if (at + 4 + length > encoded.length) throw new Error("a part ends behind the encoding");
    parts.push(hex(encoded.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return parts;
}

describe("encodeParts", () => {
  it("can be read back, so that no two inputs have the same encoding", () => {
    fc.assert(
      fc.property(input, ([label, session, parts]) => {
        const expected = [`halfroom/v1/${label}`, session, ...parts].map(meaning);
        expect(decode(encodeParts(label, session, parts))).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it("tells apart what plain concatenation would not", () => {
    const empty = new Uint8Array(0);
    const encodings = [
      encodeParts("label", SESSION, ["ab", "c"]),
      encodeParts("label", SESSION, ["a", "bc"]),
      encodeParts("label", SESSION, ["abc"]),
      encodeParts("label", SESSION, ["abc", ""]),
      encodeParts("label", SESSION, ["", "abc"]),
      encodeParts("labela", SESSION, ["bc"]),
      encodeParts("label", empty, [SESSION, "abc"]),
      encodeParts("label", SESSION, [1]),
      encodeParts("label", SESSION, ["1"]),
      encodeParts("label", SESSION, [Uint8Array.of(1)]),
    ];
    expect(new Set(encodings.map(hex)).size).toBe(encodings.length);
  });

  it("is laid out as the specification says", () => {
    expect(hex(encodeParts("x", Uint8Array.of(0xaa), ["é", 258, Uint8Array.of(7)]))).toBe(
      [
        "0d000000",
        hex(Buffer.from("halfroom/v1/x")),
        "01000000",
        "aa",
        "02000000",
        "c3a9",
        "08000000",
        "0201000000000000",
        "01000000",
        "07",
      ].join(""),
    );
  });

  it.each([-1, 0.5, Number.NaN, Infinity, 2 ** 53])("refuses the number %d", (number) => {
    expect(() => encodeParts("label", SESSION, [number])).toThrow(RangeError);
  });
});

describe("hashes", () => {
  it("are SHA-256 and SHA-512 of the encoding, by another implementation", () => {
    fc.assert(
      fc.property(input, ([label, session, parts]) => {
        const encoded = encodeParts(label, session, parts);
        expect(hex(hash256(label, session, ...parts))).toBe(hex(sha256(encoded)));
        expect(hex(hash512(label, session, ...parts))).toBe(hex(sha512(encoded)));
      }),
      { numRuns: 300 },
    );
  });
});

describe("RowHasher", () => {
  const hashes = { sha256: hash256, sha512: hash512 };

  it.each(["sha256", "sha512"] as const)("gives for each row what %s of all parts gives", (algorithm) => {
    const shapes = fc.tuple(
      fc.array(part, { maxLength: 3 }),
      fc
        .array(fc.nat({ max: 70 }), { minLength: 1, maxLength: 4 })
        .filter((lengths) => lengths.length > 1 || lengths[0]! > 0),
    );
    fc.assert(
      fc.property(input, shapes, fc.string(), ([label, session], [fixed, lengths], seed) => {
        const hasher = new RowHasher(algorithm, label, session, fixed, lengths);
        const values = [0, 1, 2].map((row) =>
          lengths.map((length, i) => bytesOf(`${seed} ${row} ${i}`, length)),
        );
        const rows = hasher.rows(values.length);
        values.forEach((variable, row) =>
          variable.forEach((bytes, i) => rows.set(bytes, row * hasher.width + hasher.offset(i))),
        );
        const expected = values.map((variable) => hashes[algorithm](label, session, ...fixed, ...variable));
        expect(hex(hasher.digests(rows))).toBe(expected.map(hex).join(""));
      }),
      { numRuns: 200 },
    );
  });

  it("knows no further part", () => {
    const hasher = new RowHasher("sha256", "rows", SESSION, [], [1, 2]);
    for (const index of [2, -1]) expect(() => hasher.offset(index)).toThrow(RangeError);
  });
});

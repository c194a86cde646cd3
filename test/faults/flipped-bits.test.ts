// One bit flipped in each field of the first message of each type, in its first, middle or last byte in turn;
// flipped-bits.slow.test.ts takes every message, and nine places in each field.
import { describe, expect, test } from "vitest";
import { isMasked, testFlips } from "./flips.ts";
import { firstOfEachType, SENT, SENT_SILENTLY } from "./small-session.ts";

describe.each([
  ["a session", SENT],
  ["one with silent transfers", SENT_SILENTLY],
])("a flipped bit, in %s", (_, sent) => {
  testFlips(firstOfEachType(sent), ({ index }) => (index % 3) / 2);
});

// What a side cannot check by itself. All of it is sent before the first comparison of transcripts, which comes before
// anything is opened.
test("masked material is all of these types and goes before the first opening", () => {
  const masked = [...SENT, ...SENT_SILENTLY].filter(isMasked).map(({ message }) => message.type);
  expect([...new Set(masked)].sort()).toEqual([
    "binMasks",
    "gateOpening",
    "leafCorrections",
    "productCorrections",
    "productFlips",
    "seedShare",
    "store",
    "transcript",
    "treeFlips",
  ]);
  for (const role of ["sender", "receiver"] as const) {
    const types = SENT.filter((sent) => sent.role === role).map(({ message }) => message.type);
    const opening = types.indexOf("passOpening");
    const compared = types.indexOf("transcript");
    expect(compared).toBeGreaterThan(types.lastIndexOf("gateOpening"));
    expect(compared).toBeLessThan(opening);
    expect(types.slice(opening).indexOf("transcript")).toBeLessThan(
      types.slice(opening).indexOf("cellOpening"),
    );
    expect(types.filter((type) => type === "transcript")).toHaveLength(2);
  }
});

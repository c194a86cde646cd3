// Which groupings take slots, what they draw, and how much is asked for ahead.
import { leafDraws, leavesOfGroupings, type GroupContext } from "@halfroom/aggregate";
import { describe, expect, test } from "vitest";
import { piecesAhead, piecesOf } from "../src/groupings.ts";

const contextOf = (cells: number, leaves: GroupContext["leaves"], partition = 0): GroupContext => {
  return { session: new Uint8Array(32), shard: 0, partition, cells, columns: 1, leaves };
};

test.each([
  [[1], "trees"],
  [[2], "trees"],
  [[4], "slots"],
  [[64], "slots"],
  [[128], "trees"],
  // 63 + 1 is 64 already, but two cells take no slots.
  [[64, 2, 4], "slots trees trees"],
  [[32, 32, 4], "slots slots trees"],
  // What does not fit leaves room for what follows: 31 + 31, 15 after all.
  [[32, 64, 16, 16], "slots trees slots slots"],
  [Array.from({ length: 22 }, () => 4), `${"slots ".repeat(21)}trees`],
])("the leaves of groupings of %j cells", (cells, expected) => {
  expect(leavesOfGroupings(cells).join(" ")).toBe(expected);
});

test("a slot draws a correlated transfer for each cell but the last, a tree one for each level, a single cell none", () => {
  const contexts = [contextOf(64, "slots"), contextOf(1, "trees", 1), contextOf(64, "trees", 2)];
  expect(leafDraws(1000, contexts)).toEqual([
    { purpose: "aggregate/0", kind: "correlated", transfers: 63_000 },
    { purpose: "aggregate/2", kind: "blocks", transfers: 6000 },
  ]);
});

describe("ahead", () => {
  const bins = 90_000;
  const pieces = (...contexts: GroupContext[]) =>
    piecesOf(
      bins,
      contexts.map((context) => ({ context })),
    );
  const [slots, trees] = [contextOf(64, "slots"), contextOf(64, "trees", 1)];

  test("all of slots is asked for, which nothing answers", () => {
    expect(pieces(slots)).toHaveLength(Math.ceil(bins / 2048));
    expect(piecesAhead(pieces(slots))).toBe(pieces(slots).length);
  });

  test("trees are as long as 8 MiB of chosen strings are not answered, whatever slots come before", () => {
    // 2,048 bins with 6 strings of 16 bytes: 43 pieces are 8.06 MiB.
    expect(piecesAhead(pieces(trees))).toBe(43);
    expect(piecesAhead(pieces(slots, trees))).toBe(pieces(slots).length + 43);
  });

  test("slots behind trees wait for these", () => {
    expect(piecesAhead(pieces(trees, slots))).toBe(43);
  });
});

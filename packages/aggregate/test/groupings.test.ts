// Which groupings take slots or a network, what they draw, and how much is asked for ahead.
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
  expect(leavesOfGroupings(cells, 2).join(" ")).toBe(expected);
});

test.each([
  [1, "slots trees trees network network network"],
  [2, "slots trees trees trees network network"],
  [3, "slots trees trees trees trees network"],
  [4, "slots trees trees trees trees network"],
  [5, "slots trees trees trees trees trees"],
])(
  "of 1,024 cells for each column a network takes the place of trees: of %i columns",
  (columns, expected) => {
    expect(leavesOfGroupings([64, 128, 512, 1024, 2048, 4096], columns).join(" ")).toBe(expected);
  },
);

test("a slot draws a correlated transfer for each cell but the last, a tree one for each level, a single cell none", () => {
  const contexts = [contextOf(64, "slots"), contextOf(1, "trees", 1), contextOf(64, "trees", 2)];
  // 63,000 and 6,000, in words of 32.
  expect(leafDraws(1000, contexts)).toEqual([
    { purpose: "aggregate/0", kind: "correlated", transfers: 63_008 },
    { purpose: "aggregate/2", kind: "blocks", transfers: 6016 },
  ]);
});

test("a network draws one for each choice of a gate but the last, each piece in words of 32", () => {
  // Of 6 bins three columns of 3 switches divide and two join, of 2 (the wires 0, 4 and 1, 5 but for the networks' first two) and of 2; then moves of
  // 6 bins by two bits and by one, and of 6 and 8 wires to 8 cells.
  const pieces = [3, 2, 2, 1, 2, 18, 6, 6, 24];
  expect(leafDraws(6, [contextOf(8, "network")])).toEqual([
    { purpose: "aggregate/0", kind: "correlated", transfers: 32 * pieces.length },
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

  test("networks are too, piece by piece of 32,768 gates", () => {
    // Each column of 45,000 switches or less is two pieces with a string for each gate: 8 MiB are passed in column 12.
    const network = contextOf(1024, "network");
    const count = piecesAhead(pieces(network));
    const bytes = (upTo: number) =>
      pieces(network)
        .slice(0, upTo)
        .reduce((sum, { transfers }) => sum + 16 * transfers, 0);
    expect(bytes(count)).toBeGreaterThan(2 ** 23);
    expect(bytes(count - 1)).toBeLessThanOrEqual(2 ** 23);
  });

  test("slots behind trees wait for these", () => {
    expect(piecesAhead(pieces(trees, slots))).toBe(43);
  });
});

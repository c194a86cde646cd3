// The group-by on shares against a plain group-by.
import { randomWords } from "@halfroom/crypto";
import { seededRng } from "@halfroom/testkit";
import { decodeFrame } from "@halfroom/wire";
import { describe, expect, test } from "vitest";
import { openTable, plainTable, runGroup, type GroupCase, type GroupRun } from "./group-parties.ts";

let shards = 0;
const fresh = () => ({ seed: "all", shard: ++shards, partition: 0 });

/** Random addends on both sides and random cells. */
function randomCase(bins: number, cells: number, columns: number): GroupCase {
  const rng = seededRng(`${bins} bins, ${cells} cells, ${columns} columns`);
  return {
    cells,
    columns,
    sender: randomWords(rng, bins * columns * 2),
    receiver: randomWords(rng, bins * columns * 2),
    cellOf: randomWords(rng, bins).map((word) => word % cells),
  };
}

async function expectPlainTable(input: GroupCase): Promise<GroupRun> {
  const run = await runGroup(input, fresh());
  expect(openTable(run)).toEqual(plainTable(input));
  return run;
}

describe("both shares add up to the plain group-by", () => {
  test.each([1, 2, 4, 8, 16, 32, 64, 128, 1024])("of %i cells", async (cells) => {
    await expectPlainTable(randomCase(133, cells, 2));
  });

  test.each([0, 1, 31, 32, 33, 1363])("of %i bins", async (bins) => {
    await expectPlainTable(randomCase(bins, 8, 2));
  });

  test.each([1, 2, 3, 4, 5, 6])("of %i columns", async (columns) => {
    await expectPlainTable(randomCase(95, 16, columns));
  });

  // Trees are worked on 128 at a time for 1,024 cells, 1,024 at a time for 128 cells.
  test.each([
    [128, 1024],
    [300, 1024],
    [2085, 128],
  ])("of %i bins and %i cells, in batches", async (bins, cells) => {
    const { log } = await expectPlainTable(randomCase(bins, cells, 3));
    const types = log.receiver.map(({ frame }) => decodeFrame(frame).message.type);
    expect(types.filter((type) => type === "treeFlips")).toHaveLength(Math.ceil((bins * cells) / 2 ** 17));
  });

  test.each([0, 63])("where all bins are in cell %i of 64", async (cell) => {
    const input = randomCase(77, 64, 2);
    const run = await expectPlainTable({ ...input, cellOf: new Uint32Array(77).fill(cell) });
    expect(openTable(run).filter((sum) => sum !== 0n)).toHaveLength(2);
  });

  test("whatever the partition, each with trees of its own", async () => {
    const input = randomCase(64, 4, 2);
    const shard = ++shards;
    const runs = [0, 1].map((partition) => runGroup(input, { seed: "all", shard, partition }));
    const [first, second] = await Promise.all(runs);
    expect(openTable(first!)).toEqual(plainTable(input));
    expect(openTable(second!)).toEqual(openTable(first!));
    expect(second!.sender).not.toEqual(first!.sender);
  });
});

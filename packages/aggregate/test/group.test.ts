// The group-by on shares against a plain group-by.
import { randomWords } from "@halfroom/crypto";
import { seededRng } from "@halfroom/testkit";
import { decodeFrame, type BulkType, type Message } from "@halfroom/wire";
import { describe, expect, test } from "vitest";
import {
  LEAVES,
  openTable,
  plainTable,
  runGroup,
  runPrepared,
  type GroupCase,
  type GroupRun,
} from "./group-parties.ts";

let shards = 0;
const fresh = () => ({ seed: "all", shard: ++shards, partition: 0 });

async function expectPlainTable(input: GroupCase): Promise<GroupRun> {
  const run = await runGroup(input, fresh());
  expect(openTable(run)).toEqual(plainTable(input));
  return run;
}

describe.each(LEAVES)("both shares add up to the plain group-by, with leaves of %s,", (leaves) => {
  /** Random addends on both sides and random cells. */
  function randomCase(bins: number, cells: number, columns: number): GroupCase {
    const rng = seededRng(`${bins} bins, ${cells} cells, ${columns} columns`);
    return {
      leaves,
      cells,
      columns,
      sender: randomWords(rng, bins * columns * 2),
      receiver: randomWords(rng, bins * columns * 2),
      cellOf: randomWords(rng, bins).map((word) => word % cells),
    };
  }

  test.each([1, 2, 4, 8, 16, 32, 64, 128, 1024])("of %i cells", async (cells) => {
    await expectPlainTable(randomCase(133, cells, 2));
  });

  test.each([0, 1, 31, 32, 33, 1363])("of %i bins", async (bins) => {
    await expectPlainTable(randomCase(bins, 8, 2));
  });

  test.each([1, 2, 3, 4, 5, 6])("of %i columns", async (columns) => {
    await expectPlainTable(randomCase(95, 16, columns));
  });

  // Bins are worked on 128 at a time for 1,024 cells, 1,024 at a time for 128 cells.
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

  test("whatever the partition, each with leaves of its own", async () => {
    const input = randomCase(64, 4, 2);
    const shard = ++shards;
    const runs = [0, 1].map((partition) => runGroup(input, { seed: "all", shard, partition }));
    const [first, second] = await Promise.all(runs);
    expect(openTable(first!)).toEqual(plainTable(input));
    expect(openTable(second!)).toEqual(openTable(first!));
    expect(second!.sender).not.toEqual(first!.sender);
  });
});

test("groupings with slots, with trees and of a single cell over the same bins, with transfers prepared for them", async () => {
  const bins = 1030;
  const of = (cells: number, leaves: GroupCase["leaves"]): GroupCase => {
    return { ...randomAddends(bins), leaves, cells, columns: 1, cellOf: randomCells(bins, cells) };
  };
  const inputs = [of(128, "trees"), of(32, "slots"), of(1, "trees"), of(2, "trees"), of(16, "slots")];
  const runs = await runPrepared(inputs);
  expect(runs.map(openTable)).toEqual(inputs.map(plainTable));
  const sent = [...runs[0]!.log.sender, ...runs[0]!.log.receiver].filter(
    ({ direction }) => direction === "sent",
  );
  const types = new Set(sent.map(({ frame }) => decodeFrame(frame).message.type));
  expect(types).toEqual(new Set(["treeFlips", "treeCorrections", "leafCorrections"]));
});

describe("with slots", () => {
  const [bins, cells, bin, cell] = [95, 16, 40, 5];
  const honest = { ...randomAddends(bins), leaves: "slots", cells, columns: 1 } as const;
  const input: GroupCase = { ...honest, cellOf: randomCells(bins, cells).with(bin, cell) };

  /** What each cell has too much of, where `alter` changes the first message of this type. */
  async function excess(type: BulkType, alter: (data: Uint8Array) => void): Promise<bigint[]> {
    let altered = false;
    const run = await runGroup(input, fresh(), (ch) => {
      const send: typeof ch.send = async (message) => {
        if (message.type === type && !altered) {
          altered = true;
          alter((message as Message<BulkType>).data);
        }
        await ch.send(message);
      };
      return { recv: ch.recv.bind(ch), send } as typeof ch;
    });
    expect(altered).toBe(true);
    const plain = plainTable(input);
    return openTable(run).map((sum, i) => BigInt.asUintN(64, sum - plain[i]!));
  }

  const nonZero = (numbers: readonly bigint[]) =>
    numbers.flatMap((number, place) => (number === 0n ? [] : [place]));

  test("nothing is sent but flips and one correction for each bin and number", async () => {
    const { log } = await runGroup(input, fresh());
    const sent = [...log.sender, ...log.receiver]
      .filter(({ direction }) => direction === "sent")
      .map(({ frame }) => decodeFrame(frame).message)
      .filter(({ type }) => type !== "otCorrections") as Message<BulkType>[];
    expect(sent.map(({ type, data }) => [type, data.length])).toEqual([
      ["leafCorrections", 8 * bins],
      ["treeFlips", 4 * Math.ceil((bins * (cells - 1)) / 32)],
    ]);
  });

  // One more place, and with it the last: an odd number of leaves that the receiver lacks.
  test("a flip that is altered moves unknown numbers between the bin's cell, the flip's and the last, and no other", async () => {
    const flip = bin * (cells - 1) + 9;
    const moved = await excess("treeFlips", (data) => (data[flip >>> 3]! ^= 1 << (flip & 7)));
    expect(nonZero(moved)).toEqual([cell, 9, cells - 1]);
    expect(
      BigInt.asUintN(
        64,
        moved.reduce((sum, number) => sum + number),
      ),
    ).toBe(0n);
  });

  test("no flips make a bin without a hole: with none in its vector the last leaf is unknown", async () => {
    const flip = bin * (cells - 1) + cell;
    const moved = await excess("treeFlips", (data) => (data[flip >>> 3]! ^= 1 << (flip & 7)));
    // The receiver takes its own hole for unknown, adds all it has to the other cells, and has a wrong leaf in the last.
    expect(nonZero(moved)).toEqual([cell, cells - 1]);
    expect(BigInt.asUintN(64, moved[cell]! + moved[cells - 1]!)).toBe(0n);
  });

  test("a correction that is altered lands in the bin's cell", async () => {
    const moved = await excess("leafCorrections", (data) => (data[bin * 8 + 2]! ^= 1));
    expect(nonZero(moved)).toEqual([cell]);
    expect([1n << 16n, BigInt.asUintN(64, -(1n << 16n))]).toContain(moved[cell]);
  });
});

function randomAddends(bins: number): Pick<GroupCase, "sender" | "receiver"> {
  const rng = seededRng(`addends of ${bins} bins`);
  return { sender: randomWords(rng, bins * 2), receiver: randomWords(rng, bins * 2) };
}

function randomCells(bins: number, cells: number): Uint32Array {
  return randomWords(seededRng(`cells of ${bins} bins`), bins).map((word) => word % cells);
}

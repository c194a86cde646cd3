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

  test.each([
    [128, 1024],
    [300, 1024],
    [2085, 128],
  ])("of %i bins and %i cells, in batches", async (bins, cells) => {
    const { log } = await expectPlainTable(randomCase(bins, cells, 3));
    const types = log.receiver.map(({ frame }) => decodeFrame(frame).message.type);
    expect(types.filter((type) => type === "treeFlips")).toHaveLength(batches(bins, cells));
  });

  function batches(bins: number, cells: number): number {
    // Bins are worked on 128 at a time for 1,024 cells, 1,024 at a time for 128 cells.
    if (leaves !== "network") return Math.ceil((bins * cells) / 2 ** 17);
    // Columns of switches, and layers of moves by two bits each.
    const layers = (ofCells: number) => Math.ceil(Math.ceil(Math.log2(ofCells)) / 2);
    return 2 * Math.ceil(Math.log2(bins)) - 1 + layers(Math.min(bins, cells)) + layers(cells);
  }

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

test("groupings with slots, trees, a network and of a single cell over the same bins, with transfers prepared for them", async () => {
  const bins = 1030;
  const of = (cells: number, leaves: GroupCase["leaves"]): GroupCase => {
    return { ...randomAddends(bins), leaves, cells, columns: 1, cellOf: randomCells(bins, cells) };
  };
  const inputs = [
    of(128, "trees"),
    of(32, "slots"),
    of(1, "trees"),
    of(2, "trees"),
    of(16, "slots"),
    of(256, "network"),
  ];
  const runs = await runPrepared(inputs);
  expect(runs.map(openTable)).toEqual(inputs.map(plainTable));
  const sent = [...runs[0]!.log.sender, ...runs[0]!.log.receiver].filter(
    ({ direction }) => direction === "sent",
  );
  const types = new Set(sent.map(({ frame }) => decodeFrame(frame).message.type));
  expect(types).toEqual(new Set(["treeFlips", "treeCorrections", "leafCorrections"]));
});

type Alter = (data: Uint8Array) => Uint8Array | void;

/** A run in which `alter` changes the data of message number `which` of this type, or gives other data. */
async function altered(input: GroupCase, type: BulkType, alter: Alter, which = 0): Promise<GroupRun> {
  let seen = 0;
  const run = await runGroup(input, fresh(), (ch) => {
    const send: typeof ch.send = async (message) => {
      if (message.type !== type || seen++ !== which) return await ch.send(message);
      const { data } = message as Message<BulkType>;
      await ch.send({ ...message, data: alter(data) ?? data } as typeof message);
    };
    return { recv: ch.recv.bind(ch), send } as typeof ch;
  });
  expect(seen).toBeGreaterThan(which);
  return run;
}

/** What each cell has too much of. */
function excessOf(input: GroupCase, run: GroupRun): bigint[] {
  const plain = plainTable(input);
  return openTable(run).map((sum, i) => BigInt.asUintN(64, sum - plain[i]!));
}

const nonZero = (numbers: readonly bigint[]) =>
  numbers.flatMap((number, place) => (number === 0n ? [] : [place]));
const sumOf = (numbers: readonly bigint[]) =>
  BigInt.asUintN(
    64,
    numbers.reduce((sum, number) => sum + number, 0n),
  );

/** Type and length of all that is sent but for the transfers, by the sender and then by the receiver. */
function sentIn({ log }: GroupRun): (readonly [string, number])[] {
  const sent = [...log.sender, ...log.receiver]
    .filter(({ direction }) => direction === "sent")
    .map(({ frame }) => decodeFrame(frame).message)
    .filter(({ type }) => type !== "otCorrections") as Message<BulkType>[];
  return sent.map(({ type, data }) => [type, data.length] as const);
}

describe("with slots", () => {
  const [bins, cells, bin, cell] = [95, 16, 40, 5];
  const honest = { ...randomAddends(bins), leaves: "slots", cells, columns: 1 } as const;
  const input: GroupCase = { ...honest, cellOf: randomCells(bins, cells).with(bin, cell) };
  const excess = async (type: BulkType, alter: Alter) => excessOf(input, await altered(input, type, alter));

  test("nothing is sent but flips and one correction for each bin and number", async () => {
    expect(sentIn(await runGroup(input, fresh()))).toEqual([
      ["leafCorrections", 8 * bins],
      ["treeFlips", 4 * Math.ceil((bins * (cells - 1)) / 32)],
    ]);
  });

  // One more place, and with it the last: an odd number of leaves that the receiver lacks.
  test("a flip that is altered moves unknown numbers between the bin's cell, the flip's and the last, and no other", async () => {
    const flip = bin * (cells - 1) + 9;
    const moved = await excess("treeFlips", (data) => void (data[flip >>> 3]! ^= 1 << (flip & 7)));
    expect(nonZero(moved)).toEqual([cell, 9, cells - 1]);
    expect(sumOf(moved)).toBe(0n);
  });

  test("no flips make a bin without a hole: with none in its vector the last leaf is unknown", async () => {
    const flip = bin * (cells - 1) + cell;
    const moved = await excess("treeFlips", (data) => void (data[flip >>> 3]! ^= 1 << (flip & 7)));
    // The receiver takes its own hole for unknown, adds all it has to the other cells, and has a wrong leaf in the last.
    expect(nonZero(moved)).toEqual([cell, cells - 1]);
    expect(sumOf(moved)).toBe(0n);
  });

  test("a correction that is altered lands in the bin's cell", async () => {
    const moved = await excess("leafCorrections", (data) => void (data[bin * 8 + 2]! ^= 1));
    expect(nonZero(moved)).toEqual([cell]);
    expect([1n << 16n, BigInt.asUintN(64, -(1n << 16n))]).toContain(moved[cell]);
  });
});

describe("with a network", () => {
  const [bins, cells] = [95, 16];
  // Seven columns of switches that divide and six that join; two layers of moves by two bits that close up, and two that spread.
  const [close, spread] = [13, 15];
  const input: GroupCase = {
    ...randomAddends(bins),
    leaves: "network",
    cells,
    columns: 1,
    cellOf: randomCells(bins, cells),
  };
  const addition = [1n << 16n, BigInt.asUintN(64, -(1n << 16n))];

  test("a correction is sent for each gate, a bit for each of its choices but the last, and a correction for each bin", async () => {
    const sent = sentIn(await runGroup(input, fresh()));
    const lengths = (type: BulkType) => sent.flatMap(([each, length]) => (each === type ? [length] : []));
    expect(lengths("leafCorrections")).toEqual([8 * bins]);
    expect(lengths("treeCorrections").slice(close)).toEqual([8 * bins, 8 * bins, 8 * cells, 8 * cells]);
    // 95 x 7 - 128 + 1 switches.
    expect(
      lengths("treeCorrections")
        .slice(0, close)
        .reduce((sum, length) => sum + length),
    ).toBe(8 * 538);
    const words = (bits: number) => 4 * Math.ceil(bits / 32);
    const flips = [3 * bins, 3 * bins, 3 * cells, 3 * cells].map(words);
    expect(lengths("treeFlips").slice(close)).toEqual(flips);
  });

  test("pieces of 32,768 gates are sent one by one", async () => {
    const many = { ...randomAddends(33_000), cellOf: randomCells(33_000, 4) };
    const run = await expectPlainTable({ ...input, ...many, cells: 4 });
    const lengths = sentIn(run).flatMap(([type, length]) => (type === "treeFlips" ? [length] : []));
    // A layer that closes up and one that spreads, behind 31 columns of switches.
    expect(lengths.slice(31)).toEqual([(3 * 32_768) / 8, 4 * Math.ceil((3 * 232) / 32), 4]);
  });

  test("a correction of a move that is altered goes the way of its wire, as an addend does", async () => {
    for (const which of [close, close + 1, spread, spread + 1]) {
      const run = await altered(input, "treeCorrections", (data) => void (data[3 * 8 + 2]! ^= 1), which);
      const moved = excessOf(input, run);
      expect(nonZero(moved)).toHaveLength(1);
      expect(addition).toContain(sumOf(moved));
    }
  });

  test("a correction of a switch that is altered moves what the sender knows from one cell to another, if the switch exchanges", async () => {
    const alone = { ...input, cellOf: Uint32Array.from({ length: bins }, (_, bin) => bin % cells) };
    const moved: number[] = [];
    for (let which = 0; which < close; which++) {
      const run = await altered(alone, "treeCorrections", (data) => void (data[2]! ^= 1), which);
      const excess = excessOf(alone, run);
      expect(sumOf(excess)).toBe(0n);
      expect([0, 2]).toContain(nonZero(excess).length);
      for (const cell of nonZero(excess)) expect(addition).toContain(excess[cell]);
      moved.push(nonZero(excess).length);
    }
    expect(new Set(moved)).toEqual(new Set([0, 2]));
  });

  test("flips that are altered bring unknown numbers into play, and no bin twice: all cells together are what they were", async () => {
    for (const which of [0, 6, close, spread + 1]) {
      const run = await altered(input, "treeFlips", (data) => void (data[3]! ^= 64), which);
      const excess = excessOf(input, run);
      expect(nonZero(excess).length).toBeGreaterThan(0);
      // What they bring is no small number: it is a leaf that the receiver lacks.
      expect(nonZero(excess).every((cell) => BigInt.asUintN(32, excess[cell]! >> 24n) !== 0n)).toBe(true);
      expect(sumOf(excess)).toBe(0n);
    }
  });

  test.each([
    ["treeFlips", -4],
    ["treeFlips", 4],
    ["treeCorrections", -8],
    ["treeCorrections", 8],
  ] as const)("%s that are %i bytes too many end the session with `count`", async (type, more) => {
    const longer = (data: Uint8Array) => new Uint8Array(data.length + more);
    await expect(altered(input, type, longer, close)).rejects.toMatchObject({ code: "count" });
  });
});

function randomAddends(bins: number): Pick<GroupCase, "sender" | "receiver"> {
  const rng = seededRng(`addends of ${bins} bins`);
  return { sender: randomWords(rng, bins * 2), receiver: randomWords(rng, bins * 2) };
}

function randomCells(bins: number, cells: number): Uint32Array {
  return randomWords(seededRng(`cells of ${bins} bins`), bins).map((word) => word % cells);
}

// Networks against their definition in protocol-spec.md, section 12.2: every permutation, every grouping, and shares of what the wires carry.
import { FixedKeyAes, getBit, randomWords } from "@halfroom/crypto";
import { networkPieces, NetworkWires, routeNetwork, slotFlips } from "@halfroom/mpc";
import { seededRng } from "@halfroom/testkit";
import { describe, expect, test } from "vitest";
import { gateWires, networkSteps, type NetworkStep } from "../src/network/steps.ts";
import { columnsOf, routePermutation, switchCount, switchWires } from "../src/network/waksman.ts";
import { SESSION } from "./ot-parties.ts";

/** What wires carry behind the switches, if they carried their own numbers before. */
function permuted(wires: number, settings: readonly Uint8Array[]): number[] {
  const carried = Array.from({ length: wires }, (_, i) => i);
  for (const [i, column] of columnsOf(wires).entries()) {
    switchWires(wires, column).forEach((lower, j) => {
      const upper = lower + column.distance;
      if (settings[i]![j] === 1) [carried[lower], carried[upper]] = [carried[upper]!, carried[lower]!];
    });
  }
  return carried;
}

function permutationsOf(rest: readonly number[]): number[][] {
  if (rest.length === 0) return [[]];
  return rest.flatMap((first) =>
    permutationsOf(rest.filter((other) => other !== first)).map((others) => [first, ...others]),
  );
}

function shuffled(wires: number, seed: string): Uint32Array {
  const order = Array.from(randomWords(seededRng(seed), wires).entries());
  return Uint32Array.from(
    order.sort(([, a], [, b]) => a - b),
    ([i]) => i,
  );
}

describe("a permutation network", () => {
  test.each(Array.from({ length: 64 }, (_, i) => i + 1).concat([1362, 65_535, 65_536, 65_537, 90_127]))(
    "of %i wires has as many switches as Beauquier and Darrot say, none of which share a wire in a column",
    (wires) => {
      const levels = Math.ceil(Math.log2(wires));
      const columns = columnsOf(wires);
      const switches = columns.reduce((sum, column) => sum + switchCount(wires, column), 0);
      expect(switches).toBe(wires * levels - 2 ** levels + 1);
      for (const column of columns) {
        const lower = switchWires(wires, column);
        expect(lower).toHaveLength(switchCount(wires, column));
        const joined = [...lower].flatMap((wire) => [wire, wire + column.distance]);
        expect(new Set(joined).size).toBe(2 * lower.length);
        expect(Math.max(0, ...lower.map((wire) => wire + column.distance).slice(-1))).toBeLessThan(wires);
      }
    },
  );

  test.each([1, 2, 3, 4, 5, 6, 7])("of %i wires reaches every permutation", (wires) => {
    for (const source of permutationsOf(Array.from({ length: wires }, (_, i) => i)))
      expect(permuted(wires, routePermutation(Uint32Array.from(source)))).toEqual(source);
  });

  test.each(Array.from({ length: 64 }, (_, i) => i + 1).concat([1362, 16_384, 90_127]))(
    "of %i wires reaches random permutations, the reverse and none at all",
    (wires) => {
      const own = Uint32Array.from({ length: wires }, (_, i) => i);
      const sources = [own, own.slice().reverse(), ...[1, 2, 3].map((i) => shuffled(wires, `${wires} ${i}`))];
      for (const source of sources) expect(permuted(wires, routePermutation(source))).toEqual([...source]);
    },
  );
});

/** Where a gate takes a wire. */
function target({ kind, distance }: NetworkStep, wire: number, choice: number): number {
  return kind === "close" ? wire - choice * distance : wire + choice * distance;
}

/** What the gates do to plain numbers, whatever they choose: the cells, and what fell off the wires. */
function passed(
  numbers: readonly number[],
  cells: number,
  choices: readonly Uint8Array[],
): { table: number[]; lost: number } {
  let carried = [...numbers];
  let lost = 0;
  for (const [i, step] of networkSteps(numbers.length, cells).entries()) {
    const wires = gateWires(numbers.length, cells, step);
    expect(wires).toHaveLength(step.gates);
    if (step.kind === "divide" || step.kind === "join") {
      wires.forEach((lower, j) => {
        const upper = lower + step.distance;
        if (choices[i]![j] === 1) [carried[lower], carried[upper]] = [carried[upper]!, carried[lower]!];
      });
      continue;
    }
    if (step.kind === "spread") carried = modulo(carried, cells);
    const moved = carried.map(() => 0);
    wires.forEach((wire, j) => {
      const to = target(step, wire, choices[i]![j]!);
      if (to in moved) moved[to]! += carried[wire]!;
      else lost += carried[wire]!;
    });
    // What no gate takes on holds nothing.
    const gated = new Set(wires);
    expect(carried.every((number, wire) => number === 0 || gated.has(wire))).toBe(true);
    carried = moved;
  }
  return { table: carried, lost };
}

function modulo(numbers: readonly number[], cells: number): number[] {
  const sums = Array.from({ length: cells }, () => 0);
  for (const [i, number] of numbers.entries()) sums[i % cells]! += number;
  return sums;
}

const SIZES = [
  [1, 2],
  [2, 2],
  [3, 2],
  [37, 2],
  [1, 128],
  [5, 128],
  [100, 128],
  [128, 128],
  [129, 128],
  [700, 128],
  [700, 64],
  [1363, 4096],
  [5000, 1024],
] as const;

/** Groupings of so many bins. */
const GROUPINGS: Readonly<Record<string, (bins: number, cells: number) => ArrayLike<number>>> = {
  "random cells": (bins, cells) =>
    randomWords(seededRng(`${bins} ${cells}`), bins).map((word) => word % cells),
  "the first cell alone": (bins) => new Uint32Array(bins),
  "the last cell alone": (bins, cells) => new Uint32Array(bins).fill(cells - 1),
  "the first and the last": (bins, cells) =>
    Uint32Array.from({ length: bins }, (_, i) => (i % 3 === 0 ? cells - 1 : 0)),
  "as many cells as there are bins, from the last down": (bins, cells) =>
    Uint32Array.from({ length: bins }, (_, i) => cells - 1 - (i % cells)),
  "the upper half": (bins, cells) =>
    randomWords(seededRng("half"), bins).map((word) => cells / 2 + (word % (cells / 2))),
  "one cell that has nearly all": (bins, cells) =>
    randomWords(seededRng("most"), bins).map((word) => (word % 16 === 0 ? word % cells : cells >>> 1)),
};

describe.each(SIZES)("a network of %i bins and %i cells", (bins, cells) => {
  const numbers = Array.from({ length: bins }, (_, i) => i + 1);

  test.each(Object.entries(GROUPINGS))("takes each bin to its cell: %s", (_, of) => {
    const cellOf = Uint32Array.from(of(bins, cells));
    const plain = Array.from({ length: cells }, () => 0);
    for (const [bin, cell] of cellOf.entries()) plain[cell]! += numbers[bin]!;
    expect(passed(numbers, cells, routeNetwork(cellOf, cells))).toEqual({ table: plain, lost: 0 });
  });

  test("has nothing twice, whatever its gates choose", () => {
    const rng = seededRng(`any choice ${bins} ${cells}`);
    const choices = networkSteps(bins, cells).map(({ gates, places }) =>
      Uint8Array.from(randomWords(rng, gates), (word) => word % places),
    );
    // The gates of `spread` that nothing can have reached are left out, so no choice brings anything to a wire without one.
    const { table, lost } = passed(numbers, cells, choices);
    expect(table.reduce((sum, number) => sum + number, lost)).toBe((bins * (bins + 1)) / 2);
  });

  test("is worked on in pieces of 32,768 gates", () => {
    const pieces = networkPieces(bins, cells);
    const steps = networkSteps(bins, cells);
    expect(pieces.every(({ count, start }) => count > 0 && start % 32_768 === 0)).toBe(true);
    for (const [i, { gates, places }] of steps.entries()) {
      const own = pieces.filter(({ step }) => step === i);
      expect(own.reduce((sum, { count }) => sum + count, 0)).toBe(gates);
      expect(own.every(({ count, transfers }) => transfers === count * (places - 1))).toBe(true);
    }
  });
});

test("a network without bins has no gates", () => {
  expect([networkSteps(0, 64), networkPieces(0, 64), routeNetwork(new Uint32Array(0), 64)]).toEqual([
    [],
    [],
    [],
  ]);
});

describe("shares", () => {
  const hash = new FixedKeyAes("aggregate/network", SESSION, 0, 0);
  const stretch = new FixedKeyAes("aggregate/stretch", SESSION, 0, 0);
  const wrap = (value: bigint) => BigInt.asUintN(64, value);
  const numbers = (words: Uint32Array) => [...new BigUint64Array(words.slice().buffer)];
  const xor = (a: Uint32Array, b: Uint32Array) => a.map((word, i) => word ^ b[i]!);

  /** Both sides of a network with transfers that a dealer makes. */
  function run(bins: number, cells: number, columns: number) {
    const rng = seededRng(`wires ${bins} ${cells} ${columns}`);
    const cellOf = randomWords(rng, bins).map((word) => word % cells);
    const route = routeNetwork(cellOf, cells);
    const delta = randomWords(rng, 4);
    const [sender, receiver] = [0, 1].map(() => new NetworkWires({ bins, cells, columns }, hash, stretch));
    const masks = sender!.mask(delta);
    const pieces = networkPieces(bins, cells).map((piece) => {
      const { step, start, count, transfers } = piece;
      const own = new Uint32Array(route[step]!.subarray(start, start + count));
      const rows = randomWords(rng, transfers * 4);
      const choices = randomWords(rng, Math.ceil(transfers / 32));
      const chosen = rows.map((word, i) => word ^ (-getBit(choices, i >>> 2) & delta[i & 3]!));
      const flips = slotFlips(own, choices, transfers / count + 1);
      const corrections = sender!.correct(piece, { rows, delta }, flips);
      const sent = numbers(corrections);
      receiver!.follow(piece, chosen, own, corrections);
      return { ...piece, rows, flips, sent };
    });
    const tables = [numbers(sender!.table), numbers(receiver!.table)] as const;
    return { cellOf, delta, masks: numbers(masks), pieces, tables };
  }

  test.each([
    [1, 2, 1],
    [7, 4, 2],
    [133, 128, 1],
    [133, 128, 5],
    [33_000, 8, 2],
    [1363, 4096, 3],
  ])("of %i bins, %i cells and %i columns add up to minus the masks of each cell", (bins, cells, columns) => {
    const { cellOf, masks, tables } = run(bins, cells, columns);
    const plain = Array.from({ length: cells * columns }, () => 0n);
    for (const [i, mask] of masks.entries()) {
      const at = cellOf[Math.floor(i / columns)]! * columns + (i % columns);
      plain[at] = wrap(plain[at]! - mask);
    }
    expect(tables[0].map((share, i) => wrap(share + tables[1][i]!))).toEqual(plain);
    expect(new Set(masks).size).toBe(bins * columns);
  });

  test("of the sender, and its masks and corrections, are what section 12.2 says", () => {
    const [bins, cells, columns] = [7, 16, 3];
    const { delta, masks, pieces, tables } = run(bins, cells, columns);
    let leaf = 0;
    const nextLeaf = (key: Uint32Array) =>
      numbers(stretch.columnWords(hash.tweakedHash(key, leaf++), columns));
    const add = (a: readonly bigint[], b: readonly bigint[], sign = 1n) =>
      a.map((number, i) => wrap(number + sign * b[i]!));
    const zero = Array.from({ length: columns }, () => 0n);
    const rho = Array.from({ length: bins }, () => nextLeaf(delta));
    expect(masks).toEqual(rho.flat());
    let wires = rho.map((mask) => add(zero, mask, -1n));
    const steps = networkSteps(bins, cells);
    // Each step is one piece here.
    expect(pieces).toHaveLength(steps.length);
    for (const [i, step] of steps.entries()) {
      const { rows, flips, sent } = pieces[i]!;
      if (step.kind === "spread" && wires.length < cells)
        wires = Array.from({ length: cells }, (_, wire) => wires[wire] ?? zero);
      const moved = wires.map(() => zero);
      const corrections = [...gateWires(bins, cells, step)].flatMap((wire, gate) => {
        const keys = Array.from({ length: step.places - 1 }, (_, place) => {
          const at = gate * (step.places - 1) + place;
          const row = rows.slice(at * 4, at * 4 + 4);
          return getBit(flips, at) === 1 ? xor(row, delta) : row;
        });
        const leaves = [...keys, keys.reduce(xor, delta)].map(nextLeaf);
        const sum = leaves.reduce((all, each) => add(all, each), zero);
        if (step.kind === "divide" || step.kind === "join") {
          const upper = wire + step.distance;
          const correction = add(add(wires[upper]!, wires[wire]!, -1n), sum);
          wires[wire] = add(wires[wire]!, leaves[1]!, -1n);
          wires[upper] = add(wires[upper]!, leaves[1]!);
          return correction;
        }
        leaves.forEach((each, choice) => {
          const to = target(step, wire, choice);
          if (to in moved) moved[to] = add(moved[to]!, each, -1n);
        });
        return add(wires[wire]!, sum);
      });
      expect(sent).toEqual(corrections);
      if (step.kind === "close" || step.kind === "spread") wires = moved;
    }
    expect(tables[0]).toEqual(wires.flat());
  });
});

// Exponents between neighbouring sizes, of runs whose cost is a known power of the people.
import { expect, test } from "vitest";
import type { BenchRun } from "../src/result.ts";
import { growthOf } from "../src/sessions/growth.ts";

function run(people: number, warm: boolean, cost: (people: number) => number, sender = people): BenchRun {
  return {
    senderPeople: sender,
    receiverPeople: people,
    cells: 64,
    measures: 1,
    warm,
    stages: [],
    seconds: cost(people),
    cpuSeconds: cost(people) * people,
    rowsPerCoreSecond: 1,
    bytesPerRow: 1,
    peakMemoryBytes: { sender: 1, receiver: 1 },
    load: 0,
  };
}

test("of equal sets, cold and warm by themselves, whatever their order", () => {
  const square = (people: number) => people ** 2;
  const root = (people: number) => Math.sqrt(people);
  const growth = growthOf([
    run(1000, false, square),
    run(100, false, square),
    run(1000, true, root),
    run(10, true, root),
    run(500, false, square, 7),
  ]);
  expect(growth.map(({ warm, from, to }) => [warm, from, to])).toEqual([
    [false, 100, 1000],
    [true, 10, 1000],
  ]);
  expect(growth[0]!.seconds).toBeCloseTo(2);
  expect(growth[0]!.cpuSeconds).toBeCloseTo(3);
  expect(growth[1]!.seconds).toBeCloseTo(0.5);
});

test("by cells and by measures, where nothing else differs", () => {
  const of = (cells: number, measures: number, people = 100) => ({
    ...run(people, false, () => cells * measures ** 2),
    cells,
    measures,
  });
  const growth = growthOf([of(64, 1), of(8192, 1), of(1024, 1), of(64, 4), of(8192, 1, 300)]);
  expect(growth.map(({ by, from, to, seconds }) => [by, from, to, Math.round(seconds * 100) / 100])).toEqual([
    ["people", 100, 300, 0],
    ["cells", 64, 1024, 1],
    ["cells", 1024, 8192, 1],
    ["measures", 1, 4, 2],
  ]);
});

test("of one size there is none", () => {
  expect(growthOf([run(100, false, Number), run(100, true, Number)])).toEqual([]);
});

// Exponents between neighbouring sizes, of runs whose cost is a known power of the people.
import { expect, test } from "vitest";
import { growthOf } from "../src/sessions/growth.ts";
import { runOf } from "./run-of.ts";

function run(people: number, warm: boolean, cost: (people: number) => number, sender = people) {
  return runOf({
    senderPeople: sender,
    receiverPeople: people,
    warm,
    seconds: cost(people),
    cpuSeconds: cost(people) * people,
    bytesPerRow: cost(people) * people,
  });
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
  // Of all bytes, not of those of a row.
  expect(growth[0]!.bytes).toBeCloseTo(4);
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

test("runs of other transfers or over another line are not compared", () => {
  const link = { rttMs: 80, mbit: 100, lossPercent: 0 };
  const of = (people: number, changes: object) => ({ ...run(people, false, Number), ...changes });
  const growth = growthOf([
    of(100, {}),
    of(200, { transfers: "silent" }),
    of(400, { link }),
    of(800, { link, transfers: "silent" }),
    of(1600, { transfers: "silent" }),
  ]);
  expect(growth.map(({ transfers, link: line, from, to }) => [transfers, line, from, to])).toEqual([
    ["silent", undefined, 200, 1600],
  ]);
});

test("of one size there is none", () => {
  expect(growthOf([run(100, false, Number), run(100, true, Number)])).toEqual([]);
});

import { expect, test } from "vitest";
import { flatness } from "./flat.ts";

const series = (value: (i: number) => number) => Array.from({ length: 100 }, (_, i) => value(i));
const wobble = (i: number) => ((i * 7919) % 13) - 6;

test("what stays the same is flat, also with noise and after a beginning that rises", () => {
  expect(flatness(series(() => 200))).toEqual({ level: 200, rise: 0 });
  expect(Math.abs(flatness(series((i) => 200 + wobble(i))).rise)).toBeLessThan(0.02);
  expect(Math.abs(flatness(series((i) => Math.min(200, 100 + 4 * i))).rise)).toBeLessThan(0.001);
});

test("what grows is not, and by how much it grows over the later half is said", () => {
  expect(flatness(series((i) => 200 + 0.4 * i)).rise).toBeCloseTo((0.4 * 49) / (200 + 0.4 * 75), 5);
  expect(flatness(series((i) => 200 + 0.4 * i + wobble(i))).rise).toBeGreaterThan(0.05);
});

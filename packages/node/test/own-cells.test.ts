// Which reports could show nothing, as their own side knows before it tells anybody a size.
import type { SessionData, Terms } from "@halfroom/session";
import { exactSums } from "@halfroom/testkit";
import { expect, test } from "vitest";
import { tooSmallToOpen } from "../src/policy/own-cells.ts";

const EXACT = exactSums({ groupBy: ["campaign"], measures: [], threshold: 100, otK: 4 });
const NOISY: Terms = {
  ...EXACT,
  release: {
    mode: "noise",
    mechanism: "laplace",
    microEpsilon: 1_000_000,
    deltaExponent: 6,
    weights: { people: 1, measures: [] },
  },
};

const receiver = (...cells: number[]) =>
  ({
    role: "receiver",
    people: {
      people: cells.reduce((sum, each) => sum + each, 0),
      partitions: [{ base: Uint32Array.from(cells) }],
    },
  }) as unknown as SessionData;

const sender = (...categories: number[]) =>
  ({
    role: "sender",
    people: {
      people: categories.reduce((sum, each) => sum + each, 0),
      base: Uint32Array.from(categories),
    },
  }) as unknown as SessionData;

test.each([
  ["a cell right at the threshold", receiver(99, 100), NOISY, true],
  ["all cells below it", receiver(99, 99), NOISY, false],
  ["no cell", receiver(), NOISY, false],
  ["exact: as many who match as who do not", receiver(200, 5), EXACT, true],
  ["exact: one person short", receiver(199, 199), EXACT, false],
  ["exact: small cells with a total over them", receiver(150, 150), { ...EXACT, totals: true }, true],
  ["two match keys", receiver(399, 20), { ...EXACT, match: [EXACT.match[0]!, EXACT.match[0]!] }, false],
  ["a category of the sender", sender(100, 20), NOISY, true],
  ["small categories of the sender", sender(60, 60), NOISY, false],
  ["a sender without categories", sender(), NOISY, false],
])("%s", (_, data, terms, opens) => {
  expect(tooSmallToOpen(data, terms) === undefined).toBe(opens);
});

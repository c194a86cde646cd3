import { GroupPool } from "@halfroom/crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runRandomCases } from "./random-cases.ts";

let pool: GroupPool;
beforeAll(async () => {
  pool = await GroupPool.open(0);
});
afterAll(() => pool.close());

test("200 random cases equal the plain join", async () => {
  const outcomes = await runRandomCases(200, pool);
  // The cases include every common kind, or equality would say little; corner-cases.test.ts has the rare ones, such as sums
  // beyond 2^53.
  const cells = outcomes.flatMap(({ released }) => released);
  expect(outcomes.some(({ released, suppressed }) => released.length > 0 && suppressed > 0)).toBe(true);
  expect(outcomes.some(({ released }) => released.length === 0)).toBe(true);
  expect(outcomes.some(({ released, suppressed }) => released.length + suppressed > 64)).toBe(true);
  expect(cells.some(({ sums }) => sums.some((sum) => sum !== undefined && sum < 0n))).toBe(true);
  expect(cells.some(({ sums }) => sums.includes(undefined))).toBe(true);
});

import { GroupPool } from "@halfroom/crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runRandomCases } from "./random-cases.ts";

let pool: GroupPool;
beforeAll(async () => {
  pool = await GroupPool.open(0);
});
afterAll(() => pool.close());

test("15 random cases equal the plain join", async () => {
  const outcomes = await runRandomCases(15, pool);
  // Which kinds of cases are among so few is chance; the slow sibling and corner-cases.test.ts see to each.
  expect(outcomes.some(({ released }) => released.length > 0)).toBe(true);
});

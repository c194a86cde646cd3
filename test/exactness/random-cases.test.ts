import { GroupPool } from "@halfroom/crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runRandomCases } from "./random-cases.ts";

const BATCHES_MAX = 10;

let pool: GroupPool;
beforeAll(async () => {
  pool = await GroupPool.open(0);
});
afterAll(() => pool.close());

test("15 random cases equal the plain join", async () => {
  // Which kinds of cases are among so few is chance; the slow sibling and corner-cases.test.ts see to each. Those in which nothing opens prove
  // little, and so there are others if that is all of them.
  let opened = 0;
  for (let batch = 0; opened === 0 && batch < BATCHES_MAX; batch++) {
    const outcomes = await runRandomCases(15, pool);
    opened = outcomes.reduce((sum, { released }) => sum + released.length, 0);
  }
  expect(opened).toBeGreaterThan(0);
});

// Random pairs of hostile files (design section 7: equal to the plain SQL join, always), through real files and the real
// prepare step. A failure prints seed and path; give both to `fc.assert` to see the case again.
import { GroupPool } from "@halfroom/crypto";
import { caseArbitrary, withCsvFiles, type ExactRelease, type JoinCase } from "@halfroom/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { caseTerms, expectPlainJoin } from "./against-oracle.ts";

const CASES = 200;

let pool: GroupPool;
beforeAll(async () => {
  pool = await GroupPool.open(0);
});
afterAll(() => pool.close());

async function check(joinCase: JoinCase, otK: 4 | 8): Promise<ExactRelease> {
  return await withCsvFiles(joinCase, (files) =>
    expectPlainJoin(files, caseTerms(joinCase, otK), pool, joinCase.senderCsv),
  );
}

test(`${CASES} random cases equal the plain join`, async () => {
  const outcomes: ExactRelease[] = [];
  const property = fc.asyncProperty(caseArbitrary, fc.constantFrom(4, 4, 4, 8), async (joinCase, otK) => {
    outcomes.push(await check(joinCase, otK as 4 | 8));
  });
  // A case takes most of a second, so none is shrunk.
  await fc.assert(property, { numRuns: CASES, endOnFailure: true });

  // The cases are of every common kind, or equality would say little; corner-cases.test.ts has the rare ones, such as sums
  // past 2^53.
  const cells = outcomes.flatMap(({ released }) => released);
  expect(outcomes.some(({ released, suppressed }) => released.length > 0 && suppressed > 0)).toBe(true);
  expect(outcomes.some(({ released }) => released.length === 0)).toBe(true);
  expect(outcomes.some(({ released, suppressed }) => released.length + suppressed > 64)).toBe(true);
  expect(cells.some(({ sums }) => sums.some((sum) => sum !== undefined && sum < 0n))).toBe(true);
  expect(cells.some(({ sums }) => sums.includes(undefined))).toBe(true);
});

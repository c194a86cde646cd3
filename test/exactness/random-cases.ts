// Random pairs of hostile files, always equal to the plain SQL join (design section 7), through real files and the real
// prepare step. A failure prints seed and path; pass both to `fc.assert` to repeat the case.
import type { GroupPool } from "@halfroom/crypto";
import { caseArbitrary, withCsvFiles, type ExactRelease, type JoinCase } from "@halfroom/testkit";
import fc from "fast-check";
import { caseTerms, expectPlainJoin } from "./against-oracle.ts";

/** Runs `count` sessions; each must equal the plain join. */
export async function runRandomCases(count: number, pool: GroupPool): Promise<ExactRelease[]> {
  const check = async (joinCase: JoinCase, otK: 4 | 8): Promise<ExactRelease> =>
    await withCsvFiles(joinCase, (files) =>
      expectPlainJoin(files, caseTerms(joinCase, otK), pool, joinCase.senderCsv),
    );
  const outcomes: ExactRelease[] = [];
  const property = fc.asyncProperty(caseArbitrary, fc.constantFrom(4, 4, 4, 8), async (joinCase, otK) => {
    outcomes.push(await check(joinCase, otK as 4 | 8));
  });
  // A case takes most of a second, so cases are not shrunk.
  await fc.assert(property, { numRuns: count, endOnFailure: true });
  return outcomes;
}

// A whole session on two CSV files, held against the plain join of the same files, to the unit.
import type { GroupPool } from "@halfroom/crypto";
import { exactSums, type ReportTerms } from "@halfroom/node";
import { plainJoin, preparePair, resultOf, runPair, type JoinCase, type OracleCell } from "@halfroom/testkit";
import { expect } from "vitest";

export interface Files {
  readonly sender: string;
  readonly receiver: string;
}

export interface Outcome {
  readonly released: readonly OracleCell[];
  readonly suppressed: number;
}

export function caseTerms(
  { measures, groupBy, threshold }: Omit<JoinCase, "senderCsv" | "receiverCsv">,
  otK: 4 | 8 = 4,
): ReportTerms {
  return exactSums({ measures, groupBy, threshold, otK });
}

/** What the plain join says must be released, and how many cells must not. */
async function expectedOutcome(files: Files, terms: ReportTerms): Promise<Outcome> {
  const all = await plainJoin(files.sender, files.receiver, {
    ...terms,
    groupBy: terms.partitions[0]!,
    threshold: 0,
  });
  const released = all.filter(({ people }) => people >= terms.threshold);
  return { released, suppressed: all.length - released.length };
}

/** Runs prepare and both roles, and fails unless both sides' tables are exactly the plain join's. */
export async function expectPlainJoin(
  files: Files,
  terms: ReportTerms,
  pool: GroupPool,
  seed: string,
): Promise<Outcome> {
  const expected = await expectedOutcome(files, terms);
  const data = await preparePair(files, terms);
  const ended = await runPair({ data, terms, pool, seed });
  const [ofSender, ofReceiver] = [resultOf(ended.sender).table, resultOf(ended.receiver).table];
  expect(ofReceiver.cells).toEqual(expected.released);
  expect(ofReceiver.suppressed).toBe(expected.suppressed);
  expect(ofReceiver.cellsTotal).toBe(expected.released.length + expected.suppressed);
  expect(ofSender.cells).toEqual(expected.released);
  expect([ofSender.suppressed, ofSender.cellsTotal]).toEqual([undefined, undefined]);
  return expected;
}

// A whole session on two CSV files, compared with the plain join of the same files, to the unit.
import type { GroupPool } from "@halfroom/crypto";
import {
  exactRelease,
  type ExactRelease,
  exactSums,
  type JoinCase,
  plainJoin,
  preparePair,
  resultOf,
  runPair,
  type SessionSetup,
} from "@halfroom/testkit";
import { ROLES } from "@halfroom/mpc";
import { type Terms } from "@halfroom/session";
import { expect } from "vitest";

export interface Files {
  readonly sender: string;
  readonly receiver: string;
}

export function caseTerms(
  { measures, groupBy, threshold }: Omit<JoinCase, "senderCsv" | "receiverCsv">,
  otK: 4 | 8 = 4,
): Terms {
  return exactSums({ measures, groupBy, threshold, otK });
}

/** Runs prepare and both roles, and fails unless both tables are exactly the part of the plain join that may be opened. */
export async function expectPlainJoin(
  files: Files,
  terms: Terms,
  pool: GroupPool,
  seed: string,
  roundPeopleTo: NonNullable<SessionSetup["roundPeopleTo"]> = {},
): Promise<ExactRelease> {
  const query = { measures: terms.measures, groupBy: terms.partitions[0]! };
  const expected = exactRelease(await plainJoin(files.sender, files.receiver, query), terms);
  const data = await preparePair(files, terms);
  const ended = await runPair({ data, terms, pool, seed, roundPeopleTo });
  const { content } = resultOf(ended.sender).signed.agreement;
  for (const role of ROLES)
    expect(content[role].people).toBe(rounded(data[role].people, roundPeopleTo[role]));
  const [ofSender, ofReceiver] = [resultOf(ended.sender).table, resultOf(ended.receiver).table];
  expect(ofReceiver.cells).toEqual(expected.released);
  expect(ofReceiver.suppressed).toBe(expected.suppressed);
  expect(ofReceiver.cellsTotal).toBe(expected.released.length + expected.suppressed);
  expect(ofSender.cells).toEqual(expected.released);
  expect([ofSender.suppressed, ofSender.cellsTotal]).toEqual([undefined, undefined]);
  return expected;
}

/** `people` up to a multiple of `to`, one at least. */
function rounded(people: number, to: number | undefined): number {
  return to === undefined ? people : to * Math.max(1, Math.ceil(people / to));
}

// The recorded sessions, run again: both roles together give every recorded frame, byte for byte; each role alone, fed the
// other's recorded frames, sends its own recorded frames. README.md describes the files.
import { readdirSync, readFileSync } from "node:fs";
import { GroupPool } from "@halfroom/crypto";
import { encodeReceipt, noiseComplaint, refusal, verifyReceipt } from "@halfroom/session";
import { replayFrames, runRole, withCsvFiles } from "@halfroom/testkit";
import type { ReleasedCell } from "@halfroom/report";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blockNoise } from "./block-noise.ts";
import { INPUTS } from "./inputs.ts";
import { expectedCells, plainOf, plainTotals, type Plain, type ReportedCell } from "./plain.ts";
import { recordVector, sentBy, setupOf, textsOf, type RecordedSession } from "./vector.ts";

let pool: GroupPool;
beforeAll(async () => {
  pool = await GroupPool.open(0);
});
afterAll(() => pool.close());

test("there is a file for each session, and no other", () => {
  const files = readdirSync(new URL(".", import.meta.url)).filter((file) => file.endsWith(".json"));
  expect(files.toSorted()).toEqual(INPUTS.map(({ name }) => `${name}.json`).toSorted());
});

describe.each(INPUTS)("$name", (input) => {
  const { terms } = input;
  const recorded = JSON.parse(readFileSync(new URL(`${input.name}.json`, import.meta.url), "utf8"));
  let again: RecordedSession;
  let plain: Plain;
  beforeAll(async () => {
    again = await recordVector(input, pool);
    plain = await withCsvFiles(recorded, (files) => plainOf(files, terms));
  });

  test("is of terms that a node takes", () => {
    const people = { sender: again.data.sender.people, receiver: again.data.receiver.people };
    expect(refusal(terms, people)).toBeUndefined();
    if (terms.release.mode === "noise") expect(noiseComplaint(terms)).toBeUndefined();
  });

  test("both roles together: inputs, pseudonyms, agreement, frames, noise and reports are the recorded ones", () => {
    const { frames, ...rest } = JSON.parse(JSON.stringify(again.vector));
    const { frames: recordedFrames, ...recordedRest } = recorded;
    expect(rest).toEqual(recordedRest);
    expect(frames).toEqual(recordedFrames);
  });

  test.each(["sender", "receiver"] as const)("the %s alone, against the recorded partner", async (role) => {
    const partner = again.frames.filter(({ from }) => from !== role);
    const frames = replayFrames(partner.map(({ bytes }) => new Uint8Array(bytes)));
    const ended = await runRole(setupOf(input, again.data, pool), role, frames);
    if ("error" in ended) throw ended.error;
    const sent = frames.sent.map((bytes) => ({ from: role, bytes }));
    expect(sentBy(role, sent)).toEqual(sentBy(role, again.frames));
    expect(ended.result.report).toEqual(again.results[role].report);
  });

  test("both have the same receipt, which anybody can check", () => {
    const { sender, receiver } = again.results;
    verifyReceipt(sender.receipt);
    expect(encodeReceipt(receiver.receipt)).toEqual(encodeReceipt(sender.receipt));
  });

  test("who gets the result", () => {
    for (const role of ["sender", "receiver"] as const) {
      const gets = terms.resultTo === "both" || terms.resultTo === role;
      expect(again.results[role].report !== undefined).toBe(gets);
    }
  });

  test("the report is what may be opened of the plain join, with the recorded noise", () => {
    const expected = expectedCells(plain, terms, blockNoise(again, input));
    for (const { report } of Object.values(again.results)) {
      if (report === undefined) continue;
      if (terms.totals) {
        expectPartOf(report.partitions[0]!.cells, expected[0]!);
        expect(report.partitions[0]!.totals!.map(reported)).toEqual(plainTotals(plain));
      } else {
        expect(report.partitions.map(({ cells }) => cells.map(reported))).toEqual(expected);
      }
    }
  });
});

function reported({ labels, people, sums, squares = [], base }: ReleasedCell): ReportedCell {
  return { labels, numbers: textsOf([people, ...sums, ...squares, ...(base === undefined ? [] : [base])]) };
}

/** With totals, some cells that would open without them stay closed, and no number differs. */
function expectPartOf(cells: readonly ReleasedCell[], expected: readonly ReportedCell[]): void {
  const numbersOf = (all: readonly ReportedCell[]) =>
    all.flatMap(({ labels, numbers }) => numbers.map((number, i) => `${labels.join("|")} ${i} ${number}`));
  const open = (all: readonly ReportedCell[]) => numbersOf(all).filter((text) => !text.endsWith("null"));
  const shown = open(cells.map(reported));
  expect(open(expected)).toEqual(expect.arrayContaining(shown));
  expect(shown.length).toBeGreaterThan(0);
  expect(shown.length).toBeLessThan(open(expected).length);
}

// The recorded sessions, run again: both roles together give every recorded frame, byte for byte; each role alone, told
// what the other one said, says what it said then. README.md describes the files.
import { readFileSync } from "node:fs";
import { GroupPool } from "@halfroom/crypto";
import { exactRelease, plainJoin, replayFrames, resultOf, runRole, withCsvFiles } from "@halfroom/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { INPUTS } from "./inputs.ts";
import { cellTexts, recordVector, seedOf, type RecordedSession } from "./vector.ts";

let pool: GroupPool;
beforeAll(async () => {
  pool = await GroupPool.open(0);
});
afterAll(() => pool.close());

describe.each(INPUTS)("$name", (input) => {
  const recorded = JSON.parse(readFileSync(new URL(`${input.name}.json`, import.meta.url), "utf8"));
  let again: RecordedSession;
  beforeAll(async () => {
    again = await recordVector(input, pool);
  });

  test("both roles together: inputs, pseudonyms, session, frames and table are the recorded ones", () => {
    const { frames, ...rest } = JSON.parse(JSON.stringify(again.vector));
    const { frames: recordedFrames, ...recordedRest } = recorded;
    expect(rest).toEqual(recordedRest);
    expect(frames).toEqual(recordedFrames);
  });

  test.each(["sender", "receiver"] as const)("the %s alone, against the recorded partner", async (role) => {
    const bytesOf = (own: boolean) =>
      again.frames.filter(({ from }) => (from === role) === own).map(({ bytes }) => new Uint8Array(bytes));
    const frames = replayFrames(bytesOf(false));
    const setup = { data: again.data, terms: input.terms, pool, seed: seedOf(input) };
    const { table } = resultOf(await runRole(setup, role, frames));
    expect(frames.sent).toEqual(bytesOf(true));
    expect(cellTexts(table.cells)).toEqual(recorded.table.cells);
  });

  test("the recorded table is what may be opened of the plain join of the recorded files", async () => {
    const join = await withCsvFiles(recorded, ({ sender, receiver }) =>
      plainJoin(sender, receiver, { ...input.terms, groupBy: input.terms.partitions[0]! }),
    );
    expect(cellTexts(exactRelease(join, input.terms).released)).toEqual(recorded.table.cells);
  });
});

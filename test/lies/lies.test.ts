// A partner that lies consistently, so that both transcripts hold the lie: the honest side keeps no number that it can see to be wrong,
// fails with codes of the protocol alone, and ends. `npm run lies` plays as many as one likes.
import { expect, test } from "vitest";
import { play } from "./play.ts";
import { playRelease } from "./release.ts";

test("releases with a liar: 200 lies, of which some are kept and some are not", async () => {
  const ends = new Set<string>();
  for (let i = 0; i < 200; i++) {
    const { end, fault, ...about } = await playRelease(`quick ${i}`);
    expect(fault, JSON.stringify(about)).toBeUndefined();
    ends.add(end);
  }
  for (const end of ["kept", "impossible", "commitment"]) expect(ends).toContain(end);
});

test("sessions with a liar: 8 lies, of which not all are kept", async () => {
  const ends = new Set<string>();
  for (let i = 0; i < 8; i++) {
    const { end, fault, ...about } = await play(`quick ${i}`);
    expect(fault, JSON.stringify(about)).toBeUndefined();
    ends.add(end);
  }
  expect([...ends].filter((end) => end !== "kept")).not.toEqual([]);
});

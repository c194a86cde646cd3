// Every message of a session dropped: the side that waits for it sees a gap or nothing, and both end with a typed error.
import { drop } from "@halfroom/testkit";
import { expect, test } from "vitest";
import {
  BEFORE_LAST,
  LAST_WORDS,
  SENT,
  SENT_SILENTLY,
  expectLastWordFailed,
  failureOf,
  isAheadOfReceipt,
  play,
  type Sent,
} from "./small-session.ts";

/** Only counts while the thread is free, so that a slow machine is not taken for a silent partner. */
const IDLE_MS = 240;
/** Sessions that wait at the same time. */
const AT_ONCE = 8;

async function eachOf(sent: readonly Sent[], check: (at: Sent) => Promise<void>): Promise<void> {
  for (let start = 0; start < sent.length; start += AT_ONCE) {
    await Promise.all(sent.slice(start, start + AT_ONCE).map(check));
  }
}

const NOTICED_BY_BOTH = [...BEFORE_LAST, ...SENT_SILENTLY].filter((at) => !isAheadOfReceipt(at));

test(`${NOTICED_BY_BOTH.length} messages, each dropped once`, async () => {
  await eachOf(NOTICED_BY_BOTH, async (at) => {
    const endings = await play(at, drop, IDLE_MS);
    // A frame after the gap reveals it, and so does an abort; where none follows, both wait.
    for (const ending of [endings.sender, endings.receiver]) {
      const title = `the ${at.role}'s frame ${at.index}, ${at.message.type}`;
      expect(["sequence", "timeout"], title).toContain(failureOf(ending).code);
    }
  });
});

test("the sender's done, dropped: the other side misses it when it reads the receipt behind", async () => {
  await eachOf(SENT.filter(isAheadOfReceipt), async (at) => {
    expectLastWordFailed(await play(at, drop, IDLE_MS), at, "sequence");
  });
});

test("the last word, dropped: the other side hears only that the connection ended", async () => {
  await eachOf(LAST_WORDS, async (at) => {
    expectLastWordFailed(await play(at, drop, IDLE_MS), at, "closed");
  });
});

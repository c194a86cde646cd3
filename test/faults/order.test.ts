// The first message of each type, sent twice and under the number of another type; order.slow.test.ts takes every message.
import { MESSAGES } from "@halfroom/wire";
import { expect, test } from "vitest";
import { testOrder } from "./order.ts";
import { BEFORE_LAST, firstOfEachType, SENT, SENT_SILENTLY } from "./small-session.ts";

/** Messages outside a session: a preview question, first contact, the request to complete one, and those about series. */
const WITHOUT_SESSION = [
  "preview",
  "join",
  "joined",
  "complete",
  "seriesNonce",
  "seriesSignature",
  "seriesEnd",
];

/** Messages only in reports of events: the comparison of times, and how many people the receiver's groups have. */
const OF_EVENTS = ["lookupFlips", "lookupTables", "bases"];

/** Messages only in sessions of several shards. */
const OF_LANES = ["laneTranscripts", "shardAgain", "shardsDone", "streamListens", "streamDials"];

test("the clean runs have every message type of a session but abort", () => {
  const types = new Set<string>([...SENT, ...SENT_SILENTLY].map(({ message }) => message.type));
  expect(new Set([...types, "abort", ...WITHOUT_SESSION, ...OF_EVENTS, ...OF_LANES])).toEqual(
    new Set(Object.keys(MESSAGES)),
  );
});

testOrder([...firstOfEachType(BEFORE_LAST), ...firstOfEachType(SENT_SILENTLY)]);

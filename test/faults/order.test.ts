// Every message of a session sent twice, and under the number of another type: both sides end with the same stable code and
// nobody accepts a result.
import { duplicate, retype } from "@halfroom/testkit";
import { MESSAGES, type MessageType } from "@halfroom/wire";
import { describe, expect, test } from "vitest";
import {
  BEFORE_LAST,
  LAST_WORDS,
  SENT,
  expectAborted,
  expectLastWordFailed,
  expectRightTable,
  fieldsOf,
  play,
  titled,
  type Sent,
} from "./small-session.ts";

/** What is said without a session: a question beforehand, and first contact. */
const WITHOUT_SESSION = ["preview", "join", "joined"];

/** What only reports of events say: the comparison of times. */
const OF_EVENTS = ["lookupFlips", "lookupTables"];

/** What only sessions of several shards say. */
const OF_LANES = ["laneTranscripts"];

test("the clean run has every message type of a session but abort", () => {
  const types = new Set<string>(SENT.map(({ message }) => message.type));
  expect(new Set([...types, "abort", ...WITHOUT_SESSION, ...OF_EVENTS, ...OF_LANES])).toEqual(
    new Set(Object.keys(MESSAGES)),
  );
});

describe("sent twice", () => {
  // It takes the next receive to notice, and of what comes right before the last word that is the very last one.
  const nextToLast = new Set(LAST_WORDS.map((last) => SENT.filter(({ role }) => role === last.role).at(-2)!));
  test.each(titled(BEFORE_LAST.filter((at) => !nextToLast.has(at))))("%s", async (_, at) => {
    expectAborted(await play(at, duplicate), at, "sequence");
  });
  test.each(titled([...nextToLast]))("%s", async (_, at) => {
    expectLastWordFailed(await play(at, duplicate), at, "sequence");
  });
  test.each(titled(LAST_WORDS))("%s: nobody reads on, and both have the right table", async (_, at) => {
    const endings = await play(at, duplicate);
    expectRightTable(endings.sender);
    expectRightTable(endings.receiver);
  });
});

/** Another type with the same fields, so that the frame is well-formed, if there is one. */
function twinOf(type: MessageType): MessageType | undefined {
  const layout = (of: MessageType) => JSON.stringify(fieldsOf(of).map(([, field]) => field));
  const types = Object.keys(MESSAGES) as MessageType[];
  return types.find((twin) => twin !== type && layout(twin) === layout(type));
}

describe("sent under the number of another type", () => {
  const asAnother = ({ message: { type } }: Sent) => {
    const twin = twinOf(type);
    return { fault: retype(twin ?? "transcript"), code: twin === undefined ? "malformed" : "unexpected" };
  };
  test.each(titled(BEFORE_LAST))("%s", async (_, at) => {
    const { fault, code } = asAnother(at);
    expectAborted(await play(at, fault), at, code);
  });
  test.each(titled(LAST_WORDS))("%s", async (_, at) => {
    const { fault, code } = asAnother(at);
    expectLastWordFailed(await play(at, fault), at, code);
  });
});

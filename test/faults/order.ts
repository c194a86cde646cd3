// Messages sent twice, and under the number of another type: both sides end with the same stable code and neither accepts a
// result.
import { duplicate, retype } from "@halfroom/testkit";
import { MESSAGES, type MessageType } from "@halfroom/wire";
import { describe, test } from "vitest";
import {
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

/** `sent`: all before the last words of a session, or some of them. */
export function testOrder(sent: readonly Sent[]): void {
  describe("sent twice", () => testTwice(sent));
  describe("sent under the number of another type", () => testRetyped(sent));
}

function testTwice(sent: readonly Sent[]): void {
  // The next receive notices it, which for what comes right before the last message is the very last receive.
  const nextToLast = new Set(LAST_WORDS.map((last) => SENT.filter(({ role }) => role === last.role).at(-2)!));
  // And for what comes right before its done it is one behind the receiver's receipt.
  const beforeDone = SENT.findLast(
    ({ role, message }) => role === "sender" && !["done", "receipt"].includes(message.type),
  );
  // After the last message of either side its partner reads nothing more.
  const last = new Set(
    (["sender", "receiver"] as const).map((by) => SENT.findLast(({ role }) => role === by)!),
  );
  test.each(titled(sent.filter((at) => !nextToLast.has(at) && !last.has(at))))("%s", async (_, at) => {
    expectAborted(await play(at, duplicate), at, "sequence", at === beforeDone);
  });
  test.each(titled([...nextToLast]))("%s", async (_, at) => {
    expectLastWordFailed(await play(at, duplicate), at, "sequence");
  });
  test.each(titled([...last]))("%s: nobody reads on, and both have the right table", async (_, at) => {
    const endings = await play(at, duplicate);
    expectRightTable(endings.sender);
    expectRightTable(endings.receiver);
  });
}

/** Another type with the same fields, so that the frame is well-formed, if there is one. */
function twinOf(type: MessageType): MessageType | undefined {
  const layout = (of: MessageType) => JSON.stringify(fieldsOf(of).map(([, field]) => field));
  const types = Object.keys(MESSAGES) as MessageType[];
  return types.find((twin) => twin !== type && layout(twin) === layout(type));
}

function testRetyped(sent: readonly Sent[]): void {
  const asAnother = ({ message: { type } }: Sent) => {
    const twin = twinOf(type);
    return { fault: retype(twin ?? "done"), code: twin === undefined ? "malformed" : "unexpected" };
  };
  test.each(titled(sent))("%s", async (_, at) => {
    const { fault, code } = asAnother(at);
    expectAborted(await play(at, fault), at, code);
  });
  test.each(titled(LAST_WORDS))("%s", async (_, at) => {
    const { fault, code } = asAnother(at);
    expectLastWordFailed(await play(at, fault), at, code);
  });
}

// Messages one byte short, and with one byte too many in a field: both sides end with the same stable code and neither accepts
// a result.
import { lengthenField, truncate } from "@halfroom/testkit";
import type { MessageType } from "@halfroom/wire";
import { describe, test } from "vitest";
import {
  LAST_WORDS,
  expectAborted,
  expectLastWordFailed,
  fieldsOf,
  play,
  titled,
  type Sent,
} from "./small-session.ts";

/** `sent`: all before the last words of a session, or some of them. */
export function testLengths(sent: readonly Sent[]): void {
  describe("truncated by a byte", () => testTruncated(sent));
  describe("with a byte too many in a field", () => testLengthened(sent));
}

function testTruncated(sent: readonly Sent[]): void {
  test.each(titled(sent))("%s", async (_, at) => {
    expectAborted(await play(at, truncate()), at, "malformed");
  });
  test.each(titled(LAST_WORDS))("%s", async (_, at) => {
    expectLastWordFailed(await play(at, truncate()), at, "malformed");
  });
}

/** The last field of bytes and the code for one byte too many in it. */
function lengthened(message: Sent["message"]): { name: string; code: string } | undefined {
  const { type } = message;
  const [name, field] = fieldsOf(type).findLast(([, { kind }]) => kind === "bytes") ?? [];
  if (name === undefined || field?.kind !== "bytes") return undefined;
  // The codec checks a field of fixed length and one that is as long as any may be, the parser canonical text, and the protocol, which
  // knows the sizes, all others.
  const { length } = (message as unknown as Record<string, Uint8Array>)[name]!;
  if (length === field.max || TALK.includes(type)) return { name, code: "malformed" };
  return { name, code: type === "passOpening" ? "commitment" : "count" };
}

/** Fields with canonical text. */
const TALK: readonly MessageType[] = ["propose", "answer", "statement"];

function testLengthened(sent: readonly Sent[]): void {
  const withBytes = sent.filter(({ message }) => lengthened(message) !== undefined);
  test.each(titled(withBytes))("%s", async (_, at) => {
    const { name, code } = lengthened(at.message)!;
    expectAborted(await play(at, lengthenField(name)), at, code);
  });
  test.each(titled(LAST_WORDS))("%s", async (_, at) => {
    expectLastWordFailed(await play(at, lengthenField("signature")), at, "malformed");
  });
}

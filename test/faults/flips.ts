// What a flipped bit in each field of each message must lead to. Three layers may notice it: the checks of the message
// itself, a commitment, or, for masked material that looks random either way, the comparison of transcripts.
import type { MessageType } from "@halfroom/wire";
import { expect, test } from "vitest";
import { otherRole } from "@halfroom/session";
import { flipField } from "@halfroom/testkit";
import {
  expectAborted,
  expectLastWordFailed,
  failureOf,
  fieldsOf,
  LAST_WORDS,
  play,
  type Sent,
} from "./small-session.ts";

/** A changed text is not canonical, of another protocol, or not what was proposed. */
const TEXT = ["malformed", "version", "agreement"];
/** Codes for fields that are checked individually; a different valid point in a point's place is masked material. */
const CHECKED: Partial<Record<MessageType, string | readonly string[]>> = {
  propose: TEXT,
  answer: TEXT,
  statement: ["malformed", "agreement"],
  signature: "agreement",
  blinded: ["point", "check"],
  evaluated: ["point", "check"],
  baseOtKey: ["point", "check"],
  baseOtChoices: ["point", "check"],
  // Unseen where the hole lies elsewhere, and in the trees of the groups.
  treeCorrections: ["check", "transcript"],
  otCorrections: "check",
  silentMask: "check",
  silentProof: "check",
  binMatrix: "check",
  binCheck: "check",
  seedCommitment: "commitment",
  seedOpening: "commitment",
  passCommitment: "commitment",
  passOpening: "commitment",
  cellCommitment: "commitment",
  cellOpeningNonce: "commitment",
  cellOpening: "commitment",
  labelsSize: "count",
  labels: ["malformed", "transcript"],
  done: "transcript",
  receipt: "agreement",
};
/** Fields that nothing else in the session depends on. */
const ADVICE = ["stored", "people"];

/** Without an entry above, only the comparison of transcripts can tell. */
export function isMasked({ message: { type } }: Sent): boolean {
  return CHECKED[type] === undefined && fieldsOf(type).length > 0;
}

function expectedCode({ message: { type } }: Sent, field: string): string | readonly string[] {
  if (type === "transcript" && field !== "digest") return "agreement";
  return CHECKED[type] ?? "transcript";
}

/**
 * One test per field; `place` picks where in it. A field that is empty in this session has no bit to flip: talk.test.ts fills
 * it. What a side says of a stored report is random where it has none. The name of a proposal has no meaning in a session, and changed terms that are valid are for the initiator to notice.
 * How few people the other policy allows is advice.
 */
export function testFlips(sent: readonly Sent[], place: (sent: Sent) => number): void {
  const cases = sent.flatMap((at) =>
    fieldsOf(at.message.type)
      .filter(([field]) => !isEmpty(at, field) && at.message.type !== "propose" && !ADVICE.includes(field))
      .map(([field]) => [at.role, at.index, at.message.type, field, at] as const),
  );
  test.each(cases)("the %s's frame %i, %s: %s", async (_role, _index, _type, field, at) => {
    const endings = await play(at, flipField(field, place(at)));
    if (LAST_WORDS.includes(at)) return expectLastWordFailed(endings, at, "agreement");
    if (FOUND_BY_WRITER.includes(at.message.type) && wasFoundByWriter(endings, at)) return;
    expectAborted(endings, at, expectedCode(at, field));
    if (isMasked(at)) expect(endings).toSatisfy(noticedInRelease);
  });
}

/**
 * Another valid function gives the reader other keys, which its writer finds in the trees that are grown from them. Another mask gives it
 * another claim, which its writer finds in the proof.
 */
const FOUND_BY_WRITER: readonly MessageType[] = ["baseOtChoices", "silentMask"];

function wasFoundByWriter(endings: Awaited<ReturnType<typeof play>>, at: Sent): boolean {
  const [writer, reader] = [failureOf(endings[at.role]), failureOf(endings[otherRole(at.role)])];
  return writer.code === "check" && !writer.fromPartner && reader.code === "check" && reader.fromPartner;
}

function isEmpty({ message }: Sent, field: string): boolean {
  return (message as unknown as Record<string, { readonly length?: number }>)[field]?.length === 0;
}

function noticedInRelease(endings: Awaited<ReturnType<typeof play>>): boolean {
  return Object.values(endings).every(
    (end) => "error" in end && (end.error as { phase?: string }).phase === "release",
  );
}

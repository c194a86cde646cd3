// Messages before both have signed, with the wrong terms, statements, or stored reports.
import { replaceMessage, type Fault } from "@halfroom/testkit";
import { decodeTerms, encodeTerms, type Role, type Terms } from "@halfroom/session";
import type { Message, MessageType } from "@halfroom/wire";
import { describe, expect, test } from "vitest";
import { expectAborted, expectRightTable, failureOf, play, SENT, type Sent } from "./small-session.ts";

function sentBy(role: Role, type: MessageType): Sent {
  return SENT.find((sent) => sent.role === role && sent.message.type === type)!;
}

const PROPOSAL = sentBy("sender", "propose");
const ANSWER = sentBy("receiver", "answer");
const STATED = { sender: sentBy("sender", "statement"), receiver: sentBy("receiver", "statement") };

/** Alters a message of one type. */
function altered<T extends MessageType>(
  type: T,
  change: (message: Message<T>) => Partial<Message<T>>,
): Fault {
  return replaceMessage((sent) => {
    if (sent.type !== type) throw new Error(`not the ${type}`);
    return { ...sent, ...change(sent as Message<T>) };
  });
}

function withTerms(type: "propose" | "answer", change: Partial<Terms>): Fault {
  return altered(type, ({ terms }) => {
    return { terms: encodeTerms({ ...decodeTerms(new Uint8Array(terms)), ...change }) };
  });
}

describe("the proposal", () => {
  test("of other terms comes back as such, and the initiator ends the session", async () => {
    const endings = await play(PROPOSAL, withTerms("propose", { otK: 8 }));
    expect(failureOf(endings.sender)).toMatchObject({ code: "agreement", fromPartner: false });
    expect(failureOf(endings.receiver)).toMatchObject({ code: "agreement", fromPartner: true });
  });

  test("of another version is refused", async () => {
    const fault = withTerms("propose", { protocol: "halfroom/1 ristretto255-SHA512 softspoken-semihonest" });
    expectAborted(await play(PROPOSAL, fault), PROPOSAL, "version");
  });

  test("below the least threshold is malformed", async () => {
    expectAborted(await play(PROPOSAL, withTerms("propose", { threshold: 10 })), PROPOSAL, "malformed");
  });

  test("may have any name", async () => {
    const endings = await play(
      PROPOSAL,
      altered("propose", () => ({ proposal: new Uint8Array(16) })),
    );
    expectRightTable(endings.sender);
    expectRightTable(endings.receiver);
  });
});

describe("the answer", () => {
  test.each<[string, Partial<Terms>]>([
    ["another suite of transfers", { rules: "pair", otK: 8 }],
    ["another dataset", { datasets: { sender: "conversions", receiver: "others" } }],
    ["other partitions", { partitions: [[]] }],
    ["fewer people in a shard", { shardPeople: 16 }],
  ])("with %s ends the session", async (_, change) => {
    expectAborted(await play(ANSWER, withTerms("answer", change)), ANSWER, "agreement");
  });
});

describe("a report to serve instead", () => {
  const other = altered("statement", () => ({ stored: new Uint8Array(32).fill(7) }));

  test("that the receiver does not have is passed over", async () => {
    const endings = await play(STATED.sender, other);
    expectRightTable(endings.sender);
    expectRightTable(endings.receiver);
  });

  test("that the sender did not ask for is passed over", async () => {
    const endings = await play(STATED.receiver, other);
    expectRightTable(endings.sender);
    expectRightTable(endings.receiver);
  });
});

/** The generator of ristretto255 (RFC 9496, appendix A.1): a key, though nobody's here. */
const GENERATOR = "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76";

describe("a statement", () => {
  const changed = (change: Readonly<Record<string, unknown>>) =>
    altered("statement", ({ statement }) => {
      const record = JSON.parse(Buffer.from(statement).toString()) as Record<string, unknown>;
      return { statement: new Uint8Array(Buffer.from(JSON.stringify({ ...record, ...change }))) };
    });
  const cases: [Role, string, Readonly<Record<string, unknown>>, string][] = [
    ["sender", "of the other role", { role: "receiver" }, "malformed"],
    ["sender", "of another identity", { fingerprint: "00".repeat(32) }, "agreement"],
    ["receiver", "of another identity", { fingerprint: "00".repeat(32) }, "agreement"],
    ["sender", "of other versions", { versions: [4, 3] }, "agreement"],
    ["sender", "of versions that we do not speak", { versions: [5, 4] }, "version"],
    ["receiver", "of versions that we do not speak", { versions: [4] }, "version"],
    ["receiver", "of a version with known attacks", { versions: [3, 2] }, "malformed"],
    ["sender", "of other people", { people: 36 }, "agreement"],
    ["sender", "of another key", { epochKey: GENERATOR }, "agreement"],
    ["sender", "of a key that is none", { epochKey: "00".repeat(32) }, "point"],
    ["sender", "of no category", { categories: 0 }, "malformed"],
    ["receiver", "of cells that are no power of two", { cells: [3] }, "malformed"],
    ["receiver", "of more cells than partitions", { cells: [4, 4] }, "agreement"],
    ["receiver", "of other evaluations", { evaluations: 2048 }, "agreement"],
    ["receiver", "of evaluations that are no whole steps", { evaluations: 1025 }, "agreement"],
    ["receiver", "with a member too many", { more: 1 }, "malformed"],
  ];
  test.each(cases)("of the %s: %s", async (role, _, change, code) => {
    expectAborted(await play(STATED[role], changed(change)), STATED[role], code);
  });
});

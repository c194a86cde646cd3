// From terms to signatures over a channel that somebody in between alters: nothing but what was meant is ever signed by both.
import { memoryFrames, replaceMessage, withFault } from "@halfroom/testkit";
import { openChannel, ProtocolError, type Frames, type Message } from "@halfroom/wire";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { composeAgreement, signAgreement } from "../src/agreement/agreement.ts";
import type { ReceiverStatement, SenderStatement, Terms } from "../src/agreement/agreement.types.ts";
import { statementRecord } from "../src/agreement/statement.ts";
import { encodeTerms } from "../src/terms/terms.ts";
import { keyFingerprint } from "../../node/src/identity/fingerprint.ts";
import { exchangeSignatures, stateAsReceiver, stateAsSender } from "../src/talk/agreeing.ts";
import { propose, sendAnswer } from "../src/talk/proposal.ts";
import { statements, TERMS, identity } from "../../node/test/fixtures.ts";
import { makeHome, type Home } from "../../node/test/home.ts";

let alice: Home;
let bob: Home;
let sender: SenderStatement;
let receiver: ReceiverStatement;
beforeAll(async () => {
  [alice, bob] = await Promise.all([makeHome(), makeHome()]);
  const [from, to] = statements(identity(), identity());
  sender = { ...from, fingerprint: keyFingerprint(alice.identity.signingKey) };
  receiver = { ...to, fingerprint: keyFingerprint(bob.identity.signingKey) };
});
afterAll(() => [alice, bob].forEach(({ store }) => store.close()));

interface Options {
  readonly senderFrames?: (frames: Frames) => Frames;
  readonly receiverFrames?: (frames: Frames) => Frames;
  readonly receiverTerms?: Terms;
  readonly stored?: readonly [sender: string[], receiver: string[]];
}

/** Both sides from statements to signatures; each gives its session id, or the code that it ended with. */
async function agree(options: Options = {}) {
  const [left, right] = memoryFrames({ idleMs: 20_000 });
  const {
    senderFrames = (frames) => frames,
    receiverFrames = (frames) => frames,
    receiverTerms = TERMS,
  } = options;
  const [storedAtSender, storedAtReceiver] = options.stored ?? [[], []];
  const asSender = async () => {
    const ch = openChannel(senderFrames(left), "sender");
    const about = { partnerKey: bob.identity.signingKey, stored: storedAtSender };
    return await ended(ch, async () => {
      const stated = await stateAsSender(ch, sender, about);
      if (stated.stored !== undefined) return `stored ${stated.stored}`;
      const text = composeAgreement(TERMS, stated.sender, stated.receiver);
      await exchangeSignatures(ch, text, "sender", alice.identity, bob.identity.signingKey);
      return Buffer.from(text.session).toString("hex");
    });
  };
  const asReceiver = async () => {
    const ch = openChannel(receiverFrames(right), "receiver");
    const about = { partnerKey: alice.identity.signingKey, stored: storedAtReceiver };
    return await ended(ch, async () => {
      const stated = await stateAsReceiver(ch, () => Promise.resolve(receiver), about);
      if (stated.stored !== undefined) return `stored ${stated.stored}`;
      const text = composeAgreement(receiverTerms, stated.sender, stated.receiver);
      await exchangeSignatures(ch, text, "receiver", bob.identity, alice.identity.signingKey);
      return Buffer.from(text.session).toString("hex");
    });
  };
  return await Promise.all([asSender(), asReceiver()]);
}

async function ended(
  ch: { abort(error: unknown): Promise<void> },
  work: () => Promise<string>,
): Promise<string> {
  try {
    return await work();
  } catch (error) {
    await ch.abort(error);
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
}

test("both sides sign the same agreement when nobody interferes", async () => {
  const [left, right] = await agree();
  expect(left).toMatch(/^[0-9a-f]{64}$/);
  expect(right).toBe(left);
});

describe("a statement altered on its way ends the session on both sides", () => {
  const alter = (edit: (text: string) => string) =>
    replaceMessage((message: Message) => {
      if (message.type !== "statement") return message;
      return { ...message, statement: Buffer.from(edit(Buffer.from(message.statement).toString("utf8"))) };
    });

  /** Each field of a statement, as it stands in the canonical text, replaced by another valid value. */
  const fields = (["sender", "receiver"] as const).flatMap((side) => {
    const [from, to] = statements(identity(), identity());
    return Object.keys(statementRecord(side === "sender" ? from : to)).map((field) => [side, field] as const);
  });

  test.each(fields)("%s: %s", async (side, field) => {
    const edit = (text: string) => {
      const record = JSON.parse(text) as Record<string, unknown>;
      record[field] = other(record[field], field);
      const edited = JSON.stringify(record);
      expect(edited).not.toBe(text);
      return edited;
    };
    const fault = (frames: Frames) => withFault(frames, 0, alter(edit));
    const [left, right] = await agree(
      side === "sender" ? { senderFrames: fault } : { receiverFrames: fault },
    );
    for (const outcome of [left, right]) expect(outcome).toMatch(/^(agreement|malformed)$/);
  });

  function other(value: unknown, field: string): unknown {
    if (field === "role") return value === "sender" ? "receiver" : "sender";
    if (field === "cells") return (value as number[]).map((cells) => cells * 2);
    if (typeof value === "number") return value + 1;
    const text = value as string;
    return `${text[0] === "0" ? "1" : "0"}${text.slice(1)}`;
  }
});

test("two sides that hold different terms end with `agreement`", async () => {
  const [left, right] = await agree({ receiverTerms: { ...TERMS, threshold: TERMS.threshold - 1 } });
  expect([left, right]).toEqual(["agreement", "agreement"]);
});

test("a signature from another key, or of the other role, does not count", async () => {
  const zero = replaceMessage((message) =>
    message.type === "signature" ? { ...message, signature: new Uint8Array(64) } : message,
  );
  const [left, right] = await agree({ senderFrames: (frames) => withFault(frames, 1, zero) });
  // The sender has verified the receiver's signature; it hears of the end with its next message.
  expect(left).toMatch(/^[0-9a-f]{64}$/);
  expect(right).toBe("agreement");
  // The sender's own signature sent back as the receiver's.
  const ours = signAgreement(composeAgreement(TERMS, sender, receiver), "sender", alice.identity.privateKey);
  const mirror = replaceMessage((message) =>
    message.type === "signature" ? { ...message, signature: ours } : message,
  );
  const mirrored = await agree({ receiverFrames: (frames) => withFault(frames, 1, mirror) });
  expect(mirrored[0]).toBe("agreement");
});

describe("a stored report is served", () => {
  const [first, second] = ["11".repeat(32), "22".repeat(32)];
  test("if the sender names one that the receiver has too", async () => {
    expect(
      await agree({
        stored: [
          [first, second],
          [second, first],
        ],
      }),
    ).toEqual([`stored ${first}`, `stored ${first}`]);
  });

  test.each([
    ["the receiver has another one only", [[first], [second]]],
    ["the sender has none", [[], [first]]],
    ["the receiver has none", [[first], []]],
  ] as const)("not if %s", async (_name, [left, right]) => {
    const outcome = await agree({ stored: [[...left], [...right]] });
    expect(outcome[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(outcome[1]).toBe(outcome[0]);
  });
});

describe("an answer to a proposal", () => {
  async function answered(terms: Terms, decision: "accept" | "hold" = "accept"): Promise<string> {
    const [left, right] = memoryFrames({ idleMs: 20_000 });
    const ch = openChannel(left, "sender");
    const partner = openChannel(right, "receiver");
    const answering = partner
      .recv("propose")
      .then(() => sendAnswer(partner, { decision, terms, reasons: [] }));
    const outcome = await ended(
      ch,
      async () => (await propose(ch, new Uint8Array(16), TERMS, () => {})).decision,
    );
    await answering;
    return outcome;
  }

  test("may make the terms stricter and nothing else", async () => {
    expect(await answered(TERMS)).toBe("accept");
    expect(await answered({ ...TERMS, threshold: TERMS.threshold + 1 })).toBe("accept");
    expect(await answered({ ...TERMS, threshold: TERMS.threshold - 1 })).toBe("agreement");
    expect(await answered({ ...TERMS, partitions: [["campaign"]] })).toBe("agreement");
    expect(await answered({ ...TERMS, release: { mode: "exact" } })).toBe("agreement");
    expect(await answered({ ...TERMS, resultTo: "sender" })).toBe("agreement");
  });

  test("must be one of the few", async () => {
    const [left, right] = memoryFrames({ idleMs: 20_000 });
    const ch = openChannel(left, "sender");
    const partner = openChannel(right, "receiver");
    const terms = encodeTerms(TERMS);
    const answering = partner
      .recv("propose")
      .then(() => partner.send({ type: "answer", decision: "maybe", terms, reasons: Buffer.from("[]") }));
    expect(
      await ended(ch, async () => (await propose(ch, new Uint8Array(16), TERMS, () => {})).decision),
    ).toBe("malformed");
    await answering;
  });
});

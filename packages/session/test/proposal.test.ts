// Coming to terms: what an initiator takes for an answer.
import { memoryFrames, TERMS } from "@halfroom/testkit";
import { openChannel, ProtocolError, type OpenChannel } from "@halfroom/wire";
import { expect, test } from "vitest";
import { askPreview, propose, sendAnswer, type Answer } from "../src/talk/proposal.ts";
import { REASON_CODES, type Reason } from "../src/talk/reasons.ts";
import { encodeTerms } from "../src/terms/terms.ts";

const PROPOSAL = new Uint8Array(16).fill(5);
const ACCEPT: Answer = { decision: "accept", terms: TERMS, reasons: [], peopleMin: 1000 };

/** What `ask` makes of a partner that answers by `answering`: its answer, or the code of its error. */
async function asked(
  ask: (ch: OpenChannel) => Promise<Answer>,
  answering: (ch: OpenChannel) => Promise<void>,
): Promise<Answer | string> {
  const [left, right] = memoryFrames({ idleMs: 20_000 });
  const [ch, partner] = [openChannel(left, "sender"), openChannel(right, "receiver")];
  const answered = answering(partner);
  try {
    return await ask(ch);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return error.code;
  } finally {
    await answered;
  }
}

const proposed = (...answers: Answer[]) =>
  asked(
    (ch) => propose(ch, PROPOSAL, TERMS, () => {}),
    async (ch) => {
      expect(Buffer.from((await ch.recv("propose")).terms)).toEqual(encodeTerms(TERMS));
      for (const answer of answers) await sendAnswer(ch, answer);
    },
  );

test("the answer is the partner's, with its reasons", async () => {
  const reasons: Reason[] = [{ code: "by-hand", words: "a person decides — später" }];
  for (const decision of ["accept", "hold", "refuse"] as const) {
    const answer = { decision, terms: { ...TERMS, threshold: 200 }, reasons, peopleMin: 250 };
    expect(await proposed(answer)).toEqual(answer);
  }
});

test("a queued proposal waits for the answer that follows", async () => {
  let queued = 0;
  const answer = await asked(
    (ch) => propose(ch, PROPOSAL, TERMS, () => queued++),
    async (ch) => {
      await ch.recv("propose");
      for (const decision of ["queued", "queued", "accept"] as const)
        await sendAnswer(ch, { ...ACCEPT, decision });
    },
  );
  expect([answer, queued]).toEqual([ACCEPT, 2]);
});

test("an answer for another report, or looser than asked, is `agreement`", async () => {
  expect(await proposed({ ...ACCEPT, terms: { ...TERMS, threshold: 99 } })).toBe("agreement");
  expect(await proposed({ ...ACCEPT, terms: { ...TERMS, resultTo: "sender" } })).toBe("agreement");
  expect(await proposed({ ...ACCEPT, terms: { ...TERMS, release: { mode: "exact" } } })).toBe("agreement");
});

test("a preview is answered like a proposal, under no proposal's name", async () => {
  const preview = (answer: Answer) =>
    asked(
      (ch) => askPreview(ch, TERMS),
      async (ch) => {
        expect(Buffer.from((await ch.recv("preview")).terms)).toEqual(encodeTerms(TERMS));
        await sendAnswer(ch, answer);
      },
    );
  expect(await preview(ACCEPT)).toEqual(ACCEPT);
  expect(await preview({ ...ACCEPT, terms: { ...TERMS, threshold: 99 } })).toBe("agreement");
});

test.each([
  ["an unknown decision", { decision: "maybe" }],
  ["reasons that are none", { reasons: Buffer.from('[["no-such-code","x"]]') }],
  ["reasons in another text", { reasons: Buffer.from("[ ]") }],
  ["terms in another text", { terms: Buffer.concat([encodeTerms(TERMS), Buffer.from(" ")]) }],
])("%s is `malformed`", async (_, change) => {
  const whole = { decision: "accept", terms: encodeTerms(TERMS), reasons: Buffer.from("[]"), people: 1000 };
  const answer = { ...whole, ...change };
  const outcome = await asked(
    (ch) => propose(ch, PROPOSAL, TERMS, () => {}),
    async (ch) => {
      await ch.recv("propose");
      await ch.send({ type: "answer", ...answer });
    },
  );
  expect(outcome).toBe("malformed");
});

test("of many and long reasons as much arrives as the wire carries", async () => {
  const codes = Object.keys(REASON_CODES) as Reason["code"][];
  const reasons = Array.from({ length: 10 }, (_, i) => ({ code: codes[i]!, words: "x".repeat(2000) }));
  const answer = await proposed({ ...ACCEPT, decision: "refuse", reasons });
  expect(answer).toMatchObject({ decision: "refuse" });
  expect((answer as Answer).reasons).toEqual(reasons.map(({ code }) => ({ code, words: "x".repeat(1000) })));
});

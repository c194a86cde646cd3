// An auditor with both sides' material finds an honest session clean, and names the first message of a changed node.
import { GroupPool, systemRng } from "@halfroom/crypto";
import type { Role } from "@halfroom/mpc";
import { TERMS } from "@halfroom/testkit";
import type { MessageType } from "@halfroom/wire";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HeldData } from "../src/replay/held-data.ts";
import type { StreamRecord } from "../src/link.ts";
import { replayOwnHalf, replaySession } from "../src/replay/replay.ts";
import type { ReplaySide } from "../src/replay/side.ts";
import { flipping, play } from "./played.ts";
import { DATA } from "./sides.ts";

let pool: GroupPool;
beforeAll(async () => (pool = await GroupPool.open(1)));
afterAll(() => pool.close());

test("an honest session is clean, signatures included", async () => {
  const { agreement, sides, ends } = await play(pool);
  expect(ends).toEqual({ sender: "done", receiver: "done" });
  const verdict = await replaySession(agreement, sides, pool);
  expect(verdict).toEqual({ verdict: "clean", messages: expect.any(Number) });
  const sent = Object.values(sides).flatMap(({ record }) =>
    record.flatMap(({ messages }) => messages.filter(({ direction }) => direction === "sent")),
  );
  expect(verdict).toMatchObject({ messages: sent.length });
});

test.each(["sender", "receiver"] as const)(
  "a %s alone replays what follows from its own material",
  async (role) => {
    const { agreement, sides } = await play(pool);
    const verdict = await replayOwnHalf(agreement, role, sides[role], pool);
    expect(verdict).toMatchObject({ verdict: "half" });
    const { messages, of } = verdict as { messages: number; of: number };
    // Statement, signature and, of the receiver, the blinded identifiers.
    expect(messages).toBeGreaterThanOrEqual(role === "receiver" ? 3 : 2);
    expect(of).toBeGreaterThan(messages);
  },
);

test("one's own half shows other data than was committed to", async () => {
  const { agreement, sides } = await play(pool);
  const data = { ...sides.sender.data, digest: systemRng.bytes(32) };
  expect(await replayOwnHalf(agreement, "sender", { ...sides.sender, data }, pool)).toMatchObject({
    verdict: "departed",
    message: { side: "sender", stream: "talk", type: "statement" },
  });
});

test("a session that was cut is honest as far as it went", async () => {
  const { agreement, sides } = await play(pool);
  const cut = ({ record, ...side }: ReplaySide): ReplaySide => ({
    ...side,
    record: record.map(({ stream, messages }) => ({
      stream,
      messages: stream === "session" ? messages.slice(0, 12) : messages,
    })),
  });
  const verdict = await replaySession(
    agreement,
    { sender: cut(sides.sender), receiver: cut(sides.receiver) },
    pool,
  );
  expect(verdict).toMatchObject({ verdict: "ended" });
});

describe("a changed node is named by its first message", () => {
  test.each<[string, Role, MessageType, string]>([
    ["evaluates under another key", "sender", "evaluated", "data"],
    ["sends a matrix whose rows are no codewords", "receiver", "binMatrix", "data"],
    ["stores other values", "sender", "store", "data"],
    ["corrects transfers for two choices", "receiver", "otCorrections", "data"],
    ["corrects the other direction's transfers for two choices", "sender", "otCorrections", "data"],
    ["multiplies by another factor, as receiver", "receiver", "productCorrections", "data"],
    ["multiplies by another factor, as sender", "sender", "productCorrections", "data"],
    ["adds other leaves", "sender", "leafCorrections", "data"],
    ["flips a bit in a gate", "receiver", "gateOpening", "data"],
  ])("that %s: %s, %s", async (_, role, type, field) => {
    const { agreement, sides } = await play(pool, { role, edit: flipping(type, field) });
    expect(await replaySession(agreement, sides, pool)).toMatchObject({
      verdict: "departed",
      message: { side: role, stream: "session", type },
    });
  });

  test.each<[string, Role]>([
    ["commits to other shares of the pass bits", "sender"],
    ["commits to other shares of the pass bits", "receiver"],
  ])("that %s, as %s", async (_, role) => {
    const { agreement, sides } = await play(pool, { role, edit: flipping("passCommitment", "commitment") });
    expect(await replaySession(agreement, sides, pool)).toMatchObject({
      verdict: "departed",
      message: { side: role, type: "passCommitment" },
    });
  });

  test("that has values beyond the clip, by the statement that commits to them", async () => {
    const [first, ...rest] = DATA.sender.people.measures;
    const beyond = first!.with(0, TERMS.measures[0]!.high + 1n);
    const data = {
      ...DATA.sender,
      people: { ...DATA.sender.people, measures: [beyond, ...rest] },
    } as HeldData;
    const { agreement, sides, ends } = await play(pool, undefined, { sender: { data } });
    expect(ends).toEqual({ sender: "done", receiver: "done" });
    const named = { verdict: "departed", message: { side: "sender", stream: "talk", type: "statement" } };
    expect(await replaySession(agreement, sides, pool)).toMatchObject(named);
    expect(await replayOwnHalf(agreement, "sender", sides.sender, pool)).toMatchObject(named);
  });

  test("that hands over other data than it used, by the first message that follows from the data", async () => {
    const { agreement, sides } = await play(pool);
    const data = {
      ...DATA.sender,
      people: { ...DATA.sender.people, categories: Uint32Array.of(0, 1, 2, 0, 2) },
    };
    const verdict = await replaySession(agreement, { ...sides, sender: { ...sides.sender, data } }, pool);
    expect(verdict).toMatchObject({ verdict: "departed", message: { side: "sender", type: "store" } });
  });

  test("that hands over another seed than it committed to, by its statement", async () => {
    const { agreement, sides } = await play(pool);
    const secrets = { ...sides.receiver.secrets, seed: systemRng.bytes(32) };
    const verdict = await replaySession(
      agreement,
      { ...sides, receiver: { ...sides.receiver, secrets } },
      pool,
    );
    expect(verdict).toMatchObject({
      verdict: "departed",
      message: { side: "receiver", stream: "talk", type: "statement" },
    });
  });
});

describe("a record that was changed afterwards cannot be replayed", () => {
  const changed = (record: readonly StreamRecord[], type: MessageType): StreamRecord[] =>
    record.map(({ stream, messages }) => ({
      stream,
      messages: messages.map((message) =>
        message.type === type ? { ...message, digest: systemRng.bytes(32) } : message,
      ),
    }));

  test("by whoever signed it", async () => {
    const { agreement, sides } = await play(pool);
    const record = changed(sides.sender.record, "store");
    const verdict = await replaySession(agreement, { ...sides, sender: { ...sides.sender, record } }, pool);
    expect(verdict).toMatchObject({ verdict: "unusable", side: "sender" });
  });

  test("where no signature covers it, since the other side's says otherwise", async () => {
    const { agreement, sides } = await play(pool);
    const record = changed(sides.sender.record, "receipt");
    const verdict = await replaySession(agreement, { ...sides, sender: { ...sides.sender, record } }, pool);
    expect(verdict).toMatchObject({ verdict: "unusable", side: undefined });
  });
});

// An auditor with both sides' material finds an honest session clean, and names the first message of a changed node.
import { GroupPool, packRows, systemRng } from "@halfroom/crypto";
import type { Role } from "@halfroom/mpc";
import { freshKeys, TERMS, testIdentity } from "@halfroom/testkit";
import type { Message, MessageType, OpenChannel } from "@halfroom/wire";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Agreement } from "../src/agreement/agreement.ts";
import type { SenderData } from "../src/data.ts";
import type { SessionInput } from "../src/input.ts";
import type { SessionLink, StreamRecord } from "../src/link.ts";
import { runSession } from "../src/pipeline.ts";
import { replayOwnHalf, replaySession } from "../src/replay/replay.ts";
import type { ReplaySecrets, ReplaySide, ReplaySides } from "../src/replay/side.ts";
import { bothSides, DATA, type Changes } from "./sides.ts";
import { siteOf } from "./sites.ts";

let pool: GroupPool;
beforeAll(async () => (pool = await GroupPool.open(1)));
afterAll(() => pool.close());

const ITEMS = { identifiers: packRows(Array.from({ length: 5 }, (_, i) => Buffer.from(`item ${i}`))) };

type Edit = (message: Message, count: number) => Message;
interface Cheat {
  readonly role: Role;
  readonly edit: Edit;
}

interface Played {
  readonly agreement: Agreement;
  readonly sides: ReplaySides;
  /** How each side's session ended: "done" or a code. */
  readonly ends: Readonly<Record<Role, string>>;
}

/** Runs a session in which one role may send other messages than its code would, and collects what both keep. */
async function play(cheat?: Cheat, changes: Changes = {}): Promise<Played> {
  const kept: Partial<Record<Role, { secrets: ReplaySecrets; agreement: Agreement }>> = {};
  const records: Partial<Record<Role, readonly StreamRecord[]>> = {};
  const changesOf = (role: Role) => ({
    keys: freshKeys(role, pool, systemRng),
    site: siteOf(role, {
      takeUp: ({ agreement }, _, secrets) => void (kept[role] = { secrets, agreement }),
    }),
    ...changes[role],
  });
  const run = async (link: SessionLink, input: SessionInput) => {
    const { role } = input.data;
    if (cheat?.role === role) cheating(link, cheat.edit);
    try {
      await runSession(link, input);
      return "done";
    } finally {
      records[role] = link.record;
    }
  };
  const ends = await bothSides(pool, run, { sender: changesOf("sender"), receiver: changesOf("receiver") });
  const sideOf = (role: Role): ReplaySide => ({
    secrets: kept[role]!.secrets,
    data: changes[role]?.data ?? DATA[role],
    items: ITEMS,
    signingKey: testIdentity(role).signingKey,
    record: records[role]!,
  });
  return {
    agreement: kept.sender!.agreement,
    sides: { sender: sideOf("sender"), receiver: sideOf("receiver") },
    ends,
  };
}

/** The stages run over a channel whose messages are edited before they are numbered and hashed, as changed software would. */
function cheating(link: SessionLink, edit: Edit): void {
  const begin = link.begin.bind(link);
  link.begin = (role) => {
    const ch = begin(role);
    const counts = new Map<MessageType, number>();
    const send: OpenChannel["send"] = (message) => {
      const count = counts.get(message.type) ?? 0;
      counts.set(message.type, count + 1);
      return ch.send(edit(message, count));
    };
    return new Proxy(ch, {
      get: (target, name) => {
        if (name === "send") return send;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  };
}

/** Flips a bit of the first message of a type. */
const flipping =
  (type: MessageType, field: string): Edit =>
  (message, count) => {
    if (message.type !== type || count > 0) return message;
    const bytes = new Uint8Array((message as unknown as Record<string, Uint8Array>)[field]!);
    bytes[bytes.length >> 1]! ^= 1;
    return { ...message, [field]: bytes };
  };

test("an honest session is clean, signatures included", async () => {
  const { agreement, sides, ends } = await play();
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
    const { agreement, sides } = await play();
    const verdict = await replayOwnHalf(agreement, role, sides[role], pool);
    expect(verdict).toMatchObject({ verdict: "half" });
    const { messages, of } = verdict as { messages: number; of: number };
    // Statement, signature and, of the receiver, the blinded identifiers.
    expect(messages).toBeGreaterThanOrEqual(role === "receiver" ? 3 : 2);
    expect(of).toBeGreaterThan(messages);
  },
);

test("one's own half shows other data than was committed to", async () => {
  const { agreement, sides } = await play();
  const data = { ...sides.sender.data, digest: systemRng.bytes(32) };
  expect(await replayOwnHalf(agreement, "sender", { ...sides.sender, data }, pool)).toMatchObject({
    verdict: "departed",
    message: { side: "sender", stream: "talk", type: "statement" },
  });
});

test("a session that was cut is honest as far as it went", async () => {
  const { agreement, sides } = await play();
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
    const { agreement, sides } = await play({ role, edit: flipping(type, field) });
    expect(await replaySession(agreement, sides, pool)).toMatchObject({
      verdict: "departed",
      message: { side: role, stream: "session", type },
    });
  });

  test.each<[string, Role]>([
    ["commits to other shares of the pass bits", "sender"],
    ["commits to other shares of the pass bits", "receiver"],
  ])("that %s, as %s", async (_, role) => {
    const { agreement, sides } = await play({ role, edit: flipping("passCommitment", "commitment") });
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
    } as unknown as SenderData;
    const { agreement, sides, ends } = await play(undefined, { sender: { data } });
    expect(ends).toEqual({ sender: "done", receiver: "done" });
    const named = { verdict: "departed", message: { side: "sender", stream: "talk", type: "statement" } };
    expect(await replaySession(agreement, sides, pool)).toMatchObject(named);
    expect(await replayOwnHalf(agreement, "sender", sides.sender, pool)).toMatchObject(named);
  });

  test("that hands over other data than it used, by the first message that follows from the data", async () => {
    const { agreement, sides } = await play();
    const data = {
      ...DATA.sender,
      people: { ...DATA.sender.people, categories: Uint32Array.of(0, 1, 2, 0, 2) },
    };
    const verdict = await replaySession(agreement, { ...sides, sender: { ...sides.sender, data } }, pool);
    expect(verdict).toMatchObject({ verdict: "departed", message: { side: "sender", type: "store" } });
  });

  test("that hands over another seed than it committed to, by its statement", async () => {
    const { agreement, sides } = await play();
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
    const { agreement, sides } = await play();
    const record = changed(sides.sender.record, "store");
    const verdict = await replaySession(agreement, { ...sides, sender: { ...sides.sender, record } }, pool);
    expect(verdict).toMatchObject({ verdict: "unusable", side: "sender" });
  });

  test("where no signature covers it, since the other side's says otherwise", async () => {
    const { agreement, sides } = await play();
    const record = changed(sides.sender.record, "receipt");
    const verdict = await replaySession(agreement, { ...sides, sender: { ...sides.sender, record } }, pool);
    expect(verdict).toMatchObject({ verdict: "unusable", side: undefined });
  });
});

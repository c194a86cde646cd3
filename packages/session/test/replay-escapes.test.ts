// What a changed node may try with its own record, or in lanes, so that a replay does not name it, or names the other side.
import { GroupPool, packRows, systemRng, heldRows } from "@halfroom/crypto";
import { ROLES, type Role } from "@halfroom/mpc";
import { TERMS } from "@halfroom/testkit";
import type { MessageRecord, MessageType } from "@halfroom/wire";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HeldData } from "../src/replay/held-data.ts";
import type { StreamRecord } from "../src/link.ts";
import { replaySession, type ReplayVerdict } from "../src/replay/replay.ts";
import type { ReplaySides } from "../src/replay/side.ts";
import { cheatingShards, flipping, play, type Edit, type Played } from "./played.ts";
import { DATA, type Changes } from "./sides.ts";

let pool: GroupPool;
beforeAll(async () => (pool = await GroupPool.open(1)));
afterAll(() => pool.close());

type StreamRecords = readonly StreamRecord[];

/** The record of `role` as that side may hand it over. */
const withRecord = (
  sides: ReplaySides,
  role: Role,
  change: (record: StreamRecords) => StreamRecords,
): ReplaySides => ({
  ...sides,
  [role]: { ...sides[role], record: change(sides[role].record) },
});
const eachMessage = (change: (message: MessageRecord) => MessageRecord) => (record: StreamRecords) =>
  record.map(({ stream, messages }) => ({ stream, messages: messages.map(change) }));
const renamed = (from: MessageType, to: MessageType) =>
  eachMessage((message) => (message.type === from ? { ...message, type: to } : message));

describe("a sender that stored other values is named", () => {
  let played: Played;
  beforeAll(async () => (played = await play(pool, { role: "sender", edit: flipping("store", "data") })));
  const verdictOf = (change: (record: StreamRecords) => StreamRecords) =>
    replaySession(played.agreement, withRecord(played.sides, "sender", change), pool);

  test.each(["abort", "answer"] as const)("whatever its record calls the message: %s", async (type) => {
    const verdict = await verdictOf(renamed("store", type));
    expect(verdict).toMatchObject({ verdict: "departed", message: { side: "sender", stream: "session" } });
  });

  const falseRecords: Readonly<Record<string, (record: StreamRecords) => StreamRecords>> = {
    "without the stream of the session": (record) => record.filter(({ stream }) => stream !== "session"),
    "without the messages from that one on": (record) =>
      record.map(({ stream, messages }) => {
        const at = messages.findIndex(({ type }) => type === "store");
        return { stream, messages: at < 0 ? messages : messages.slice(0, at) };
      }),
    "with another digest, and signatures under another name": (record) =>
      renamed(
        "transcript",
        "done",
      )(eachMessage((m) => (m.type === "store" ? { ...m, digest: systemRng.bytes(32) } : m))(record)),
    "with a stream twice": (record) => [...record, ...record.filter(({ stream }) => stream === "session")],
    empty: () => [],
  };
  test.each(Object.entries(falseRecords))("or as the one whose record is false: %s", async (_, change) => {
    expect(await verdictOf(change)).toMatchObject({ verdict: "unusable", side: "sender" });
  });

  test("and so is the receiver, if it is the receiver's record that is false", async () => {
    const { agreement, sides } = await play(pool);
    const another = eachMessage((message) =>
      message.type === "store" ? { ...message, digest: systemRng.bytes(32) } : message,
    );
    const changed = (record: StreamRecords) => renamed("transcript", "done")(another(record));
    const verdict = await replaySession(agreement, withRecord(sides, "receiver", changed), pool);
    expect(verdict).toMatchObject({ verdict: "unusable", side: "receiver" });
  });
});

describe("in a session of several shards", () => {
  const PEOPLE = 64;
  const SHARDED = { ...TERMS, shardPeople: 16 };
  const identifiers = heldRows(packRows(Array.from({ length: PEOPLE }, (_, i) => Buffer.from(`item ${i}`))));
  const numbers = Uint32Array.from({ length: PEOPLE }, (_, i) => i % 3);
  const counts = { ...DATA.sender.counts, rows: PEOPLE, people: PEOPLE };
  const { sender, receiver } = DATA;
  const data: Readonly<Record<Role, HeldData>> = {
    sender: {
      ...sender,
      counts,
      people: {
        ...sender.people,
        people: PEOPLE,
        measures: TERMS.measures.map(() => new BigInt64Array(PEOPLE)),
        categories: numbers,
      },
    },
    receiver: {
      ...receiver,
      counts,
      people: {
        ...receiver.people,
        people: PEOPLE,
        partitions: [{ ...receiver.people.partitions[0], cells: numbers, base: Uint32Array.of(22, 21, 21) }],
      },
    },
  };

  async function playShards(cheat?: { role: Role; edit: Edit }): Promise<Played> {
    const changes = Object.fromEntries(
      ROLES.map((role) => [
        role,
        {
          terms: SHARDED,
          data: data[role],
          takeIdentifiers: () => ({ identifiers }),
          ...(cheat?.role === role && { runner: cheatingShards(2, cheat.edit) }),
        },
      ]),
    ) as Changes;
    return await play(pool, undefined, changes);
  }
  const replayOf = async ({ agreement, sides }: Played): Promise<ReplayVerdict> =>
    await replaySession(agreement, sides, pool);

  test("an honest one is clean, every lane included", async () => {
    const played = await playShards();
    expect(played.ends).toEqual({ sender: "done", receiver: "done" });
    const lanes = played.sides.sender.record.filter(({ stream }) => typeof stream === "number");
    expect(lanes.length).toBeGreaterThan(2);
    const sent = ROLES.flatMap((role) => played.sides[role].record).flatMap(({ messages }) =>
      messages.filter(({ direction }) => direction === "sent"),
    );
    expect(await replayOf(played)).toEqual({ verdict: "clean", messages: sent.length });
  });

  test.each<[string, Role, MessageType, string, string]>([
    ["goes unnoticed", "sender", "store", "data", "done"],
    ["goes unnoticed", "receiver", "productCorrections", "data", "done"],
    ["is caught, and ends the session", "receiver", "otCorrections", "data", "check"],
    ["is caught, and ends the session", "receiver", "binMatrix", "data", "check"],
  ])("a departure in a lane that %s is named: %s, %s", async (_, role, type, field, end) => {
    const played = await playShards({ role, edit: flipping(type, field) });
    expect(Object.values(played.ends)).toContain(end);
    expect(await replayOf(played)).toMatchObject({
      verdict: "departed",
      message: { side: role, stream: 2, type },
    });
  });

  test("a side that leaves its lanes out is the one whose record is false", async () => {
    const { agreement, sides } = await playShards({ role: "sender", edit: flipping("store", "data") });
    const mainOnly = (record: StreamRecords) => record.filter(({ stream }) => typeof stream !== "number");
    for (const change of [
      mainOnly,
      (record: StreamRecords) =>
        renamed("laneTranscripts", "done")(renamed("transcript", "done")(mainOnly(record))),
    ])
      expect(await replaySession(agreement, withRecord(sides, "sender", change), pool)).toMatchObject({
        verdict: "unusable",
        side: "sender",
      });
  });
});

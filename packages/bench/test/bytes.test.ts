// What moved, from a node's metrics, beside the model; and both by part of the protocol.
import type { MessageBytes } from "@halfroom/session";
import { expect, test } from "vitest";
import { countedSince } from "../src/bytes/counted.ts";
import { kindsOf } from "../src/bytes/kinds.ts";
import { bytesOfParts } from "../src/bytes/parts.ts";

const metrics = (rows: Readonly<Record<string, number>>) =>
  [
    "# TYPE halfroom_message_bytes_total counter",
    ...Object.entries(rows).map(([name, bytes]) => {
      const [direction, type] = name.split(" ");
      return `halfroom_message_bytes_total{type="${type}",direction="${direction}"} ${bytes}`;
    }),
    'halfroom_sessions_total{partner="sender",code="done"} 1',
    "",
  ].join("\n");

test("what a session added to what was counted before, once it has been counted", async () => {
  const before = metrics({ "sent blinded": 100, "received store": 7 });
  const answers = [before, metrics({ "sent blinded": 150, "received store": 7, "received evaluated": 60 })];
  expect(await countedSince(before, async () => answers.shift()!)).toEqual([
    { type: "blinded", from: "receiver", bytes: 50 },
    { type: "evaluated", from: "sender", bytes: 60 },
  ]);
});

const modelled = (from: MessageBytes["from"], type: MessageBytes["type"], bytes: number): MessageBytes => ({
  stage: "match",
  from,
  type,
  bytes,
});

test("by kind of message and side, what only one of the two knows included", () => {
  const kinds = kindsOf(
    [
      modelled("sender", "gateOpening", 10),
      modelled("receiver", "gateOpening", 10),
      modelled("sender", "gateOpening", 5),
    ],
    [
      { type: "gateOpening", from: "sender", bytes: 18 },
      { type: "labels", from: "receiver", bytes: 9 },
    ],
  );
  expect(kinds).toEqual([
    { type: "gateOpening", modelled: { sender: 15, receiver: 10 }, measured: { sender: 18, receiver: 0 } },
    { type: "labels", modelled: { sender: 0, receiver: 0 }, measured: { sender: 0, receiver: 9 } },
  ]);
  const parts = bytesOfParts(kinds).filter((part) => part.measured > 0);
  expect(parts).toEqual([
    { part: "gates", modelled: 25, measured: 18 },
    { part: "all else", modelled: 0, measured: 9 },
  ]);
});

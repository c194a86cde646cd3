// Bulk data in pieces: lengths round the largest piece, and pieces of any other length than agreed.
import { memoryFrames, recordFrames } from "@halfroom/testkit";
import { describe, expect, it } from "vitest";
import {
  CHUNK_BYTES_MAX,
  ProtocolError,
  decodeFrame,
  exchangeBulk,
  openChannel,
  recvBulk,
  sendBulk,
} from "../src/index.ts";
import type { Message } from "../src/index.ts";

const CHUNK = CHUNK_BYTES_MAX;
const LENGTHS = [0, 1, 31, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 33];

function pattern(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(length);
  for (let i = 0, state = seed; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    data[i] = state >>> 24;
  }
  return data;
}

const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

function open() {
  const [left, right] = memoryFrames({ idleMs: 60_000 });
  const recorded = recordFrames(left);
  return {
    log: recorded.log,
    sender: openChannel(recorded, "sender"),
    receiver: openChannel(right, "receiver"),
  };
}

/** The lengths of the pieces that `data` must go in. */
function pieceLengths(length: number): number[] {
  const whole = Array.from({ length: Math.floor(length / CHUNK) }, () => CHUNK);
  return length % CHUNK === 0 ? whole : [...whole, length % CHUNK];
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error === undefined) return "none";
  if (!(error instanceof ProtocolError)) throw error;
  return error.code;
}

describe.each(LENGTHS)("%i bytes", (length) => {
  it("arrive as they were sent, in pieces that are as large as they may be", async () => {
    const { log, sender, receiver } = open();
    const data = pattern(length, 1);
    const [, arrived] = await Promise.all([
      sendBulk(sender, "store", data),
      recvBulk(receiver, "store", length),
    ]);
    expect(same(arrived, data)).toBe(true);
    const pieces = log.map(({ frame }) => decodeFrame(frame).message as Message<"store">);
    expect(pieces.map((piece) => [piece.type, piece.data.length])).toEqual(
      pieceLengths(length).map((size) => ["store", size]),
    );
  });

  it("are exchanged, both ways at once", async () => {
    const { log, sender, receiver } = open();
    const [ours, theirs] = [pattern(length, 2), pattern(length, 3)];
    const [left, right] = await Promise.all([
      exchangeBulk(sender, "gateOpening", ours),
      exchangeBulk(receiver, "gateOpening", theirs),
    ]);
    expect([same(left, theirs), same(right, ours)]).toEqual([true, true]);
    expect(log.filter(({ direction }) => direction === "sent").length).toBe(pieceLengths(length).length);
  });

  it("leave the caller's data as it is, and the channel ready for the next message", async () => {
    const { sender, receiver } = open();
    const data = pattern(length, 4);
    const sending = sendBulk(sender, "store", data).then(() => data.fill(9));
    const arrived = await recvBulk(receiver, "store", length);
    await sending;
    expect(same(arrived, pattern(length, 4))).toBe(true);
    await sender.send({ type: "done", digest: new Uint8Array(32) });
    expect((await receiver.recv("done")).digest.length).toBe(32);
  });
});

it("takes a view in the middle of an array", async () => {
  const { sender, receiver } = open();
  const whole = pattern(CHUNK + 100, 5);
  const view = whole.subarray(37, CHUNK + 50);
  const [, arrived] = await Promise.all([
    sendBulk(sender, "store", view),
    recvBulk(receiver, "store", view.length),
  ]);
  expect(same(arrived, view)).toBe(true);
});

describe("pieces of another length than agreed", () => {
  const cases: [string, number, number[]][] = [
    ["a piece too short", 100, [99]],
    ["a piece too long", 100, [101]],
    ["an early short piece, though the sum is right", CHUNK + 100, [100, CHUNK]],
    ["two halves where one piece is due", 100, [50, 50]],
    ["a short first piece", 2 * CHUNK, [CHUNK - 1, CHUNK]],
    ["a rest too short", CHUNK + 100, [CHUNK, 99]],
    ["a rest too long", CHUNK + 100, [CHUNK, 101]],
    ["a whole piece where a rest is due", CHUNK + 1, [CHUNK, CHUNK]],
  ];

  it.each(cases)("%s: recvBulk", async (_name, length, pieces) => {
    const { sender, receiver } = open();
    const receiving = codeOf(recvBulk(receiver, "store", length));
    for (const size of pieces) await sender.send({ type: "store", data: pattern(size, 6) });
    expect(await receiving).toBe("count");
  });

  it.each(cases)("%s: exchangeBulk", async (_name, length, pieces) => {
    const { sender, receiver } = open();
    const exchanging = codeOf(exchangeBulk(receiver, "gateOpening", pattern(length, 7)));
    for (const size of pieces) await sender.send({ type: "gateOpening", data: pattern(size, 8) });
    expect(await exchanging).toBe("count");
  });

  it("a piece more is out of turn for whatever follows", async () => {
    const { sender, receiver } = open();
    for (const size of [100, 1]) await sender.send({ type: "store", data: pattern(size, 9) });
    await recvBulk(receiver, "store", 100);
    expect(await codeOf(receiver.recv("done"))).toBe("unexpected");
  });

  it("a piece of another type is out of turn", async () => {
    const { sender, receiver } = open();
    await sender.send({ type: "binMatrix", data: pattern(100, 10) });
    expect(await codeOf(recvBulk(receiver, "store", 100))).toBe("unexpected");
  });
});

it("exchanges more than both send buffers hold without waiting for each other forever", async () => {
  const { sender, receiver } = open();
  const length = 24 * CHUNK + 1;
  const [ours, theirs] = [pattern(length, 11), pattern(length, 12)];
  const [left, right] = await Promise.all([
    exchangeBulk(sender, "gateOpening", ours),
    exchangeBulk(receiver, "gateOpening", theirs),
  ]);
  expect([same(left, theirs), same(right, ours)]).toEqual([true, true]);
});

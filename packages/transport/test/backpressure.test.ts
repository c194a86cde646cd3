// Memory stays bounded whatever the partner does, and nothing is lost when things move again.
import { once } from "node:events";
import { memoryFrames } from "@halfroom/testkit";
import { ProtocolError } from "@halfroom/wire";
import type { Frames } from "@halfroom/wire";
import { describe, expect, it, onTestFinished } from "vitest";
import { FrameQueue, SEND_BYTES_HIGH, SendGate, WINDOW_BYTES } from "../src/index.ts";
import { framesSuite } from "./frames-suite.ts";
import { failure, openPair } from "./raw-partner.ts";
import { tlsPair } from "./tls-pair.ts";

const MEBIBYTE = 1 << 20;
const CHUNK_BYTES = 1 << 19;

const numbered = (index: number, length: number) => {
  const frame = new Uint8Array(length).fill(index & 0xff);
  new DataView(frame.buffer).setUint32(0, index);
  return frame;
};

/** Resolves when `count` has stayed the same for a while. */
async function standstill(count: () => number): Promise<void> {
  for (let last = -1; last !== count();) {
    last = count();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

async function expectNumbered(frames: Frames, count: number, length: number): Promise<void> {
  for (let i = 0; i < count; i++)
    if (Buffer.compare(await frames.recv(), numbered(i, length)) !== 0)
      expect.fail(`frame ${i} is a different one`);
}

framesSuite({
  name: "memory",
  open: async (idleMs) => memoryFrames({ idleMs }),
  onTheWayBytesMax: 5 * MEBIBYTE,
});

describe("over a link", () => {
  it("both sides may be held back at once and continue", async () => {
    const { caller: left, listener: right, close } = await tlsPair({ idleMs: 60_000 });
    onTestFinished(async () => {
      await Promise.all([left.close(), right.close()]);
      await close();
    });
    const count = 64;
    const sent = { left: 0, right: 0 };
    const sendAll = async (frames: Frames, side: keyof typeof sent) => {
      for (let i = 0; i < count; i++) {
        await frames.send(numbered(i, CHUNK_BYTES));
        sent[side]++;
      }
    };
    const sending = [sendAll(left, "left"), sendAll(right, "right")];
    await standstill(() => sent.left + sent.right);
    for (const side of ["left", "right"] as const) {
      expect(sent[side]).toBeGreaterThan(0);
      expect(sent[side] * CHUNK_BYTES).toBeLessThanOrEqual(WINDOW_BYTES);
    }
    // One direction is read to its end while the other stays held back.
    await expectNumbered(right, count, CHUNK_BYTES);
    await expectNumbered(left, count, CHUNK_BYTES);
    await Promise.all(sending);
  });

  it("close frees what nobody took, and does not wait for a reader that never comes", async () => {
    const { frames, socket, said } = await openPair();
    for (let i = 0; i < 8; i++) socket.send(numbered(i, CHUNK_BYTES));
    // An answered ping: what was sent before it has arrived.
    socket.ping();
    await once(socket, "pong");
    const closed = frames.close("refused");
    expect(await failure(frames.recv())).toEqual({ code: "closed", fromPartner: false });
    // All that arrived counts as taken, although nobody read it.
    expect(await said("taken")).toBe("taken 8");
    expect(await said("end")).toBe("end 0 4002");
    socket.send("ended");
    await closed;
  });
});

describe("a flood of empty frames", () => {
  it("is bounded by the cost of keeping them", async () => {
    const [left, right] = memoryFrames({ idleMs: 60_000 });
    const count = 100_000;
    let sent = 0;
    const sending = (async () => {
      for (; sent < count; sent++) await left.send(new Uint8Array(0));
    })();
    await standstill(() => sent);
    expect(sent).toBeLessThan(SEND_BYTES_HIGH / 64);
    for (let i = 0; i < count; i++) expect((await right.recv()).length).toBe(0);
    await sending;
  });
});

describe("FrameQueue", () => {
  it("counts more than the bytes of what is queued, and nothing once it was taken", async () => {
    let taken = 0;
    const queue = new FrameQueue(60_000, () => taken++);
    let last = 0;
    for (const length of [0, 1, 1000]) {
      queue.push(new Uint8Array(length));
      expect(queue.bytes).toBeGreaterThan(last + length);
      last = queue.bytes;
    }
    for (const length of [0, 1, 1000]) expect((await queue.shift()).length).toBe(length);
    expect([queue.bytes, taken]).toEqual([0, 3]);
  });

  it("hands on a frame that somebody waits for without counting it", async () => {
    const queue = new FrameQueue(60_000, () => {});
    const waiting = queue.shift();
    queue.push(Uint8Array.of(1));
    expect(queue.bytes).toBe(0);
    expect([...(await waiting)]).toEqual([1]);
  });

  it("takes nothing after its end, and keeps the first reason", async () => {
    const queue = new FrameQueue(60_000, () => {});
    queue.push(Uint8Array.of(1));
    queue.end(new ProtocolError("sequence"));
    queue.end(new ProtocolError("count"));
    queue.push(Uint8Array.of(2));
    expect([...(await queue.shift())]).toEqual([1]);
    expect(queue.bytes).toBe(0);
    expect(await failure(queue.shift())).toEqual({ code: "sequence", fromPartner: false });
  });

  it("drops what it is told to drop", async () => {
    const queue = new FrameQueue(60_000, () => {});
    for (let i = 0; i < 5; i++) queue.push(new Uint8Array(100));
    queue.clear();
    expect(queue.bytes).toBe(0);
    queue.push(Uint8Array.of(9));
    expect([...(await queue.shift())]).toEqual([9]);
    expect(queue.bytes).toBe(0);
  });

  it("serves one waiting call at a time", async () => {
    const queue = new FrameQueue(60_000, () => {});
    const first = queue.shift();
    expect(await failure(queue.shift())).toEqual({ code: "internal", fromPartner: false });
    queue.push(Uint8Array.of(1));
    expect([...(await first)]).toEqual([1]);
  });
});

describe("SendGate", () => {
  it("lets each call through once as little is buffered as it asked for", async () => {
    let buffered = 10;
    const gate = new SendGate(60_000, () => buffered);
    const passed: number[] = [];
    const waits = [0, 5, 9, 10].map((bytes) => gate.wait(bytes).then(() => passed.push(bytes)));
    for (const [left, expected] of [
      [10, [10]],
      [9, [10, 9]],
      [6, [10, 9]],
      [1, [10, 9, 5]],
      [0, [10, 9, 5, 0]],
    ] as const) {
      buffered = left;
      gate.moved();
      await new Promise((resolve) => setImmediate(resolve));
      expect(passed).toEqual(expected);
    }
    await Promise.all(waits);
  });

  it("gives up when nothing leaves, and not while something does", async () => {
    let buffered = 1000;
    const gate = new SendGate(160, () => buffered);
    let ended = false;
    const waiting = failure(gate.wait(0)).then((error) => {
      ended = true;
      return error;
    });
    for (let step = 0; step < 10; step++) {
      await new Promise((resolve) => setTimeout(resolve, 40));
      buffered--;
      gate.moved();
    }
    expect(ended).toBe(false);
    expect(await waiting).toEqual({ code: "timeout", fromPartner: false });
  });

  it("rejects all waiting calls at its end, with the first reason", async () => {
    const gate = new SendGate(60_000, () => 10);
    const waits = [gate.wait(0), gate.wait(5)].map(failure);
    gate.end(new ProtocolError("okvs", undefined, { fromPartner: true }));
    gate.end(new ProtocolError("count"));
    const expected = { code: "okvs", fromPartner: true };
    expect(await Promise.all(waits)).toEqual([expected, expected]);
    expect(await failure(gate.wait(100))).toEqual(expected);
  });
});

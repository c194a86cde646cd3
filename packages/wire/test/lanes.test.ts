// Lanes over one connection: each in order, none in the way of another, bounded.
import { memoryFrames } from "@halfroom/testkit";
import { describe, expect, it } from "vitest";
import { Lanes, ProtocolError, openChannel, withHead } from "../src/index.ts";
import type { Frames } from "../src/index.ts";

const IDLE_MS = 60_000;
const FRAME_BYTES = 1 << 19;

function open(count: number) {
  const [left, right] = memoryFrames({ idleMs: IDLE_MS });
  const one = new Lanes(left);
  const two = new Lanes(right);
  one.create(count);
  two.create(count);
  return { one, two, left, right };
}

const frame = (byte: number, length = 1) => new Uint8Array(length).fill(byte);

async function failure(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => expect.fail("resolved"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProtocolError)) throw error;
  return error.code;
}

describe("lanes", () => {
  it("deliver each lane's frames in order, whichever lane is read first", async () => {
    const { one, two } = open(3);
    const out = [0, 1, 2].map((lane) => withHead(one.open(lane), lane));
    const into = [0, 1, 2].map((lane) => withHead(two.open(lane), lane));
    for (let i = 0; i < 30; i++) await out[i % 3]!.send(frame(i));
    await one.own.send(frame(0x90));
    expect(await two.own.recv()).toEqual(frame(0x90));
    for (const lane of [2, 0, 1]) {
      for (let i = lane; i < 30; i += 3) expect(await into[lane]!.recv()).toEqual(frame(i));
    }
    expect([one.bytesSent, two.bytesReceived]).toEqual([120, 120]);
  });

  it("wait side by side", async () => {
    const { one, two } = open(2);
    const lanes = [0, 1].map((lane) => two.open(lane));
    const waiting = [lanes[0]!.recv(), lanes[1]!.recv(), two.own.recv()];
    await withHead(one.open(1), 1).send(frame(7));
    await one.own.send(frame(0x91));
    await withHead(one.open(0), 0).send(frame(8));
    const [first, second, own] = await Promise.all(waiting);
    expect([first, second, own].map((bytes) => bytes!.at(-1))).toEqual([8, 7, 0x91]);
  });

  it("keep the first small frame of a lane that is not open yet, and refuse more", async () => {
    const { one, two } = open(2);
    const early = withHead(one.open(1), 1);
    await early.send(frame(5, 100));
    await one.own.send(frame(0x90));
    await two.own.recv();
    expect(await withHead(two.open(1), 1).recv()).toEqual(frame(5, 100));
    const other = withHead(one.open(0), 0);
    await other.send(frame(6, 5000));
    expect(await failure(two.own.recv())).toBe("unexpected");
  });

  it("refuse frames of lanes that do not exist or have been closed", async () => {
    for (const lane of [2, 0]) {
      const { one, two, left } = open(2);
      await two.open(0).close();
      await withHead(left, lane).send(frame(1));
      expect(await failure(two.own.recv())).toBe("unexpected");
      await one.own.close();
    }
  });

  it("throw away what comes over a lane that was given up, until the partner knows", async () => {
    for (const isOpen of [true, false]) {
      const { one, two } = open(2);
      const out = withHead(one.open(0), 0);
      const into = isOpen ? withHead(two.open(0), 0) : undefined;
      const waiting = into && failure(into.recv());
      two.drop(0);
      if (waiting) expect(await waiting).toBe("closed");
      if (into) expect(await failure(into.send(frame(1)))).toBe("closed");
      await out.send(frame(2, 5000));
      await one.own.send(frame(0x90));
      expect(await two.own.recv()).toEqual(frame(0x90));
      expect(() => two.open(0)).toThrow("no such lane");
      two.end(0);
      await out.send(frame(3));
      expect(await failure(two.own.recv())).toBe("unexpected");
    }
  });

  it("stop reading while a lane is full, and go on when it is read", async () => {
    const { one, two } = open(2);
    const out = withHead(one.open(0), 0);
    const into = withHead(two.open(0), 0);
    const other = withHead(two.open(1), 1).recv();
    // 16 MiB, which nobody reads while lane 1 is waited for.
    let sent = 0;
    const sending = (async () => {
      for (; sent < 32; sent++) await out.send(frame(sent, FRAME_BYTES));
    })();
    await new Promise((resolve) => setTimeout(resolve, 200));
    // At most what fills the lane and the connection's own 4 MiB.
    expect(sent).toBeLessThan(20);
    for (let i = 0; i < 32; i++) expect((await into.recv())[0]).toBe(i);
    await sending;
    await withHead(one.open(1), 1).send(frame(9));
    expect(await other).toEqual(frame(9));
  });

  it("all end with the connection, after what had arrived", async () => {
    const { one, two } = open(2);
    const into = withHead(two.open(0), 0);
    const waiting = failure(two.open(1).recv());
    await withHead(one.open(0), 0).send(frame(3));
    await one.own.close("cuckoo");
    expect(await waiting).toBe("cuckoo");
    expect(await into.recv()).toEqual(frame(3));
    expect(await failure(into.recv())).toBe("cuckoo");
  });
});

it("a channel over a lane has numbers and a transcript of its own", async () => {
  const { one, two } = open(2);
  const channel = (lanes: Lanes, lane: number, role: "sender" | "receiver") =>
    openChannel(withHead(lanes.open(lane), lane), role);
  const pairs = [0, 1].map((lane) => [channel(one, lane, "sender"), channel(two, lane, "receiver")] as const);
  for (const [i, [sender]] of pairs.entries()) {
    await sender.send({ type: "seedShare", share: frame(i, 32) });
  }
  for (const [i, [, receiver]] of pairs.entries()) {
    expect((await receiver.recv("seedShare")).share[0]).toBe(i);
  }
  const digests = pairs.map(([sender, receiver]) => [sender.transcript(), receiver.transcript()]);
  for (const [ofSender, ofReceiver] of digests) expect(ofSender).toEqual(ofReceiver);
  expect(digests[0]![0]).not.toEqual(digests[1]![0]);
});

it("without lanes, a frame that looks like a lane's is the session's, and no message", async () => {
  const [left, right] = memoryFrames({ idleMs: IDLE_MS });
  const raw: Frames = left;
  await raw.send(Uint8Array.of(0xcd, 0, 0, 0x92, 0, 0));
  expect(await failure(openChannel(right, "receiver").recv("done"))).toBe("malformed");
});

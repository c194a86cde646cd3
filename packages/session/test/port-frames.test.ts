// Frames between threads: in order, moved, bounded, and an end that says why.
import { MessageChannel } from "node:worker_threads";
import { ProtocolError } from "@halfroom/wire";
import { expect, test } from "vitest";
import { PortFrames } from "../src/shards/port-frames.ts";

const WAITING_BYTES = 1 << 21;

function open(): [PortFrames, PortFrames] {
  const { port1, port2 } = new MessageChannel();
  return [new PortFrames(port1, WAITING_BYTES), new PortFrames(port2, WAITING_BYTES)];
}

async function failure(call: Promise<unknown>): Promise<ProtocolError> {
  const error = await call.then(
    () => expect.fail("resolved"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProtocolError)) throw error;
  return error;
}

test("frames arrive in order, and a sender's buffer has moved away", async () => {
  const [left, right] = open();
  const frames = Array.from({ length: 100 }, (_, i) => new Uint8Array(1000).fill(i));
  const sending = Promise.all(frames.map((frame) => left.send(frame)));
  for (let i = 0; i < 100; i++) expect(await right.recv()).toEqual(new Uint8Array(1000).fill(i));
  await sending;
  expect(frames.every(({ length }) => length === 0)).toBe(true);
  await left.close();
});

test("a part of a larger buffer leaves the rest untouched", async () => {
  const [left, right] = open();
  const whole = Uint8Array.of(1, 2, 3, 4);
  await left.send(whole.subarray(1, 3));
  expect(await right.recv()).toEqual(Uint8Array.of(2, 3));
  expect(whole).toEqual(Uint8Array.of(1, 2, 3, 4));
  await right.close();
});

test("a sender waits while the other end does not read", async () => {
  const [left, right] = open();
  let sent = 0;
  const sending = (async () => {
    for (; sent < 20; sent++) await left.send(new Uint8Array(1 << 19));
  })();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(sent).toBeGreaterThan(1);
  expect(sent).toBeLessThan(8);
  for (let i = 0; i < 20; i++) await right.recv();
  await sending;
  expect(sent).toBe(20);
  await left.close();
});

test("an end that fails tells why, after what it had sent; both reject from then on", async () => {
  const [left, right] = open();
  await left.send(Uint8Array.of(1));
  left.fail(new ProtocolError("cuckoo", undefined, { fromPartner: true }));
  expect(await right.recv()).toEqual(Uint8Array.of(1));
  const { code, fromPartner } = await failure(right.recv());
  expect([code, fromPartner]).toEqual(["cuckoo", true]);
  expect((await failure(left.send(Uint8Array.of(2)))).code).toBe("closed");
  expect((await failure(right.send(Uint8Array.of(2)))).code).toBe("cuckoo");
});

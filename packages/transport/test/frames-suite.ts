// What every implementation of `Frames` must do.
import { ProtocolError } from "@halfroom/wire";
import type { Frames } from "@halfroom/wire";
import { afterEach, describe, expect, it } from "vitest";

export interface FramesKind {
  readonly name: string;
  /** Two connected ends; both are closed after the test. */
  open(idleMs: number): Promise<[Frames, Frames]>;
  /** Most bytes that may be on their way while nobody reads: queues, send buffers and the system's own. */
  readonly onTheWayBytesMax: number;
}

/** Longer than any test takes. */
const PATIENT_MS = 60_000;
const CHUNK_BYTES = 1 << 19;

function chunk(index: number): Uint8Array {
  const frame = new Uint8Array(CHUNK_BYTES).fill(index & 0xff);
  new DataView(frame.buffer).setUint32(0, index);
  return frame;
}

async function sendChunks(frames: Frames, count: number, onSent = (_count: number) => {}): Promise<void> {
  for (let i = 0; i < count; i++) {
    await frames.send(chunk(i));
    onSent(i + 1);
  }
}

async function expectChunks(frames: Frames, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const frame = await frames.recv();
    if (Buffer.compare(frame, chunk(i)) !== 0) expect.fail(`chunk ${i} differs from what was sent`);
  }
}

/** What a call rejects with: its code, and whether it came from the partner. */
async function failure(call: Promise<unknown>): Promise<{ code: string; fromPartner: boolean }> {
  const error = await call.then(
    () => expect.fail("resolved"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProtocolError)) throw error;
  return { code: error.code, fromPartner: error.fromPartner };
}

/** Sends until sending fails. */
async function sendFailure(frames: Frames): Promise<{ code: string; fromPartner: boolean }> {
  const sending = async () => {
    for (;;) await frames.send(chunk(0));
  };
  return await failure(sending());
}

export function framesSuite(kind: FramesKind): void {
  describe(`frames over ${kind.name}`, () => {
    const opened: Frames[] = [];
    const open = async (idleMs = PATIENT_MS) => {
      const ends = await kind.open(idleMs);
      opened.push(...ends);
      return ends;
    };
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((frames) => frames.close()));
    });

    it("delivers in order, both ways, empty and largest frames included", async () => {
      const [left, right] = await open();
      const sizes = [0, 1, 125, 126, 65_535, 65_536, CHUNK_BYTES + 1024, 3];
      for (const [from, to] of [
        [left, right],
        [right, left],
      ] as const) {
        // Not awaited one by one: the order of the calls counts.
        const sends = sizes.map((size, i) => from.send(new Uint8Array(size).fill(i + 1)));
        for (const [i, size] of sizes.entries()) {
          expect(Buffer.compare(await to.recv(), new Uint8Array(size).fill(i + 1))).toBe(0);
        }
        await Promise.all(sends);
      }
    });

    it("lets both sides send at the same time", async () => {
      const [left, right] = await open();
      await Promise.all([
        sendChunks(left, 20),
        sendChunks(right, 20),
        expectChunks(left, 20),
        expectChunks(right, 20),
      ]);
    });

    it("holds the sender back while nobody reads, then loses nothing", async () => {
      const [left, right] = await open();
      const count = 64;
      let sent = 0;
      const sending = sendChunks(left, count, (n) => (sent = n));
      await standstill(() => sent);
      expect(sent * CHUNK_BYTES).toBeLessThanOrEqual(kind.onTheWayBytesMax);
      await Promise.all([sending, expectChunks(right, count)]);
    });

    it("delivers what had arrived before a close", async () => {
      const [left, right] = await open();
      await sendChunks(left, 5);
      await left.close();
      await expectChunks(right, 5);
      expect(await failure(right.recv())).toEqual({ code: "closed", fromPartner: false });
      expect(await failure(right.recv())).toEqual({ code: "closed", fromPartner: false });
    });

    it("sends everything before it closes", async () => {
      const [left, right] = await open();
      const count = 40;
      const sends = Array.from({ length: count }, (_, i) => left.send(chunk(i)).catch(() => {}));
      const closing = left.close();
      await expectChunks(right, count);
      await Promise.all([closing, ...sends]);
    });

    it("tells the partner the code of a close, whether it receives or sends", async () => {
      const [left, right] = await open();
      const receiving = failure(right.recv());
      await left.close("sequence");
      expect(await receiving).toEqual({ code: "sequence", fromPartner: true });
      expect(await sendFailure(right)).toEqual({ code: "sequence", fromPartner: true });
    });

    it("wakes a held-back sender when the partner closes", async () => {
      const [left, right] = await open();
      const sending = sendFailure(left);
      await right.close("refused");
      expect(await sending).toEqual({ code: "refused", fromPartner: true });
    });

    it("rejects every call after its own close", async () => {
      const [left] = await open();
      const receiving = failure(left.recv());
      await left.close();
      await left.close();
      for (const call of [receiving, failure(left.recv()), failure(left.send(chunk(0)))]) {
        expect(await call).toEqual({ code: "closed", fromPartner: false });
      }
    });

    it("gives up on a silent partner, and on one that takes nothing", async () => {
      const [left, right] = await open(50);
      expect(await failure(left.recv())).toEqual({ code: "timeout", fromPartner: false });
      expect(await sendFailure(right)).toEqual({ code: "timeout", fromPartner: false });
    });

    it("does not mistake its own long work for the partner's silence", async () => {
      const [left, right] = await open(1000);
      const receiving = right.recv();
      const sending = left.send(chunk(7));
      const end = performance.now() + 2500;
      while (performance.now() < end);
      await sending;
      expect(Buffer.compare(await receiving, chunk(7))).toBe(0);
    });
  });
}

/** Resolves when `count` has stayed the same for a while. */
async function standstill(count: () => number): Promise<void> {
  for (let last = -1; last !== count();) {
    last = count();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

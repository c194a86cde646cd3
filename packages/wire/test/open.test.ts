// The channel over frames: numbering, the transcript, aborts, one receive at a time.
import { createHash } from "node:crypto";
import { drop, duplicate, memoryFrames, recordFrames, replaceBytes, withFault } from "@halfroom/testkit";
import type { Fault } from "@halfroom/testkit";
import { describe, expect, it } from "vitest";
import { ERROR_CODES, ProtocolError, encodeFrame, openChannel } from "../src/index.ts";
import type { ErrorCode, Frames, Message } from "../src/index.ts";

const PATIENT_MS = 60_000;
const digest = (...pieces: (Uint8Array | string)[]): Uint8Array => {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return new Uint8Array(hash.digest());
};

const share = (fill: number): Message<"seedShare"> => ({
  type: "seedShare",
  share: new Uint8Array(32).fill(fill),
});
const done = (fill: number): Message<"done"> => ({
  type: "done",
  digest: new Uint8Array(32).fill(fill),
});

function open(idleMs = PATIENT_MS) {
  const [left, right] = memoryFrames({ idleMs });
  return {
    frames: { left, right },
    sender: openChannel(left, "sender"),
    receiver: openChannel(right, "receiver"),
  };
}

async function failure(call: Promise<unknown>): Promise<{ code: string; fromPartner: boolean }> {
  const error = await call.then(
    () => expect.fail("resolved"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProtocolError)) throw error;
  return { code: error.code, fromPartner: error.fromPartner };
}

const own = (code: string) => ({ code, fromPartner: false });
const partners = (code: string) => ({ code, fromPartner: true });

describe("a channel", () => {
  it("delivers messages in the order of the calls, awaited or not, both ways at once", async () => {
    const { sender, receiver } = open();
    const sends = Array.from({ length: 300 }, (_, i) => [sender.send(share(i)), receiver.send(done(i))]);
    for (let i = 0; i < 300; i++) {
      expect((await receiver.recv("seedShare")).share[0]).toBe(i & 0xff);
      expect((await sender.recv("done")).digest[31]).toBe(i & 0xff);
    }
    await Promise.all(sends.flat());
  });

  it("counts the bytes of whole frames each way", async () => {
    const { sender, receiver } = open();
    // Sequence numbers of one, two and three bytes.
    let expected = 0;
    for (let i = 0; i < 300; i++) {
      await sender.send(share(i));
      await receiver.recv("seedShare");
      expected += encodeFrame(i, share(i)).length;
    }
    expect([sender.bytesSent, receiver.bytesReceived]).toEqual([expected, expected]);
    expect([receiver.bytesSent, sender.bytesReceived]).toEqual([0, 0]);
  });

  it("closes without an error code", async () => {
    const { sender, receiver } = open();
    await sender.send(share(1));
    await sender.close();
    await sender.close();
    expect((await receiver.recv("seedShare")).share[0]).toBe(1);
    expect(await failure(receiver.recv("seedShare"))).toEqual(own("closed"));
    expect(await failure(sender.send(share(2)))).toEqual(own("closed"));
    expect(await failure(sender.recv("done"))).toEqual(own("closed"));
  });

  it("gives up on a silent partner", async () => {
    const { sender } = open(30);
    expect(await failure(sender.recv("done"))).toEqual(own("timeout"));
  });

  it("refuses a second receive while one waits", async () => {
    // Frames that would serve both in turn: it is the channel that refuses.
    const waiting: ((frame: Uint8Array) => void)[] = [];
    const receiver = openChannel(
      {
        send: () => Promise.resolve(),
        recv: () => new Promise((resolve) => waiting.push(resolve)),
        close: () => Promise.resolve(),
      },
      "receiver",
    );
    const first = receiver.recv("seedShare");
    const second = failure(receiver.recv("seedShare"));
    waiting.forEach((resolve, i) => resolve(encodeFrame(i, share(1))));
    expect(await second).toEqual(own("internal"));
    expect((await first).share[0]).toBe(1);
    expect(await failure(receiver.recv("seedShare"))).toEqual(own("internal"));
  });
});

describe("what arrives", () => {
  /** What the receiver gets of three messages, the second of which goes through `fault`. */
  async function receiveThree(fault: Fault): Promise<{ got: number; error: { code: string } }> {
    const [left, right] = memoryFrames({ idleMs: PATIENT_MS });
    const sender = openChannel(withFault(left, 1, fault), "sender");
    const receiver = openChannel(right, "receiver");
    for (const fill of [0, 1, 2]) await sender.send(share(fill));
    await sender.close();
    for (let got = 0; ; got++) {
      try {
        expect((await receiver.recv("seedShare")).share[0]).toBe(got);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        // Dead for good, though a well-formed message may still wait.
        expect(await failure(receiver.recv("seedShare"))).toEqual(own(error.code));
        expect(await failure(receiver.send(done(0)))).toEqual(own(error.code));
        return { got, error };
      }
    }
  }

  let held: Uint8Array | undefined;
  const swapWithNext: Fault = async (frame) => {
    held = frame;
  };

  it.each<[string, Fault, number, ErrorCode]>([
    ["a frame twice", duplicate, 2, "sequence"],
    ["a frame missing", drop, 1, "sequence"],
    ["a frame of an earlier number", replaceBytes(() => encodeFrame(0, share(1))), 1, "sequence"],
    ["a frame of a later number", replaceBytes(() => encodeFrame(2, share(1))), 1, "sequence"],
    ["another message type", replaceBytes(() => encodeFrame(1, done(1))), 1, "unexpected"],
    [
      "bytes after the message",
      replaceBytes((frame) => Buffer.concat([frame, Buffer.of(0)])),
      1,
      "malformed",
    ],
    ["an empty frame", replaceBytes(() => new Uint8Array(0)), 1, "malformed"],
  ])("%s ends the channel", async (_name, fault, got, code) => {
    const result = await receiveThree(fault);
    expect([result.got, result.error.code]).toEqual([got, code]);
  });

  it("swapped frames end the channel", async () => {
    const [left, right] = memoryFrames({ idleMs: PATIENT_MS });
    const sender = openChannel(withFault(left, 0, swapWithNext), "sender");
    const receiver = openChannel(right, "receiver");
    await sender.send(share(0));
    await sender.send(share(1));
    await left.send(held!);
    expect(await failure(receiver.recv("seedShare"))).toEqual(own("sequence"));
  });

  it("a frame of one direction does not pass in the other by its number", async () => {
    const { frames, sender, receiver } = open();
    await sender.send(share(0));
    await receiver.recv("seedShare");
    await sender.send(share(1));
    // The receiver has sent nothing: its frames are counted from 0, not on from the sender's.
    await frames.right.send(encodeFrame(1, done(0)));
    expect(await failure(sender.recv("done"))).toEqual(own("sequence"));
  });
});

describe("abort", () => {
  it.each(Object.keys(ERROR_CODES) as ErrorCode[])("tells the partner the code %s", async (code) => {
    const { sender, receiver } = open();
    await sender.send(share(0));
    await sender.abort(new ProtocolError(code, "words for this side alone"));
    expect((await receiver.recv("seedShare")).share[0]).toBe(0);
    expect(await failure(receiver.recv("seedShare"))).toEqual(partners(code));
    expect(await failure(receiver.send(done(0)))).toEqual(partners(code));
    expect(await failure(sender.recv("done"))).toEqual(own(code));
  });

  it("tells the code alone: neither the words nor the cause are sent", async () => {
    const [left] = memoryFrames({ idleMs: PATIENT_MS });
    const frames = recordFrames(left);
    const sender = openChannel(frames, "sender");
    await sender.abort(new ProtocolError("count", "row 7", { cause: new Error("alice@example.org") }));
    expect(frames.log.map(({ frame }) => Buffer.from(frame).toString("hex"))).toEqual([
      Buffer.from(encodeFrame(0, { type: "abort", code: "count" })).toString("hex"),
    ]);
  });

  it.each([new RangeError("a defect"), "text", undefined])("tells %s as internal", async (thrown) => {
    const { sender, receiver } = open();
    await sender.abort(thrown);
    expect(await failure(receiver.recv("seedShare"))).toEqual(partners("internal"));
  });

  it("takes a code that does not exist as internal", async () => {
    const { frames, receiver } = open();
    for (const code of ["nonsense", "", "__proto__", "toString"]) {
      const channel = open();
      await channel.frames.left.send(encodeFrame(0, { type: "abort", code }));
      expect(await failure(channel.receiver.recv("seedShare"))).toEqual(partners("internal"));
    }
    await frames.left.close("nonsense");
    expect(await failure(receiver.recv("seedShare"))).toEqual(partners("internal"));
  });

  it("answers no abort with an abort", async () => {
    const { frames } = open();
    const recorded = recordFrames(frames.right);
    const receiver = openChannel(recorded, "receiver");
    await frames.left.send(encodeFrame(0, { type: "abort", code: "okvs" }));
    const error = await receiver.recv("seedShare").catch((thrown: unknown) => thrown);
    await receiver.abort(error);
    expect(recorded.log.filter(({ direction }) => direction === "sent")).toEqual([]);
  });

  it("keeps the first error", async () => {
    const { sender } = open();
    await sender.abort(new ProtocolError("point"));
    await sender.abort(new ProtocolError("count"));
    expect(await failure(sender.send(share(0)))).toEqual(own("point"));
  });

  it("never rejects, whatever the frames do", async () => {
    const broken: Frames = {
      send: () => Promise.reject(new ProtocolError("closed")),
      recv: () => Promise.reject(new ProtocolError("closed")),
      close: () => Promise.resolve(),
    };
    await openChannel(broken, "sender").abort(new ProtocolError("count"));
  });
});

describe("the transcript", () => {
  const LABEL = "halfroom/v1/transcript";

  it("is equal on both sides, changes with each message, and is the hash that the specification says", async () => {
    const { sender, receiver } = open();
    const sent = { sender: [] as Uint8Array[], receiver: [] as Uint8Array[] };
    const expected = () => digest(LABEL, ofFrames(sent.sender), ofFrames(sent.receiver));
    const ofFrames = (frames: readonly Uint8Array[]) => digest(...frames.map((frame) => digest(frame)));
    const seen = new Set<string>();
    for (let i = 0; i < 6; i++) {
      await sender.send(share(i));
      await receiver.recv("seedShare");
      sent.sender.push(encodeFrame(i, share(i)));
      expect([sender.transcript(), receiver.transcript()]).toEqual([expected(), expected()]);
      seen.add(sender.transcript().toString());
      await receiver.send(done(i));
      await sender.recv("done");
      sent.receiver.push(encodeFrame(i, done(i)));
      expect([sender.transcript(), receiver.transcript()]).toEqual([expected(), expected()]);
      seen.add(sender.transcript().toString());
    }
    expect(seen.size).toBe(12);
  });

  it("differs when the two sides saw different messages", async () => {
    const [left, right] = memoryFrames({ idleMs: PATIENT_MS });
    const altered = replaceBytes((frame) => frame.with(frame.length - 1, frame.at(-1)! ^ 1));
    const sender = openChannel(withFault(left, 0, altered), "sender");
    const receiver = openChannel(right, "receiver");
    await sender.send(share(0));
    await receiver.recv("seedShare");
    expect(sender.transcript()).not.toEqual(receiver.transcript());
  });

  it("tells who said what", async () => {
    const oneWay = open();
    await oneWay.sender.send(share(0));
    await oneWay.receiver.recv("seedShare");
    const otherWay = open();
    await otherWay.receiver.send(share(0));
    await otherWay.sender.recv("seedShare");
    expect(oneWay.sender.transcript()).not.toEqual(otherWay.sender.transcript());
  });
});

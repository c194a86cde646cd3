// How a connection ends: the codes on the wire, and what each side makes of them.
import type { ErrorCode } from "@halfroom/wire";
import { describe, expect, it } from "vitest";
import { CLOSE_BUSY, CLOSE_CODES, CLOSE_DONE, closeCodeOf, connect, errorOfClose } from "../src/index.ts";
import { closeCode, failure, openListener, openPair } from "./raw-partner.ts";

/** What was once agreed on does not change. */
const AGREED: Partial<Record<ErrorCode, number>> = {
  version: 4000,
  agreement: 4001,
  refused: 4002,
  malformed: 4003,
  unexpected: 4004,
  sequence: 4005,
  count: 4006,
  point: 4007,
  commitment: 4008,
  transcript: 4009,
  cuckoo: 4010,
  okvs: 4011,
  closed: 4012,
  timeout: 4013,
  internal: 4014,
};
const codes = Object.keys(CLOSE_CODES) as ErrorCode[];

it("the codes are those agreed on, all different, and in the range for private use", () => {
  expect(CLOSE_CODES).toMatchObject(AGREED);
  const all = [...Object.values(CLOSE_CODES), CLOSE_BUSY];
  expect(new Set(all).size).toBe(codes.length + 1);
  for (const code of all) expect(code >= 4000 && code <= 4999).toBe(true);
  expect([CLOSE_DONE, CLOSE_BUSY]).toEqual([1000, 4100]);
});

it("no code ends a session that is done, an unknown one is a defect", () => {
  expect(closeCodeOf(undefined)).toBe(1000);
  for (const unknown of ["nonsense", "", "toString", "__proto__"]) expect(closeCodeOf(unknown)).toBe(4014);
});

describe("over a socket", () => {
  it.each(codes)("%s is told to the partner by its code", async (code) => {
    const { frames, socket } = await openPair();
    const closing = closeCode(socket);
    await frames.close(code);
    expect(await closing).toBe(CLOSE_CODES[code]);
  });

  it.each(codes)("%s is understood from the partner", async (code) => {
    const { frames, socket } = await openPair();
    const receiving = failure(frames.recv());
    socket.close(CLOSE_CODES[code]);
    expect(await receiving).toEqual({ code, fromPartner: true });
    expect(await failure(frames.recv())).toEqual({ code, fromPartner: true });
    expect(await failure(frames.send(Uint8Array.of(1)))).toEqual({ code, fromPartner: true });
  });

  it("a session that is done ends with 1000", async () => {
    const { frames, socket } = await openPair();
    const closing = closeCode(socket);
    await frames.close();
    expect(await closing).toBe(1000);
  });

  it.each([1000, 1001, 1011, 3000, 4099, 4999])(
    "%i from the partner is an end without a reason",
    async (code) => {
      const { frames, socket } = await openPair();
      const receiving = failure(frames.recv());
      socket.close(code);
      expect(await receiving).toEqual({ code: "closed", fromPartner: false });
    },
  );

  it("a lost connection is an end without a reason", async () => {
    const { frames, socket } = await openPair();
    const receiving = failure(frames.recv());
    socket.terminate();
    expect(await receiving).toEqual({ code: "closed", fromPartner: false });
    expect(await failure(frames.send(Uint8Array.of(1)))).toEqual({ code: "closed", fromPartner: false });
  });

  it.each([1002, 1003, 1007, 1009])("%i, a complaint of the library, is malformed", async (code) => {
    const { frames, socket } = await openPair();
    const receiving = failure(frames.recv());
    socket.close(code);
    expect(await receiving).toEqual({ code: "malformed", fromPartner: true });
  });

  it("a listener that has a partner refuses others and keeps its own", async () => {
    const listener = await openListener();
    const limits = { idleMs: 60_000, waitMs: 60_000 };
    const [first, partner] = await Promise.all([connect(listener.address, limits), listener.accept()]);
    for (let i = 0; i < 3; i++) {
      const other = await connect(listener.address, limits);
      expect(await failure(other.recv())).toEqual({ code: "refused", fromPartner: true });
      expect(await failure(other.send(Uint8Array.of(1)))).toEqual({ code: "refused", fromPartner: true });
      await other.close();
    }
    await first.send(Uint8Array.of(7));
    expect([...(await partner.recv())]).toEqual([7]);
    await first.close();
    expect(await failure(partner.recv())).toEqual({ code: "closed", fromPartner: false });
    // The place is free again.
    const [next, nextPartner] = await Promise.all([connect(listener.address, limits), listener.accept()]);
    await nextPartner.send(Uint8Array.of(8));
    expect([...(await next.recv())]).toEqual([8]);
    await Promise.all([next.close(), nextPartner.close(), partner.close()]);
  });

  it("busy is an answer that the caller knows", () => {
    expect(errorOfClose(CLOSE_BUSY)).toMatchObject({ code: "refused", fromPartner: true });
  });
});

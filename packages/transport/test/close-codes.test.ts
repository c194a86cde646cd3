// How a connection ends: the codes on the wire, and what each side makes of them.
import type { ErrorCode } from "@halfroom/wire";
import { describe, expect, it } from "vitest";
import { CLOSE_CODES, CLOSE_DONE, closeCodeOf } from "../src/index.ts";
import { closeCode, failure, openPair } from "./raw-partner.ts";

/** Published codes never change. */
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

it("the codes are the published ones, all different, and in the range for private use", () => {
  expect(CLOSE_CODES).toMatchObject(AGREED);
  const all = Object.values(CLOSE_CODES);
  expect(new Set(all).size).toBe(codes.length);
  for (const code of all) expect(code >= 4000 && code <= 4999).toBe(true);
  expect(CLOSE_DONE).toBe(1000);
});

it("no code means a session that is done, an unknown code a defect", () => {
  expect(closeCodeOf(undefined)).toBe(1000);
  for (const unknown of ["nonsense", "", "toString", "__proto__"]) expect(closeCodeOf(unknown)).toBe(4014);
});

describe("over a link", () => {
  it.each(codes)(
    "%s is told to the partner by its code, as the end and as the connection's",
    async (code) => {
      const { frames, socket, said } = await openPair();
      const closing = closeCode(socket);
      const closed = frames.close(code);
      expect(await said("taken")).toBe("taken 0");
      expect(await said("end")).toBe(`end 0 ${CLOSE_CODES[code]}`);
      socket.send("ended");
      expect(await closing).toBe(CLOSE_CODES[code]);
      await closed;
    },
  );

  it.each(codes)(
    "%s is understood from the partner, in a message or as the connection's close code",
    async (code) => {
      for (const end of ["said", "closed"]) {
        const { frames, socket } = await openPair();
        const receiving = failure(frames.recv());
        if (end === "said") socket.send(`end 0 ${CLOSE_CODES[code]}`);
        else socket.close(CLOSE_CODES[code]);
        expect(await receiving).toEqual({ code, fromPartner: true });
        expect(await failure(frames.recv())).toEqual({ code, fromPartner: true });
        expect(await failure(frames.send(Uint8Array.of(1)))).toEqual({ code, fromPartner: true });
      }
    },
  );

  it("a session that is done ends with 1000", async () => {
    const { frames, socket, said } = await openPair();
    const closing = closeCode(socket);
    const closed = frames.close();
    expect(await said("taken")).toBe("taken 0");
    expect(await said("end")).toBe("end 0 1000");
    socket.send("ended");
    expect(await closing).toBe(1000);
    await closed;
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
});

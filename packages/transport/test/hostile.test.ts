// A partner that breaks the rules of the socket: frames of the wrong size or kind, silence, bytes that are no frames.
import { once } from "node:events";
import { FRAME_BYTES_MAX } from "@halfroom/wire";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { AddressError, connect } from "../src/index.ts";
import { closeCode, failure, openListener, openPair, openSocket, openTcp } from "./raw-partner.ts";

const PATIENT = { idleMs: 60_000, waitMs: 60_000 };
const malformed = { code: "malformed", fromPartner: false };

describe("frames above the limit", () => {
  it("the largest frame passes", async () => {
    const { frames, socket } = await openPair();
    socket.send(new Uint8Array(FRAME_BYTES_MAX).fill(3));
    expect(Buffer.compare(await frames.recv(), Buffer.alloc(FRAME_BYTES_MAX, 3))).toBe(0);
  });

  it.each([FRAME_BYTES_MAX + 1, 4 * FRAME_BYTES_MAX])("%i bytes end the connection", async (length) => {
    const { frames, socket } = await openPair();
    const closing = closeCode(socket);
    socket.send(new Uint8Array(length));
    expect(await failure(frames.recv())).toEqual(malformed);
    expect(await closing).toBe(1009);
  });

  it("a length of nearly 2^63 is refused by its announcement, before any of it is there", async () => {
    const listener = await openListener();
    const [frames, tcp] = await Promise.all([listener.accept(), openTcp(listener.address)]);
    tcp.write(Buffer.from("82ff001fffffffffffff00000000", "hex"));
    expect(await failure(frames.recv())).toEqual(malformed);
  });

  it("pieces that only together are too long are refused as well", async () => {
    const { frames, socket } = await openPair();
    const piece = new Uint8Array(FRAME_BYTES_MAX / 2 + 1);
    socket.send(piece, { fin: false });
    socket.send(piece, { fin: false });
    expect(await failure(frames.recv())).toEqual(malformed);
  });

  it("on the calling side too", async () => {
    const listener = await openListener();
    const [left, right] = await Promise.all([connect(listener.address, PATIENT), listener.accept()]);
    void right.send(new Uint8Array(FRAME_BYTES_MAX + 1)).catch(() => {});
    expect(await failure(left.recv())).toEqual(malformed);
    expect(await failure(right.recv())).toEqual({ code: "malformed", fromPartner: true });
    await Promise.all([left.close(), right.close()]);
  });

  it("what came before is delivered", async () => {
    const { frames, socket } = await openPair();
    socket.send(Uint8Array.of(1));
    socket.send(Uint8Array.of(2));
    socket.send(new Uint8Array(FRAME_BYTES_MAX + 1));
    expect([...(await frames.recv())]).toEqual([1]);
    expect([...(await frames.recv())]).toEqual([2]);
    expect(await failure(frames.recv())).toEqual(malformed);
  });
});

describe("what is no binary frame", () => {
  it("text ends the connection with the code for malformed", async () => {
    const { frames, socket } = await openPair();
    const closing = closeCode(socket);
    socket.send("text");
    expect(await failure(frames.recv())).toEqual(malformed);
    expect(await closing).toBe(4003);
  });

  it.each([
    ["reserved bits", "f28000000000"],
    ["an operation that does not exist", "838000000000"],
    ["a client's frame without a mask", "820101"],
    ["a fragment that continues nothing", "808000000000"],
    ["a ping of more than 125 bytes", "89fe00800000000000"],
    ["the answer of another protocol", Buffer.from("HTTP/1.1 200 OK\r\n\r\n").toString("hex")],
  ])("%s", async (_name, bytes) => {
    const listener = await openListener();
    const [frames, tcp] = await Promise.all([listener.accept(), openTcp(listener.address)]);
    tcp.write(Buffer.from(bytes, "hex"));
    expect(await failure(frames.recv())).toEqual(malformed);
  });

  it("compression is not offered: a small frame never grows into a large one", async () => {
    const listener = await openListener();
    const accepting = listener.accept();
    const socket = await openSocket(listener.address, { perMessageDeflate: true });
    expect(socket.extensions).toBe("");
    await (await accepting).close();
  });
});

describe("who is let in", () => {
  it("no page of a browser", async () => {
    const listener = await openListener();
    const page = new WebSocket(listener.address, { origin: "http://127.0.0.1" });
    const [error] = (await once(page, "error")) as [Error];
    expect(error.message).toContain("401");
    // The listener still has its place free.
    const [frames, socket] = await Promise.all([listener.accept(), openSocket(listener.address)]);
    socket.send(Uint8Array.of(5));
    expect([...(await frames.recv())]).toEqual([5]);
    await frames.close();
  });

  it("only callers of this machine are listened to and called", async () => {
    for (const host of ["0.0.0.0", "192.0.2.1", "::", "example.org", "127.0.0.1.example.org"]) {
      await expect(openListener({ host })).rejects.toMatchObject({ code: "refused" });
    }
    const addresses = [
      "ws://192.0.2.1:7400",
      "ws://example.org:7400",
      "wss://127.0.0.1:7400",
      "http://127.0.0.1:7400",
      "127.0.0.1:7400",
      "",
    ];
    for (const address of addresses) {
      expect(await failure(connect(address, PATIENT))).toEqual({ code: "refused", fromPartner: false });
    }
  });
});

describe("time limits", () => {
  it("nobody to call is a timeout", async () => {
    const listener = await openListener();
    await listener.close();
    const calling = connect(listener.address, { idleMs: 60_000, waitMs: 600 });
    expect(await failure(calling)).toEqual({ code: "timeout", fromPartner: false });
  });

  it("somebody who is called before it listens is called again", async () => {
    const vacated = await openListener();
    await vacated.close();
    const calling = connect(vacated.address, PATIENT);
    await new Promise((resolve) => setTimeout(resolve, 400));
    const listener = await openListener({ port: Number(new URL(vacated.address).port) });
    const [left, right] = await Promise.all([calling, listener.accept()]);
    await left.send(Uint8Array.of(4));
    expect([...(await right.recv())]).toEqual([4]);
    await Promise.all([left.close(), right.close()]);
  });

  it("nobody who calls is a timeout, a closed listener is closed", async () => {
    const impatient = await openListener({ waitMs: 50 });
    expect(await failure(impatient.accept())).toEqual({ code: "timeout", fromPartner: false });
    const listener = await openListener();
    const accepting = failure(listener.accept());
    await listener.close();
    expect(await accepting).toEqual({ code: "closed", fromPartner: false });
    expect(await failure(listener.accept())).toEqual({ code: "closed", fromPartner: false });
  });

  it("a port that is taken cannot be listened on", async () => {
    const listener = await openListener();
    const port = Number(new URL(listener.address).port);
    await expect(openListener({ port })).rejects.toThrow(AddressError);
  });

  it("a partner that was not accepted yet is told when the listener closes", async () => {
    const listener = await openListener();
    const caller = await connect(listener.address, PATIENT);
    const receiving = failure(caller.recv());
    // It has called; the listener has met it once a second caller is told so.
    const second = await connect(listener.address, PATIENT);
    expect(await failure(second.recv())).toEqual({ code: "refused", fromPartner: true });
    await listener.close();
    expect(await receiving).toEqual({ code: "closed", fromPartner: true });
    await Promise.all([caller.close(), second.close()]);
  });

  it("a dead partner is noticed while nobody waits for it", async () => {
    const listener = await openListener({ idleMs: 100, pingMs: 20 });
    const [frames, tcp] = await Promise.all([listener.accept(), openTcp(listener.address)]);
    // It reads, but answers no ping.
    tcp.resume();
    await once(tcp, "close");
    expect(await failure(frames.recv())).toEqual({ code: "timeout", fromPartner: false });
    expect(await failure(frames.send(Uint8Array.of(1)))).toEqual({ code: "timeout", fromPartner: false });
  });

  it("a partner that answers pings may be silent for longer than that", async () => {
    const { frames, socket } = await openPair({ idleMs: 100, pingMs: 20 });
    let pings = 0;
    socket.on("ping", () => pings++);
    while (pings < 15) await once(socket, "ping");
    socket.send(Uint8Array.of(6));
    expect([...(await frames.recv())]).toEqual([6]);
  });
});

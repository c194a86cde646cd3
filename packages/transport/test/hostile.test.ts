// A partner that breaks the rules of the socket: frames of the wrong size or kind, silence, bytes that are not frames.
import { once } from "node:events";
import { FRAME_BYTES_MAX } from "@halfroom/wire";
import { describe, expect, it, onTestFinished } from "vitest";
import { connectTls, listenTls, splitAddress } from "../src/index.ts";
import { callSocket, openLink } from "./raw-link.ts";
import { closeCode, failure, openBytes, openListener, openPair } from "./raw-partner.ts";
import { makeParty } from "./tls-fixtures.ts";
import { tlsPair } from "./tls-pair.ts";

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

  it("a length of nearly 2^63 is refused when it is announced, before any of it arrives", async () => {
    const { frames, tls } = await openBytes();
    tls.write(Buffer.from("82ff001fffffffffffff00000000", "hex"));
    expect(await failure(frames.recv())).toEqual(malformed);
  });

  it("fragments that are too long only together are refused as well", async () => {
    const { frames, socket } = await openPair();
    const piece = new Uint8Array(FRAME_BYTES_MAX / 2 + 1);
    socket.send(piece, { fin: false });
    socket.send(piece, { fin: false });
    expect(await failure(frames.recv())).toEqual(malformed);
  });

  it("on the calling side too", async () => {
    const { caller: left, listener: right, close } = await tlsPair({ idleMs: 60_000 });
    onTestFinished(close);
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

describe("anything but a binary frame", () => {
  it.each([
    ["reserved bits", "f28000000000"],
    ["an operation that does not exist", "838000000000"],
    ["a client's frame without a mask", "820101"],
    ["a fragment that continues nothing", "808000000000"],
    ["a ping of more than 125 bytes", "89fe00800000000000"],
    ["the answer of another protocol", Buffer.from("HTTP/1.1 200 OK\r\n\r\n").toString("hex")],
  ])("%s", async (_name, bytes) => {
    const { frames, tls } = await openBytes();
    tls.write(Buffer.from(bytes, "hex"));
    expect(await failure(frames.recv())).toEqual(malformed);
  });

  it("compression is not offered: a small frame never grows into a large one", async () => {
    const { socket } = await openPair({}, { perMessageDeflate: true });
    expect(socket.extensions).toBe("");
  });
});

it("a browser's page is never let in, whatever certificate it uses", async () => {
  const { address, party, met } = await openListener();
  const page = await callSocket(address, party, { origin: "https://example.com" });
  const [error] = (await once(page, "error")) as [Error];
  expect(error.message).toContain("401");
  const { socket, said } = await openLink(address, party, "ab".repeat(32));
  await said("link");
  socket.send(Uint8Array.of(5));
  expect([...(await (await met()).recv())]).toEqual([5]);
});

describe("time limits", () => {
  it("a partner that does not listen yet is called again", async () => {
    const [left, right] = await Promise.all([makeParty("left"), makeParty("right")]);
    const limits = { idleMs: 60_000, resumeMs: 0 };
    const listening = (port: number) =>
      listenTls({
        ...limits,
        host: "127.0.0.1",
        port,
        identity: right.identity,
        admit: () => true,
        meet: ({ frames }) => void frames.send(Uint8Array.of(4)),
      });
    const vacated = await listening(0);
    await vacated.close();
    const calling = connectTls({
      ...limits,
      address: vacated.address,
      identity: left.identity,
      purpose: "session",
      fingerprint: right.fingerprint,
      waitMs: 60_000,
    });
    await new Promise((resolve) => setTimeout(resolve, 700));
    const { close } = await listening(splitAddress(vacated.address).port);
    onTestFinished(close);
    const { frames } = await calling;
    expect([...(await frames.recv())]).toEqual([4]);
    await frames.close("closed");
  });

  it("a port that is taken cannot be listened on", async () => {
    const { address } = await openListener();
    await expect(openListener({ port: splitAddress(address).port })).rejects.toMatchObject({
      code: "closed",
    });
  });

  it("a dead partner is noticed while nobody waits for it", async () => {
    const { frames, tls } = await openBytes({ idleMs: 200 });
    // It reads, but answers no ping.
    tls.resume();
    await once(tls, "close");
    expect(await failure(frames.recv())).toEqual({ code: "closed", fromPartner: false });
    expect(await failure(frames.send(Uint8Array.of(1)))).toEqual({ code: "closed", fromPartner: false });
  });

  it("a partner that answers pings may be silent for longer than that", async () => {
    const { frames, socket } = await openPair({ idleMs: 200 });
    let pings = 0;
    socket.on("ping", () => pings++);
    while (pings < 30) await once(socket, "ping");
    socket.send(Uint8Array.of(6));
    expect([...(await frames.recv())]).toEqual([6]);
  });
});

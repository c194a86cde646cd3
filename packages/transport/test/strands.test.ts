// Several connections of one link: frames go over all of them and arrive in order, and a lost one costs nothing but time.
import { seededRng } from "@halfroom/testkit";
import type { Frames } from "@halfroom/wire";
import { afterEach, describe, expect, it } from "vitest";
import { WINDOW_BYTES } from "../src/index.ts";
import { framesSuite } from "./frames-suite.ts";
import { closeCode, failure, openPair } from "./raw-partner.ts";
import { openLink } from "./raw-link.ts";
import { tlsPair, type PairOptions } from "./tls-pair.ts";

const MEBIBYTE = 1 << 20;
const PATIENT_MS = 60_000;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A partner that counts as far, however near it is. */
async function far(options: Partial<PairOptions> = {}) {
  const opened = await tlsPair({ idleMs: PATIENT_MS, farMs: 0, ...options });
  closing.push(opened.close);
  return opened;
}

for (const [name, ends] of [
  ["caller first", (left: Frames, right: Frames) => [left, right] as [Frames, Frames]],
  ["listener first", (left: Frames, right: Frames) => [right, left] as [Frames, Frames]],
] as const) {
  framesSuite({
    name: `TLS over several connections, ${name}`,
    open: async (idleMs) => {
      const { caller, listener } = await far({ idleMs });
      return ends(caller, listener);
    },
    onTheWayBytesMax: WINDOW_BYTES + MEBIBYTE,
  });
}

const FRAMES = Array.from({ length: 200 }, (_, i) => seededRng(`frame ${i}`).bytes((i * 7919) % 60_000));

async function exchange(caller: Frames, listener: Frames): Promise<void> {
  const sendAll = async (end: Frames) => {
    for (const frame of FRAMES) await end.send(frame);
  };
  const takeAll = async (end: Frames) => {
    for (const [i, frame] of FRAMES.entries())
      if (Buffer.compare(await end.recv(), frame) !== 0) expect.fail(`frame ${i} differs from what was sent`);
  };
  await Promise.all([sendAll(caller), sendAll(listener), takeAll(caller), takeAll(listener)]);
}

describe("frames of both sides at once", () => {
  it("go over several connections, and arrive each once and in order", async () => {
    const { caller, listener, proxy } = await far();
    // Frames go over the first connection until the others stand.
    const used = () => proxy.bytes().filter((bytes) => bytes > MEBIBYTE).length;
    for (let round = 0; round < 40 && used() < 3; round++) await exchange(caller, listener);
    expect(used()).toBeGreaterThan(2);
    await caller.close();
    expect(await failure(listener.recv())).toEqual({ code: "closed", fromPartner: false });
    await listener.close();
  });

  it("arrive though any of the connections is cut", async () => {
    const { caller, listener, proxy, met } = await far({
      bytesOf: (n) => (n < 30 ? 400_000 + n * 20_000 : Infinity),
    });
    await exchange(caller, listener);
    await caller.close();
    await listener.close();
    expect(proxy.cuts()).toBeGreaterThan(3);
    expect(met()).toBe(1);
  });
});

describe("a further connection", () => {
  const NAME = "0123456789abcdef".repeat(4);

  it("is refused for a link that is not known, and beyond eight in all", async () => {
    const { address, party } = await openPair();
    const stranger = await openLink(address, party);
    stranger.socket.send(`strand ${"f".repeat(64)}`);
    expect(await closeCode(stranger.socket)).toBe(4016);
    for (let strand = 1; strand < 8; strand++) {
      const { socket, said } = await openLink(address, party);
      socket.send(`strand ${NAME}`);
      expect(await said("strand")).toBe(`strand ${NAME}`);
    }
    const ninth = await openLink(address, party);
    ninth.socket.send(`strand ${NAME}`);
    expect(await closeCode(ninth.socket)).toBe(4016);
  });

  it.each([
    ["a frame without a number", (send: Send) => send(Uint8Array.of(1))],
    ["a control message of the link", (send: Send) => send("taken 0")],
    [
      "a number that was there",
      (send: Send) => [send("at 5"), send(Uint8Array.of(1)), send("at 5"), send(Uint8Array.of(1))],
    ],
  ])("that sends %s ends the link as malformed", async (_, break_) => {
    const { address, party, frames } = await openPair();
    const { socket, said } = await openLink(address, party);
    socket.send(`strand ${NAME}`);
    await said("strand");
    break_((data) => socket.send(data));
    expect(await failure(frames.recv())).toEqual({ code: "malformed", fromPartner: false });
  });
});

type Send = (data: Uint8Array | string) => void;

// After a lost connection comes back, the frames continue where they stopped: each once, in order.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { seededRng } from "@halfroom/testkit";
import type { Frames } from "@halfroom/wire";
import { afterEach, describe, expect, it } from "vitest";
import { listenTls, WINDOW_BYTES } from "../src/index.ts";
import { framesSuite } from "./frames-suite.ts";
import { openLink } from "./raw-link.ts";
import { closeCode, failure } from "./raw-partner.ts";
import { makeParty } from "./tls-fixtures.ts";
import { tlsPair, type PairOptions } from "./tls-pair.ts";

const KIBIBYTE = 1 << 10;
const MEBIBYTE = 1 << 20;
const PATIENT_MS = 60_000;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function pair(options: Partial<PairOptions> = {}) {
  const opened = await tlsPair({ idleMs: PATIENT_MS, ...options });
  closing.push(opened.close);
  return opened;
}

/** A number from `low` to `high`, the same for the same seed and n. */
function numberOf(seed: string, n: number, low: number, high: number): number {
  const word = createHash("sha256").update(`${seed} ${n}`).digest().readUInt32LE();
  return low + (word % (high - low + 1));
}

/** Enough for the handshakes, so that every connection gets something across. */
const FIRST_BYTES = 16 * KIBIBYTE;

// Every rule of `Frames`, over a connection that never lasts long. At most 8 MiB wait to be taken.
for (const [name, ends] of [
  ["caller first", (left: Frames, right: Frames) => [left, right] as [Frames, Frames]],
  ["listener first", (left: Frames, right: Frames) => [right, left] as [Frames, Frames]],
] as const) {
  framesSuite({
    name: `TLS that is cut again and again, ${name}`,
    open: async (idleMs) => {
      const { caller, listener } = await pair({
        idleMs,
        bytesOf: (n) => numberOf(name, n, 2 * MEBIBYTE, 8 * MEBIBYTE),
      });
      return ends(caller, listener);
    },
    onTheWayBytesMax: WINDOW_BYTES + MEBIBYTE,
  });
}

describe("frames of both sides at once, and the end", () => {
  it.each(["one", "two", "three"])("arrive each once and in order, seed %s", async (seed) => {
    const { caller, listener, proxy, met } = await pair({
      bytesOf: (n) => numberOf(seed, n, FIRST_BYTES, 200 * KIBIBYTE),
    });
    const rng = seededRng(seed);
    const frames = Array.from({ length: 120 }, (_, i) => rng.bytes(numberOf(`${seed} size`, i, 0, 30_000)));
    const sendAll = async (end: Frames) => {
      for (const frame of frames) await end.send(frame);
    };
    const takeAll = async (end: Frames) => {
      for (const [i, frame] of frames.entries()) {
        if (Buffer.compare(await end.recv(), frame) !== 0)
          expect.fail(`frame ${i} differs from what was sent`);
      }
    };
    await Promise.all([sendAll(caller), sendAll(listener), takeAll(caller), takeAll(listener)]);
    await caller.close();
    expect(await failure(listener.recv())).toEqual({ code: "closed", fromPartner: false });
    await listener.close();
    expect(proxy.cuts()).toBeGreaterThan(5);
    expect(met()).toBe(1);
  });

  it("lose nothing when the connection is cut after the last frame, before it was read", async () => {
    const { caller, listener, proxy } = await pair();
    for (let round = 0; round < 10; round++) {
      const sending = [caller.send(Uint8Array.of(1, round)), listener.send(Uint8Array.of(2, round))];
      proxy.cut();
      expect([...(await listener.recv())]).toEqual([1, round]);
      expect([...(await caller.recv())]).toEqual([2, round]);
      await Promise.all(sending);
    }
    const sending = listener.send(Uint8Array.of(3));
    const closed = listener.close("refused");
    proxy.cut();
    expect([...(await caller.recv())]).toEqual([3]);
    expect(await failure(caller.recv())).toEqual({ code: "refused", fromPartner: true });
    await Promise.all([sending, closed, caller.close()]);
  });
});

describe("a connection that does not come back", () => {
  it("ends both sides when the time is over", async () => {
    const { caller, listener, proxy } = await pair({ resumeMs: 300 });
    const receiving = [failure(caller.recv()), failure(listener.recv())];
    proxy.close();
    for (const ended of receiving) expect(await ended).toEqual({ code: "closed", fromPartner: false });
    await Promise.all([caller.close(), listener.close()]);
  });

  it("ends both sides at once where nothing is to be resumed", async () => {
    const { caller, listener, proxy } = await pair({ resumeMs: 0 });
    const receiving = [failure(caller.recv()), failure(listener.recv())];
    proxy.cut();
    for (const ended of receiving) expect(await ended).toEqual({ code: "closed", fromPartner: false });
  });

  it("is told at once if the partner was restarted in the meantime", async () => {
    const [left, right] = await Promise.all([makeParty("left"), makeParty("right")]);
    const start = async (port: number) => {
      const met: Frames[] = [];
      const listener = await listenTls({
        host: "127.0.0.1",
        port,
        idleMs: PATIENT_MS,
        resumeMs: PATIENT_MS,
        identity: right.identity,
        admit: () => true,
        meet: ({ frames }) => met.push(frames),
      });
      closing.push(listener.close);
      return { ...listener, met };
    };
    const before = await start(0);
    const name = "ab".repeat(32);
    const first = await openLink(before.address, left, name, 0);
    await first.said("link");
    // As a caller that has received one frame of a process that no longer runs.
    await before.close();
    const after = await start(Number(before.address.split(":")[1]));
    const again = await openLink(after.address, left, name, 1);
    expect(await closeCode(again.socket)).toBe(4012);
    expect(after.met).toEqual([]);
  });
});

describe("a pinned caller that follows no rules", () => {
  async function listening() {
    const [left, right, third] = await Promise.all(["left", "right", "third"].map(makeParty));
    const met: Frames[] = [];
    const listener = await listenTls({
      host: "127.0.0.1",
      port: 0,
      idleMs: PATIENT_MS,
      resumeMs: 1000,
      identity: right!.identity,
      admit: () => true,
      meet: ({ frames }) => met.push(frames),
    });
    closing.push(listener.close);
    return { address: listener.address, met, left: left!, third: third! };
  }
  const NAME = "0123456789abcdef".repeat(4);

  it("cannot take over somebody else's link, even knowing its name", async () => {
    const { address, met, left, third } = await listening();
    const owner = await openLink(address, left, NAME, 0);
    expect(await owner.said("link")).toBe(`link ${NAME} 0`);
    await met[0]!.send(Uint8Array.of(7));
    const thief = await openLink(address, third, NAME, 1);
    expect(await closeCode(thief.socket)).toBe(4012);
    const other = await openLink(address, third, NAME, 0);
    await other.said("link");
    expect(met).toHaveLength(2);
    other.socket.send(Uint8Array.of(9));
    expect([...(await met[1]!.recv())]).toEqual([9]);
    owner.socket.send(Uint8Array.of(8));
    expect([...(await met[0]!.recv())]).toEqual([8]);
  });

  it.each([
    ["a frame before its first message", Uint8Array.of(1)],
    ["no control message", "hello"],
    ["a name of another length", `link ${"a".repeat(63)} 0`],
    ["a count with a leading zero", `link ${NAME} 01`],
    ["a message that is longer than any", `link ${NAME} ${"1".repeat(100_000)}`],
    ["a count of 2^32", `link ${NAME} 4294967296`],
    ["a message out of turn", "taken 0"],
  ])("is left for %s", async (_name, word) => {
    const { address, met, left } = await listening();
    const { socket } = await openLink(address, left);
    socket.send(word);
    expect(await closeCode(socket)).toBe(4003);
    expect(met).toEqual([]);
  });

  it.each([
    ["a second first message", `link ${NAME} 0`],
    ["frames taken that were never sent", "taken 2"],
    ["fewer frames at the end than it sent", "end 0 1000"],
    ["more frames at the end than it sent", "end 2 1000"],
    ["an answer without a question", "ended"],
    ["an end that says nothing of how", "end 1 0000"],
    ["an end with a code of connections", "end 1 1006"],
    ["an end with a code for others", "end 1 3000"],
    ["an end with a code beyond all", "end 1 5000"],
    ["a line end", "end 1 1000\n"],
    ["text", "text"],
  ])("ends its session by %s", async (_name, word) => {
    const { address, met, left } = await listening();
    const { socket, said } = await openLink(address, left, NAME, 0);
    await said("link");
    await met[0]!.send(Uint8Array.of(5));
    socket.send(Uint8Array.of(1));
    expect([...(await met[0]!.recv())]).toEqual([1]);
    socket.send(word);
    expect(await closeCode(socket)).toBe(4003);
    expect(await failure(met[0]!.recv())).toEqual({ code: "malformed", fromPartner: false });
  });

  it("ends its session by falling or impossible counts when it comes back", async () => {
    for (const [taken, received] of [
      [1, 0],
      [0, 2],
    ] as const) {
      const { address, met, left } = await listening();
      const first = await openLink(address, left, NAME, 0);
      await first.said("link");
      const sent = once(first.socket, "message");
      await met[0]!.send(Uint8Array.of(5));
      await sent;
      first.socket.send(`taken ${taken}`);
      // An answered ping: everything sent before it has arrived.
      first.socket.ping();
      await once(first.socket, "pong");
      const again = await openLink(address, left, NAME, received);
      expect(await closeCode(again.socket)).toBe(4003);
      expect(await failure(met[0]!.recv())).toEqual({ code: "malformed", fromPartner: false });
    }
  });

  it("fills no memory beyond the window", async () => {
    const { address, met, left } = await listening();
    const { socket, said } = await openLink(address, left, NAME, 0);
    await said("link");
    const closed = closeCode(socket);
    for (let sent = 0; sent <= WINDOW_BYTES; sent += MEBIBYTE / 2) socket.send(new Uint8Array(MEBIBYTE / 2));
    expect(await closed).toBe(4003);
    const taking = async () => {
      for (;;) await met[0]!.recv();
    };
    expect(await failure(taking())).toEqual({ code: "malformed", fromPartner: false });
  });
});

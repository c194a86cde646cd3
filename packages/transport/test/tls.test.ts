// Who gets through TLS, and that nobody else gets a byte.
import { once } from "node:events";
import { connect as connectTcp, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { connect as connectPlainTls, createServer as createTlsServer } from "node:tls";
import type { TLSSocket } from "node:tls";
import { ProtocolError } from "@halfroom/wire";
import type { Frames } from "@halfroom/wire";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { PURPOSES, WINDOW_BYTES, connectTls, listenTls, splitAddress } from "../src/index.ts";
import type { ListenTlsOptions, Purpose, TlsConnection, TlsListener } from "../src/index.ts";
import { framesSuite } from "./frames-suite.ts";
import { makeParty } from "./tls-fixtures.ts";
import type { Party } from "./tls-fixtures.ts";
import { tlsPair } from "./tls-pair.ts";

const MEBIBYTE = 1 << 20;
let server: Party;
let client: Party;
let stranger: Party;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  [server, client, stranger] = await Promise.all([
    makeParty("server"),
    makeParty("client"),
    makeParty("stranger"),
  ]);
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Node extends TlsListener {
  readonly met: TlsConnection[];
  readonly refused: (string | undefined)[];
}

async function node(options: Partial<ListenTlsOptions> = {}): Promise<Node> {
  const met: TlsConnection[] = [];
  const refused: (string | undefined)[] = [];
  const listener = await listenTls({
    host: "127.0.0.1",
    port: 0,
    idleMs: 60_000,
    resumeMs: 10_000,
    identity: server.identity,
    admit: (fingerprint, purpose) => purpose === "session" && fingerprint === client.fingerprint,
    meet: (connection) => met.push(connection),
    // Hundreds of callers come from this one address.
    door: { addressStrangersMax: 100, handshakesPerSecond: 10_000, addressHandshakesPerSecond: 10_000 },
    onTurnedAway: (_why, fingerprint) => refused.push(fingerprint),
    ...options,
  });
  closing.push(listener.close);
  return { ...listener, met, refused };
}

function call(
  address: string,
  party: Party,
  options: { pin?: string; purpose?: Purpose; waitMs?: number } = {},
) {
  const { pin = server.fingerprint, purpose = "session", waitMs = 30_000 } = options;
  return connectTls({
    address,
    identity: party.identity,
    purpose,
    fingerprint: pin,
    waitMs,
    idleMs: 60_000,
    resumeMs: 10_000,
  });
}

async function codeOf(calling: Promise<TlsConnection>): Promise<string> {
  const outcome = await calling.then(
    async ({ frames }) => {
      await frames.close();
      return "connected";
    },
    (error: unknown) => error,
  );
  if (outcome instanceof ProtocolError) return outcome.code;
  if (typeof outcome === "string") return outcome;
  throw outcome;
}

/** A TLS client that is not ours, and what became of it. */
async function plainClient(
  address: string,
  options: object,
): Promise<{ socket: TLSSocket; ended: Promise<string> }> {
  const socket = connectPlainTls({ ...splitAddress(address), rejectUnauthorized: false, ...options });
  closing.push(() => socket.destroy());
  const ended = new Promise<string>((resolve) => {
    socket.once("error", (error: Error & { code?: string }) => resolve(error.code ?? error.message));
    socket.once("close", () => resolve("closed"));
  });
  return { socket, ended };
}

describe("pinned certificates", () => {
  it("let two nodes that know each other talk, and name each to the other", async () => {
    const { address, met } = await node();
    const { frames, peer } = await call(address, client);
    expect(peer.fingerprint).toBe(server.fingerprint);
    await frames.send(Uint8Array.of(1, 2, 3));
    expect(met[0]!.peer).toMatchObject({ fingerprint: client.fingerprint, purpose: "session" });
    expect([...(await met[0]!.frames.recv())]).toEqual([1, 2, 3]);
    await frames.close();
  });

  it("let the caller see the other node's clock", async () => {
    const { address } = await node();
    const { frames, aheadMs } = await call(address, client);
    expect(Math.abs(aheadMs!)).toBeLessThan(60_000);
    await frames.close();
  });

  it("stop a caller whose certificate is not pinned", async () => {
    const { address, met, refused } = await node();
    expect(await codeOf(call(address, stranger))).toBe("identity");
    expect(refused).toEqual([stranger.fingerprint]);
    expect(met).toEqual([]);
  });

  it("stop each of many such callers, whatever the packets look like", async () => {
    const { address, met, refused } = await node();
    for (let round = 0; round < 10; round++) {
      const calls = Array.from({ length: 10 }, () => codeOf(call(address, stranger)));
      expect(new Set(await Promise.all(calls))).toEqual(new Set(["identity"]));
    }
    expect(refused).toHaveLength(100);
    expect(met).toEqual([]);
  });

  it("stop a caller that comes for a purpose it is not allowed", async () => {
    const { address, met, refused } = await node();
    expect(await codeOf(call(address, client, { purpose: "join" }))).toBe("identity");
    expect(refused).toEqual([client.fingerprint]);
    expect(met).toEqual([]);
  });

  it("make a caller leave a node that is not the pinned one without a byte", async () => {
    const read: Buffer[] = [];
    const impostor = createTlsServer({
      key: stranger.identity.key,
      cert: stranger.identity.certificate,
      requestCert: true,
      rejectUnauthorized: false,
      ALPNProtocols: [PURPOSES.session],
    });
    impostor.on("secureConnection", (socket) => {
      socket.on("data", (chunk: Buffer) => read.push(chunk));
      socket.on("error", () => {});
    });
    // The caller may be gone before this side's handshake is done.
    impostor.on("tlsClientError", () => {});
    const gone = new Promise((resolve) => {
      impostor.on("connection", (socket: Socket) => socket.on("close", resolve));
    });
    impostor.listen(0, "127.0.0.1");
    await once(impostor, "listening");
    closing.push(() => impostor.close());
    const address = `127.0.0.1:${(impostor.address() as AddressInfo).port}`;
    expect(await codeOf(call(address, client))).toBe("identity");
    await gone;
    expect(read).toEqual([]);
  });

  it("stop a caller without a certificate", async () => {
    const { address, met, refused } = await node();
    const { ended } = await plainClient(address, { ALPNProtocols: [PURPOSES.session] });
    expect(await ended).toBe("closed");
    expect(refused).toEqual([undefined]);
    expect(met).toEqual([]);
  });

  it("stop a caller that shows a pinned certificate without holding its key", async () => {
    const { address, met } = await node();
    const forged = { key: stranger.identity.key, cert: client.identity.certificate };
    await expect(plainClient(address, { ...forged, ALPNProtocols: [PURPOSES.session] })).rejects.toThrow(
      /key/,
    );
    expect(met).toEqual([]);
  });
});

it("speaks nothing older than TLS 1.3", async () => {
  const { address, met } = await node();
  const { key, certificate: cert } = client.identity;
  const options = { key, cert, ALPNProtocols: [PURPOSES.session] };
  const old = await plainClient(address, { ...options, maxVersion: "TLSv1.2" });
  expect(await old.ended).toMatch(/PROTOCOL_VERSION/);
  const current = await plainClient(address, options);
  await once(current.socket, "secureConnect");
  expect(current.socket.getProtocol()).toBe("TLSv1.3");
  expect(met).toEqual([]);
});

it("answers no page and no plain HTTP request", async () => {
  const { address, met } = await node();
  const { key, certificate: cert } = client.identity;
  const { socket } = await plainClient(address, { key, cert, ALPNProtocols: [PURPOSES.session] });
  await once(socket, "secureConnect");
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const [answer] = (await once(socket, "data")) as [Buffer];
  expect(answer.toString("latin1")).toMatch(/^HTTP\/1\.1 426 /);
  expect(met).toEqual([]);
});

it("says where nobody answers", async () => {
  const { address, close } = await node();
  await close();
  expect(await codeOf(call(address, client, { waitMs: 700 }))).toBe("timeout");
  expect(await codeOf(call("no port", client))).toBe("refused");
});

it("serves several callers at the same time", async () => {
  const { address, met } = await node();
  const callers = await Promise.all([1, 2, 3].map(() => call(address, client)));
  for (const [i, { frames }] of callers.entries()) await frames.send(Uint8Array.of(i));
  const heard = await Promise.all(met.map(async ({ frames }) => (await frames.recv())[0]));
  expect(new Set(heard)).toEqual(new Set([0, 1, 2]));
  await Promise.all(callers.map(({ frames }) => frames.close()));
});

/** What a TCP load balancer does: copies bytes without understanding them. */
async function loadBalancer(target: string): Promise<string> {
  const sockets: Socket[] = [];
  const proxy = createServer((incoming) => {
    const outgoing = connectTcp(splitAddress(target));
    sockets.push(incoming, outgoing);
    for (const socket of [incoming, outgoing]) socket.on("error", () => {});
    incoming.pipe(outgoing).pipe(incoming);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  closing.push(() => {
    proxy.close();
    for (const socket of sockets) socket.destroy();
  });
  return `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

it("works behind a TCP load balancer, pins included", async () => {
  const { address, met } = await node();
  const balanced = await loadBalancer(address);
  const { frames } = await call(balanced, client);
  await frames.send(Uint8Array.of(9));
  expect([...(await met[0]!.frames.recv())]).toEqual([9]);
  await frames.close();
  expect(await codeOf(call(balanced, stranger))).toBe("identity");
});

async function overTls(idleMs: number): Promise<[Frames, Frames]> {
  const pair = await tlsPair({ idleMs });
  closing.push(pair.close);
  return [pair.caller, pair.listener];
}

// At most 8 MiB wait to be taken.
framesSuite({ name: "TLS, caller first", open: overTls, onTheWayBytesMax: WINDOW_BYTES + MEBIBYTE });
framesSuite({
  name: "TLS, listener first",
  open: async (idleMs) => (await overTls(idleMs)).reverse() as [Frames, Frames],
  onTheWayBytesMax: WINDOW_BYTES + MEBIBYTE,
});

describe("a stranger that speaks no TLS is named by its first bytes", () => {
  it.each([
    ["GET / HTTP/1.1\r\n\r\n", "not-tls-http"],
    ["PROXY TCP4 10.0.0.1 10.0.0.2 40000 7443\r\n", "not-tls-proxy"],
    ["\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", "not-tls-proxy"],
    ["SSH-2.0-client\r\n", "not-tls"],
    ["\0", "not-tls"],
  ])("%j", async (bytes, why) => {
    const seen: string[] = [];
    const { address } = await node({ onTurnedAway: (reason) => seen.push(reason) });
    const socket = connectTcp(splitAddress(address));
    socket.on("error", () => {});
    socket.write(bytes, "latin1");
    await once(socket, "close");
    expect(seen).toEqual([why]);
  });

  it("and TLS that comes byte by byte is TLS", async () => {
    const { address, met } = await node();
    const slow = createServer((incoming) => {
      const outgoing = connectTcp({ ...splitAddress(address), noDelay: true });
      incoming.on("error", () => {});
      outgoing.on("error", () => {});
      outgoing.pipe(incoming);
      incoming.once("data", (hello: Buffer) => {
        outgoing.write(hello.subarray(0, 1));
        setTimeout(() => {
          outgoing.write(hello.subarray(1));
          incoming.pipe(outgoing);
        }, 50);
      });
    }).listen(0, "127.0.0.1");
    closing.push(() => slow.close());
    await once(slow, "listening");
    const { frames } = await call(`127.0.0.1:${(slow.address() as AddressInfo).port}`, client);
    expect(met.length).toBe(1);
    await frames.close();
  });

  it.each([
    ["without ALPN", {}],
    ["for another protocol", { ALPNProtocols: ["h2"] }],
    ["of an older version", { maxVersion: "TLSv1.2" as const, ALPNProtocols: [PURPOSES.session] }],
  ])("TLS %s is told from a caller without a certificate", async (_, options) => {
    const seen: string[] = [];
    const { address } = await node({ onTurnedAway: (reason) => seen.push(reason) });
    const { ended, socket } = await plainClient(address, options);
    await ended;
    socket.destroy();
    await expect.poll(() => seen).toEqual(["other-protocol"]);
  });
});

// Machines in front of a listener: whose call a connection is, and gateways that pass on what begins as a partner does.
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { connect as connectPlainTls } from "node:tls";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { DOOR_LIMITS } from "../src/door/limits.ts";
import { helloOf } from "../src/front/hello.ts";
import { proxyHeader, readProxyHeader } from "../src/front/proxy-header.ts";
import {
  connectTls,
  listenTls,
  openGateway,
  PURPOSES,
  splitAddress,
  type DoorLimits,
  type ListenTlsOptions,
  type TlsConnection,
} from "../src/index.ts";
import { addressGroup } from "../src/door/address-group.ts";
import { makeParty } from "./tls-fixtures.ts";

const LIMITS = { idleMs: 60_000, resumeMs: 10_000 };
const FAST = { handshakesPerSecond: 10_000, addressHandshakesPerSecond: 10_000 };
const isLocal = (address: string) => /^(?:::ffff:)?127\.0\.0\.1$/.test(address);
const version2 = (rest: string) => Buffer.from(`0d0a0d0a000d0a515549540a${rest}`, "hex");

describe("a PROXY header", () => {
  test.each([
    ["version 1", Buffer.from("PROXY TCP4 192.0.2.9 10.0.0.5 40000 7443\r\n"), "192.0.2.9"],
    ["version 1, IPv6", Buffer.from("PROXY TCP6 2001:db8::9 fd00::5 40000 7443\r\n"), "2001:db8::9"],
    // Addresses, ports; the second with eight bytes of further values.
    ["version 2", version2("2111000cc00002090a0000059c401d13"), "192.0.2.9"],
    ["version 2 with values", version2("21110014c00002090a0000059c401d130300050000000000"), "192.0.2.9"],
    [
      "version 2, IPv6",
      version2(`21210024${"20010db8000000000000000000000009"}${"fd000000000000000000000000000005"}9c401d13`),
      "2001:db8:0:0:0:0:0:9",
    ],
    [
      "version 2, IPv4 as IPv6",
      version2(`21210024${"00000000000000000000ffffc0000209"}${"00000000000000000000ffff0a000005"}9c401d13`),
      "192.0.2.9",
    ],
  ])("of %s is read, however much has come", (_name, header, address) => {
    for (let length = 1; length < header.length; length++)
      expect(readProxyHeader(header.subarray(0, length))).toBe("more");
    const found = { said: { address }, bytes: header.length };
    expect(readProxyHeader(header)).toEqual(found);
    expect(readProxyHeader(Buffer.concat([header, Buffer.from([22, 3, 1])]))).toEqual(found);
  });

  test("of a look whether somebody answers", () => {
    expect(readProxyHeader(version2("20000000"))).toEqual({ said: "check", bytes: 16 });
    expect(proxyHeader("check")).toEqual(version2("20000000"));
  });

  test.each(["192.0.2.9", "2001:db8::9", "::1", "fe80::1:2%eth0", "::ffff:192.0.2.9"])(
    "for %s is read as it was written",
    (address) => {
      const header = proxyHeader({ address });
      const read = readProxyHeader(header);
      if (typeof read !== "object" || typeof read.said !== "object" || !("address" in read.said))
        throw new Error("no address");
      expect(read.bytes).toBe(header.length);
      expect(addressGroup(read.said.address)).toBe(addressGroup(address));
    },
  );

  test.each([
    ["TLS", Buffer.from("160301", "hex")],
    ["no address", Buffer.from("PROXY UNKNOWN\r\n")],
    ["a name in place of an address", Buffer.from("PROXY TCP4 example.com 10.0.0.5 40000 7443\r\n")],
    ["a line without an end", Buffer.from(`PROXY TCP4 ${"1".repeat(120)}`)],
    ["another version", version2("3111000cc00002090a0000059c401d13")],
    ["UDP", version2("2112000cc00002090a0000059c401d13")],
    ["addresses cut short", version2("21110004c0000209")],
    ["a length beyond all", version2("2111ffffc0000209")],
  ])("is not %s", (_name, bytes) => {
    expect(readProxyHeader(bytes)).toBeUndefined();
  });
});

async function leader(options: Partial<ListenTlsOptions> = {}) {
  const [server, client, stranger] = await Promise.all(["server", "client", "stranger"].map(makeParty));
  const met: TlsConnection[] = [];
  const turnedAway: string[] = [];
  const listener = await listenTls({
    ...LIMITS,
    host: "127.0.0.1",
    port: 0,
    identity: server!.identity,
    isInFront: isLocal,
    admit: (fingerprint) => fingerprint === client!.fingerprint,
    meet: (connection) => met.push(connection),
    onTurnedAway: (why) => turnedAway.push(why),
    ...options,
    door: { ...FAST, ...options.door },
  });
  onTestFinished(async () => {
    await listener.close();
    listener.dropAll();
  });
  const call = (address: string, { identity } = client!, waitMs = 30_000) =>
    connectTls({
      ...LIMITS,
      address,
      identity,
      purpose: "session",
      fingerprint: server!.fingerprint,
      waitMs,
      // A second connection would end somewhere in its handshake whenever a link ends at once.
      strands: 1,
    });
  return { listener, stranger: stranger!, met, turnedAway, call };
}

/** What is said to a listener before anything else, and what it then does. */
async function said(address: string, ...parts: (Buffer | string)[]): Promise<Socket> {
  const socket = connect({ ...splitAddress(address), noDelay: true });
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  socket.resume();
  await once(socket, "connect");
  for (const part of parts) {
    socket.write(part);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return socket;
}

const isOver = async (socket: Socket) => {
  if (!socket.closed) await once(socket, "close");
};

describe("a listener behind machines of its owner", () => {
  test("counts callers by the address that the header says", async () => {
    const { listener, turnedAway } = await leader({ door: { addressStrangersMax: 1 } });
    const hello = Buffer.from([22, 3, 1]);
    const one = await said(listener.address, proxyHeader({ address: "192.0.2.1" }), hello);
    const two = await said(listener.address, proxyHeader({ address: "192.0.2.2" }), hello);
    expect(turnedAway).toEqual([]);
    await said(listener.address, proxyHeader({ address: "192.0.2.1" }), hello);
    await isOver(one);
    expect([turnedAway, two.closed]).toEqual([["crowd"], false]);
  });

  test("takes a header that comes in pieces, and refuses a caller without one", async () => {
    const { listener, turnedAway } = await leader({ door: { handshakeMs: 200 } });
    const header = proxyHeader({ address: "192.0.2.1" });
    const get = "GET / HTTP/1.1\r\n\r\n";
    await isOver(await said(listener.address, header.subarray(0, 3), header.subarray(3), get));
    expect(turnedAway).toEqual(["not-tls-http"]);
    await isOver(await said(listener.address, Buffer.from([22, 3, 1])));
    await isOver(await said(listener.address));
    expect(turnedAway).toEqual(["not-tls-http", "no-caller", "no-caller"]);
    await isOver(await said(listener.address, proxyHeader("check")));
    expect(turnedAway).toHaveLength(3);
  });

  test("believes no header of anybody else", async () => {
    const { listener, turnedAway } = await leader({ isInFront: () => false });
    await isOver(await said(listener.address, proxyHeader({ address: "192.0.2.1" })));
    expect(turnedAway).toEqual(["not-tls-proxy"]);
  });
});

async function gateway(to: string, door: Partial<DoorLimits> = {}, isInFront = (_address: string) => false) {
  const turnedAway: string[] = [];
  const heard: boolean[] = [];
  const opened = await openGateway({
    listen: "127.0.0.1:0",
    leader: to,
    door: { ...DOOR_LIMITS, ...FAST, ...door },
    isInFront,
    onTurnedAway: (why) => turnedAway.push(why),
    onLeader: (isThere) => heard.push(isThere),
    onFault: (error) => {
      throw error;
    },
  });
  onTestFinished(() => opened.close());
  return { opened, turnedAway, heard };
}

/** What a caller who offers this protocol sends first. */
async function helloFor(protocol: string): Promise<Buffer> {
  const listening = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void listening.close());
  await once(listening, "listening");
  const { port } = listening.address() as { port: number };
  const caller = connectPlainTls({ host: "127.0.0.1", port, ALPNProtocols: [protocol] });
  caller.on("error", () => {});
  const [socket] = (await once(listening, "connection")) as [Socket];
  const [bytes] = (await once(socket, "data")) as [Buffer];
  caller.destroy();
  return bytes;
}

/** A handshake by these rules, and how it ended. */
async function handshake(address: string, options: object): Promise<string> {
  const socket = connectPlainTls({ ...splitAddress(address), rejectUnauthorized: false, ...options });
  onTestFinished(() => void socket.destroy());
  return await new Promise((resolve) => {
    socket.once("secureConnect", () => resolve("secure"));
    socket.once("error", () => resolve("error"));
    socket.once("close", () => resolve("close"));
  });
}

describe("a gateway", () => {
  test("passes partners on, and a stranger hears from the leader that it is one", async () => {
    const { listener, stranger, met, call } = await leader();
    const { opened, turnedAway } = await gateway(listener.address);
    const { frames } = await call(opened.address);
    const long = new Uint8Array(250_000).fill(7);
    const sending = Promise.all([frames.send(long), met[0]!.frames.send(long)]);
    expect((await met[0]!.frames.recv()).length).toBe(long.length);
    expect((await frames.recv()).length).toBe(long.length);
    await sending;
    const { connections, bytesIn, bytesOut } = opened.traffic;
    expect(connections).toBe(1);
    for (const bytes of [bytesIn, bytesOut]) expect(bytes).toBeGreaterThan(long.length);
    await expect(call(opened.address, stranger)).rejects.toMatchObject({ code: "identity" });
    await frames.close();
    await expect.poll(() => opened.traffic.connections).toBe(0);
    expect(opened.traffic.bytesIn).toBeGreaterThan(long.length);
    expect(turnedAway).toEqual([]);
  });

  test.each([
    [
      "HTTP",
      async (address: string) => isOver(await said(address, "GET / HTTP/1.1\r\n\r\n")),
      "not-tls-http",
    ],
    ["TLS for nothing", (address: string) => handshake(address, {}), "other-protocol"],
    ["TLS for the web", (address: string) => handshake(address, { ALPNProtocols: ["h2"] }), "other-protocol"],
    [
      "TLS for a node and the web",
      (address: string) => handshake(address, { ALPNProtocols: ["h2", PURPOSES.session] }),
      "other-protocol",
    ],
    ["silence", async (address: string) => isOver(await said(address)), "slow"],
    [
      "half a hello",
      async (address: string) => isOver(await said(address, Buffer.from("160301020001", "hex"))),
      "slow",
    ],
  ])("ends %s itself", async (_name, begin, why) => {
    let reached = 0;
    const behind = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", (bytes) => {
        if (bytes[12] === 0x21) reached++;
      });
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void behind.close());
    await once(behind, "listening");
    const { port } = behind.address() as { port: number };
    const { opened, turnedAway } = await gateway(`127.0.0.1:${port}`, { handshakeMs: 300 });
    await begin(opened.address);
    await expect.poll(() => turnedAway).toEqual([why]);
    expect(reached).toBe(0);
  });

  test("tells the leader each caller's address, and dials it for nobody who is dropped because all places are taken", async () => {
    const places = 1;
    const seen: unknown[] = [];
    const behind = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", (bytes) => {
        const header = readProxyHeader(bytes);
        if (typeof header === "object" && header.said !== "check") seen.push(header.said);
      });
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void behind.close());
    await once(behind, "listening");
    const { port } = behind.address() as { port: number };
    const limits = { connectionsMax: places, addressStrangersMax: 1000 };
    const { opened, turnedAway } = await gateway(`127.0.0.1:${port}`, limits, isLocal);
    const hello = await helloFor(PURPOSES.session);
    const addresses = Array.from({ length: 50 }, (_, i) => `192.0.2.${i + 1}`);
    for (const address of addresses) {
      await said(opened.address, Buffer.concat([proxyHeader({ address }), hello]));
      if (turnedAway.length > 0) break;
      await expect.poll(() => seen.length + turnedAway.length).toBe(addresses.indexOf(address) + 1);
    }
    expect(turnedAway).toEqual(["full"]);
    expect(opened.traffic.connections).toBe(seen.length);
    expect(seen).toEqual(addresses.slice(0, seen.length).map((address) => ({ address })));
    // Another one that is turned away, so that what the first might have caused has come.
    await isOver(await said(opened.address, Buffer.concat([proxyHeader({ address: "192.0.2.99" }), hello])));
    expect(seen).not.toContainEqual({ address: "192.0.2.99" });
  });

  test("looks at the first record alone, and waits for none that is longer than any", async () => {
    const hello = await helloFor("h2");
    expect(helloOf(hello)).toBe("other-protocol");
    const own = await helloFor(PURPOSES.session);
    expect(helloOf(own)).toBe("partner");
    expect(helloOf(Buffer.concat([hello, own]))).toBe("other-protocol");
    expect(helloOf(Buffer.from("1603014001", "hex"))).toBe("other-protocol");
    expect(helloOf(Buffer.from("1603014000", "hex"))).toBeUndefined();
  });

  test("bounds each address by whoever calls, behind a balancer too", async () => {
    const { opened, turnedAway } = await gateway("127.0.0.1:1", { addressStrangersMax: 1 }, isLocal);
    const open = (address: string) => said(opened.address, proxyHeader({ address }));
    const [first] = [await open("192.0.2.1"), await open("192.0.2.2"), await open("192.0.2.1")];
    await isOver(first);
    expect(turnedAway).toEqual(["crowd"]);
  });

  test("tells the leader who calls, as a balancer told it", async () => {
    const { listener, turnedAway, call } = await leader({
      door: { addressHandshakesPerSecond: 0.25, handshakesPerSecond: 10_000 },
    });
    const { opened } = await gateway(listener.address, {}, isLocal);
    let calls = 0;
    const balancer = createServer((incoming) => {
      const outgoing = connect(splitAddress(opened.address));
      for (const socket of [incoming, outgoing]) socket.on("error", () => {});
      outgoing.write(proxyHeader({ address: `192.0.2.${++calls}` }));
      incoming.pipe(outgoing).pipe(incoming);
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void balancer.close());
    await once(balancer, "listening");
    const { port } = balancer.address() as { port: number };
    // One handshake for each address: the second would be one too many if they had one address.
    for (let i = 0; i < 2; i++) await (await call(`127.0.0.1:${port}`)).frames.close();
    expect([calls, turnedAway]).toEqual([2, []]);
  });

  test("a link goes on through another gateway where one ends", async () => {
    const { listener, met, call } = await leader();
    const [one, two] = [await gateway(listener.address), await gateway(listener.address)];
    let to = one.opened.address;
    const balancer = createServer((incoming) => {
      const outgoing = connect(splitAddress(to));
      for (const [socket, other] of [
        [incoming, outgoing],
        [outgoing, incoming],
      ] as const) {
        socket.on("error", () => {});
        socket.once("close", () => other.destroy());
      }
      incoming.pipe(outgoing).pipe(incoming);
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void balancer.close());
    await once(balancer, "listening");
    const { frames } = await call(`127.0.0.1:${(balancer.address() as { port: number }).port}`);
    await frames.send(Uint8Array.of(1));
    to = two.opened.address;
    one.opened.close();
    await frames.send(Uint8Array.of(2));
    expect([...(await met[0]!.frames.recv()), ...(await met[0]!.frames.recv())]).toEqual([1, 2]);
    expect([met.length, two.opened.traffic.connections]).toEqual([1, 1]);
    await frames.close();
  });

  test("says when the leader is gone and when it is back, and keeps nobody waiting meanwhile", async () => {
    const { listener } = await leader();
    const { port } = splitAddress(listener.address);
    const { opened, heard } = await gateway(listener.address);
    expect([opened.isLeaderThere, heard]).toEqual([true, []]);
    await listener.close();
    await handshake(opened.address, { ALPNProtocols: [PURPOSES.session] });
    expect([opened.isLeaderThere, heard]).toEqual([false, [false]]);
    await leader({ port });
    await vi.waitFor(() => expect(heard).toEqual([false, true]), { timeout: 60_000 });
  });
});

// Strangers at the door: connections that show no certificate, from one address and from many, beside a partner who is let in.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectPlainTls } from "node:tls";
import { ProtocolError } from "@halfroom/wire";
import { expect, onTestFinished, test, vi } from "vitest";
import { connectTls, listenTls, splitAddress, type DoorLimits, type TlsConnection } from "../src/index.ts";
import { addressGroup } from "../src/door/address-group.ts";
import { Buckets } from "../src/door/buckets.ts";
import { callSocket, openLink, openTls } from "./raw-link.ts";
import { closeCode } from "./raw-partner.ts";
import { makeParty, type Party } from "./tls-fixtures.ts";

const LIMITS = { idleMs: 60_000, resumeMs: 10_000 };
/** Above what one test does. */
const FAST = { handshakesPerSecond: 10_000, addressHandshakesPerSecond: 10_000 };
const NAME = (n: number) => n.toString(16).padStart(64, "0");

async function node(door: Partial<DoorLimits> = {}) {
  const [server, client, stranger] = await Promise.all(["server", "client", "stranger"].map(makeParty));
  const turnedAway: string[] = [];
  const met: TlsConnection[] = [];
  const listener = await listenTls({
    ...LIMITS,
    host: "127.0.0.1",
    port: 0,
    door: { ...FAST, ...door },
    identity: server!.identity,
    admit: (fingerprint, purpose) => purpose === "join" || fingerprint === client!.fingerprint,
    meet: (connection) => met.push(connection),
    onTurnedAway: (why) => turnedAway.push(why),
  });
  onTestFinished(() => listener.close());
  const call = (from: Party, waitMs = 30_000) =>
    connectTls({
      ...LIMITS,
      address: listener.address,
      identity: from.identity,
      purpose: "session",
      fingerprint: server!.fingerprint,
      waitMs,
      // A second connection would end somewhere in its handshake whenever a link ends at once.
      strands: 1,
    });
  return { listener, client: client!, stranger: stranger!, met, turnedAway, call };
}

/** A connection that says nothing, from one of the addresses of this machine. */
async function silent(address: string, localAddress = "127.0.0.1"): Promise<Socket> {
  const socket = connect({ ...splitAddress(address), localAddress });
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

async function ended(calling: Promise<TlsConnection>): Promise<string> {
  return await calling.then(
    async ({ frames }) => {
      await frames.close();
      return "connected";
    },
    (error: ProtocolError) => error.code,
  );
}

test("300 silent connections of one address, or of many, keep nobody out", async () => {
  for (const addresses of [1, 100]) {
    const { listener, client, call } = await node();
    for (let i = 0; i < 300; i++) await silent(listener.address, `127.0.1.${1 + (i % addresses)}`);
    expect(await ended(call(client, 5000))).toBe("connected");
    expect(listener.isFull).toBe(false);
  }
});

test("a connection that shows no certificate in time is gone, one that drips bytes too", async () => {
  const { listener, turnedAway } = await node({ handshakeMs: 300 });
  const [mute, dripping] = [await silent(listener.address), await silent(listener.address)];
  // The beginning of a TLS record, byte by byte.
  const hello = Buffer.from("1603010200010001fc0303", "hex");
  let sent = 0;
  const drip = setInterval(() => dripping.write(hello.subarray(sent, ++sent)), 50);
  await Promise.all([once(mute, "close"), once(dripping, "close")]);
  clearInterval(drip);
  expect(turnedAway).toEqual(["slow", "slow"]);
});

test("of an address's strangers the oldest gives way, and another address's stay", async () => {
  const { listener, turnedAway } = await node({ addressStrangersMax: 3 });
  const other = await silent(listener.address, "127.0.0.9");
  const sockets = [];
  for (let i = 0; i < 3; i++) sockets.push(await silent(listener.address));
  const left = once(sockets[0]!, "close");
  await silent(listener.address);
  await left;
  expect([other, ...sockets.slice(1)].map(({ destroyed }) => destroyed)).toEqual([false, false, false]);
  expect(turnedAway).toEqual(["crowd"]);
});

test("too many handshakes of one address are dropped before TLS begins; a partner from elsewhere comes in", async () => {
  const { listener, client, turnedAway, call } = await node({ addressHandshakesPerSecond: 2 });
  const withoutCertificate = async () => {
    const socket = connectPlainTls({
      ...splitAddress(listener.address),
      localAddress: "127.0.0.7",
      rejectUnauthorized: false,
      ALPNProtocols: ["halfroom/1"],
    } as object);
    socket.on("error", () => {});
    await new Promise((resolve) => socket.on("close", resolve));
  };
  for (let i = 0; i < 20; i++) await withoutCertificate();
  const count = (why: string) => turnedAway.filter((each) => each === why).length;
  expect(count("rate")).toBeGreaterThan(5);
  expect(count("no-certificate")).toBeGreaterThanOrEqual(8);
  expect(count("rate") + count("no-certificate")).toBe(20);
  expect(await ended(call(client))).toBe("connected");
});

test("an address from which a partner came is let in while strangers use all handshakes up", async () => {
  const { listener, client, call } = await node({ handshakesPerSecond: 1 });
  expect(await ended(call(client))).toBe("connected");
  for (let i = 0; i < 30; i++) await silent(listener.address, `127.0.2.${i + 1}`);
  expect(await ended(call(client, 3000))).toBe("connected");
});

test("a partner's handshakes do not use its address up", async () => {
  const { client, call, turnedAway } = await node({ addressHandshakesPerSecond: 1 });
  for (let i = 0; i < 3; i++) expect(await ended(call(client))).toBe("connected");
  expect(turnedAway).toEqual([]);
});

test("a partner has so many links, and hears busy at the next one; another partner comes in", async () => {
  const { listener, client, call, met } = await node({ partnerConnectionsMax: 2 });
  const first = await openLink(listener.address, client, NAME(1));
  await first.said("link");
  const second = await openLink(listener.address, client, NAME(2));
  await second.said("link");
  const third = await openLink(listener.address, client, NAME(3));
  expect(await closeCode(third.socket)).toBe(4016);
  await expect(call(client)).rejects.toMatchObject({ code: "busy", fromPartner: true });
  // A link that is known already goes on.
  await (await openLink(listener.address, client, NAME(1))).said("link");
  expect(met).toHaveLength(2);
  const left = once(second.socket, "close");
  second.socket.close(1000);
  await left;
  await expect(met[1]!.frames.recv()).rejects.toMatchObject({ code: "closed" });
  await (await openLink(listener.address, client, NAME(4))).said("link");
});

test("connections of a partner beyond those that its links may need are dropped", async () => {
  const { listener, client, turnedAway } = await node({ partnerConnectionsMax: 2 });
  for (let i = 0; i < 4; i++) await openTls(listener.address, client);
  const fifth = await openTls(listener.address, client);
  await once(fifth.resume(), "close");
  expect(turnedAway).toEqual(["partner"]);
});

test("a partner that opens links faster than it may hears busy", async () => {
  const { listener, client } = await node({ partnerConnectionsPerSecond: 0.5 });
  const codes: number[] = [];
  for (let i = 0; i < 4; i++) {
    const { socket, said } = await openLink(listener.address, client, NAME(i));
    const closed = closeCode(socket).then((code) => codes.push(code));
    const heard = said("link").then(() => socket.close(1000));
    await Promise.race([closed, heard]);
  }
  expect(codes).toContain(4016);
});

test("a partner that opens and ends links without rest keeps nobody out and is not remembered without end", async () => {
  const { listener, client, call, met } = await node({ partnerConnectionsPerSecond: 1000 });
  for (let i = 0; i < 80; i++) {
    const { socket, said } = await openLink(listener.address, client, NAME(i));
    await said("link");
    const closed = once(socket, "close");
    socket.close(1000);
    await closed;
  }
  expect(met).toHaveLength(80);
  expect(await ended(call(client))).toBe("connected");
  // The oldest is forgotten: its name begins another link. The newest is still over.
  await (await openLink(listener.address, client, NAME(0))).said("link");
  const newest = await openLink(listener.address, client, NAME(79));
  expect(await closeCode(newest.socket)).toBe(4012);
});

test("guests without a pinned certificate stay strangers: they end in time and give way", async () => {
  const { listener, stranger } = await node({ addressStrangersMax: 2 });
  const tls = connectPlainTls({
    ...splitAddress(listener.address),
    key: stranger.identity.key,
    cert: stranger.identity.certificate,
    rejectUnauthorized: false,
    ALPNProtocols: ["halfroom-join/1"],
  });
  tls.on("error", () => {});
  await once(tls, "secureConnect");
  const left = once(tls.resume(), "close");
  await silent(listener.address);
  await silent(listener.address);
  await left;
});

test("a WebSocket that never says who it is ends in time", async () => {
  const { listener, client } = await node({ handshakeMs: 400 });
  const socket = await callSocket(listener.address, client);
  await once(socket, "open");
  expect(await closeCode(socket)).toBe(1006);
});

test("what counts as one address", () => {
  expect(addressGroup("192.0.2.7")).toBe("192.0.2.7");
  expect(addressGroup("::ffff:192.0.2.7")).toBe("192.0.2.7");
  expect(addressGroup("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
  expect(addressGroup("2001:0db8:1:2::1")).toBe("2001:db8:1:2::/64");
  expect(addressGroup("2001:db8::1")).toBe("2001:db8:0:0::/64");
  expect(addressGroup("::1")).toBe("0:0:0:0::/64");
  expect(addressGroup("fe80::1%eth0")).toBe("fe80:0:0:0::/64");
});

test("a bucket gives its burst, then its rate; one that is not used is full again", () => {
  const buckets = new Buckets(2);
  const given = (from: number, times: number) =>
    Array.from({ length: times }, () => buckets.take("a", from)).filter(Boolean).length;
  expect(given(0, 20)).toBe(8);
  expect(given(1000, 20)).toBe(2);
  expect(given(1100, 20)).toBe(0);
  buckets.refund("a");
  expect(given(1100, 20)).toBe(1);
  expect(buckets.take("b", 1100)).toBe(true);
  expect(given(60_000, 20)).toBe(8);
});

test("a log that fails at a stranger costs its line, and neither the count nor the listener", async () => {
  const [server, client] = await Promise.all(["server", "client"].map(makeParty));
  let told = 0;
  const listener = await listenTls({
    ...LIMITS,
    host: "127.0.0.1",
    port: 0,
    door: { ...FAST, strangersMax: 1, handshakeMs: 200 },
    identity: server!.identity,
    admit: (fingerprint) => fingerprint === client!.fingerprint,
    meet: () => {},
    onTurnedAway: () => {
      told++;
      throw new Error("no space left on device");
    },
  });
  onTestFinished(() => listener.close());
  // One gives way to the next, which leaves by itself; the third is too slow.
  const first = await silent(listener.address);
  const second = await silent(listener.address);
  await once(first, "close");
  second.destroy();
  await once(await silent(listener.address), "close");
  await vi.waitFor(() => expect(told).toBe(3));
  const { frames } = await connectTls({
    ...LIMITS,
    address: listener.address,
    identity: client!.identity,
    purpose: "session",
    fingerprint: server!.fingerprint,
    waitMs: 30_000,
  });
  await frames.close();
});

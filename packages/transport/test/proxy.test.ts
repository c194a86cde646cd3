// A partner that is dialled through an HTTP proxy, and what is said of the proxy where that fails.
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { connectProxy, cuttingProxy } from "@halfroom/testkit";
import type { ProtocolError } from "@halfroom/wire";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { connectTls, listenTls, parseProxy, proxyAddress } from "../src/index.ts";
import { makeParty, type Party } from "./tls-fixtures.ts";

let partner: Party;
let us: Party;
beforeAll(async () => {
  [partner, us] = (await Promise.all(["partner", "us"].map(makeParty))) as [Party, Party];
});

async function partnersNode(): Promise<string> {
  const { address, close } = await listenTls({
    host: "127.0.0.1",
    port: 0,
    idleMs: 60_000,
    resumeMs: 30_000,
    identity: partner.identity,
    admit: (fingerprint) => fingerprint === us.fingerprint,
    meet: ({ frames }) => {
      // A caller may end without a frame.
      frames.recv().then(
        (frame) => frames.send(frame),
        () => {},
      );
    },
  });
  onTestFinished(close);
  return address;
}

async function proxyOf(answer?: (n: number) => number) {
  const proxy = await connectProxy(answer);
  onTestFinished(proxy.close);
  return proxy;
}

function call(address: string, proxy: string, options: { waitMs?: number; farMs?: number } = {}) {
  return connectTls({
    address,
    proxy: parseProxy(proxy)!,
    identity: us.identity,
    purpose: "session",
    fingerprint: partner.fingerprint,
    waitMs: 30_000,
    idleMs: 60_000,
    resumeMs: 30_000,
    ...options,
  });
}

async function errorOf(address: string, proxy: string, waitMs = 600_000) {
  return await call(address, proxy, { waitMs }).then(
    () => {
      throw new Error("connected");
    },
    ({ code, message }: ProtocolError) => ({ code, message }),
  );
}

it("carries all connections of a far link, and those that replace a lost one", async () => {
  const cutting = await cuttingProxy(await partnersNode(), (n) => (n === 0 ? 20_000 : Infinity));
  onTestFinished(cutting.close);
  const proxy = await proxyOf();
  const { frames } = await call(cutting.address, proxy.address, { farMs: 0 });
  const sent = Uint8Array.from({ length: 100_000 }, (_, i) => i);
  await frames.send(sent);
  expect(Buffer.compare(await frames.recv(), sent)).toBe(0);
  expect(cutting.cuts()).toBeGreaterThan(0);
  expect(proxy.asked.length).toBe(cutting.bytes().length);
  expect(proxy.asked.length).toBeGreaterThan(6);
  expect(new Set(proxy.asked.map(({ address }) => address))).toEqual(new Set([cutting.address]));
  await frames.close();
});

it("shows the proxy the user name and password, and nobody else", async () => {
  const proxy = await proxyOf();
  const { frames } = await call(await partnersNode(), `http://me:p%40ss@${proxy.address}`);
  expect(proxy.asked.map(({ credentials }) => credentials)).toEqual([
    `Basic ${Buffer.from("me:p@ss").toString("base64")}`,
  ]);
  await frames.close();
});

describe("the proxy's errors are told as its own, without its password", () => {
  it.each([
    [407, "", "it asks for a user name and password"],
    [407, "me:secret@", "it does not take the user name and password"],
    [403, "me:secret@", "it does not allow this connection"],
    [405, "me:secret@", "it does not make connections with CONNECT"],
  ])("%i at once (%j)", async (status, credentials, words) => {
    const proxy = await proxyOf(() => status);
    const { code, message } = await errorOf("partner.example:7443", `http://${credentials}${proxy.address}`);
    expect(code).toBe("closed");
    expect(message).toContain(`the proxy ${proxy.address} answers HTTP ${status}: ${words}`);
    expect(message).not.toContain("secret");
    expect(proxy.asked.length).toBe(1);
  });

  it("502 after several attempts", async () => {
    const proxy = await proxyOf();
    const closed = createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const address = `127.0.0.1:${(closed.address() as AddressInfo).port}`;
    closed.close();
    const { code, message } = await errorOf(address, `http://me:secret@${proxy.address}`, 2000);
    expect(code).toBe("timeout");
    expect(message).toMatch(
      /^cannot reach \S+ through the proxy \S+: it cannot reach the partner's address \(HTTP 502\) \([2-9] attempts\)$/,
    );
    expect(message).not.toContain("secret");
  });

  it.each([
    ["nobody listens", undefined, "it refuses connections"],
    ["it says nothing", "", "it does not answer"],
    ["it is no proxy", "SSH-2.0-server\r\n", "what answers there does not speak HTTP"],
  ])("%s", async (_, says, words) => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      if (says !== undefined && says !== "") socket.end(says);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    if (says === undefined) server.close();
    onTestFinished(() => void server.close());
    const { code, message } = await errorOf("partner.example:7443", `http://me:secret@${address}`, 1500);
    expect(code).toBe("timeout");
    expect(message).toContain(`through the proxy ${address}: ${words}`);
    expect(message).not.toContain("secret");
  });
});

it("goes on after a proxy that restarts", async () => {
  const proxy = await proxyOf((n) => (n < 2 ? 503 : 200));
  const { frames } = await call(await partnersNode(), proxy.address);
  expect(proxy.asked.length).toBe(3);
  await frames.close();
});

it.each([
  ["proxy.example:3128", "proxy.example:3128"],
  ["http://proxy.example", "proxy.example:80"],
  ["https://me:secret@[::1]", "[::1]:443"],
  ["socks5://proxy.example:1080", undefined],
  ["http://", undefined],
  ["http://100%:secret@proxy:3128", undefined],
  ["http://us:%zz@proxy:3128", undefined],
  ["http://100%25:se%20cret@proxy:3128", "proxy:3128"],
])("%s is the proxy %s", (text, address) => {
  const proxy = parseProxy(text);
  expect(proxy && proxyAddress(proxy)).toBe(address);
});

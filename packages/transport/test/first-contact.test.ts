// What a caller makes of what it meets at the partner's address: it tries again where that may help, and says what it saw.
import { once } from "node:events";
import { connect as connectTcp, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { TlsOptions, TLSSocket } from "node:tls";
import type { ProtocolError } from "@halfroom/wire";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { seenBeforeTls } from "../src/attempt.ts";
import { connectTls, listenTls, PURPOSES, splitAddress } from "../src/index.ts";
import type { Purpose } from "../src/index.ts";
import { makeParty, type Party } from "./tls-fixtures.ts";

let partner: Party;
let us: Party;
let stranger: Party;

beforeAll(async () => {
  [partner, us, stranger] = (await Promise.all(["partner", "us", "stranger"].map(makeParty))) as [
    Party,
    Party,
    Party,
  ];
});

/** Long enough for three attempts on a busy machine. */
const WAIT_MS = 3000;

function call(address: string, { party = us, purpose = "session" as Purpose, waitMs = WAIT_MS } = {}) {
  return connectTls({
    address,
    identity: party.identity,
    purpose,
    fingerprint: partner.fingerprint,
    waitMs,
    idleMs: 60_000,
    resumeMs: 0,
  });
}

async function errorOf(address: string, options: Parameters<typeof call>[1] = {}) {
  return await call(address, options).then(
    () => {
      throw new Error("connected");
    },
    ({ code, message, fromPartner }: ProtocolError) => ({ code, message, fromPartner }),
  );
}

async function listening(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    socket.on("error", () => {});
    sockets.add(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The partner's own certificate, and whatever happens then. */
function answersTls(onSecure: (socket: TLSSocket) => void, options: TlsOptions = {}): Promise<string> {
  const { key, certificate: cert } = partner.identity;
  const server = createTlsServer(
    { key, cert, ALPNProtocols: Object.values(PURPOSES), ...options },
    (socket) => {
      socket.on("error", () => {});
      onSecure(socket);
    },
  );
  server.on("tlsClientError", () => {});
  return listening(server);
}

async function partnersNode(): Promise<string> {
  const { address, close } = await listenTls({
    host: "127.0.0.1",
    port: 0,
    idleMs: 60_000,
    resumeMs: 0,
    identity: partner.identity,
    admit: (fingerprint, purpose) => purpose === "session" && fingerprint === us.fingerprint,
    meet: ({ frames }) => void frames.send(Uint8Array.of(4)),
  });
  onTestFinished(close);
  return address;
}

/** In front of the partner's node; `first` is what happens to the first connections, before or after bytes have passed. */
async function behind(
  target: string,
  first: ((incoming: Socket, outgoing: Socket) => void)[],
): Promise<string> {
  const left = [...first];
  return await listening(
    createServer((incoming) => {
      const outgoing = connectTcp(splitAddress(target));
      outgoing.on("error", () => {});
      const special = left.shift();
      if (special !== undefined) special(incoming, outgoing);
      else incoming.pipe(outgoing).pipe(incoming);
    }),
  );
}

/** Nothing passes. */
const blackHole = () => {};
const cutAtOnce = (incoming: Socket) => incoming.destroy();
/** The caller's handshake ends, and what it sends then is answered by the end of the connection. */
const cutAfterTls = (incoming: Socket, outgoing: Socket) => {
  outgoing.pipe(incoming);
  let blocks = 0;
  incoming.on("data", (block) => {
    // Its hello, then its certificate with the first bytes of HTTP.
    if (++blocks < 2) outgoing.write(block);
    else incoming.destroy();
  });
};

describe("goes on", () => {
  it.each([
    ["after connections that are cut before the greeting", [cutAfterTls, cutAfterTls]],
    ["after connections that are cut before TLS", [cutAtOnce, cutAtOnce]],
    ["after one that nothing answers", [blackHole]],
  ])(
    "%s",
    async (_, first) => {
      const address = await behind(await partnersNode(), first);
      const { frames } = await call(address, { waitMs: 30_000 });
      expect([...(await frames.recv())]).toEqual([4]);
      await frames.close();
    },
    60_000,
  );
});

describe("says", () => {
  it("that connections are refused", async () => {
    const server = createServer();
    const address = await listening(server);
    server.close();
    expect(await errorOf(address)).toMatchObject({
      code: "timeout",
      message: expect.stringMatching(
        /^cannot reach \S+: it refuses connections: nothing listens there \([2-9] attempts\)$/,
      ),
    });
  });

  it("that the name is not known", async () => {
    expect((await errorOf("no-such-host.invalid:7443")).message).toContain("its name is not known");
  });

  it.each([
    ["EHOSTUNREACH", false, "there is no route to it"],
    ["ETIMEDOUT", false, "nothing answered"],
    ["ECONNRESET", true, "the connection was cut before the greeting"],
  ])("of %s that it is so", (code, isOpen, words) => {
    expect(seenBeforeTls(Object.assign(new Error(), { code }), isOpen).message).toBe(words);
    expect(seenBeforeTls(AbortSignal.abort().reason, false).message).toBe("nothing answered");
  });

  /** A caller that retries such an answer would wait this long. */
  const waitMs = 600_000;

  it.each(["SSH-2.0-server\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", "220 mail\r\n"])(
    "of %j at once that it is no node",
    async (greeting) => {
      const address = await listening(createServer((socket) => void socket.write(greeting)));
      expect(await errorOf(address, { waitMs })).toMatchObject({
        code: "identity",
        message: expect.stringMatching(
          /^something at \S+ answers that is not a Halfroom node: it does not speak TLS 1.3. If a proxy /,
        ),
      });
    },
  );

  it("that it takes connections and says nothing", async () => {
    const address = await listening(createServer(() => {}));
    expect(await errorOf(address)).toMatchObject({
      code: "timeout",
      message: expect.stringContaining("takes connections, and nothing answered in TLS"),
    });
  });

  it("that it answered in TLS and then said nothing", async () => {
    const address = await answersTls((socket) => socket.resume());
    expect(await errorOf(address)).toMatchObject({
      code: "timeout",
      message: expect.stringContaining("answered in TLS, and then said nothing"),
    });
  });

  it.each([
    ["another protocol", { ALPNProtocols: ["h2"] }, "it speaks TLS, but not Halfroom's protocol"],
    ["no protocol", { ALPNProtocols: [] }, 'it speaks TLS with a certificate by "stranger", but not'],
    ["an older TLS", { maxVersion: "TLSv1.2" as const }, "it does not speak TLS 1.3"],
  ])("of a server with %s at once that it is no node", async (_, options, words) => {
    const { key, certificate: cert } = stranger.identity;
    const address = await answersTls((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\n"), {
      key,
      cert,
      ...options,
    });
    const { code, message } = await errorOf(address, { waitMs });
    expect(code).toBe("identity");
    expect(message).toContain(`something at ${address} answers that is not a Halfroom node: ${words}`);
  });

  it("that every connection was cut", async () => {
    const address = await answersTls((socket) => socket.destroy());
    expect(await errorOf(address)).toMatchObject({
      code: "closed",
      message: expect.stringMatching(/the connection was cut before the greeting \([2-9] attempts\)/),
    });
  });

  it("that the partner does not know this node, at once, and only where that is so", async () => {
    const address = await partnersNode();
    const words = /does not know this node's certificate.*join again/;
    const waitMs = 600_000;
    expect(await errorOf(address, { party: stranger, waitMs })).toMatchObject({
      code: "identity",
      message: expect.stringMatching(words),
    });
    expect((await errorOf(address, { purpose: "join", waitMs })).message).toContain("has no invitation open");
  });
});

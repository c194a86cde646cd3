// A load balancer in front of the partner's node that ends TLS, or sends a header of the PROXY protocol first.
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { generate } from "selfsigned";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Site, type Running } from "../e2e/nodes/site.ts";

let publisher: Site;
let advertiser: Site;
let serving: Running;
const closing: (() => void)[] = [];

beforeAll(async () => {
  [publisher, advertiser] = await Promise.all([Site.open(), Site.open()]);
  serving = await publisher.serve();
});
afterAll(async () => {
  closing.forEach((close) => close());
  await Promise.all([publisher.close(), advertiser.close()]);
});

async function listening(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    socket.on("error", () => {});
    sockets.add(socket);
  });
  closing.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function toPublisher(before: string): Socket {
  const [host, port] = publisher.env["HALFROOM_LISTEN"]!.split(":");
  const socket = connect(Number(port), host);
  socket.on("error", () => {});
  socket.write(before);
  return socket;
}

/** An invitation to the address of what is in front. */
async function invitationTo(address: string): Promise<string> {
  const name = `a${address.split(":")[1]}`;
  const { stdout } = await publisher.start(["invite", "--name", name], { HALFROOM_ADDRESS: address }).ended;
  return stdout.trim();
}

async function joinAt(address: string) {
  const token = await invitationTo(address);
  // Long enough that whoever tries again until then is seen by it.
  return await advertiser.start(["join", token, "--name", "publisher"], { HALFROOM_CONNECT_SECONDS: "500" })
    .ended;
}

test.each([
  ["for HTTP", ["h2", "http/1.1"], "it speaks TLS, but not Halfroom's protocol"],
  ["and ignores ALPN", [], 'it speaks TLS with a certificate by "proxy.example", but not Halfroom'],
])("one that ends TLS %s is told to who dials, at once", async (_, ALPNProtocols, words) => {
  const { private: key, cert } = await generate([{ name: "commonName", value: "proxy.example" }]);
  const address = await listening(
    createTlsServer({ key, cert, ALPNProtocols }, (socket) => {
      socket.on("error", () => {});
      socket.pipe(toPublisher("")).pipe(socket);
    }),
  );
  const { exitCode, stderr } = await joinAt(address);
  expect(exitCode).toBe(3);
  expect(stderr).toContain(`something at ${address} answers that is not a Halfroom node: ${words}`);
  expect(stderr).toContain("it must pass the connection through unchanged");
});

test.each([
  ["a PROXY line", "PROXY TCP4 10.0.0.9 10.0.0.5 40000 7443\r\n", "not-tls-proxy", "PROXY protocol"],
  ["HTTP", "GET / HTTP/1.1\r\nHost: node\r\n\r\n", "not-tls-http", "must pass TLS through"],
])("one that sends %s first is in the log of who serves", async (_, before, why, words) => {
  const from = serving.lineCount();
  const address = await listening(
    createServer((socket) => void socket.pipe(toPublisher(before)).pipe(socket)),
  );
  const token = await invitationTo(address);
  const dialling = advertiser.start(["join", token, "--name", "publisher"], {
    HALFROOM_CONNECT_SECONDS: "1",
  });
  const line = JSON.parse(await serving.seen((text) => text.includes(`"why":"${why}"`), from));
  expect(line).toMatchObject({ msg: "connection refused", words: expect.stringContaining(words) });
  expect((await dialling.ended).stderr).toContain("the connection was cut before the greeting");
});

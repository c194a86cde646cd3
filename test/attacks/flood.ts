// What strangers and a paired partner without any right can throw at a node, some hundred times a second, until it is killed:
//
//     node flood.ts KIND HOST:PORT FOLDER
//
// FOLDER holds the attacker's node, and in `terms` the terms that it proposes. One line on stdout says that it has begun.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect as connectTcp, createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { connect as connectSecure } from "node:tls";
import { openChannel } from "@halfroom/wire";
import { connectTls, splitAddress } from "@halfroom/transport";
import { loadIdentity } from "../../packages/node/src/identity/identity.ts";
import { nodeFolder } from "../../packages/node/src/store/folder.ts";

const [kind, address, folder] = process.argv.slice(2) as [string, string, string];
const identity = await loadIdentity(nodeFolder(folder, {}));
const target = splitAddress(address);
const AT_ONCE = 24;
/** Between two of each of them, so that the process has time for all. */
const PAUSE_MS = 40;
/** Where the partner without any right calls from. */
const OWN_ADDRESS = "127.0.8.1";
const ADDRESSES = 200;
let begun = 0;

/** One of the addresses of this machine, as a stranger with many would use them. */
function localAddress(): string {
  return `127.0.7.${1 + (begun++ % ADDRESSES)}`;
}

/** TCP that says nothing, held as long as the other side lets it. */
async function silence(): Promise<void> {
  const socket = connectTcp({ ...target, localAddress: localAddress() });
  socket.on("error", () => {});
}

/** Passes connections on from an address of the attacker's own; gives back where it listens. */
async function relay(): Promise<string> {
  const server = createServer((incoming) => {
    const outgoing = connectTcp({ ...target, localAddress: OWN_ADDRESS });
    for (const socket of [incoming, outgoing]) socket.on("error", () => {});
    incoming.on("close", () => outgoing.destroy());
    outgoing.on("close", () => incoming.destroy());
    incoming.pipe(outgoing).pipe(incoming);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const relayed = await relay();

async function handshake(options: object): Promise<void> {
  const socket = connectSecure({
    ...target,
    rejectUnauthorized: false,
    ALPNProtocols: ["halfroom/1"],
    ...options,
  });
  socket.on("error", () => {});
  await new Promise((resolve) => socket.on("close", resolve));
}

async function link() {
  const { frames } = await connectTls({
    address: relayed,
    identity: identity.tls,
    purpose: "session",
    fingerprint: readFileSync(join(folder, "fingerprint"), "utf8"),
    waitMs: 2000,
    idleMs: 60_000,
    resumeMs: 1000,
  });
  return { frames, talk: openChannel(frames, "sender") };
}

async function ask(type: "propose" | "preview"): Promise<void> {
  const { talk } = await link();
  const terms = new Uint8Array(readFileSync(join(folder, "terms")));
  await talk.send(type === "propose" ? { type, proposal: randomBytes(16), terms } : { type, terms });
  await talk.recv("answer");
  await talk.close();
}

/** A link that says nothing, held as long as the other side lets it. */
async function mute(): Promise<void> {
  const { frames } = await link();
  await frames.ended;
}

const KINDS: Readonly<Record<string, () => Promise<void>>> = {
  silence,
  "no-certificate": () => handshake({ localAddress: "127.0.7.1" }),
  "unknown-certificates": () =>
    handshake({
      localAddress: localAddress(),
      key: readFileSync(join(folder, "stranger.key")),
      cert: readFileSync(join(folder, "stranger.crt")),
    }),
  proposals: () => ask("propose"),
  previews: () => ask("preview"),
  "mute-links": mute,
};

async function repeat(): Promise<void> {
  for (;;) {
    await KINDS[kind]!().catch(() => {});
    await pause(PAUSE_MS);
  }
}

console.log("begun");
await Promise.all(Array.from({ length: AT_ONCE }, repeat));

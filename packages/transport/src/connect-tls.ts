// The side that calls its partner, over TLS with pinned certificates.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { isIP } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { connect as connectSocket } from "node:tls";
import type { TLSSocket } from "node:tls";
import { ProtocolError } from "@halfroom/wire";
import { WebSocket } from "ws";
import { splitAddress } from "./address.ts";
import { greet } from "./link/greet.ts";
import { Link, type LinkFrames, type LinkLimits } from "./link/link.ts";
import { SOCKET_OPTIONS } from "./socket.ts";
import { peerOf, tlsOptions } from "./tls-peer.ts";
import type { Purpose, TlsIdentity, TlsPeer } from "./tls-peer.ts";

const RETRY_MS = 500;
const LINK_ID_BYTES = 32;
/** Errors that may pass: the partner, or something on the way to it, may be down for a while. */
const PASSING: ReadonlySet<string> = new Set(["closed", "timeout"]);

export interface ConnectTlsOptions extends LinkLimits {
  /** HOST:PORT. */
  readonly address: string;
  readonly identity: TlsIdentity;
  readonly purpose: Purpose;
  /** The partner's fingerprint: a connection to anyone else is dropped before the first byte. */
  readonly fingerprint: string;
  /** How long to keep trying: the partner may be restarting. */
  readonly waitMs: number;
}

export interface TlsConnection {
  readonly frames: LinkFrames;
  readonly peer: TlsPeer;
}

/**
 * Connects to the partner's node, retrying until `waitMs` have passed. If the connection is lost later, it is dialled again
 * for up to `resumeMs`, and the frames continue where they stopped.
 * Throws ProtocolError `identity` at once for another certificate than the pinned one, `timeout` if nobody answered in
 * time, `closed` if the partner took the connection and ended it at once, `refused` for a bad address, `busy`.
 */
export async function connectTls(options: ConnectTlsOptions): Promise<TlsConnection> {
  const id = randomBytes(LINK_ID_BYTES).toString("hex");
  const link = new Link(options, () => void redial(options, id, link));
  const deadline = performance.now() + options.waitMs;
  for (;;) {
    const leftMs = Math.max(1, Math.ceil(deadline - performance.now()));
    try {
      return { frames: link, peer: await dial(options, id, link, leftMs) };
    } catch (cause) {
      if (cause instanceof ProtocolError) throw cause;
      if (performance.now() + RETRY_MS > deadline) {
        throw new ProtocolError("timeout", `nobody answers at ${options.address}`, { cause });
      }
    }
    await pause(RETRY_MS);
  }
}

/** Dials until the link resumes or has ended; the link itself limits how long. Never rejects. */
async function redial(options: ConnectTlsOptions, id: string, link: Link): Promise<void> {
  while (!link.settled) {
    try {
      return void (await dial(options, id, link, options.resumeMs));
    } catch (error) {
      if (error instanceof ProtocolError && !PASSING.has(error.code)) return link.fail(error);
    }
    await pause(RETRY_MS);
  }
}

async function dial(options: ConnectTlsOptions, id: string, link: Link, timeoutMs: number): Promise<TlsPeer> {
  const socket = await shakeHands(options, timeoutMs);
  const peer = peerOf(socket);
  if (peer?.fingerprint !== options.fingerprint) {
    socket.destroy();
    throw new ProtocolError(
      "identity",
      `a certificate other than the partner's answers at ${options.address}: a new node there, or somebody in between`,
    );
  }
  await greet(await upgradeInTime(socket, options, timeoutMs), id, link, timeoutMs);
  return peer;
}

/**
 * The partner may end the connection in the same packet that ends the handshake, before HTTP reads the socket. HTTP then
 * never notices, not even by its timeout, so this watches the socket itself.
 */
async function upgradeInTime(
  socket: TLSSocket,
  options: ConnectTlsOptions,
  timeoutMs: number,
): Promise<WebSocket> {
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  const gone = new Promise<never>((_resolve, reject) => {
    if (socket.closed) reject(atOnceClosed());
    else socket.once("close", () => reject(atOnceClosed()));
  });
  try {
    return await Promise.race([upgrade(socket, options), gone]);
  } finally {
    clearTimeout(timer);
  }
}

async function shakeHands(options: ConnectTlsOptions, timeoutMs: number): Promise<TLSSocket> {
  const { host, port } = splitAddress(options.address);
  // A name is sent so that a load balancer may route by it; certificates hold none.
  const servername = isIP(host) === 0 ? host : "";
  const tls = tlsOptions(options.identity, [options.purpose]);
  const socket = connectSocket({ ...tls, host, port, servername });
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return socket;
}

function upgrade(socket: TLSSocket, options: ConnectTlsOptions): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const url = `wss://${options.address}/`;
    const ws = new WebSocket(url, { ...SOCKET_OPTIONS, createConnection: () => socket });
    const fail = (cause: Error) => reject(atOnceClosed(cause));
    ws.once("error", fail);
    ws.once("open", () => {
      ws.off("error", fail);
      resolve(ws);
    });
  });
}

function atOnceClosed(cause?: Error): ProtocolError {
  const detail =
    "the partner ended the connection at once: it may not know this node, or only know a different certificate";
  return new ProtocolError("closed", detail, { cause });
}

// The first steps of a call: TCP, itself or through a proxy, TLS, and the upgrade to a WebSocket.
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect as connectSocket } from "node:tls";
import type { TLSSocket } from "node:tls";
import { guarded, ignored, ProtocolError } from "@halfroom/wire";
import { WebSocket } from "ws";
import { splitAddress } from "./address.ts";
import { seenBeforeTls, Unreached } from "./attempt.ts";
import { openTunnel } from "./proxy.ts";
import { SOCKET_OPTIONS } from "./socket.ts";
import { peerOf, STATUS_UNKNOWN, tlsOptions } from "./tls-peer.ts";
import type { Purpose, TlsIdentity, TlsPeer } from "./tls-peer.ts";

/** Who calls, whom and how. */
export interface Calling {
  /** HOST:PORT. */
  readonly address: string;
  /** HOST:PORT of a machine of this side that passes the call on there; it is dialled in the place of the address. */
  readonly via?: string | undefined;
  /** The call goes through this HTTP proxy (`parseProxy`); undefined dials the partner itself. */
  readonly proxy?: URL | undefined;
  readonly identity: TlsIdentity;
  readonly purpose: Purpose;
  /** What is sent as the server's name, so that others may route by it; certificates hold none. Empty for nothing. */
  readonly serverName: string;
}

/**
 * The partner may end the connection in the same packet that ends the handshake, before HTTP reads the socket. HTTP then
 * never notices, not even by its timeout, so this watches the socket itself.
 */
export async function upgradeInTime(
  socket: TLSSocket,
  options: Pick<Calling, "address" | "purpose">,
  limit: AbortSignal,
): Promise<Upgraded> {
  const late = () => socket.destroy();
  limit.addEventListener("abort", late);
  const gone = new Promise<never>((_resolve, reject) => {
    const lost = guarded(() => reject(new Unreached(limit.aborted ? "silent-greeting" : "cut")), reject);
    if (socket.closed) lost();
    else socket.once("close", lost);
  });
  try {
    return await Promise.race([upgrade(socket, options), gone]);
  } finally {
    limit.removeEventListener("abort", late);
  }
}

export interface Shaken {
  readonly socket: TLSSocket;
  readonly peer: TlsPeer | undefined;
  /** Of the peer's certificate, in lines as CN=...; empty without one. */
  readonly issuer: string;
}

/** Throws `Unreached`; ProtocolError `closed` where a proxy refuses. */
export async function shakeHands(options: Calling, limit: AbortSignal): Promise<Shaken> {
  const { host, port } = splitAddress(options.via ?? options.address);
  const tls = tlsOptions(options.identity, [options.purpose]);
  const tunnel = options.proxy && (await openTunnel(options.proxy, options.address, limit));
  const socket = connectSocket({
    ...tls,
    ...(tunnel === undefined ? { host, port } : { socket: tunnel }),
    servername: options.serverName,
  });
  // Each step watches the socket for itself; between two of them nobody would.
  socket.on("error", () => {});
  let isOpen = tunnel !== undefined;
  socket.once("connect", () => (isOpen = true));
  let peer: TlsPeer | undefined;
  let issuer = "";
  // At once: the other side may close, and a socket that is closed has no certificate.
  const lookAtPeer = () => {
    const certificate = socket.getPeerX509Certificate();
    peer = peerOf(socket, certificate);
    issuer = certificate?.issuer ?? "";
  };
  // One that cannot be read is nobody's that is pinned.
  socket.once("secureConnect", guarded(lookAtPeer, ignored));
  try {
    await once(socket, "secureConnect", { signal: limit });
  } catch (error) {
    socket.destroy();
    tunnel?.destroy();
    throw seenBeforeTls(error, isOpen);
  }
  return { socket, peer, issuer };
}

export interface Upgraded {
  readonly ws: WebSocket;
  readonly aheadMs: number | undefined;
}

function upgrade(socket: TLSSocket, options: Pick<Calling, "address" | "purpose">): Promise<Upgraded> {
  return new Promise((resolve, reject) => {
    const url = `wss://${options.address}/`;
    const ws = new WebSocket(url, { ...SOCKET_OPTIONS, createConnection: () => socket });
    const wrong = ({ code = "" }: NodeJS.ErrnoException) => {
      // The library's parser of HTTP; what ends the connection is seen at the socket.
      if (code.startsWith("HPE_")) reject(new Unreached("not-halfroom"));
    };
    const answered = (_request: unknown, { statusCode }: IncomingMessage) => {
      reject(statusCode === STATUS_UNKNOWN ? unknown(options) : new Unreached("not-halfroom"));
      socket.destroy();
    };
    ws.on("error", guarded(wrong, reject));
    ws.once("unexpected-response", guarded(answered, reject));
    let aheadMs: number | undefined;
    const upgraded = ({ headers }: IncomingMessage) => {
      const theirs = Date.parse(headers.date ?? "");
      if (Number.isFinite(theirs)) aheadMs = theirs - Date.now();
    };
    ws.once("upgrade", guarded(upgraded, reject));
    ws.once("open", () => resolve({ ws, aheadMs }));
  });
}

function unknown({ address, purpose }: Pick<Calling, "address" | "purpose">): ProtocolError {
  const words =
    purpose === "join"
      ? `the node at ${address} has no invitation open; ask for a new one`
      : `the partner's node at ${address} does not know this node's certificate: the partner removed this node, or never pinned it, or one of both has a new folder: join again; or a person there has to confirm this node's new identity first`;
  return new ProtocolError("identity", words);
}

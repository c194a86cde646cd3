// The side that answers partners, over TLS with pinned certificates, several at a time.
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import type { Server as HttpServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:tls";
import type { Server, TLSSocket } from "node:tls";
import { ProtocolError } from "@halfroom/wire";
import { WebSocketServer } from "ws";
import type { TlsConnection } from "./connect-tls.ts";
import type { LinkLimits } from "./link/link.ts";
import { Links } from "./link/links.ts";
import { SOCKET_OPTIONS } from "./socket.ts";
import { peerOf, tlsOptions } from "./tls-peer.ts";
import type { Purpose, TlsIdentity, TlsPeer } from "./tls-peer.ts";

/** How long a caller may take until its connection is a WebSocket. */
const HANDSHAKE_MS = 10_000;
const CONNECTIONS_MAX = 256;

export interface ListenTlsOptions extends LinkLimits {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly identity: TlsIdentity;
  /** Whether this certificate may connect for this purpose; asked before a byte of the peer is read. */
  readonly admit: (fingerprint: string, purpose: Purpose) => boolean;
  /** Handles an admitted connection and ends it; must not throw. Called once even if the connection is lost and comes back. */
  readonly meet: (connection: TlsConnection) => void;
  /** Called for every connection that was not admitted; without a fingerprint if there was no certificate. */
  readonly onRefused?: (fingerprint: string | undefined) => void;
}

export interface TlsListener {
  /** HOST:PORT. */
  readonly address: string;
  /** Accepts no further connections; admitted ones stay. */
  close(): Promise<void>;
}

/** Throws ProtocolError `closed` if the address cannot be taken. */
export async function listenTls(options: ListenTlsOptions): Promise<TlsListener> {
  const peers = new WeakMap<Socket, TlsPeer>();
  const http = webSocketServer(options, peers);
  const server = createServer({
    ...tlsOptions(options.identity, ["session", "join"]),
    handshakeTimeout: HANDSHAKE_MS,
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.on("secureConnection", (socket) => admit(socket, options, peers, http));
  // A failed handshake needs no action here.
  server.on("tlsClientError", () => options.onRefused?.(undefined));
  server.listen(options.port, options.host);
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new ProtocolError("closed", `cannot listen on ${options.host}:${options.port}`, { cause });
  }
  return { address: addressOf(server), close: () => closeServer(server) };
}

/** Drops a caller that is not pinned without reading a byte, and any other that is not a WebSocket in time. */
function admit(
  socket: TLSSocket,
  options: ListenTlsOptions,
  peers: WeakMap<Socket, TlsPeer>,
  http: HttpServer,
): void {
  socket.on("error", () => {});
  const peer = peerOf(socket);
  if (peer === undefined || !options.admit(peer.fingerprint, peer.purpose)) {
    socket.destroy();
    options.onRefused?.(peer?.fingerprint);
    return;
  }
  peers.set(socket, peer);
  const timer = setTimeout(() => socket.destroy(), HANDSHAKE_MS);
  socket.once("halfroom:upgraded", () => clearTimeout(timer));
  socket.once("close", () => clearTimeout(timer));
  http.emit("connection", socket);
}

/** Speaks only as much HTTP as a WebSocket needs; it does not listen, but is given sockets. */
function webSocketServer(options: ListenTlsOptions, peers: WeakMap<Socket, TlsPeer>): HttpServer {
  const http = createHttpServer((_request, response) => response.writeHead(426).end());
  // A browser sends the page's origin; a page is never a partner.
  const verifyClient = ({ origin }: { origin?: string }) => origin === undefined;
  const links = new Links(options, HANDSHAKE_MS, (frames, peer) => options.meet({ frames, peer }));
  const sockets = new WebSocketServer({ ...SOCKET_OPTIONS, server: http, verifyClient });
  sockets.on("connection", (ws, request) => {
    request.socket.emit("halfroom:upgraded");
    const peer = peers.get(request.socket)!;
    links.greet(ws, peer);
  });
  return http;
}

function addressOf(server: Server): string {
  const { family, address, port } = server.address() as AddressInfo;
  return `${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

/** The callback of `close` would wait for connections, which outlive the listener. */
async function closeServer(server: Server): Promise<void> {
  server.close();
}

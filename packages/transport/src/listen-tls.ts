// The side that answers partners, over TLS with pinned certificates, several at a time.
import type { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import type { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { TLSSocket } from "node:tls";
import { guarded, ignored, ProtocolError } from "@halfroom/wire";
import { WebSocketServer, type WebSocket } from "ws";
import type { TlsConnection } from "./connect-tls.ts";
import { Door } from "./door/door.ts";
import type { TurnedAway } from "./door/door.ts";
import { lookUntil } from "./first-bytes.ts";
import { askCaller, type IsInFront } from "./front/caller-of.ts";
import { helloOf, type Hello } from "./front/hello.ts";
import { STREAM_NAMES_MAX, type StreamNames } from "./front/stream-names.ts";
import { DOOR_LIMITS } from "./door/limits.ts";
import type { DoorLimits } from "./door/limits.ts";
import type { LinkLimits } from "./link/link.ts";
import { Links } from "./link/links.ts";
import { SOCKET_OPTIONS } from "./socket.ts";
import { peerOf, STATUS_UNKNOWN, tlsOptions } from "./tls-peer.ts";
import type { Purpose, TlsIdentity, TlsPeer } from "./tls-peer.ts";

/** How long a first contact may take in all. */
const GUEST_MS = 30_000;
/** Sockets beside those of the door, for the moment in which it drops one. */
const SPARE_SOCKETS = 16;

export interface ListenTlsOptions extends LinkLimits {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly identity: TlsIdentity;
  /** What is let in; `DOOR_LIMITS` where nothing is said. */
  readonly door?: Partial<DoorLimits>;
  /** Machines in front of this one that pass TCP on, each connection with a PROXY header; none where nothing is said. */
  readonly isInFront?: IsInFront;
  /** Streams of shards that are awaited; none where nothing is said. */
  readonly streams?: StreamNames;
  /** Whether this certificate may connect for this purpose; asked before a byte of the peer is read. */
  readonly admit: (fingerprint: string, purpose: Purpose, certificate: X509Certificate) => boolean;
  /** Handles an admitted connection and ends it; must not throw. Called once even if the connection is lost and comes back. */
  readonly meet: (connection: TlsConnection) => void;
  /** Called for every connection that was dropped before it was admitted; with a fingerprint if there was a certificate. */
  readonly onTurnedAway?: (why: TurnedAway, fingerprint?: string) => void;
  /** Called when a connection could not be accepted, for example for want of file descriptors, or `admit` threw; the listener goes on. */
  readonly onFault?: (error: Error) => void;
}

export interface TlsListener {
  /** HOST:PORT. */
  readonly address: string;
  /** Whether a partner that calls now is turned away because all connections are taken. */
  readonly isFull: boolean;
  /** Shows another certificate from the next handshake on; connections that stand go on. */
  renew(identity: TlsIdentity): void;
  /** Takes no new links, which are answered with `busy`; callers whose connection is lost may come back. */
  drain(): void;
  /** Accepts no further connections; admitted ones stay. */
  close(): Promise<void>;
  /** Ends all links and drops all connections. */
  dropAll(): void;
}

/** Throws ProtocolError `closed` if the address cannot be taken. */
export async function listenTls(options: ListenTlsOptions): Promise<TlsListener> {
  const limits = { ...DOOR_LIMITS, ...options.door };
  const door = new Door(limits, options.onTurnedAway ?? (() => {}));
  const links = new Links(options, limits, (frames, peer) => options.meet({ frames, peer }));
  const peers = new WeakMap<Socket, TlsPeer>();
  const http = webSocketServer(links, peers);
  const tls = createTlsServer({
    ...tlsOptions(options.identity, ["session", "join"]),
    // The door's own limit counts from the start; this one, from whatever came last.
    handshakeTimeout: limits.handshakeMs,
  });
  const entering = guarded(
    (socket: TLSSocket) => admit(socket, { options, limits, door, peers, http }),
    (error, socket) => {
      socket.destroy();
      options.onFault?.(error);
    },
  );
  tls.on("secureConnection", entering);
  const refused = (error: Error & { code?: string }, socket: Socket) => {
    if (/NO_APPLICATION_PROTOCOL|UNSUPPORTED_PROTOCOL/.test(error.code ?? ""))
      door.refuse(socket, "other-protocol");
    socket.destroy();
  };
  tls.on(
    "tlsClientError",
    guarded(refused, (_error, _cause, socket) => socket.destroy()),
  );
  const entered = (socket: Socket, caller: string) => {
    if (!door.enter(socket, caller)) return;
    const look = (bytes: Buffer) => {
      const found = helloOf(bytes);
      return found === undefined ? undefined : { found, taken: 0 };
    };
    lookUntil<Hello>(socket, look, (hello) => {
      if (typeof hello === "object") return letStreamIn(socket, hello.stream, door, options.streams);
      // What offers other protocols hears of it in TLS.
      if (hello === "partner" || hello === "other-protocol") tls.emit("connection", socket);
      else door.refuse(socket, hello);
    });
  };
  const unnamed = new Set<Socket>();
  const arrived = (socket: Socket) => {
    socket.on("error", () => {});
    unnamed.add(socket);
    socket.once("close", () => unnamed.delete(socket));
    askCaller(socket, options.isInFront ?? (() => false), limits.handshakeMs, {
      known: (caller) => {
        unnamed.delete(socket);
        entered(socket, caller);
      },
      asked: (stream) => {
        const place = options.streams?.askedFor(stream);
        socket.end(place === undefined ? "" : `${place}\n`);
      },
      unknown: () => options.onTurnedAway?.("no-caller"),
    });
  };
  const server = createServer(guarded(arrived, (_error, socket) => socket.destroy()));
  server.maxConnections = door.socketsMax + STREAM_NAMES_MAX + SPARE_SOCKETS;
  server.listen(options.port, options.host);
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new ProtocolError("closed", `cannot listen on ${options.host}:${options.port}`, { cause });
  }
  server.on(
    "error",
    guarded((error: Error) => options.onFault?.(error), ignored),
  );
  return {
    address: addressOf(server),
    get isFull() {
      return door.isFull || links.isFull;
    },
    renew: (identity) => tls.setSecureContext(tlsOptions(identity, ["session", "join"])),
    drain: () => links.drain(),
    close: () => closeServer(server),
    dropAll: () => {
      links.endAll();
      door.clear();
      for (const socket of unnamed) socket.destroy();
    },
  };
}

/** A stream goes to whoever awaits it, unread. */
function letStreamIn(socket: Socket, name: string, door: Door, streams: StreamNames | undefined): void {
  const place = streams?.take(name);
  if (place === undefined) return door.refuse(socket, "unknown-stream");
  if (door.release(socket)) place.take(socket);
}

interface Doorway {
  readonly options: ListenTlsOptions;
  readonly limits: DoorLimits;
  readonly door: Door;
  readonly peers: WeakMap<Socket, TlsPeer>;
  readonly http: HttpServer;
}

/** What a caller reads whose certificate is not let in. */
const NOT_LET_IN = `HTTP/1.1 ${STATUS_UNKNOWN} Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;

/** Turns away a caller that is not pinned, whatever it says, and drops any other that is not a WebSocket in time. */
function admit(socket: TLSSocket, { options, limits, door, peers, http }: Doorway): void {
  socket.on("error", () => {});
  const peer = peerOf(socket);
  if (peer === undefined)
    return door.refuse(socket, socket.alpnProtocol === false ? "other-protocol" : "no-certificate");
  const { fingerprint, purpose } = peer;
  if (!mayEnter(options, peer)) return door.dismiss(socket, NOT_LET_IN, "not-pinned", fingerprint);
  if (purpose === "join") door.admitGuest(socket, GUEST_MS);
  else if (!door.prove(socket, fingerprint)) return;
  peers.set(socket, peer);
  const timer = setTimeout(() => socket.destroy(), limits.handshakeMs);
  socket.once("halfroom:upgraded", () => clearTimeout(timer));
  socket.once("close", () => clearTimeout(timer));
  http.emit("connection", socket);
}

/** Nobody is let in where this side cannot tell. */
function mayEnter(
  { admit: mayBeAdmitted, onFault }: ListenTlsOptions,
  { fingerprint, purpose, certificate }: TlsPeer,
): boolean {
  try {
    return mayBeAdmitted(fingerprint, purpose, certificate);
  } catch (error) {
    onFault?.(error as Error);
    return false;
  }
}

/** Speaks only as much HTTP as a WebSocket needs; it does not listen, but is given sockets. */
function webSocketServer(links: Links, peers: WeakMap<Socket, TlsPeer>): HttpServer {
  const noPage = (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(426).end();
  };
  const http = createHttpServer(guarded(noPage, (_error, { socket }) => socket.destroy()));
  // A browser sends the page's origin; a page is never a partner.
  const verifyClient = ({ origin }: { origin?: string }) => origin === undefined;
  const sockets = new WebSocketServer({ ...SOCKET_OPTIONS, server: http, verifyClient });
  // Whoever calls can tell that a clock is wrong before anything else depends on it.
  const dated = (headers: string[]) => headers.push(`Date: ${new Date().toUTCString()}`);
  sockets.on("headers", guarded(dated, ignored));
  const upgraded = (ws: WebSocket, request: IncomingMessage) => {
    request.socket.emit("halfroom:upgraded");
    const peer = peers.get(request.socket)!;
    links.greet(ws, peer);
  };
  sockets.on(
    "connection",
    guarded(upgraded, (_error, ws) => ws.terminate()),
  );
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

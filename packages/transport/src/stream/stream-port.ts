// Where streams of shards end on the side that is dialled (protocol-spec.md, section 6.6): TLS with a certificate for each, and with the one caller
// whose certificate the partner has told. It does not listen: whoever finds a stream's name in a hello gives it the connection.
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { createSecureContext, createServer, type SecureContext, type Server, type TLSSocket } from "node:tls";
import { detached, guarded, ignored } from "@halfroom/wire";
import { WebSocketServer, type WebSocket } from "ws";
import { streamNameIn } from "../front/stream-name.ts";
import { SOCKET_OPTIONS } from "../socket.ts";
import { peerOf, PURPOSES, type TlsIdentity } from "../tls-peer.ts";

/** From the first byte of a connection until the stream stands. */
const OPENING_MS = 10_000;
/** How long a partner that reads slowly may take to have it all once this side has nothing more to say. */
const CLOSING_MS = 120_000;
const STREAM_SOCKET = { ...SOCKET_OPTIONS, closeTimeout: CLOSING_MS };
/** Each stream brings a certificate of its own. */
const STREAM_TLS = {
  minVersion: "TLSv1.3",
  requestCert: true,
  rejectUnauthorized: false,
  ALPNProtocols: [PURPOSES.stream],
} as const;

/** There is no such stream to have, or not any more. */
export class StreamLost extends Error {}

/** A stream that somebody is to come for. */
export interface AwaitedStream {
  readonly stream: Promise<WebSocket>;
  /** Nobody can come for it from now on. */
  giveUp(): void;
}

interface Awaited {
  readonly context: SecureContext;
  /** The fingerprint of the caller's certificate, once the partner has told it. */
  readonly pinned: Promise<string>;
  readonly resolve: (ws: WebSocket) => void;
  readonly reject: (error: StreamLost) => void;
}

interface Caller extends Pick<Awaited, "resolve"> {
  readonly timer: NodeJS.Timeout;
}

export class StreamPort {
  readonly #awaited = new Map<string, Awaited>();
  /** Those that somebody has come for. */
  readonly #opening = new Map<string, Awaited>();
  readonly #callers = new WeakMap<Socket, Caller>();
  readonly #tls: Server;
  readonly #http = createHttpServer();

  constructor() {
    const contextOf = (host: string, told: (error: Error | null, context?: SecureContext) => void) =>
      told(null, this.#opening.get(streamNameIn(host) ?? "")?.context);
    this.#tls = createServer({
      ...STREAM_TLS,
      handshakeTimeout: OPENING_MS,
      SNICallback: guarded(contextOf, (error, _host, told) => told(error)),
    });
    const meet = (socket: TLSSocket) =>
      detached(
        () => this.#meet(socket),
        () => void socket.destroy(),
      );
    this.#tls.on(
      "secureConnection",
      guarded(meet, (_error, socket) => void socket.destroy()),
    );
    this.#tls.on(
      "tlsClientError",
      guarded((_error: Error, socket: Socket) => void socket.destroy(), ignored),
    );
    this.#upgrade();
  }

  /**
   * Awaits the stream of this name, 32 hexadecimal digits, with a certificate that serves for it alone. `pinned`: see there. Rejects with
   * StreamLost if whoever came was lost, or was not the partner; that nobody comes is for `giveUp`.
   */
  expect(name: string, { key, certificate }: TlsIdentity, pinned: Promise<string>): AwaitedStream {
    const context = createSecureContext({ key, cert: certificate, minVersion: "TLSv1.3" });
    const stream = new Promise<WebSocket>((resolve, reject) =>
      this.#awaited.set(name, { context, pinned, resolve, reject }),
    );
    stream.catch(() => {});
    return { stream, giveUp: () => void this.#awaited.delete(name) };
  }

  /** Takes the connection of a stream, whose hello is still in it. A stream serves once, whoever came. */
  accept(name: string, socket: Socket): void {
    socket.on("error", () => {});
    const awaited = this.#awaited.get(name);
    this.#awaited.delete(name);
    if (awaited === undefined) return void socket.destroy();
    this.#opening.set(name, awaited);
    const over = () => {
      this.#opening.delete(name);
      // Unless it stands.
      awaited.reject(new StreamLost("the partner's connection was lost before the stream stood"));
    };
    socket.once("close", guarded(over, ignored));
    this.#tls.emit("connection", socket);
  }

  async #meet(socket: TLSSocket): Promise<void> {
    socket.on("error", () => {});
    const name = streamNameIn(typeof socket.servername === "string" ? socket.servername : "");
    const awaited = this.#opening.get(name ?? "");
    const peer = peerOf(socket);
    if (awaited === undefined) return void socket.destroy();
    const timer = setTimeout(() => socket.destroy(), OPENING_MS);
    socket.once("close", () => clearTimeout(timer));
    const pinned = await awaited.pinned.catch(() => undefined);
    if (pinned === undefined || peer?.purpose !== "stream" || peer.fingerprint !== pinned) {
      awaited.reject(new StreamLost("another than the partner came"));
      return void socket.destroy();
    }
    this.#callers.set(socket, { resolve: awaited.resolve, timer });
    this.#http.emit("connection", socket);
  }

  #upgrade(): void {
    const noPage = (_request: IncomingMessage, response: ServerResponse) => {
      response.writeHead(426).end();
    };
    this.#http.on(
      "request",
      guarded(noPage, (_error, { socket }) => void socket.destroy()),
    );
    const verifyClient = ({ origin }: { origin?: string }) => origin === undefined;
    const sockets = new WebSocketServer({ ...STREAM_SOCKET, server: this.#http, verifyClient });
    const upgraded = (ws: WebSocket, { socket }: IncomingMessage) => {
      const caller = this.#callers.get(socket);
      if (caller === undefined) return ws.terminate();
      clearTimeout(caller.timer);
      caller.resolve(ws);
    };
    sockets.on(
      "connection",
      guarded(upgraded, (_error, ws) => ws.terminate()),
    );
  }
}

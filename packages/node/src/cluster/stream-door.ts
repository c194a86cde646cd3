// Where workers of this node bring the streams of shards: TLS with a certificate that the process made for itself, which a worker pins, since
// the job that was sealed to it says its fingerprint. A stream begins with the token of the job; a token is taken once, so an attempt of a
// shard runs once, however often the queue hands its job out. What begins as a stream to the partner that this leader passes on does not end
// here.
import { createHash, type X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
} from "node:net";
import { connect } from "node:tls";
import { FRAME_BYTES_MAX, guarded, ignored } from "@halfroom/wire";
import { WebSocket, WebSocketServer } from "ws";
import { splitAddress, StreamNames } from "@halfroom/transport";
import { OperatorError } from "../errors.ts";
import { makeCertificate } from "../streams/certificate.ts";
import { admitStream } from "../streams/front.ts";
import { toHex } from "@halfroom/session";
import { Stream } from "./stream.ts";

export const TOKEN_BYTES = 32;
const TOKEN = /^\/([0-9a-f]{64})$/;
const SOCKET_OPTIONS = { perMessageDeflate: false, maxPayload: FRAME_BYTES_MAX, closeTimeout: 10_000 };
const CONNECT_MS = 10_000;
/** Connections at a time; each shard that is out has one. */
const CONNECTIONS_MAX = 4096;

/** A stream that was asked for. */
export interface Awaited {
  /** Resolves when a worker begins. */
  readonly stream: Promise<Stream>;
  /** No worker can begin from now on. False if one has. */
  cancel(): boolean;
}

interface Listening {
  readonly tcp: TcpServer;
  readonly server: Server;
  readonly sockets: Set<Socket>;
  readonly awaited: Map<string, (stream: Stream) => void>;
  readonly outward: StreamNames;
}

export class StreamDoor {
  /** HOST:PORT. */
  readonly address: string;
  /** SHA-256 of the certificate, 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** Streams to the partner that workers bring here to be passed on. */
  readonly outward: StreamNames;
  readonly #tcp: TcpServer;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  readonly #awaited: Map<string, (stream: Stream) => void>;

  private constructor(fingerprint: string, { tcp, server, sockets, awaited, outward }: Listening) {
    const { family, address, port } = tcp.address() as AddressInfo;
    this.address = `${family === "IPv6" ? `[${address}]` : address}:${port}`;
    this.fingerprint = fingerprint;
    this.outward = outward;
    this.#tcp = tcp;
    this.#server = server;
    this.#sockets = sockets;
    this.#awaited = awaited;
  }

  /** `listen`: HOST:PORT; port 0 takes a free one. Errors: `listen`. */
  static async open(listen: string): Promise<StreamDoor> {
    const { identity, fingerprint } = await makeCertificate("halfroom leader");
    const { key, certificate: cert } = identity;
    const server = createServer({ key, cert, minVersion: "TLSv1.3", handshakeTimeout: CONNECT_MS });
    const awaited = new Map<string, (stream: Stream) => void>();
    letIn(server, awaited);
    const [outward, sockets] = [new StreamNames(), new Set<Socket>()];
    const tcp = createTcpServer({ noDelay: true, allowHalfOpen: true });
    tcp.maxConnections = CONNECTIONS_MAX;
    const arrived = (socket: Socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      admitStream(socket, { names: outward, others: () => server.emit("connection", socket) });
    };
    tcp.on(
      "connection",
      guarded(arrived, (_error, socket) => void socket.destroy()),
    );
    const { host, port } = splitAddress(listen);
    tcp.listen(port, host);
    try {
      await once(tcp, "listening");
    } catch (cause) {
      throw new OperatorError(
        "listen",
        `Cannot listen for workers on ${listen}; choose another workers_listen.`,
        {
          cause,
        },
      );
    }
    tcp.on("error", () => {});
    return new StreamDoor(toHex(fingerprint), { tcp, server, sockets, awaited, outward });
  }

  /** `token`: 64 hexadecimal digits that nobody else knows. */
  expect(token: string): Awaited {
    const stream = new Promise<Stream>((resolve) => this.#awaited.set(token, resolve));
    return { stream, cancel: () => this.#awaited.delete(token) };
  }

  /** Drops all streams. */
  close(): void {
    this.#tcp.close();
    this.#server.closeAllConnections();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** A token that is not awaited, or not any more, ends the connection. */
function letIn(server: Server, awaited: Map<string, (stream: Stream) => void>): void {
  const sockets = new WebSocketServer({ ...SOCKET_OPTIONS, noServer: true });
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  const noPage = (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(426).end();
  };
  server.on(
    "request",
    guarded(noPage, (_error, { socket }) => void socket.destroy()),
  );
  server.on(
    "upgrade",
    guarded(
      (request, socket, head) => {
        socket.on("error", () => {});
        const token = TOKEN.exec(request.url ?? "")?.[1] ?? "";
        const begin = awaited.get(token);
        if (begin === undefined || request.headers.origin !== undefined) return void socket.destroy();
        awaited.delete(token);
        sockets.handleUpgrade(request, socket, head, (ws) => begin(new Stream(ws)));
      },
      (_error, _request, socket) => void socket.destroy(),
    ),
  );
}

/** Begins the attempt of a shard. Rejects if the leader cannot be reached, is another one, or does not await the token any more. */
export async function openStream(address: string, fingerprint: string, token: string): Promise<Stream> {
  const { host, port } = splitAddress(address);
  const socket = connect({ host, port, minVersion: "TLSv1.3", rejectUnauthorized: false });
  socket.on("error", () => {});
  await once(socket, "secureConnect", { signal: AbortSignal.timeout(CONNECT_MS) });
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined || fingerprintOf(certificate) !== fingerprint) {
    socket.destroy();
    throw new Error("another than the leader answers");
  }
  const ws = new WebSocket(`wss://${address}/${token}`, {
    ...SOCKET_OPTIONS,
    createConnection: () => socket,
  });
  const stream = new Stream(ws);
  const gone = new Promise<never>((_resolve, reject) => {
    ws.once(
      "close",
      guarded(() => reject(new Error("the leader does not await this attempt")), ignored),
    );
  });
  await Promise.race([once(ws, "open"), gone]);
  return stream;
}

function fingerprintOf({ raw }: X509Certificate): string {
  return createHash("sha256").update(raw).digest("hex");
}

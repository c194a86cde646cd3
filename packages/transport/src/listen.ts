// The side that waits for its partner.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { ProtocolError } from "@halfroom/wire";
import type { Frames } from "@halfroom/wire";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import { CLOSE_BUSY } from "./close-codes.ts";
import { assertLoopback } from "./loopback.ts";
import { Mailbox } from "./mailbox.ts";
import { SOCKET_OPTIONS, SocketFrames } from "./socket-frames.ts";
import type { SocketLimits } from "./socket-frames.ts";

export interface ListenOptions extends SocketLimits {
  /** A loopback address. */
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** How long `accept` waits for a partner. */
  readonly waitMs: number;
}

export interface Listener {
  /** Where the partner connects to: ws://host:port. */
  readonly address: string;
  /** The next partner; rejects with `timeout` if none comes in time, with `closed` after `close`. One call at a time. */
  accept(): Promise<Frames>;
  /** Takes no further partner; one that was accepted stays connected. */
  close(): Promise<void>;
}

/** An address that cannot be listened on: this side's configuration, of which the partner never hears. */
export class AddressError extends Error {
  constructor(address: string, cause: NodeJS.ErrnoException) {
    const why = REASONS[cause.code ?? ""] ?? "it cannot be listened on";
    super(`${address}: ${why} (${cause.code ?? cause.message})`, { cause });
    this.name = "AddressError";
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "the address is in use",
  EADDRNOTAVAIL: "no interface of this machine has the address",
  EACCES: "this user may not take the port",
};

/**
 * Listens for exactly one partner at a time: while one is connected, others are closed with CLOSE_BUSY.
 * Throws ProtocolError `refused` for an address that is not loopback, AddressError for one that cannot be taken.
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  assertLoopback(options.host);
  const host = options.host.replace(/^\[|\]$/g, "");
  // A browser names the page's origin; no page is a partner.
  const verifyClient = ({ origin }: { origin?: string }) => origin === undefined;
  const server = new WebSocketServer({ ...SOCKET_OPTIONS, host, port: options.port, verifyClient });
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new AddressError(`${options.host}:${options.port}`, cause as NodeJS.ErrnoException);
  }
  return new SocketListener(server, options);
}

class SocketListener implements Listener {
  readonly address: string;
  readonly #server: WebSocketServer;
  readonly #arrivals: Mailbox<SocketFrames>;
  #partner: SocketFrames | undefined;

  constructor(server: WebSocketServer, options: ListenOptions) {
    const { family, address, port } = server.address() as AddressInfo;
    this.address = `ws://${family === "IPv6" ? `[${address}]` : address}:${port}`;
    this.#server = server;
    this.#arrivals = new Mailbox(options.waitMs);
    server.on("connection", (socket) => this.#meet(socket, options));
  }

  async accept(): Promise<Frames> {
    return await this.#arrivals.take();
  }

  async close(): Promise<void> {
    this.#arrivals.end(new ProtocolError("closed"));
    const unaccepted = this.#arrivals.takeNow();
    // Its callback waits for connections too, which outlive the listener.
    this.#server.close();
    await unaccepted?.close("closed");
  }

  #meet(socket: WebSocket, limits: SocketLimits): void {
    if (this.#partner !== undefined) {
      socket.on("error", () => {});
      socket.close(CLOSE_BUSY);
      return;
    }
    const partner = new SocketFrames(socket, limits);
    this.#partner = partner;
    void partner.closed.then(() => {
      this.#partner = undefined;
      // Whoever left before being accepted is not met any more.
      this.#arrivals.clear();
    });
    this.#arrivals.put(partner);
  }
}

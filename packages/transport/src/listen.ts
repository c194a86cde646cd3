// The side that waits for its partner.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { ProtocolError } from "@halfroom/wire";
import type { Frames } from "@halfroom/wire";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import { CLOSE_BUSY } from "./close-codes.ts";
import { assertLoopback } from "./loopback.ts";
import { SOCKET_OPTIONS, SocketFrames } from "./socket-frames.ts";
import type { SocketLimits } from "./socket-frames.ts";
import { startTimer } from "./timer.ts";

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

/**
 * Listens for exactly one partner at a time: while one is connected, others are closed with CLOSE_BUSY.
 * Throws ProtocolError `refused` for an address that is not loopback, `closed` if the address cannot be taken.
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
    throw new ProtocolError("closed", `cannot listen on ${options.host}:${options.port}`, { cause });
  }
  return new SocketListener(server, options);
}

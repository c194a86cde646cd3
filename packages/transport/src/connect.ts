// The side that calls its partner.
import { setTimeout as pause } from "node:timers/promises";
import { ProtocolError } from "@halfroom/wire";
import type { Frames } from "@halfroom/wire";
import { WebSocket } from "ws";
import { assertLoopback } from "./loopback.ts";
import { SOCKET_OPTIONS, SocketFrames } from "./socket-frames.ts";
import type { SocketLimits } from "./socket-frames.ts";

/** Pause between two attempts. */
const RETRY_MS = 250;

export interface ConnectOptions extends SocketLimits {
  /** How long to try: the other half may start later. */
  readonly waitMs: number;
}

/**
 * Connects to a listening half, again and again until `waitMs` have passed.
 * Throws ProtocolError `refused` for anything but ws:// to a loopback address, `timeout` if nobody answered in time.
 */
export async function connect(url: string, options: ConnectOptions): Promise<Frames> {
  const target = loopbackAddress(url);
  const deadline = performance.now() + options.waitMs;
  for (;;) {
    const leftMs = Math.max(1, Math.ceil(deadline - performance.now()));
    try {
      return await dial(target, leftMs, options);
    } catch (cause) {
      if (performance.now() + RETRY_MS > deadline) {
        throw new ProtocolError("timeout", `nobody answers at ${url}`, { cause });
      }
    }
    await pause(RETRY_MS);
  }
}

function loopbackAddress(url: string): URL {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target?.protocol !== "ws:")
    throw new ProtocolError("refused", `not an address like ws://127.0.0.1:7400: "${url}"`);
  assertLoopback(target.hostname);
  return target;
}

function dial(target: URL, handshakeTimeout: number, limits: SocketLimits): Promise<Frames> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(target, { ...SOCKET_OPTIONS, handshakeTimeout });
    socket.once("error", reject);
    socket.once("open", () => {
      socket.off("error", reject);
      resolve(new SocketFrames(socket, limits));
    });
  });
}

// The side that dials a stream of a shard's own (protocol-spec.md, section 6.6): the partner's address, with the stream's name in the hello.
import { setTimeout as pause } from "node:timers/promises";
import type { WebSocket } from "ws";
import { Unreached, type Seen } from "../attempt.ts";
import { serverNameOf } from "../front/stream-name.ts";
import { shakeHands, upgradeInTime, type Calling } from "../handshake.ts";
import { StreamLost } from "./stream-port.ts";

/** In all, from the first attempt on. */
const DIAL_MS = 10_000;
const PAUSE_MS = 250;
/** Then no hello has been seen: the name has not been used, and another attempt may find the way. */
const BEFORE_HELLO: readonly Seen[] = ["refused", "no-route", "no-name", "proxy"];

export interface DialStreamOptions extends Pick<Calling, "address" | "via" | "proxy" | "identity"> {
  /** 32 hexadecimal digits. */
  readonly name: string;
  /** Of the certificate at the other end. */
  readonly fingerprint: string;
}

/** Rejects with StreamLost, in words for what was seen; ProtocolError `closed` if a proxy refuses to let the connection out. */
export async function dialStream(options: DialStreamOptions): Promise<WebSocket> {
  const limit = AbortSignal.timeout(DIAL_MS);
  for (;;) {
    try {
      return await dialOnce(options, limit);
    } catch (cause) {
      if (!(cause instanceof Unreached)) throw cause;
      if (limit.aborted || !BEFORE_HELLO.includes(cause.seen)) throw new StreamLost(cause.message, { cause });
    }
    await pause(PAUSE_MS);
  }
}

async function dialOnce(options: DialStreamOptions, limit: AbortSignal): Promise<WebSocket> {
  const { address, name, fingerprint } = options;
  const calling: Calling = { ...options, purpose: "stream", serverName: serverNameOf(name, address) };
  const { socket, peer } = await shakeHands(calling, limit);
  if (peer?.fingerprint !== fingerprint) {
    socket.destroy();
    throw new StreamLost("another than the partner answers");
  }
  const { ws } = await upgradeInTime(socket, calling, limit);
  return ws;
}

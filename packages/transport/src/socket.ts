// How WebSockets are set up, and what their errors mean.
import { FRAME_BYTES_MAX, ProtocolError } from "@halfroom/wire";

/** How ws is set up on both sides. */
export const SOCKET_OPTIONS = {
  perMessageDeflate: false,
  maxPayload: FRAME_BYTES_MAX,
  /** How long the partner may take to answer a close. */
  closeTimeout: 10_000,
};

export interface SocketLimits {
  /** How long the partner may stay silent, and how long it may take none of what waits to be sent. */
  readonly idleMs: number;
}

/** The library's own errors are about what the partner sent; all others come from the network. */
export function errorOfSocket(error: Error & { code?: string }): ProtocolError {
  return new ProtocolError(error.code?.startsWith("WS_ERR_") ? "malformed" : "closed", undefined, {
    cause: error,
  });
}

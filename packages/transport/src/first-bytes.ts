// What a caller says first, looked at before TLS reads it: whatever stands in front of a node and does not pass TLS through shows here.
import type { Socket } from "node:net";
import { guarded } from "@halfroom/wire";

/** A record of type handshake (RFC 8446, section 5.1). */
const TLS_HANDSHAKE = 0x16;
/** The PROXY protocol's two headers, sections 2.1 and 2.2 of its specification. */
const PROXY_LINE = "PROXY ";
const PROXY_HEADER = "\r\n\r\n\0\r\nQUIT\n";

/** What was there instead of TLS: HTTP, a header of the PROXY protocol, anything else. */
export type OtherThanTls = "not-tls-http" | "not-tls-proxy" | "not-tls";

/** What a connection begins with; undefined for TLS. */
export function otherThanTls(bytes: Buffer): OtherThanTls | undefined {
  if (bytes[0] === TLS_HANDSHAKE) return undefined;
  const text = bytes.toString("latin1", 0, 16);
  if (text.startsWith(PROXY_LINE) || text.startsWith(PROXY_HEADER)) return "not-tls-proxy";
  return /^[A-Z]{3,10} \S/.test(text) ? "not-tls-http" : "not-tls";
}

/**
 * Gives the socket's first bytes, which stay in it for the next reader. Never calls back if the connection ends without any.
 */
export function peek(socket: Socket, see: (bytes: Buffer) => void): void {
  const look = () => {
    const bytes = socket.read() as Buffer | null;
    if (bytes === null) return;
    socket.off("readable", guardedLook);
    socket.unshift(bytes);
    see(bytes);
  };
  const guardedLook = guarded(look, () => void socket.destroy());
  socket.on("readable", guardedLook);
}

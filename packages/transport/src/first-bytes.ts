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

/** What a look at first bytes found, and how many of them are nobody's after it. */
interface Found<T> {
  readonly found: T;
  readonly taken: number;
}

/**
 * Shows `look` what the socket begins with, again whenever more has come, until it finds something; all but what was taken stays in the
 * socket for the next reader. Never calls back if the connection ends before.
 */
export function lookUntil<T>(
  socket: Socket,
  look: (bytes: Buffer) => Found<T> | undefined,
  see: (found: T) => void,
): void {
  let bytes = Buffer.alloc(0);
  const onReadable = () => {
    const more = socket.read() as Buffer | null;
    if (more === null) return;
    bytes = Buffer.concat([bytes, more]);
    const seen = look(bytes);
    if (seen === undefined) return;
    socket.off("readable", guardedLook);
    if (seen.taken < bytes.length) socket.unshift(bytes.subarray(seen.taken));
    see(seen.found);
  };
  const guardedLook = guarded(onReadable, () => void socket.destroy());
  socket.on("readable", guardedLook);
}

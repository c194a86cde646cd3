// Who is at the other end of a TLS connection, as far as TLS itself proves it: the holder of a certificate's key.
import { createHash } from "node:crypto";
import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";

/**
 * What a connection is for, stated in the handshake (ALPN, RFC 7301), so that a stranger with an invitation can join and do
 * nothing else, and a stream of a shard carry that alone.
 */
export const PURPOSES = {
  session: "halfroom/1",
  join: "halfroom-join/1",
  stream: "halfroom-stream/1",
} as const;
export type Purpose = keyof typeof PURPOSES;

/** With this status of HTTP a listener answers a certificate that it does not let in, before it reads anything. */
export const STATUS_UNKNOWN = 403;

/** Key and certificate of this side, in PEM. */
export interface TlsIdentity {
  readonly key: string;
  readonly certificate: string;
}

export interface TlsPeer {
  /** SHA-256 of the certificate's DER, 64 lower-case hexadecimal digits. */
  readonly fingerprint: string;
  readonly certificate: X509Certificate;
  readonly purpose: Purpose;
}

/**
 * The peer of a finished handshake; undefined if it showed no certificate or none of our purposes. A socket gives its peer's
 * certificate once: whoever needs more of it asks first.
 */
export function peerOf(
  socket: TLSSocket,
  certificate: X509Certificate | undefined = socket.getPeerX509Certificate(),
): TlsPeer | undefined {
  const purpose = (Object.keys(PURPOSES) as Purpose[]).find((key) => PURPOSES[key] === socket.alpnProtocol);
  if (certificate === undefined || purpose === undefined) return undefined;
  const fingerprint = createHash("sha256").update(certificate.raw).digest("hex");
  return { fingerprint, certificate, purpose };
}

/**
 * TLS 1.3 only, with a certificate from both sides. No authority vouches for a certificate: TLS proves that the peer holds
 * its key, and the caller of this function compares the fingerprint with the pinned one before a byte is read or written.
 */
export function tlsOptions({ key, certificate }: TlsIdentity, purposes: readonly Purpose[]) {
  return {
    key,
    cert: certificate,
    minVersion: "TLSv1.3" as const,
    requestCert: true,
    rejectUnauthorized: false,
    ALPNProtocols: purposes.map((purpose) => PURPOSES[purpose]),
  };
}

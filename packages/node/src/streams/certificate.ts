// Certificates for TLS between machines that learn each other's fingerprint beforehand: nobody vouches for them, and none outlives its process.
import { createHash, X509Certificate } from "node:crypto";
import type { TlsIdentity } from "@halfroom/transport";

export interface OwnCertificate {
  readonly identity: TlsIdentity;
  /** SHA-256 of the certificate, 32 bytes. */
  readonly fingerprint: Uint8Array;
}

/** ECDSA on P-256, of the system's randomness; `name` tells nothing but what it is for. */
export async function makeCertificate(name: string): Promise<OwnCertificate> {
  // Slow to load, and most nodes need none.
  const { generate } = await import("selfsigned");
  const made = await generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
  });
  const { raw } = new X509Certificate(made.cert);
  const fingerprint = new Uint8Array(createHash("sha256").update(raw).digest());
  return { identity: { key: made.private, certificate: made.cert }, fingerprint };
}

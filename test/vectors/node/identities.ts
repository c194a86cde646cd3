// Two nodes with fixed keys (protocol-spec.md, section 6.1). Their certificates were made once: an ECDSA signature is random.
import { createHash, createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from "node:crypto";
import { keyFingerprint } from "../../../packages/session/src/agreement/keys.ts";
import { fingerprintOf, signingKeyOf } from "../../../packages/node/src/identity/fingerprint.ts";
import { hex } from "./text.ts";

const CERTIFICATES = {
  sender:
    "MIIB3DCCAYKgAwIBAgIJTylUAQY3SS0uMAoGCCqGSM49BAMCMDYxNDAyBgNVBAMTK0ZEQnZTdTg0Wnk0SFdTdnYtSzVvQWtGOGZadkp6RDkxSkR2d3R4Qm" +
    "RaQ0kwIBcNMjYxMTI5MTAzMjU2WhgPMjA5OTEyMzEwMDAwMDBaMDYxNDAyBgNVBAMTK0ZEQnZTdTg0Wnk0SFdTdnYtSzVvQWtGOGZadkp6RDkxSkR2d3R4" +
    "QmRaQ0kwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATGpZHfFyYvd3tnC0EpBGX/6XARSgA5T5nTbbvCuM+A/kBf03HhoqyMh0Absw3IFl587MYdn6y8S7" +
    "BxnMjSSCp6o3cwdTAMBgNVHRMBAf8EAjAAMA4GA1UdDwEB/wQEAwIFoDAdBgNVHSUEFjAUBggrBgEFBQcDAQYIKwYBBQUHAwIwNgYDVR0RBC8wLYIrRkRC" +
    "dlN1ODRaeTRIV1N2di1LNW9Ba0Y4Zlp2SnpEOTFKRHZ3dHhCZFpDSTAKBggqhkjOPQQDAgNIADBFAiEAyIEBb9dtvG9/WHr066DkUCx0LF1Nz95uUycxJJ" +
    "P4FLoCIDD23MF7/CkvIx7eFH+rfKAv3uCFs6DIrmkZEQ4fGHB9",
  receiver:
    "MIIB3DCCAYKgAwIBAgIJRYnafkMHAMT4MAoGCCqGSM49BAMCMDYxNDAyBgNVBAMTKzd1NUFCYnBSNVVCOEpsYlYyWXdmVEpmZ2ltRUVEbWIxdXN5cVJkWn" +
    "FvY1EwIBcNMjYxMTI5MTAzMjU2WhgPMjA5OTEyMzEwMDAwMDBaMDYxNDAyBgNVBAMTKzd1NUFCYnBSNVVCOEpsYlYyWXdmVEpmZ2ltRUVEbWIxdXN5cVJk" +
    "WnFvY1EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARzew+ND3YWkncSjIuuWttsTCKU0byxfFegtkB4nJ5KDBFKuu5xJp34i/kPb+EOH4mIuzHkMZWcAH" +
    "//PxhTPyqZo3cwdTAMBgNVHRMBAf8EAjAAMA4GA1UdDwEB/wQEAwIFoDAdBgNVHSUEFjAUBggrBgEFBQcDAQYIKwYBBQUHAwIwNgYDVR0RBC8wLYIrN3U1" +
    "QUJicFI1VUI4SmxiVjJZd2ZUSmZnaW1FRURtYjF1c3lxUmRacW9jUTAKBggqhkjOPQQDAgNIADBFAiEAt/rqwii7jyLgUAl1VPX2z4Y1l53/rks0sCfzJS" +
    "t3EaYCICuxiGUFjiKT0UgFQcQnJwp6FyiNjVz0nHqU+eTJxV6G",
};

export interface FixedIdentity {
  readonly seed: Uint8Array;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** SubjectPublicKeyInfo in DER. */
  readonly spki: Uint8Array;
  /** Of the certificate, 64 hexadecimal digits: what is pinned. */
  readonly fingerprint: string;
  /** Of the signing key, 32 bytes: what a statement names. */
  readonly keyFingerprint: Uint8Array;
  readonly certificate: X509Certificate;
}

/** 32 bytes derived from a name. */
export function fixedBytes(what: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(`halfroom vector: ${what}`).digest());
}

function identity(role: "sender" | "receiver"): FixedIdentity {
  const seed = fixedBytes(`${role}'s signing key`);
  // An Ed25519 private key in PKCS #8 (RFC 8410) is this head and the seed.
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(privateKey);
  const certificate = new X509Certificate(Buffer.from(CERTIFICATES[role], "base64"));
  return {
    seed,
    privateKey,
    publicKey,
    spki: new Uint8Array(publicKey.export({ format: "der", type: "spki" })),
    fingerprint: fingerprintOf(certificate),
    keyFingerprint: keyFingerprint(signingKeyOf(certificate)!),
    certificate,
  };
}

export const IDENTITIES = { sender: identity("sender"), receiver: identity("receiver") };

export function identitiesVector() {
  const of = ({ seed, spki, certificate, fingerprint, keyFingerprint: ofKey }: FixedIdentity) => ({
    seed: hex(seed),
    publicKey: hex(signingKeyOf(certificate)!),
    spki: hex(spki),
    keyFingerprint: hex(ofKey),
    certificate: hex(certificate.raw),
    fingerprint,
  });
  return { sender: of(IDENTITIES.sender), receiver: of(IDENTITIES.receiver) };
}

import { createHash, X509Certificate } from "node:crypto";
import { generate } from "selfsigned";
import type { TlsIdentity } from "../src/index.ts";

export interface Party {
  readonly identity: TlsIdentity;
  readonly fingerprint: string;
}

export async function makeParty(name: string): Promise<Party> {
  const pems = await generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
  });
  const { raw } = new X509Certificate(pems.cert);
  const fingerprint = createHash("sha256").update(raw).digest("hex");
  return { identity: { key: pems.private, certificate: pems.cert }, fingerprint };
}

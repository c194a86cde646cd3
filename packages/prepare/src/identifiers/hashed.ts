// Lists that arrive hashed: SHA-256 of normalised text, in hexadecimal or Base64.
import { createHash } from "node:crypto";
import { identifierText } from "./text.ts";

export const DIGEST_BYTES = 32;

/** PostgreSQL and others write bytes as \\x and hexadecimal digits. */
const HEX = /^(?:\\x|0x)?([0-9a-fA-F]{64})$/;
/** Both alphabets of RFC 4648; the last character holds 4 bits of the digest and two zeros. */
const BASE64 = /^[A-Za-z0-9+/_-]{42}[AEIMQUYcgkosw048]=?$/;

/** The digest of the empty text, found in lists where there was nothing to hash. */
const NOTHING = createHash("sha256").digest();

export function sha256(text: string): Uint8Array {
  return createHash("sha256").update(text, "utf8").digest();
}

/** The 32 bytes that the text stands for. */
export function parseDigest(text: string): Uint8Array | "empty" | "invalid" {
  const clean = identifierText(text);
  if (clean === "") return "empty";
  const hex = HEX.exec(clean)?.[1];
  const digest =
    hex !== undefined
      ? Buffer.from(hex, "hex")
      : BASE64.test(clean)
        ? Buffer.from(clean, "base64")
        : undefined;
  if (digest === undefined) return "invalid";
  return digest.equals(NOTHING) ? "empty" : digest;
}

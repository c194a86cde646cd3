// A template as its owner signs it for one partner (protocol-spec.md, section 8.8): the text as it is, and both signing keys, so that it is no
// other partner's template and no other owner's.
import { encodeParts, hash256 } from "@halfroom/crypto";
import { ProtocolError } from "@halfroom/wire";
import { z } from "zod";
import { decodeAs, encodeAs } from "../agreement/canonical.ts";
import { verifySignature, type Signer } from "../agreement/keys.ts";
import { hexField } from "../terms/fields.ts";

const NO_SESSION = new Uint8Array(0);
/** Longest text, in bytes of UTF-8. */
export const TEMPLATE_BYTES_MAX = 32 * 1024;

/** Whose template it is and for whom: Ed25519 public keys, 32 bytes each. */
export interface TemplateParties {
  readonly by: Uint8Array;
  readonly to: Uint8Array;
}

export interface SignedTemplate extends TemplateParties {
  /** YAML, byte for byte as it was signed. */
  readonly text: string;
  /** Ed25519 (RFC 8032), 64 bytes. */
  readonly signature: Uint8Array;
}

/** Names the template in terms: 32 bytes. */
export function templateDigest(text: string, { by, to }: TemplateParties): Uint8Array {
  return hash256("template", NO_SESSION, by, to, text);
}

export function signTemplate(text: string, parties: TemplateParties, sign: Signer): SignedTemplate {
  return { text, ...parties, signature: sign(toSign(text, parties)) };
}

/** Whether its owner has signed it, under the key that it names itself; whose that key is, the caller knows. */
function isSigned({ text, signature, ...parties }: SignedTemplate): boolean {
  return verifySignature(parties.by, toSign(text, parties), signature);
}

function toSign(text: string, { by, to }: TemplateParties): Uint8Array {
  return encodeParts("template/signature", NO_SESSION, [by, to, text]);
}

const file = z.strictObject({
  halfroom: z.literal("template"),
  by: hexField(32),
  to: hexField(32),
  text: z
    .string()
    .min(1)
    .refine((text) => Buffer.byteLength(text) <= TEMPLATE_BYTES_MAX),
  signature: hexField(64),
});

/** What is handed to the partner: canonical JSON. */
export function encodeTemplate({ text, by, to, signature }: SignedTemplate): Uint8Array {
  return encodeAs(file, { halfroom: "template", by, to, text, signature });
}

/** Untrusted bytes, with white space after them that an editor has added, or without. Errors: `malformed`, also for a signature that is none. */
export function decodeTemplate(bytes: Uint8Array): SignedTemplate {
  const { halfroom: _, ...signed } = decodeAs(file, withoutLineEnd(bytes));
  if (!isSigned(signed))
    throw new ProtocolError("malformed", "the signature is not that of the template's owner");
  return signed;
}

function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d)) end--;
  return bytes.subarray(0, end);
}

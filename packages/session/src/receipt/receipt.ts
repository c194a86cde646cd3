// The receipt of a session (design section 3): the agreement with both signatures, and both sides' signatures on the digest
// of what was released. Whoever has it can check it without either node.
import { createHash, createPublicKey, sign, verify, type KeyObject } from "node:crypto";
import { encodeParts } from "@halfroom/crypto";
import { otherRole, ROLES, type Role } from "@halfroom/mpc";
import { ProtocolError, type Channel } from "@halfroom/wire";
import { z } from "zod";
import {
  readAgreement,
  verifyAgreement,
  type Agreement,
  type SignedAgreement,
  type Signatures,
} from "../agreement/agreement.ts";
import { decodeAs, encodeAs } from "../agreement/canonical.ts";
import { publicKeyOf } from "../agreement/keys.ts";
import type { Site } from "../site.ts";
import { hexField } from "../terms/fields.ts";

/** Both sides hold the same content. */
export interface Receipt {
  readonly agreement: Agreement;
  /** On the agreement. */
  readonly signatures: Signatures;
  /** Digest of the released table, 32 bytes. */
  readonly report: Uint8Array;
  /** On session id and report digest. */
  readonly receiptSignatures: Signatures;
  /** Ed25519 public keys, SPKI in DER. */
  readonly publicKeys: Signatures;
}

/**
 * Both sides sign the digest of the report, `ours`; a side that gets no result (undefined) takes the other's word for it, and
 * signs that it was told so. Errors: `agreement`, if the partner signs another report or does not sign.
 */
export async function exchangeReceipts(
  ch: Channel<"receipt", "receipt">,
  { agreement, signatures }: SignedAgreement,
  us: Role,
  { privateKey, signingKey, partnerKey }: Site,
  ours: Uint8Array | undefined,
): Promise<Receipt> {
  const told = ours === undefined ? await ch.recv("receipt") : undefined;
  const report = ours ?? told!.report;
  const signature = signReceipt(agreement, report, us, privateKey);
  await ch.send({ type: "receipt", report, signature });
  const theirs = told ?? (await ch.recv("receipt"));
  if (Buffer.compare(theirs.report, report) !== 0) {
    throw new ProtocolError("agreement", "the partner has another report; do not use this one");
  }
  const both = (own: Uint8Array, partner: Uint8Array) =>
    ({ [us]: own, [otherRole(us)]: partner }) as Record<Role, Uint8Array>;
  const spki = (key: Uint8Array) => new Uint8Array(publicKeyOf(key).export({ format: "der", type: "spki" }));
  const receipt = {
    agreement,
    signatures,
    report,
    receiptSignatures: both(signature, theirs.signature),
    publicKeys: both(spki(signingKey), spki(partnerKey)),
  };
  verifyReceipt(receipt);
  return receipt;
}

/** `role`'s Ed25519 signature on session and report digest, 64 bytes. */
export function signReceipt(
  agreement: Agreement,
  report: Uint8Array,
  role: Role,
  privateKey: KeyObject,
): Uint8Array {
  return new Uint8Array(sign(null, toSign(agreement, report, role), privateKey));
}

/**
 * Checks all that a receipt says: both keys are those of the agreement, both signed the agreement, and both the report.
 * Errors: `agreement`.
 */
export function verifyReceipt(receipt: Receipt): void {
  const { agreement, signatures, report, receiptSignatures, publicKeys } = receipt;
  for (const role of ROLES) {
    const fingerprint = createHash("sha256").update(publicKeys[role]).digest();
    if (Buffer.compare(fingerprint, agreement.content[role].fingerprint) !== 0) {
      throw new ProtocolError("agreement", `the receipt holds another key of the ${role} than the agreement`);
    }
    const key = readPublicKey(publicKeys[role]);
    verifyAgreement(agreement, role, signatures[role], key);
    if (!verify(null, toSign(agreement, report, role), key, receiptSignatures[role])) {
      throw new ProtocolError("agreement", `the ${role} signed another report, or did not sign it`);
    }
  }
}

function readPublicKey(der: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(der), format: "der", type: "spki" });
  } catch (error) {
    throw new ProtocolError("agreement", "the receipt holds no public key", { cause: error });
  }
}

function toSign({ session }: Agreement, report: Uint8Array, role: Role): Uint8Array {
  return encodeParts("receipt/signature", session, [role, report]);
}

const bothFields = (length: number) =>
  z.strictObject({ sender: hexField(length), receiver: hexField(length) });
const receiptSchema = z.strictObject({
  agreement: z.codec(z.string(), z.custom<Agreement>(), {
    decode: (text) => readAgreement(Buffer.from(text, "utf8")),
    encode: ({ bytes }) => Buffer.from(bytes).toString("utf8"),
  }),
  signatures: bothFields(64),
  report: hexField(32),
  receiptSignatures: bothFields(64),
  publicKeys: bothFields(44),
});

/** The receipt as canonical JSON, to keep or to hand to a third party. */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  return encodeAs(receiptSchema, receipt);
}

/** A receipt from its text; nothing in it is verified yet. Errors: `malformed`. */
export function decodeReceipt(bytes: Uint8Array): Receipt {
  return decodeAs(receiptSchema, bytes);
}

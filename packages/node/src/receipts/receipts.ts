// The receipt of a session (design section 3): the agreement with both signatures, and both sides' signatures on the digest
// of what was released. Whoever has it can check it without either node.
import { createHash, createPublicKey, sign, verify, type KeyObject } from "node:crypto";
import { encodeParts } from "@halfroom/crypto";
import { ProtocolError } from "@halfroom/wire";
import { z } from "zod";
import { readAgreement, verifyAgreement } from "../agreement/agreement.ts";
import type { AgreementText } from "../agreement/agreement.types.ts";
import { decodeCanonical, encodeCanonical, hexField, toHex } from "../agreement/canonical.ts";
import { ROLES, type Role } from "../half.types.ts";
import type { Store } from "../store/store.ts";
import type { Receipt } from "./receipts.types.ts";

/** `role`'s Ed25519 signature on session and report digest, 64 bytes. */
export function signReceipt(
  agreement: AgreementText,
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

function toSign({ session }: AgreementText, report: Uint8Array, role: Role): Uint8Array {
  return encodeParts("receipt/signature", session, [role, report]);
}

const bothFields = (length: number) =>
  z.strictObject({ sender: hexField(length), receiver: hexField(length) });
const recordSchema = z.strictObject({
  agreement: z.string(),
  signatures: bothFields(64),
  report: hexField(32),
  receiptSignatures: bothFields(64),
  publicKeys: bothFields(44),
});

/** The receipt as canonical JSON, to keep or to hand to a third party. */
export function encodeReceipt({ agreement, ...receipt }: Receipt): Uint8Array {
  return encodeRecord({ agreement: Buffer.from(agreement.bytes).toString("utf8"), ...receipt });
}

function encodeRecord(record: z.infer<typeof recordSchema>): Uint8Array {
  const both = (of: Record<Role, Uint8Array>) => ({ sender: toHex(of.sender), receiver: toHex(of.receiver) });
  return encodeCanonical({
    agreement: record.agreement,
    signatures: both(record.signatures),
    report: toHex(record.report),
    receiptSignatures: both(record.receiptSignatures),
    publicKeys: both(record.publicKeys),
  });
}

/** A receipt from its text; nothing in it is verified yet. Errors: `malformed`. */
export function decodeReceipt(bytes: Uint8Array): Receipt {
  const record = decodeCanonical(bytes, recordSchema, encodeRecord);
  return { ...record, agreement: readAgreement(Buffer.from(record.agreement, "utf8")) };
}

export class Receipts {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Keeps a receipt that holds. Errors: `agreement`. */
  add(receipt: Receipt): void {
    verifyReceipt(receipt);
    this.#store.run(
      "INSERT INTO receipt (session, record) VALUES (?, ?)",
      toHex(receipt.agreement.session),
      encodeReceipt(receipt),
    );
  }

  /** By session id in hex. Errors: `malformed` if the stored one was damaged. */
  get(session: string): Receipt | undefined {
    const row = this.#store.get<{ record: Uint8Array }>(
      "SELECT record FROM receipt WHERE session = ?",
      session,
    );
    return row && decodeReceipt(row.record);
  }
}

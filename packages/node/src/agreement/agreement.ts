// The agreement of two nodes (design section 3): both compose it from what both stated, both sign it, and its hash is the
// session id. Nobody parses the partner's agreement: a signature on any other bytes does not verify.
import { sign, verify, type KeyObject } from "node:crypto";
import { encodeParts, hash256 } from "@halfroom/crypto";
import { ProtocolError } from "@halfroom/wire";
import type { Role } from "../half.types.ts";
import type { Store } from "../store/store.ts";
import type { AgreementText, ReceiverStatement, SenderStatement, Terms } from "./agreement.types.ts";
import { encodeCanonical, toHex } from "./canonical.ts";
import { readStatement, statementRecord } from "./statement.ts";
import { readTerms, termsRecord } from "./terms.ts";

const NO_SESSION = new Uint8Array(0);
const ED25519_SIGNATURE_BYTES = 64;

/** The agreement's bytes: canonical JSON of { terms, sender, receiver }. Errors: `agreement`, for cells of other partitions. */
export function composeAgreement(
  terms: Terms,
  sender: SenderStatement,
  receiver: ReceiverStatement,
): AgreementText {
  if (receiver.cells.length !== terms.partitions.length) {
    throw new ProtocolError("agreement", "the receiver states cells of other partitions than the terms have");
  }
  const bytes = encodeCanonical({
    terms: termsRecord(terms),
    sender: statementRecord(sender),
    receiver: statementRecord(receiver),
  });
  return { content: { terms, sender, receiver }, bytes, session: hash256("agreement", NO_SESSION, bytes) };
}

/** An agreement from its bytes, for what is kept. Errors: `malformed`, unless they are the canonical ones. */
export function readAgreement(bytes: Uint8Array): AgreementText {
  const { terms, sender, receiver } = readParts(bytes);
  const agreement = composeAgreement(
    readTerms(encodeCanonical(terms)),
    readStatement(encodeCanonical(sender), "sender"),
    readStatement(encodeCanonical(receiver), "receiver"),
  );
  if (Buffer.compare(agreement.bytes, bytes) !== 0) throw new ProtocolError("malformed");
  return agreement;
}

function readParts(bytes: Uint8Array): Record<"terms" | "sender" | "receiver", unknown> {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8")) ?? {};
  } catch {
    throw new ProtocolError("malformed");
  }
}

/** `role`'s Ed25519 signature (RFC 8032), 64 bytes. */
export function signAgreement(agreement: AgreementText, role: Role, privateKey: KeyObject): Uint8Array {
  return new Uint8Array(sign(null, toSign(agreement, role), privateKey));
}

/** Errors: `agreement`, unless `signature` is `role`'s on this very agreement. */
export function verifyAgreement(
  agreement: AgreementText,
  role: Role,
  signature: Uint8Array,
  publicKey: KeyObject,
): void {
  const valid =
    signature.length === ED25519_SIGNATURE_BYTES &&
    publicKey.asymmetricKeyType === "ed25519" &&
    verify(null, toSign(agreement, role), publicKey, signature);
  if (!valid)
    throw new ProtocolError("agreement", "the partner signed another agreement, or did not sign it");
}

/** The role is part of what is signed, so that no signature can be sent back as the partner's own. */
function toSign({ session, bytes }: AgreementText, role: Role): Uint8Array {
  return encodeParts("agreement/signature", session, [role, bytes]);
}

/**
 * Takes the session id for this one session, for good. Errors: `agreement`, if this node has seen it before.
 */
export function claimSession(store: Store, agreement: AgreementText, partner: string, now: number): void {
  const taken = store.run(
    "INSERT INTO agreement (session, partner, bytes, claimed_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    toHex(agreement.session),
    partner,
    agreement.bytes,
    now,
  );
  if (taken === 0)
    throw new ProtocolError("agreement", "this agreement was run before; propose the report anew");
}

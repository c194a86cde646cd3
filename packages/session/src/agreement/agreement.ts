// The agreement (design section 3): both sides compose it from what both stated, both sign it, and its hash is the session
// id. Nobody parses the partner's agreement: a signature on any other bytes does not verify.
import { verify, type KeyObject } from "node:crypto";
import { encodeParts, hash256 } from "@halfroom/crypto";
import type { Role } from "@halfroom/mpc";
import { ProtocolError } from "@halfroom/wire";
import { readKeptTerms, termsRecord, type Terms } from "../terms/terms.ts";
import { assertNewestCommon } from "../terms/protocol.ts";
import { encodeCanonical } from "./canonical.ts";
import type { Signer } from "./keys.ts";
import {
  readKeptStatement,
  statementRecord,
  type ReceiverStatement,
  type SenderStatement,
} from "./statement.ts";

const NO_SESSION = new Uint8Array(0);
const ED25519_SIGNATURE_BYTES = 64;

/** Every parameter that the computation uses. */
export interface AgreementContent {
  readonly terms: Terms;
  readonly sender: SenderStatement;
  readonly receiver: ReceiverStatement;
}

export interface Agreement {
  readonly content: AgreementContent;
  /** Canonical JSON of the content. */
  readonly bytes: Uint8Array;
  /** The session id: the hash of the bytes, 32 bytes. */
  readonly session: Uint8Array;
}

/** Ed25519 signatures of both sides, 64 bytes each. */
export type Signatures = Readonly<Record<Role, Uint8Array>>;

export interface SignedAgreement {
  readonly agreement: Agreement;
  readonly signatures: Signatures;
}

/**
 * The agreement's bytes: canonical JSON of { terms, sender, receiver }. Errors: `version`, unless the terms are for the newest version
 * that both state; `agreement`, for cells of other partitions.
 */
export function composeAgreement(
  terms: Terms,
  sender: SenderStatement,
  receiver: ReceiverStatement,
): Agreement {
  assertNewestCommon(terms.protocol, sender.versions, receiver.versions);
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

/**
 * An agreement that this node kept, of whatever version of the protocol. Signatures and session id hold for the bytes as they
 * are kept. Errors: `malformed`.
 */
export function readAgreement(bytes: Uint8Array): Agreement {
  const { terms, sender, receiver } = readParts(bytes);
  const content = {
    terms: readKeptTerms(terms),
    sender: readKeptStatement(sender, "sender"),
    receiver: readKeptStatement(receiver, "receiver"),
  };
  return { content, bytes, session: hash256("agreement", NO_SESSION, bytes) };
}

function readParts(bytes: Uint8Array): Record<"terms" | "sender" | "receiver", unknown> {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8")) ?? {};
  } catch {
    throw new ProtocolError("malformed");
  }
}

/** `role`'s Ed25519 signature (RFC 8032), 64 bytes. */
export function signAgreement(agreement: Agreement, role: Role, sign: Signer): Uint8Array {
  return sign(toSign(agreement, role));
}

/** Errors: `agreement`, unless `signature` is `role`'s on this very agreement. */
export function verifyAgreement(
  agreement: Agreement,
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
function toSign({ session, bytes }: Agreement, role: Role): Uint8Array {
  return encodeParts("agreement/signature", session, [role, bytes]);
}

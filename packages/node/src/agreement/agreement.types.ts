// What two nodes agree on before a session. Numbers are integers; nothing in here is a value of a row.
import type { ReportTerms, Role } from "../half.types.ts";

/**
 * The report as it is proposed, seen from no side: who is who follows from the roles. The same record, with threshold
 * and epsilon made stricter by the policies, enters the agreement.
 */
export interface Terms extends ReportTerms {
  /** Version of the protocol and its suite. */
  readonly protocol: string;
  /** Who proposed the report. */
  readonly initiator: Role;
  /** Each side's name of its dataset. */
  readonly datasets: Readonly<Record<Role, string>>;
}

/** What each side states once its data is prepared. Commitments are under a fresh salt that stays at home. */
interface CommonStatement {
  /** 32 fresh random bytes. */
  readonly nonce: Uint8Array;
  /** SHA-256 of the side's Ed25519 public key (SPKI, DER), 32 bytes. */
  readonly fingerprint: Uint8Array;
  /** People in the session, after filters and dedupe. */
  readonly people: number;
  /** Commitment to the digest of the prepared data, 32 bytes. */
  readonly data: Uint8Array;
  /** Commitment to the filter's text, 32 bytes; also where there is no filter. */
  readonly filter: Uint8Array;
}

export interface SenderStatement extends CommonStatement {
  readonly role: "sender";
  /** Number of the OPRF key's epoch for this partner, from 1. */
  readonly epoch: number;
  /** The epoch's OPRF public key, 32 bytes (RFC 9497 public key of ristretto255-SHA512). */
  readonly epochKey: Uint8Array;
  /** When the epoch ends and all that was kept under its key is deleted, in milliseconds since 1970. */
  readonly epochEndsAt: number;
  /** Categories of the sender's columns, at least one. */
  readonly categories: number;
}

export interface ReceiverStatement extends CommonStatement {
  readonly role: "receiver";
  /** Numbers of cells, one for each partition, each padded to a power of two. */
  readonly cells: readonly number[];
  /** OPRF evaluations it asks for: its new people, padded to the public step. */
  readonly evaluations: number;
}

export type Statement = SenderStatement | ReceiverStatement;

/** Every parameter that the computation uses. */
export interface SignedTerms {
  readonly terms: Terms;
  readonly sender: SenderStatement;
  readonly receiver: ReceiverStatement;
}

/** The canonical bytes of an agreement and their hash, the session id (32 bytes). */
export interface AgreementText {
  readonly content: SignedTerms;
  readonly bytes: Uint8Array;
  readonly session: Uint8Array;
}

/** Ed25519 signatures of both sides, 64 bytes each. */
export type Signatures = Readonly<Record<Role, Uint8Array>>;

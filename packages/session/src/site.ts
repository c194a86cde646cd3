// What the owner of a side decides, signs and keeps while a session runs. A node answers from its policy and writes to its
// store; the session itself knows neither.
import type { Agreement, SignedAgreement } from "./agreement/agreement.ts";
import type { Signer } from "./agreement/keys.ts";
import type { Openings } from "./agreement/openings.ts";
import type { Receipted } from "./receipt/receipt.ts";
import type { ReplaySecrets } from "./replay/side.ts";
import type { ReleasedReport } from "@halfroom/report";

interface Ended {
  /** Undefined on a side that gets no result. */
  readonly report: ReleasedReport | undefined;
  /** As in `ReleasedTable`. */
  readonly impossible: string | undefined;
}

/** A report that both sides have and neither has signed. */
export interface Unsigned extends Ended {
  readonly signed: SignedAgreement;
  /** Of all messages before the receipts, 32 bytes. */
  readonly transcript: Uint8Array;
  /** On the side that commits, 32 bytes. */
  readonly nonce: Uint8Array | undefined;
}

export interface Settled extends Ended, Receipted {}

export interface Site {
  /** By this side's Ed25519 key (RFC 8032), whose public half is `signingKey`, 32 bytes. */
  readonly sign: Signer;
  readonly signingKey: Uint8Array;
  /** The partner's Ed25519 key as it is pinned, 32 bytes. */
  readonly partnerKey: Uint8Array;
  /** Of the protocol, that this side states: the newest first. */
  readonly versions: readonly number[];
  /** The text of this side's filter; "" if there is none. The partner sees a commitment to it. */
  readonly filter: string;
  /** Sessions, in hex, whose report could be served again, the best first. */
  readonly stored: readonly string[];
  /** The last session, in hex, that this side completed with the partner; undefined if there is none. */
  readonly last: string | undefined;
  /** This side's clock, in milliseconds since 1970. */
  now(): number;
  /** Before this side signs. Throws ProtocolError `refused`. */
  accept(agreement: Agreement): void;
  /**
   * Both have signed: the agreement is this session's for good. `openings` are those of this side's commitments, `secrets` what a
   * replay of its half needs; both stay at home. Throws ProtocolError.
   */
  takeUp(signed: SignedAgreement, openings: Openings, secrets: ReplaySecrets): void;
  /**
   * Before the first message of the release, which follows only if this returns. `noise` is this side's, to be kept with what
   * is spent; undefined in an exact report. Throws ProtocolError `refused`.
   */
  takeBudget(agreement: Agreement, noise: Uint8Array | undefined): void;
  /** Before this side's receipt leaves: to be kept, so that a session whose last messages are lost can be completed (14.4). */
  keepUnsigned(unsigned: Unsigned): void;
  /** Both have signed the report. On the side that answers this comes before its receipt leaves. */
  settle(settled: Settled): void;
}

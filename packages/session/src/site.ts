// What the owner of a side decides, signs and keeps while a session runs. A node answers from its policy and writes to its
// store; the session itself knows neither.
import type { KeyObject } from "node:crypto";
import type { Agreement, SignedAgreement } from "./agreement/agreement.ts";
import type { Openings } from "./agreement/openings.ts";

export interface Site {
  /** This side's Ed25519 key (RFC 8032), private and as 32 bytes. */
  readonly privateKey: KeyObject;
  readonly signingKey: Uint8Array;
  /** The partner's Ed25519 key as it is pinned, 32 bytes. */
  readonly partnerKey: Uint8Array;
  /** The text of this side's filter; "" if there is none. The partner sees a commitment to it. */
  readonly filter: string;
  /** Sessions, in hex, whose report could be served again, the best first. */
  readonly stored: readonly string[];
  /** The last session, in hex, that this side completed with the partner; undefined if there is none. */
  readonly last: string | undefined;
  /** Before this side signs. Throws ProtocolError `refused`. */
  accept(agreement: Agreement): void;
  /**
   * Both have signed: the agreement is this session's for good. `openings` are those of this side's commitments, to be kept at
   * home. Throws ProtocolError.
   */
  takeUp(signed: SignedAgreement, openings: Openings): void;
  /**
   * Before the first message of the release, which follows only if this returns. `noise` is this side's, to be kept with what
   * is spent; undefined in an exact report. Throws ProtocolError `refused`.
   */
  takeBudget(agreement: Agreement, noise: Uint8Array | undefined): void;
}

// Which source of transfers a session has, and everything that one party's supplies are made from: plain data, which travels
// to another thread or another machine as it is.
import type { Role } from "../parties.ts";

/** The source that agreements name today: SoftSpokenOT with the repetition code and its consistency checks. */
export const OT_SOURCE = "softspoken";

/** Tree parameter: each transfer costs (128 / k - 1) bits, and 2^k stream bits of work a tree. */
export type OtK = 2 | 4 | 8;

/** A source as an agreement names it, with its parameters. */
export interface OtTerms {
  readonly source: typeof OT_SOURCE;
  readonly k: OtK;
}

/** State of SoftSpokenOT for both directions of a session, at one party. */
export interface OtState extends OtTerms {
  /** The session id, 32 bytes. */
  readonly session: Uint8Array;
  readonly role: Role;
  readonly sending: OtSenderState;
  readonly receiving: OtReceiverState;
}

export interface OtReceiverState {
  /** trees x 2^k blocks. */
  readonly leaves: Uint32Array;
  /** As checked when the trees were made, 32 bytes. */
  readonly digest: Uint8Array;
}
export interface OtSenderState {
  /** trees x 2^k blocks; the leaf at each hole is void. */
  readonly leaves: Uint32Array;
  /** As checked when the trees were made, 32 bytes. */
  readonly digest: Uint8Array;
  /** Delta_i, the hole of each tree, k bits each. */
  readonly delta: Uint32Array;
}

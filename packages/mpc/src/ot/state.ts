// Which source of transfers a session has, and everything that one party's supplies are made from: plain data, which travels
// to another thread or another machine as it is.
import type { Role } from "../parties.ts";

/**
 * The sources that agreements name: SoftSpokenOT with the repetition code and its consistency checks; or silent transfers, whose seeds are
 * SoftSpokenOT's.
 */
export const OT_SOURCES = ["softspoken", "silent"] as const;
export type OtSourceName = (typeof OT_SOURCES)[number];

/** Tree parameter: each of SoftSpokenOT's transfers costs (128 / k - 1) bits, and 2^k stream bits of work a tree. */
export type OtK = 2 | 4 | 8;

/** A source as an agreement names it, with its parameters. */
export interface OtTerms {
  readonly source: OtSourceName;
  readonly k: OtK;
}

/** State of the seeds for both directions of a session, at one party. */
export interface SeedState {
  /** The session id, 32 bytes. */
  readonly session: Uint8Array;
  readonly role: Role;
  readonly k: OtK;
  readonly sending: OtSenderState;
  readonly receiving: OtReceiverState;
}

/** State of a source: all of them stand on the same seeds. */
export interface OtState extends SeedState, OtTerms {}

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

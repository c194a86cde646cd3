// Commit, then open (design section 2.5): neither side can choose its share after it has seen the partner's.
import { hash256 } from "@halfroom/crypto";
import type { Role } from "@halfroom/mpc";
import { ProtocolError } from "@halfroom/wire";

export const NONCE_BYTES = 32;

/** What a commitment is to: the shares of published bits, of those that decide on totals, or of opened numbers. */
export type Committed = "pass" | "people-totals" | "sum-totals" | "cells";

/** The 32-byte commitment of `role` to `share`; it hides the share as long as the 32 random bytes are secret. */
export function commit(
  what: Committed,
  session: Uint8Array,
  role: Role,
  nonce: Uint8Array,
  share: Uint8Array,
): Uint8Array {
  return hash256(`release/${what}`, session, role, nonce, share);
}

/** Errors: `commitment`, if what the partner opened is not what it had committed to. */
export function checkOpening(commitment: Uint8Array, opened: Uint8Array): void {
  if (Buffer.compare(commitment, opened) !== 0) throw new ProtocolError("commitment");
}

// The life of a session as the node's folder keeps it.
import type { Phase } from "@halfroom/wire";
import type { Reason, Role, Terms } from "@halfroom/session";

/**
 * proposed: sent or received, no answer yet. held: waits for a person of the answering side. approved: a person said
 * yes, the run has not begun. agreed: signed by both. running: in `stage`. The last three are final.
 */
export type SessionState =
  "proposed" | "held" | "approved" | "agreed" | "running" | "done" | "refused" | "failed";

export interface SessionRow {
  /** Local, short, for the command line: 8 letters and digits. */
  readonly id: string;
  readonly partner: string;
  /** Chosen by the initiator, 16 bytes in hex; one a partner. */
  readonly proposal: string;
  readonly initiatedBy: "us" | "partner";
  readonly role: Role;
  readonly terms: Terms;
  /** `requestDigest` of the terms as they were asked, before the policies made them stricter. */
  readonly asked: string;
  /** Own filter; never leaves the node. */
  readonly where: string | undefined;
  readonly state: SessionState;
  /** While running. */
  readonly stage: Phase | undefined;
  /** A stable code once failed. */
  readonly code: string | undefined;
  readonly reasons: readonly Reason[];
  /** The session id in hex, once agreed. */
  readonly session: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** A proposal without an answer lapses then. */
  readonly expiresAt: number;
}

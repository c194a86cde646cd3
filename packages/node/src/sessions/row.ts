// A session as a node keeps it, and the row of its table.
import type { Phase } from "@halfroom/wire";
import { otherRole, readKeptTerms, type Reason, type Role, type Terms } from "@halfroom/session";

/**
 * proposed: sent or received, not answered yet. held: waiting for a person on the answering side. approved: accepted, but not
 * started. preparing: a process reads this side's data. agreed: signed by both. running: in `stage`. The last three are final.
 */
export type SessionState =
  "proposed" | "held" | "approved" | "preparing" | "agreed" | "running" | "done" | "refused" | "failed";

export interface SessionRow {
  /** Short, for the command line: 8 letters and digits, as a rule the same on both sides. */
  readonly id: string;
  readonly partner: string;
  /** Chosen by the initiator, 16 bytes in hex; unique per partner. */
  readonly proposal: string;
  readonly initiatedBy: "us" | "partner";
  readonly role: Role;
  readonly terms: Terms;
  /** `requestDigest` of the terms as they were asked for, before the policies made them stricter. */
  readonly asked: string;
  /** This side's filter; it never leaves the node. */
  readonly where: string | undefined;
  readonly state: SessionState;
  /** While running. */
  readonly stage: Phase | undefined;
  /** A stable code, once failed. */
  readonly code: string | undefined;
  readonly reasons: readonly Reason[];
  /** The session id in hex, once agreed. */
  readonly session: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When a proposal without an answer lapses. */
  readonly expiresAt: number;
}

/** Names of datasets, each side's own. */
export interface OursAndTheirs {
  readonly ours: string;
  readonly theirs: string;
}

export function datasetsOf({ terms: { datasets }, role }: Pick<SessionRow, "terms" | "role">): OursAndTheirs {
  return { ours: datasets[role], theirs: datasets[otherRole(role)] };
}

/** Of records beside the kind of the report; nothing where everybody counts. */
export function newPeopleIn({ newPeople }: Pick<Terms, "newPeople">): { readonly newPeople?: true } {
  return newPeople ? { newPeople } : {};
}

/** As the table `session` has it. */
export interface Row {
  id: string;
  partner: string;
  proposal: string;
  initiated_by: "us" | "partner";
  role: Role;
  terms: Uint8Array;
  asked: string;
  filter: string | null;
  state: SessionState;
  stage: Phase | null;
  code: string | null;
  reasons: string;
  session: string | null;
  created_at: number;
  updated_at: number;
  expires_at: number;
  owner: string;
}

export function toSession(row: Row): SessionRow {
  return {
    id: row.id,
    partner: row.partner,
    proposal: row.proposal,
    initiatedBy: row.initiated_by,
    role: row.role,
    terms: readKeptTerms(JSON.parse(Buffer.from(row.terms).toString("utf8"))),
    asked: row.asked,
    where: row.filter ?? undefined,
    state: row.state,
    stage: row.stage ?? undefined,
    code: row.code ?? undefined,
    reasons: JSON.parse(row.reasons) as Reason[],
    session: row.session ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    expiresAt: row.expires_at,
  };
}

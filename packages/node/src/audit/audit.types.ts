// The append-only log of what a node did.

export type AuditKind =
  | "node-created"
  | "partner-joined"
  | "partner-removed"
  | "proposed"
  | "held"
  | "approved"
  | "denied"
  | "refused"
  | "agreed"
  | "budget-taken"
  | "evaluations-granted"
  | "stored-report-served"
  | "released"
  | "failed"
  | "epoch-started"
  | "epoch-ended"
  | "suppressed"
  | "config-changed";

/** Facts of an entry: names, counts, digests in hex. Never an identifier or a value of a row. */
export type AuditFacts = Readonly<Record<string, string | number | boolean>>;

export interface AuditEntry {
  /** From 1, without a gap. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly kind: AuditKind;
  readonly facts: AuditFacts;
  /** SHA-256 over the entry and the hash of the one before it, in hex. */
  readonly hash: string;
}

export interface AuditVerdict {
  readonly entries: number;
  /** In the order of the log; empty if the chain holds. */
  readonly faults: readonly AuditFault[];
}

export interface AuditFault {
  readonly number: number;
  /** `edited`: changed or moved; two entries that changed places are both edited. */
  readonly fault: "edited" | "missing" | "truncated";
  readonly words: string;
}

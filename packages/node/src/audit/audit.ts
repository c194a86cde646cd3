// The audit log: append-only, hash-chained, its head kept in a file of its own. An entry is written in the same transaction as
// what it records, so neither exists without the other.
import { OperatorError } from "../errors.ts";
import { Events } from "../events/events.ts";
import { eventOf } from "../events/of-entries.ts";
import type { Store } from "../store/store.ts";
import { CHAIN_START, chainHash } from "./chain.ts";
import { readHead, writeHead, type Head } from "./head.ts";

export type AuditKind =
  | "node-created"
  | "partner-joined"
  | "partner-removed"
  | "worker-added"
  | "worker-removed"
  | "invited"
  | "partner-moved"
  | "partner-followed"
  | "successor-held"
  | "successor-confirmed"
  | "rotation-begun"
  | "rotated"
  | "token-created"
  | "token-revoked"
  | "user-added"
  | "user-removed"
  | "user-reset"
  | "user-role"
  | "signed-in"
  | "sign-in-failed"
  | "signed-out"
  | "sign-ins-ended"
  | "person-linked"
  | "person-unlinked"
  | "proposed"
  | "held"
  | "approval-given"
  | "approvals-void"
  | "approved"
  | "denied"
  | "refused"
  | "agreed"
  | "budget-taken"
  | "evaluations-granted"
  | "stored-report-served"
  | "released"
  | "session-missed"
  | "failed"
  | "series-agreed"
  | "series-missed"
  | "series-ended"
  | "template-held"
  | "template-published"
  | "template-withdrawn"
  | "template-imported"
  | "template-removed"
  | "epoch-started"
  | "epoch-ended"
  | "suppressed"
  | "unsuppressed"
  | "books-compared"
  | "clock-read"
  | "clock-jumped"
  | "clock-corrected"
  | "config-changed"
  | "subject-asked"
  | "backed-up"
  | "restored";

/** Facts of an entry: names, counts, digests in hex. Never an identifier or a value of a row. */
export type AuditFacts = Readonly<Record<string, string | number | boolean>>;

export interface AuditEntry {
  /** From 1, without gaps. */
  readonly number: number;
  /** Milliseconds since 1970; only in an entry `clock-corrected` before that of the entry before. */
  readonly at: number;
  readonly kind: AuditKind;
  readonly facts: AuditFacts;
  /** SHA-256 over the entry and the previous entry's hash, in hex. */
  readonly hash: string;
}

export interface AuditVerdict {
  readonly entries: number;
  /** In the order of the log; empty if the chain holds. */
  readonly faults: readonly AuditFault[];
}

export interface AuditFault {
  readonly number: number;
  /** `edited`: changed or moved; two entries that were swapped are both edited. */
  readonly fault: "edited" | "missing" | "truncated";
  readonly words: string;
}

interface Row {
  number: number;
  at: number;
  kind: AuditKind;
  facts: string;
  hash: string;
}

/** How many entries were looked at, of about how many. */
export type OnProgress = (done: number, total: number) => void;

/** Progress is told after so many entries. */
export const PROGRESS_ENTRIES = 50_000;
/** Entries that are read together. */
const AT_ONCE = 1000;

export class Audit {
  readonly #store: Store;
  readonly #events: Events;
  readonly #actor: string | undefined;

  /** `actor`: who does what is recorded through this object, such as `token:ci`; undefined for whoever works on the machine itself. */
  constructor(store: Store, actor?: string) {
    this.#store = store;
    this.#events = new Events(store);
    this.#actor = actor;
  }

  /** The same log in the hands of `actor`, who stands in every entry made through it. */
  of(actor: string): Audit {
    return new Audit(this.#store, actor);
  }

  /**
   * Appends an entry, and records the event that it is, in the running transaction if there is one. `now` in milliseconds since 1970; time in the log never goes back, but
   * for an administrator's correction.
   */
  append(kind: AuditKind, facts: AuditFacts, now: number): void {
    this.#store.transaction(() => {
      const last = this.#last();
      if (last === undefined) this.#begin();
      const at = kind === "clock-corrected" ? now : Math.max(now, last?.at ?? 0);
      const told = this.#actor === undefined ? facts : { ...facts, actor: this.#actor };
      const entry = { number: (last?.number ?? 0) + 1, at, kind, facts: JSON.stringify(told) };
      this.#store.run(
        "INSERT INTO audit (number, at, kind, facts, hash) VALUES (?, ?, ?, ?, ?)",
        entry.number,
        entry.at,
        entry.kind,
        entry.facts,
        chainHash(last?.hash ?? CHAIN_START, entry),
      );
      const event = eventOf(kind, facts);
      if (event !== undefined) this.#events.record(event, at);
      this.#store.afterCommit(() => this.seal());
    });
  }

  /**
   * Brings the head file up to the last entry; never inside a transaction, whose entries may still be rolled back. It runs
   * after every entry, and once when a node starts, for an entry that a crash left ahead of the head.
   */
  seal(): void {
    // One process of the node at a time, so that the head never moves backwards.
    this.#store.transaction(() => {
      const last = this.#last();
      const head = readHead(this.#store.folder);
      // A missing head, or one that the log does not reach, is evidence: leave it alone.
      if (last === undefined || head === undefined || !this.#reaches(head)) return;
      if (head.number !== last.number) writeHead(this.#store.folder, last);
    });
  }

  /** An empty log has a head too, so that a head file that goes missing later is noticed. */
  #begin(): void {
    const { folder } = this.#store;
    if (readHead(folder) === undefined) writeHead(folder, { number: 0, hash: CHAIN_START });
  }

  /** The time that the log has seen, in milliseconds since 1970. */
  get mark(): number {
    return this.#last()?.at ?? 0;
  }

  /** What is wrong if the log does not have the entry that the head names. */
  headFault(): AuditFault | undefined {
    return this.#headFaults(this.length)[0];
  }

  /** Errors: `audit`, with the remedy, if the log does not have the entry that the head names. */
  assertReachesHead(): void {
    const found = this.headFault();
    if (found === undefined) return;
    const remedy =
      "node.sqlite and audit.head are not of one moment. Restore the whole folder from one copy; `halfroom audit verify` checks it";
    throw new OperatorError("audit", `The audit log: ${found.words}: ${remedy}.`);
  }

  /** The number of the last entry. */
  get length(): number {
    return this.#last()?.number ?? 0;
  }

  /** Oldest first: all, or the last `limit` of those before number `before`. An entry whose facts do not read, because it was edited, has none. */
  entries({ limit, before }: { readonly limit?: number; readonly before?: number } = {}): AuditEntry[] {
    const sql = "SELECT * FROM audit WHERE number < ? ORDER BY number DESC LIMIT ?";
    // SQLite takes a negative limit for none.
    const rows = this.#store.all<Row>(sql, before ?? Number.MAX_SAFE_INTEGER, limit ?? -1);
    return rows.map(toEntry).toReversed();
  }

  /** The entries of one kind after number `after`, oldest first. */
  *ofKind(kind: AuditKind, after = 0): Generator<AuditEntry> {
    const sql = "SELECT * FROM audit WHERE kind = ? AND number > ? ORDER BY number LIMIT ?";
    let last = after;
    for (;;) {
      const rows = this.#store.all<Row>(sql, kind, last, AT_ONCE);
      for (const row of rows) yield toEntry(row);
      if (rows.length < AT_ONCE) return;
      last = rows.at(-1)!.number;
    }
  }

  /** The newest entry of the kind. */
  lastOf(kind: AuditKind): AuditEntry | undefined {
    const sql = "SELECT * FROM audit WHERE kind = ? ORDER BY number DESC LIMIT 1";
    const row = this.#store.get<Row>(sql, kind);
    return row && toEntry(row);
  }

  /** Walks the chain from its start and compares its end with the head file. `onProgress` is told now and then how far it is. */
  verify(onProgress: OnProgress = () => undefined): AuditVerdict {
    const faults: AuditFault[] = [];
    const { length } = this;
    let entries = 0;
    for (const found of this.#chainFaults({ number: 0, hash: CHAIN_START })) {
      if (++entries % PROGRESS_ENTRIES === 0) onProgress(entries, length);
      faults.push(...found);
    }
    faults.push(...this.#headFaults(entries));
    return { entries, faults };
  }

  /** Walks the chain from the entry after number `after`, which is taken as it is. */
  faultsAfter(after: number): AuditFault[] {
    const sql = "SELECT number, hash FROM audit WHERE number = ?";
    const start = after === 0 ? { number: 0, hash: CHAIN_START } : this.#store.get<Head>(sql, after);
    if (start === undefined) return [fault(after, "missing", missingWords(after, after))];
    return [...this.#chainFaults(start)].flat();
  }

  /** For each entry after `before` its faults. */
  *#chainFaults(before: Head): Generator<AuditFault[]> {
    const rows = this.#store.iterate<Row>(
      "SELECT * FROM audit WHERE number > ? ORDER BY number",
      before.number,
    );
    let last = before;
    for (const row of rows) {
      yield faultsOf(row, last);
      last = row;
    }
  }

  #headFaults(entries: number): AuditFault[] {
    const head = readHead(this.#store.folder);
    if (head === undefined) {
      if (entries === 0) return [];
      return [
        fault(entries, "truncated", "the head file is missing, so nothing proves that the log is complete"),
      ];
    }
    if (this.#reaches(head)) return [];
    const words =
      head.number < 0
        ? "the head file was not written by this node"
        : `the log once ended with entry ${head.number}`;
    return [fault(Math.max(0, head.number), "truncated", `${words}; that entry is gone or was replaced`)];
  }

  /** Whether the log holds the entry that the head names, with that hash. */
  #reaches({ number, hash }: Head): boolean {
    if (number === 0) return hash === CHAIN_START;
    const row = this.#store.get<{ hash: string }>("SELECT hash FROM audit WHERE number = ?", number);
    return row?.hash === hash;
  }

  #last(): Row | undefined {
    return this.#store.get<Row>("SELECT * FROM audit ORDER BY number DESC LIMIT 1");
  }
}

function toEntry(row: Row): AuditEntry {
  return { ...row, facts: readableFacts(row.facts) };
}

function readableFacts(text: string): AuditFacts {
  try {
    return JSON.parse(text) as AuditFacts;
  } catch {
    return {};
  }
}

function faultsOf(row: Row, before: Head): AuditFault[] {
  const expected = before.number + 1;
  // After a gap the chain cannot be followed into the next entry; checking resumes with the one after it.
  if (row.number !== expected) return [fault(expected, "missing", missingWords(expected, row.number - 1))];
  if (row.hash === chainHash(before.hash, row)) return [];
  const words = `entry ${row.number} is not what was written, or is not in its place`;
  return [fault(row.number, "edited", words)];
}

function missingWords(first: number, last: number): string {
  return first === last ? `entry ${first} is missing` : `entries ${first} to ${last} are missing`;
}

function fault(number: number, kind: AuditFault["fault"], words: string): AuditFault {
  return { number, fault: kind, words };
}

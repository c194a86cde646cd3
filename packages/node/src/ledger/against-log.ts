// What was spent follows from the audit log, whose entries are chained by hashes: every row that an entry of the log was written with
// must still be there, and say no less. A store whose rows say less is never spent from.
import type { Audit, AuditEntry, AuditFacts } from "../audit/audit.ts";
import type { Epochs, Granted } from "../epochs/epochs.ts";
import { OperatorError } from "../errors.ts";
import type { Clock } from "./clock.ts";
import type { Ledger, LedgerEntry } from "./ledger.ts";
import type { Missed } from "./missed.ts";

/** What is held against each other before anything is spent. */
export interface Books {
  readonly clock: Clock;
  readonly audit: Audit;
  readonly ledger: Ledger;
  readonly epochs: Epochs;
  readonly missed: Missed;
}

/** Something that the log says was spent, and that the rows no longer say. */
export interface LedgerGap {
  /** Of the log's entry. */
  readonly number: number;
  readonly words: string;
}

/** In the order of the log; empty if every row is there. */
export function ledgerGaps({ audit, ledger, epochs, missed }: Omit<Books, "clock">): LedgerGap[] {
  const paid = new Map(ledger.entries().map((entry) => [entry.session, entry]));
  const granted = new Map(epochs.grants().map((grant) => [grant.session, grant]));
  return [
    ...audit
      .ofKind("budget-taken")
      .filter((entry) => !isPaid(paid.get(sessionOf(entry)), entry))
      .map((entry) => gap(entry, "the ledger has no such entry, or one that says less")),
    ...audit
      .ofKind("evaluations-granted")
      .filter((entry) => !isGranted(granted.get(sessionOf(entry)), entry))
      .map((entry) => gap(entry, "the evaluations are not counted, or fewer are")),
    ...audit
      .ofKind("session-missed")
      .filter(({ at, facts }) => (missed.lastSeen(String(facts["partnerKey"])) ?? 0) < at)
      .map((entry) => gap(entry, "it is no longer noted that a session is missing")),
  ].toSorted((a, b) => a.number - b.number);
}

/**
 * Store, log, head of the log and clock agree: otherwise what was spent is not known, and nothing is served, run or approved. Errors: `audit`,
 * `clock`; `ledger`, if the rows say less than the log.
 */
export function assertBooksHold(books: Books): void {
  books.audit.assertReachesHead();
  books.clock.assertNotBehind();
  assertLedgerHolds(books);
}

function assertLedgerHolds(books: Books): void {
  const gaps = ledgerGaps(books);
  if (gaps.length === 0) return;
  const count = gaps.length === 1 ? "1 entry" : `${gaps.length} entries`;
  const remedy =
    "restore node.sqlite from a backup that has them; `halfroom audit verify` lists what is missing";
  throw new OperatorError("ledger", `The ledger lacks ${count} that the audit log has: ${remedy}.`);
}

/** Entries of 0.1 name fewer facts. */
function isPaid(row: LedgerEntry | undefined, { at, facts }: AuditEntry): boolean {
  if (row === undefined) return false;
  const { microEpsilon = 0, picoRho = "0", numbers = 0, bits = 0 } = facts;
  return (
    row.takenAt >= at &&
    row.microEpsilon >= Number(microEpsilon) &&
    row.numbers >= Number(numbers) &&
    row.bits >= Number(bits) &&
    isAtLeast(row.picoRho, String(picoRho)) &&
    says(facts, "mode", row.mode) &&
    says(facts, "population", row.population) &&
    says(facts, "partnerKey", row.partnerKey)
  );
}

function isGranted(row: Granted | undefined, { facts }: AuditEntry): boolean {
  if (row === undefined) return false;
  return (
    row.evaluations >= Number(facts["evaluations"]) &&
    says(facts, "epoch", row.epoch) &&
    says(facts, "partnerKey", row.partnerKey)
  );
}

/** Of two decimal integers; neither is one if somebody has changed it. */
function isAtLeast(ours: string, theirs: string): boolean {
  return /^\d+$/.test(ours) && /^\d+$/.test(theirs) && BigInt(ours) >= BigInt(theirs);
}

function says(facts: AuditFacts, fact: string, value: string | number): boolean {
  return facts[fact] === undefined || facts[fact] === value;
}

function sessionOf({ facts }: AuditEntry): string {
  return String(facts["session"]);
}

function gap({ number, kind }: AuditEntry, words: string): LedgerGap {
  return { number, words: `${kind}: ${words}` };
}

// What was spent follows from the audit log, whose entries are chained by hashes: every row that an entry of the log was written with
// must still be there, and say no less. A store whose rows say less is never spent from. So that old entries cost nothing, the log itself
// keeps a checkpoint now and then: up to it all rows were compared, and a digest of their sums must still be the same. The sums are
// kept by SQLite, whoever changes a row (store/schema.ts), so that no old row is read for them; `halfroom audit verify` adds them up anew.
import { hash256 } from "@halfroom/crypto";
import { toHex } from "@halfroom/session";
import {
  PROGRESS_ENTRIES,
  type Audit,
  type AuditEntry,
  type AuditFacts,
  type OnProgress,
} from "../audit/audit.ts";
import type { Epochs, Granted } from "../epochs/epochs.ts";
import { OperatorError } from "../errors.ts";
import type { Clock } from "./clock.ts";
import type { LedgerEntry } from "./entry.ts";
import type { Ledger } from "./ledger.ts";
import type { Missed } from "./missed.ts";
import { totalsWithout, type Total } from "./totals.ts";

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

type Rows = Omit<Books, "clock">;

/** So many entries after a checkpoint the next one is due. */
const CHECKPOINT_ENTRIES = 2000;

/**
 * In the order of the log; empty if every row is there, and the sums that are kept are those of the rows. Walks over all entries, and
 * tells `onProgress` now and then how far it is.
 */
export function ledgerGaps(books: Rows, onProgress: OnProgress = () => undefined): LedgerGap[] {
  const gaps = [...gapsAfter(books, 0, onProgress)];
  if (sumsHold(books)) return gaps;
  const words = "the sums that are kept of the rows are not those of the rows";
  return [...gaps, { number: books.audit.length, words }];
}

/**
 * Store, log, head of the log and clock agree: otherwise what was spent is not known, and nothing is served, run or approved. Errors: `audit`,
 * `clock`; `ledger`, if the rows say less than the log.
 */
export function assertBooksHold(books: Books): void {
  books.audit.assertReachesHead();
  books.clock.assertNotBehind();
  const since = books.audit.lastOf("books-compared");
  const faults = books.audit.faultsAfter((since?.number ?? 1) - 1);
  if (faults[0] !== undefined) {
    const remedy = "restore the node's folder from a backup; `halfroom audit verify` lists what was changed";
    throw new OperatorError("audit", `The audit log: ${faults[0].words}: ${remedy}.`);
  }
  if (holdsSince(books, since)) return;
  const gaps = ledgerGaps(books).length || 1;
  const count = gaps === 1 ? "1 entry" : `${gaps} entries`;
  const remedy =
    "restore node.sqlite from a backup that has them; `halfroom audit verify` lists what is missing";
  throw new OperatorError("ledger", `The ledger lacks ${count} that the audit log has: ${remedy}.`);
}

/** What `ledgerGaps` finds; old entries are walked over only where the rows are not as at the checkpoint. */
export function ledgerGapsIfAny(books: Rows): LedgerGap[] {
  const since = books.audit.lastOf("books-compared");
  if (holdsSince(books, since)) return [];
  const gaps = ledgerGaps(books);
  if (gaps.length > 0 || since === undefined) return gaps;
  return [gap(since, "rows of before it are not as they were")];
}

/** Keeps in the log that all rows were compared, once many entries were added since it was last done. */
export function compareWhenDue(books: Rows, now: number): void {
  const { audit, ledger, epochs } = books;
  const since = audit.lastOf("books-compared");
  if (audit.length - (since?.number ?? 0) < CHECKPOINT_ENTRIES) return;
  // Rows whose owner is found later would change their sums then.
  if (ledger.hasNameless() || epochs.hasNameless()) return;
  if (audit.faultsAfter((since?.number ?? 1) - 1).length > 0 || !holdsSince(books, since)) return;
  audit.append("books-compared", { rows: digestOf(books, new Set(), new Set()) }, now);
}

/** Whether the rows of entries since the checkpoint are there, and those of before it as they were. */
function holdsSince(books: Rows, since: AuditEntry | undefined): boolean {
  const after = since?.number ?? 0;
  for (const _ of gapsAfter(books, after)) return false;
  // There are few then.
  if (since === undefined) return sumsHold(books);
  const sessions = (kind: "budget-taken" | "evaluations-granted") =>
    new Set([...books.audit.ofKind(kind, after)].map(sessionOf));
  return digestOf(books, sessions("budget-taken"), sessions("evaluations-granted")) === since.facts["rows"];
}

/** Of the sums of all rows but those of these sessions. */
function digestOf({ ledger, epochs }: Rows, paid: ReadonlySet<string>, granted: ReadonlySet<string>): string {
  const sums = [
    totalsWithout(
      ledger.totals(),
      [...paid].flatMap((session) => ledger.addedUp(session)),
    ),
    totalsWithout(
      epochs.totals(),
      [...granted].flatMap((session) => epochs.addedUp(session)),
    ),
  ];
  return toHex(hash256("books/rows", new Uint8Array(0), JSON.stringify(sums)));
}

/** Whether the sums that SQLite keeps are those of the rows; reads all rows. */
function sumsHold({ ledger, epochs }: Pick<Rows, "ledger" | "epochs">): boolean {
  const isSame = (kept: readonly Total[], rows: readonly Total[]) =>
    JSON.stringify(totalsWithout(kept, [])) === JSON.stringify(totalsWithout(rows, []));
  return isSame(ledger.totals(), ledger.addedUp()) && isSame(epochs.totals(), epochs.addedUp());
}

function* gapsAfter(
  { audit, ledger, epochs, missed }: Rows,
  after: number,
  onProgress: OnProgress = () => undefined,
): Generator<LedgerGap> {
  let done = 0;
  const count = () => {
    if (++done % PROGRESS_ENTRIES === 0) onProgress(done, audit.length);
  };
  for (const entry of audit.ofKind("budget-taken", after)) {
    count();
    if (!isPaid(ledger.entry(sessionOf(entry)), entry))
      yield gap(entry, "the ledger has no such entry, or one that says less");
  }
  for (const entry of audit.ofKind("evaluations-granted", after)) {
    count();
    if (!isGranted(epochs.grantOf(sessionOf(entry)), entry))
      yield gap(entry, "the evaluations are not counted, or fewer are");
  }
  // Few, and none of them in the sums.
  for (const entry of audit.ofKind("session-missed", 0))
    if ((missed.lastSeen(String(entry.facts["partnerKey"])) ?? 0) < entry.at)
      yield gap(entry, "it is no longer noted that a session is missing");
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

// The sessions of a node, each in one state; every step is on disk before the call returns. After a restart, sessions that were
// half done are closed, and those that wait for an answer go on waiting.
import { randomBytes } from "node:crypto";
import { ProtocolError, type Phase } from "@halfroom/wire";
import { quoted } from "@halfroom/wire/words";
import {
  encodeTerms,
  requestDigest,
  toHex,
  type Agreement,
  type Reason,
  type Role,
  type Terms,
} from "@halfroom/session";
import { pageOf, type Page } from "../store/page.ts";
import type { TransfersSource } from "../request/request.ts";
import type { Store } from "../store/store.ts";
import { isAlive, thisProcess } from "./owner.ts";
import { toSession, type Row, type SessionRow, type SessionState } from "./row.ts";
import { OperatorError } from "../errors.ts";

/** A session whose process cannot be seen from here is given up after this much silence. */
export const SILENT_MS = 60_000;
/** Most proposals that are forgotten in one go. */
const PRUNED_MAX = 1000;
const ID_LENGTH = 8;
/** Why a proposal is refused that nobody answered in time. */
export const LAPSED: Reason = { code: "lapsed", words: "nobody answered in time; propose the report again" };
/** Without letters and digits that are easily mistaken for one another. */
const ID_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";
/** Nobody works on the session yet, as far as its state says. */
/** Sessions of a partner that are looked through for one over the same dataset. */
const LOOKED_AT = 200;

export const WAITING: readonly SessionState[] = ["proposed", "held", "approved"];
/** Proposals that runs of this process work on, each after its owner. */
const TAKEN = new Set<string>();
/** A process works on these; without it they end. */
const WORKING: readonly SessionState[] = ["preparing", "agreed", "running"];

export interface NewSession {
  readonly partner: string;
  /** 16 bytes in hex, chosen by the initiator. */
  readonly proposal: string;
  readonly initiatedBy: "us" | "partner";
  readonly role: Role;
  readonly terms: Terms;
  readonly where?: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly expiresAt: number;
}

type Proposal = Pick<NewSession, "partner" | "initiatedBy" | "proposal">;

export class Sessions {
  readonly #store: Store;
  readonly #owner = thisProcess();

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * A new session in state `proposed`; one of ours is taken up by a run of this process, until `letGo`. If the proposal is known already, its session is returned as it is, so that an initiator
   * can ask again after a lost connection. Errors: `replayed`, if the proposal was made before under other terms.
   */
  open(session: NewSession): SessionRow {
    return this.#store.transaction(() => {
      const known = this.#known(session);
      if (known !== undefined) {
        const row = toSession(known);
        const isSame =
          known.asked === requestDigest(session.terms) && row.terms.transfers === session.terms.transfers;
        if (isSame) return row;
        throw new ProtocolError("replayed", "this proposal was made before under other terms");
      }
      const id = this.#newId(session.proposal);
      const { partner, proposal, initiatedBy, role, terms, where, now, expiresAt } = session;
      this.#store.run(
        `INSERT INTO session (id, partner, proposal, initiated_by, role, terms, asked, filter, state, created_at,
         updated_at, expires_at, owner) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'proposed', ?, ?, ?, ?)`,
        id,
        partner,
        proposal,
        initiatedBy,
        role,
        encodeTerms(terms),
        requestDigest(terms),
        where ?? null,
        now,
        now,
        expiresAt,
        this.#owner,
      );
      if (initiatedBy === "us") this.#take(id);
      return this.get(id);
    });
  }

  /** From what the initiator chose, so that both sides call it alike; by chance, if another session here is called so. */
  #newId(proposal: string): string {
    const shared = idOf(Buffer.from(proposal, "hex"));
    const isFree =
      shared.length === ID_LENGTH &&
      this.#store.get("SELECT 1 FROM session WHERE id = ?", shared) === undefined;
    return isFree ? shared : idOf(randomBytes(ID_LENGTH));
  }

  /** Undefined if there is none, or none any more. */
  find(id: string): SessionRow | undefined {
    const row = this.#store.get<Row>("SELECT * FROM session WHERE id = ?", id);
    return row && toSession(row);
  }

  /** Errors: `no-session`. */
  get(id: string): SessionRow {
    const row = this.find(id);
    if (row === undefined)
      throw new OperatorError(
        "no-session",
        `There is no session ${quoted(id)}; halfroom sessions lists them.`,
      );
    return row;
  }

  /** Newest first: all, or a page of them. Errors: `no-session`, if the page begins after a session that is not there. */
  list(page: Page = {}): SessionRow[] {
    const { from, limit } = pageOf(this.#store, { table: "session", moment: "created_at", id: "id" }, page);
    const sql =
      "SELECT * FROM session WHERE (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?";
    return this.#store.all<Row>(sql, ...from, limit).map(toSession);
  }

  /** Those that wait for a person, newest first. */
  held(): SessionRow[] {
    const sql = "SELECT * FROM session WHERE state = 'held' ORDER BY created_at DESC, id DESC";
    return this.#store.all<Row>(sql).map(toSession);
  }

  /** Our own proposals that no partner has answered, newest first. */
  proposedHere(): SessionRow[] {
    const sql =
      "SELECT * FROM session WHERE state = 'proposed' AND initiated_by = 'us' ORDER BY created_at DESC, id DESC";
    return this.#store.all<Row>(sql).map(toSession);
  }

  /**
   * Takes up our own proposal of a report to the partner for a run of this process, until `letGo`: the newest that waits and that no
   * other run has. If another run works on the report, that session is returned and not taken. Undefined if there is neither.
   * `asked` and `where` as in `SessionRow`; `transfers` where the proposal must have them from this source.
   */
  takeUp(
    {
      partner,
      asked,
      where,
      transfers,
    }: Pick<SessionRow, "partner" | "asked" | "where"> & { readonly transfers?: TransfersSource | undefined },
    now: number,
  ): { readonly row: SessionRow; readonly isTaken: boolean } | undefined {
    return this.#store.transaction(() => {
      const rows = this.#store.all<Row>(
        `SELECT * FROM session WHERE asked = ? AND partner = ? AND initiated_by = 'us' AND filter IS ?
         AND state IN ('proposed', 'held', 'approved', 'preparing', 'agreed', 'running') ORDER BY created_at DESC, id DESC`,
        asked,
        partner,
        where ?? null,
      );
      const busy = rows.find((row) => this.#isWorkedOn(row, now));
      if (busy !== undefined) return { row: toSession(busy), isTaken: false };
      const isOfSource = (row: Row) =>
        transfers === undefined || transfers === (toSession(row).terms.transfers ?? "softspoken");
      const waiting = rows.find((row) => WAITING.includes(row.state) && isOfSource(row));
      if (waiting === undefined) return undefined;
      const sql = "UPDATE session SET owner = ?, updated_at = ? WHERE id = ?";
      this.#store.run(sql, this.#owner, now, waiting.id);
      this.#take(waiting.id);
      return { row: toSession(waiting), isTaken: true };
    });
  }

  /** A run of this process has ended, well or not. */
  letGo(id: string): void {
    TAKEN.delete(`${this.#owner} ${id}`);
  }

  #take(id: string): void {
    this.#store.afterCommit(() => TAKEN.add(`${this.#owner} ${id}`));
  }

  /** Whether a run, of this process or another one, works on the session. Errors: `no-session`. */
  isWorkedOn(id: string, now: number): boolean {
    const { id: known } = this.get(id);
    return this.#isWorkedOn(this.#store.get<Row>("SELECT * FROM session WHERE id = ?", known)!, now);
  }

  #isWorkedOn({ id, owner, updated_at }: Row, now: number): boolean {
    if (owner === this.#owner) return TAKEN.has(`${owner} ${id}`);
    return isAlive(owner) ?? now - updated_at < SILENT_MS;
  }

  /** The role in which one of our reports to the partner was last completed; `asked` of each role, as in `SessionRow`. */
  roleBefore(partner: string, asked: Readonly<Record<Role, string>>): Role | undefined {
    const sql = `SELECT role FROM session WHERE asked IN (?, ?) AND partner = ? AND initiated_by = 'us' AND state = 'done'
       AND asked = iif(role = 'sender', ?, ?) ORDER BY created_at DESC LIMIT 1`;
    const { sender, receiver } = asked;
    return this.#store.get<{ role: Role }>(sql, sender, receiver, partner, sender, receiver)?.role;
  }

  /** The last `limit` sessions with the partner that both have signed and of which this side left out nobody, newest first. */
  signed(partner: string, limit: number): SessionRow[] {
    const sql =
      "SELECT * FROM session WHERE partner = ? AND session IS NOT NULL AND filter IS NULL ORDER BY created_at DESC LIMIT ?";
    return this.#store.all<Row>(sql, partner, limit).map(toSession);
  }

  /**
   * The last session with the partner that came to its end before this one was proposed: over the same dataset of ours, else over any.
   * Undefined if there is none.
   */
  lastDone({ id, partner, createdAt, role, terms }: SessionRow): SessionRow | undefined {
    const sql =
      "SELECT * FROM session WHERE partner = ? AND state = 'done' AND id <> ? AND created_at <= ? ORDER BY created_at DESC, id DESC LIMIT ?";
    const rows = this.#store.all<Row>(sql, partner, id, createdAt, LOOKED_AT).map(toSession);
    return rows.find((row) => row.terms.datasets[row.role] === terms.datasets[role]) ?? rows[0];
  }

  /** Sessions of this id, or whose session id in hex begins so; two of them stand for many. */
  named(name: string): SessionRow[] {
    const own = this.#store.all<Row>("SELECT * FROM session WHERE id = ?", name);
    if (own.length > 0 || !/^[0-9a-f]+$/.test(name)) return own.map(toSession);
    const sql = "SELECT * FROM session WHERE session >= ? AND session < ? LIMIT 2";
    return this.#store.all<Row>(sql, name, `${name}g`).map(toSession);
  }

  /** The ids, in hex, of sessions that a process works on. */
  working(): string[] {
    const sql = "SELECT session FROM session WHERE state IN ('agreed', 'running') AND session IS NOT NULL";
    return this.#store.all<{ session: string }>(sql).map(({ session }) => session);
  }

  /**
   * Waits for a person on the answering side; on the other one under the `terms` that it was answered with. The same once more
   * changes nothing. Returns whether anything has changed.
   */
  hold(id: string, reasons: readonly Reason[], now: number, terms?: Terms): boolean {
    return this.#store.transaction(() => {
      const before = this.get(id);
      const after = { terms: terms ?? before.terms, reasons };
      const isSame =
        before.state === "held" &&
        JSON.stringify(before.reasons) === JSON.stringify(reasons) &&
        requestDigest(before.terms) === requestDigest(after.terms);
      if (!isSame) this.#move(id, ["proposed", "held"], "held", now, after);
      return !isSame;
    });
  }

  /** The answering side says yes, by policy or by a person, under these terms. */
  approve(id: string, terms: Terms, now: number): void {
    this.#move(id, WAITING, "approved", now, { terms, reasons: [] });
  }

  /** No, by policy, by a person, or because the partner said so. */
  refuse(id: string, reasons: readonly Reason[], now: number): void {
    this.#move(id, WAITING, "refused", now, { reasons });
  }

  /** It begins. From now on this process owns the session: if it dies, the session ends, and no proposal lapses any more. */
  prepare(id: string, now: number): void {
    this.#move(id, ["approved"], "preparing", now, {});
  }

  /** Both have signed. */
  agree(id: string, agreement: Agreement, now: number): void {
    this.#move(id, ["preparing"], "agreed", now, { session: toHex(agreement.session) });
  }

  /** The next stage has begun. */
  enter(id: string, stage: Phase, now: number): void {
    this.#move(id, ["agreed", "running"], "running", now, { stage });
  }

  /** Records that a process still works on a session, or waits for its partner; due twice per `SILENT_MS`. */
  touch(id: string, now: number): void {
    const sql =
      "UPDATE session SET updated_at = ? WHERE id = ? AND state NOT IN ('done', 'refused', 'failed')";
    this.#store.run(sql, now, id);
  }

  /** The report is there, fresh or stored. */
  finish(id: string, now: number): void {
    this.#move(id, [...WAITING, ...WORKING], "done", now, {});
  }

  /** Report and receipt are there, at once or after the session had failed at its last messages; `code` if the report is of no use. */
  complete(id: string, now: number, code?: string): void {
    this.#move(id, [...WORKING, "failed"], code === undefined ? "done" : "failed", now, { code });
  }

  /** Failed under a stable code. */
  fail(id: string, code: string, now: number): void {
    this.#move(id, [...WAITING, ...WORKING], "failed", now, { code });
  }

  /** Sessions that failed at their last messages and can be completed (`Unsettled`), the oldest first. */
  completable(): SessionRow[] {
    const sql = `SELECT session.* FROM unsettled CROSS JOIN session ON session.session = unsettled.session
       WHERE session.state = 'failed' ORDER BY unsettled.kept_at`;
    return this.#store.all<Row>(sql).map(toSession);
  }

  /** By session id in hex. */
  ofSession(session: string): SessionRow | undefined {
    const row = this.#store.get<Row>("SELECT * FROM session WHERE session = ?", session);
    return row && toSession(row);
  }

  /**
   * Closes sessions whose process is gone as `interrupted`; a node calls it when it starts and once a minute. Returns them.
   */
  closeHalfDone(now: number): SessionRow[] {
    return this.#store.transaction(() => {
      const rows = this.#store.all<Row>(
        "SELECT * FROM session WHERE state IN ('preparing', 'agreed', 'running')",
      );
      const dead = rows.filter((row) => !(isAlive(row.owner) ?? now - row.updated_at < SILENT_MS));
      for (const { id } of dead) this.fail(id, "interrupted", now);
      return dead.map(({ id }) => this.get(id));
    });
  }

  /** Refuses proposals that nobody answered in time. Returns those sessions. */
  lapse(now: number): SessionRow[] {
    return this.#store.transaction(() => {
      const rows = this.#store.all<Row>(
        "SELECT * FROM session WHERE state IN ('proposed', 'held', 'approved') AND expires_at <= ?",
        now,
      );
      for (const { id } of rows) this.refuse(id, [LAPSED], now);
      return rows.map(({ id }) => this.get(id));
    });
  }

  /**
   * Forgets proposals that came to nothing, refused or failed before both had signed, `ms` milliseconds after they would have
   * lapsed: the oldest of them, so that no call takes long. Returns how many.
   */
  prune(now: number, ms: number): number {
    return this.#store.run(
      `DELETE FROM session WHERE id IN (SELECT id FROM session INDEXED BY session_unsigned
       WHERE session IS NULL AND state IN ('refused', 'failed') AND expires_at <= ? ORDER BY expires_at LIMIT ?)`,
      now - ms,
      PRUNED_MAX,
    );
  }

  /** The state of a proposal that was made before, under whatever terms. */
  stateOf(proposal: Proposal): SessionState | undefined {
    return this.#known(proposal)?.state;
  }

  #known({ partner, initiatedBy, proposal }: Proposal): Row | undefined {
    return this.#store.get<Row>(
      "SELECT * FROM session WHERE partner = ? AND initiated_by = ? AND proposal = ?",
      partner,
      initiatedBy,
      proposal,
    );
  }

  #move(id: string, from: readonly SessionState[], to: SessionState, now: number, changes: Changes): void {
    this.#store.transaction(() => {
      const before = this.get(id);
      if (!from.includes(before.state)) {
        throw new OperatorError("session-state", `session ${id} is ${before.state} and cannot become ${to}`);
      }
      const after = { ...before, ...changes };
      this.#store.run(
        `UPDATE session SET state = ?, terms = ?, stage = ?, code = ?, reasons = ?, session = ?, updated_at = ?, owner = ?
         WHERE id = ?`,
        to,
        encodeTerms(after.terms),
        (to === "running" ? after.stage : before.stage) ?? null,
        after.code ?? null,
        JSON.stringify(after.reasons),
        after.session ?? null,
        now,
        this.#owner,
        id,
      );
    });
  }
}

type Changes = Partial<Pick<SessionRow, "terms" | "stage" | "code" | "reasons" | "session">>;

function idOf(bytes: Uint8Array): string {
  // 256 is not a multiple of the alphabet's length, but ids are names, not secrets.
  return Array.from(bytes.subarray(0, ID_LENGTH), (byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join("");
}

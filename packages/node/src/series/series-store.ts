// The series of a node and the state of each of their runs. A run that is open is reserved (`Reserved`); its state changes in the same
// transaction as the ledger, so that each is spent once or given back.
import { dueAt, lastMoment, seriesName, type Role, type SignedSeries } from "@halfroom/session";
import { ProtocolError } from "@halfroom/wire";
import { quoted } from "@halfroom/wire/words";
import type { PrivacyCost } from "@halfroom/release";
import { OperatorError } from "../errors.ts";
import { RUN_MS } from "../ledger/reserved.ts";
import type { Owner } from "../partners/partners.ts";
import type { Store } from "../store/store.ts";
import {
  signatureBytes,
  toRun,
  toSeries,
  type Row,
  type RunRow,
  type SeriesRow,
  type SeriesRun,
} from "./row.ts";

export interface NewSeries {
  readonly signed: SignedSeries;
  /** Of the session that asked for it. */
  readonly name: string;
  readonly partner: Owner;
  readonly initiatedBy: "us" | "partner";
  readonly role: Role;
  readonly population: string;
  readonly where: string | undefined;
  /** Of each run; undefined for exact reports. */
  readonly cost: PrivacyCost | undefined;
  readonly now: number;
}

/** A session is under way, or accepted, that may still take the run's budget. */
const UNDER_WAY = `EXISTS (SELECT 1 FROM session WHERE session.id = series_run.attempt
  AND session.state IN ('approved', 'preparing', 'agreed', 'running'))`;

export class SeriesStore {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Keeps what both have signed, and so reserves all its runs. */
  add({ signed, name, partner, initiatedBy, role, population, where, cost, now }: NewSeries): SeriesRow {
    const { agreement, signatures } = signed;
    const { terms, bytes } = agreement;
    const id = seriesName(agreement);
    return this.#store.transaction(() => {
      this.#store.run(
        `INSERT INTO series (id, name, partner, partner_key, initiated_by, role, population, bytes, signatures, filter,
         mode, micro_epsilon, pico_rho, pure, numbers, agreed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        id,
        name,
        partner.name,
        partner.key,
        initiatedBy,
        role,
        population,
        bytes,
        signatureBytes(signatures),
        where ?? null,
        terms.release.mode,
        terms.release.mode === "exact" ? 0 : terms.release.microEpsilon,
        (cost?.picoRho ?? 0n).toString(),
        cost !== undefined && cost.microEpsilon === undefined ? 0 : 1,
        terms.series.numbers,
        now,
      );
      for (let number = 1; number <= terms.series.runs; number++) {
        this.#store.run(
          "INSERT INTO series_run (series, number, due_at, until_at) VALUES (?, ?, ?, ?)",
          id,
          number,
          dueAt(terms.series, number),
          lastMoment(terms.series, number),
        );
      }
      return this.get(id)!;
    });
  }

  /** Whether there is none of the name, or one that has neither ended nor begun. */
  isUnused(name: string): boolean {
    const before = this.find(name);
    if (before === undefined) return true;
    return before.ended === undefined && this.runs(before.id).every(({ state }) => state === "open");
  }

  /**
   * Gives back what was reserved under a name, so that it can be signed again: this side's signature did not reach the partner. Errors: `refused`,
   * if it has begun or ended.
   */
  forgetUnused(name: string): void {
    if (!this.isUnused(name))
      throw new ProtocolError("refused", "this series has been agreed on before, and has begun or ended");
    this.#store.run("DELETE FROM series WHERE name = ?", name);
  }

  /** By series id in hex. */
  get(id: string): SeriesRow | undefined {
    const row = this.#store.get<Row>("SELECT * FROM series WHERE id = ?", id);
    return row && toSeries(row);
  }

  /** By its short name. */
  find(name: string): SeriesRow | undefined {
    const row = this.#store.get<Row>("SELECT * FROM series WHERE name = ?", name);
    return row && toSeries(row);
  }

  /** By its short name, or the first digits of its id. Errors: `no-series`. */
  named(name: string): SeriesRow {
    const own = this.find(name);
    if (own !== undefined) return own;
    const isHex = /^[0-9a-f]+$/.test(name);
    const sql = "SELECT * FROM series WHERE id >= ? AND id < ? LIMIT 2";
    const rows = isHex ? this.#store.all<Row>(sql, name, `${name}g`) : [];
    if (rows.length === 1) return toSeries(rows[0]!);
    throw new OperatorError("no-series", `There is no series ${quoted(name)}; halfroom series lists them.`);
  }

  /** Newest first. */
  list(): SeriesRow[] {
    return this.#store.all<Row>("SELECT * FROM series ORDER BY agreed_at DESC, id DESC").map(toSeries);
  }

  /** Those with runs that are still to be made, the oldest first. */
  live(): SeriesRow[] {
    const sql = `SELECT * FROM series WHERE ended_at IS NULL
       AND EXISTS (SELECT 1 FROM series_run WHERE series = id AND state = 'open') ORDER BY agreed_at, id`;
    return this.#store.all<Row>(sql).map(toSeries);
  }

  /** Those that this side has ended and whose partner does not know. */
  untold(): SeriesRow[] {
    return this.#store.all<Row>("SELECT * FROM series WHERE ended_by = 'us' AND told = 0").map(toSeries);
  }

  /** In their order. */
  runs(id: string): SeriesRun[] {
    return this.#store
      .all<RunRow>("SELECT * FROM series_run WHERE series = ? ORDER BY number", id)
      .map(toRun);
  }

  run(id: string, number: number): SeriesRun | undefined {
    const sql = "SELECT * FROM series_run WHERE series = ? AND number = ?";
    const row = this.#store.get<RunRow>(sql, id, number);
    return row && toRun(row);
  }

  /** The first that is still to be made. */
  next(id: string): SeriesRun | undefined {
    const sql = "SELECT * FROM series_run WHERE series = ? AND state = 'open' ORDER BY number LIMIT 1";
    const row = this.#store.get<RunRow>(sql, id);
    return row && toRun(row);
  }

  /** A session is to make the run. */
  attempt(id: string, number: number, session: string): void {
    this.#store.run("UPDATE series_run SET attempt = ? WHERE series = ? AND number = ?", session, id, number);
  }

  /**
   * The run's budget is about to be spent by the session, in hex: what was reserved for it no longer is. In the transaction that spends it. Errors:
   * `refused`, if it is not to be made any more.
   */
  draw(id: string, number: number, session: string, now: number): void {
    const drawn = this.#store.run(
      `UPDATE series_run SET state = 'taken', session = ?, why = NULL WHERE series = ? AND number = ? AND state = 'open' AND until_at + ? > ?
       AND EXISTS (SELECT 1 FROM series WHERE id = ? AND ended_at IS NULL)`,
      session,
      id,
      number,
      RUN_MS,
      now,
      id,
    );
    if (drawn === 0)
      throw new ProtocolError("refused", "this run of the series is over, or the series has ended");
  }

  /** The report of the session, in hex, is there. */
  settle(session: string): void {
    this.#store.run("UPDATE series_run SET state = 'done' WHERE session = ?", session);
  }

  /** The run will not be made. Returns whether it was to be. */
  miss(id: string, number: number, why: string): boolean {
    const sql =
      "UPDATE series_run SET state = 'missed', why = ? WHERE series = ? AND number = ? AND state = 'open'";
    return this.#store.run(sql, why, id, number) > 0;
  }

  /** Why the last attempt at a run that is still open failed. */
  note(id: string, number: number, why: string): void {
    const sql = "UPDATE series_run SET why = ? WHERE series = ? AND number = ? AND state = 'open'";
    this.#store.run(sql, why, id, number);
  }

  /** Runs before `number` that are still open. */
  openBefore(id: string, number: number): SeriesRun[] {
    const sql = "SELECT * FROM series_run WHERE series = ? AND number < ? AND state = 'open' ORDER BY number";
    return this.#store.all<RunRow>(sql, id, number).map(toRun);
  }

  /** Runs of any series that may no longer begin and that no session is making. */
  passed(now: number): (SeriesRun & { readonly series: string })[] {
    const sql = `SELECT * FROM series_run WHERE state = 'open' AND until_at < ? AND (NOT ${UNDER_WAY} OR until_at + ? < ?)
       ORDER BY due_at, series, number`;
    return this.#store
      .all<RunRow & { series: string }>(sql, now, RUN_MS, now)
      .map((row) => ({ ...toRun(row), series: row.series }));
  }

  /** Ends it; runs that were to be made are missed. Returns whether it had not ended before. */
  end(id: string, by: "us" | "partner", now: number): boolean {
    return this.#store.transaction(() => {
      const sql = "UPDATE series SET ended_at = ?, ended_by = ?, told = ? WHERE id = ? AND ended_at IS NULL";
      const isNews = this.#store.run(sql, now, by, by === "partner" ? 1 : 0, id) > 0;
      if (isNews) {
        const missed =
          "UPDATE series_run SET state = 'missed', why = 'ended' WHERE series = ? AND state = 'open'";
        this.#store.run(missed, id);
      }
      return isNews;
    });
  }

  /** The partner knows that this side has ended it. */
  told(id: string): void {
    this.#store.run("UPDATE series SET told = 1 WHERE id = ?", id);
  }
}

// Reports kept on this side, and the rule that the same terms over the same data get the stored report at no cost. What counts are the
// terms that run, after both policies: under a policy that has been loosened a request gives the report that it allows now. Each side
// looks it up by its own data; it is served only if both name the same session.
import { pageOf, type Page } from "../store/page.ts";
import type { Store } from "../store/store.ts";
import { DAY_MS } from "../time.ts";

export interface StoredReport {
  /** The session id in hex. */
  readonly session: string;
  /** This side's name for the partner when the report was made; it is shown, and never looked for. */
  readonly partner: string;
  /** The partner's signing key in hex. */
  readonly partnerKey: string;
  /** Digest of the terms that the session ran under, in hex (`requestDigest`). */
  readonly request: string;
  /** Digest of this side's prepared data, filter included, in hex. It never leaves the node. */
  readonly data: string;
  /** The report as a JSON document (`reportDocument`). */
  readonly json: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** How long released aggregates are kept (design section 4); those of a series, after it is over. */
export const REPORT_DAYS = 30;
const COLUMNS =
  "session, name AS partner, partner_key AS partnerKey, request, data, json, created_at AS createdAt";

export class Reports {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  add({ session, partner, partnerKey, request, data, json, createdAt }: StoredReport): void {
    this.#store.run(
      "INSERT INTO report (session, name, partner_key, request, data, json, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
      session,
      partner,
      partnerKey,
      request,
      data,
      json,
      createdAt,
    );
  }

  /** By session id in hex. */
  get(session: string): StoredReport | undefined {
    const row = this.#store.get<StoredReport>(`SELECT ${COLUMNS} FROM report WHERE session = ?`, session);
    return row && { ...row };
  }

  /**
   * Reports under the same terms (`StoredReport.request`) over the same data of this side (`StoredReport.data`), newest first. The
   * initiator names them to its partner, who looks for those sessions in its own list.
   */
  find(partnerKey: string, request: string, data: string): StoredReport[] {
    const rows = this.#store.all<StoredReport>(
      `SELECT ${COLUMNS} FROM report WHERE partner_key = ? AND request = ? AND data = ? ORDER BY created_at DESC, session`,
      partnerKey,
      request,
      data,
    );
    return rows.map((row) => ({ ...row }));
  }

  /** Newest first: all, or a page of them. Errors: `no-session`, if the page begins after a report that is not there. */
  list(page: Page = {}): StoredReport[] {
    const { from, limit } = pageOf(
      this.#store,
      { table: "report", moment: "created_at", id: "session" },
      page,
    );
    const rows = this.#store.all<StoredReport>(
      `SELECT ${COLUMNS} FROM report WHERE (created_at, session) < (?, ?) ORDER BY created_at DESC, session DESC LIMIT ?`,
      ...from,
      limit,
    );
    return rows.map((row) => ({ ...row }));
  }

  /** Reports of sessions whose id in hex begins so; two of them stand for many. */
  named(start: string): StoredReport[] {
    if (!/^[0-9a-f]+$/.test(start)) return [];
    const sql = `SELECT ${COLUMNS} FROM report WHERE session >= ? AND session < ? LIMIT 2`;
    return this.#store.all<StoredReport>(sql, start, `${start}g`).map((row) => ({ ...row }));
  }

  /**
   * Deletes reports older than `days`, and those of a series once it has been over for so long: since it was ended, or since its last run may
   * no longer begin. Returns how many.
   */
  prune(now: number, days = REPORT_DAYS): number {
    return this.#store.run(
      `DELETE FROM report WHERE created_at <= ?1 AND NOT EXISTS (SELECT 1 FROM series_run JOIN series ON series.id = series_run.series
       WHERE series_run.session = report.session
       AND coalesce(ended_at, (SELECT max(until_at) FROM series_run WHERE series = series.id)) > ?1)`,
      now - days * DAY_MS,
    );
  }
}

// Sessions that a partner has completed with this node and that this node does not know: its folder was restored from an older
// copy, and what they spent is in no row. All of it was spent before the gap was seen, so that it lies out of every period that
// begins after that.
import type { Store } from "../store/store.ts";

export class Missed {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Whether the node has signed the session, in hex, or has noted already that it lacks it. */
  isKnown(session: string): boolean {
    const sql =
      "SELECT 1 FROM agreement WHERE session = ? UNION ALL SELECT 1 FROM missed WHERE session = ? LIMIT 1";
    return this.#store.get(sql, session, session) !== undefined;
  }

  /** Keeps that a session of the partner is missing. */
  note(partnerKey: string, session: string, now: number): void {
    this.#store.run(
      "INSERT INTO missed (session, partner_key, seen_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
      session,
      partnerKey,
      now,
    );
  }

  /** When a missing session of the partner was last noted, in milliseconds since 1970. */
  lastSeen(partnerKey: string): number | undefined {
    const sql = "SELECT max(seen_at) AS last FROM missed WHERE partner_key = ?";
    return this.#store.get<{ last: number | null }>(sql, partnerKey)?.last ?? undefined;
  }
}

// Events and what is still to be delivered of them: an outbox in the node's store. An event is written in the transaction of what has happened;
// a serving node makes a delivery of it for each target that is to be told, and each is tried until it succeeds or its time is over.
import { randomBytes } from "node:crypto";
import { OperatorError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import { pageOf, type Page } from "../store/page.ts";
import { DAY_MS } from "../time.ts";
import { quoted } from "@halfroom/wire/words";
import type { NodeEvent } from "./kinds.ts";

export type DeliveryState = "waiting" | "delivered" | "failed";

export interface Delivery {
  /** Of the event. */
  readonly event: string;
  readonly target: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  /** When the next attempt is due, in milliseconds since 1970; of one that has come to its end when that was. */
  readonly at: number;
  /** Why the last attempt failed; "" if none has. */
  readonly words: string;
}

export type StoredEvent = NodeEvent & {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
};

interface Row {
  id: string;
  type: string;
  facts: string;
  at: number;
}

const ID_BYTES = 16;
/** Most events for which deliveries are made in one transaction. */
const ROUTED_MAX = 100;
/** Most events that are forgotten in one go. */
const PRUNED_MAX = 1000;
/** What was told once is not told again for so long. */
const NOTED_DAYS = 400;
const DELIVERY = "event, target, state, attempts, at, words";

export class Events {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** In the running transaction if there is one. `once`: whatever is recorded under the same key later is not. Returns the id if it is recorded. */
  record({ type, facts }: NodeEvent, now: number, once?: string): string | undefined {
    return this.#store.transaction(() => {
      if (once !== undefined && !this.isFirst(once, now)) return undefined;
      const id = `evt_${randomBytes(ID_BYTES).toString("hex")}`;
      this.#store.run(
        "INSERT INTO event (id, type, facts, at) VALUES (?, ?, ?, ?)",
        id,
        type,
        JSON.stringify(facts),
        now,
      );
      return id;
    });
  }

  /** Records an event for one target alone, which the caller tells of it itself. Returns its id. */
  recordFor(event: NodeEvent, target: string, now: number): string {
    return this.#store.transaction(() => {
      const id = this.record(event, now)!;
      this.#store.run("UPDATE event SET routed = 1 WHERE id = ?", id);
      this.begin(id, target, now);
      return id;
    });
  }

  /** A delivery that the caller makes itself, and then settles. */
  begin(event: string, target: string, now: number): void {
    this.#store.run(
      "INSERT OR REPLACE INTO delivery (event, number, target, state, attempts, at, words) SELECT id, number, ?, 'failed', 1, ?, 'it was not tried to the end' FROM event WHERE id = ?",
      target,
      now,
      event,
    );
  }

  /** The last event that says that the session, by its id in hex, ended with its report; undefined once that is forgotten. */
  doneOf(session: string): string | undefined {
    return this.#store.get<{ id: string }>(
      "SELECT id FROM event WHERE type = 'session.done' AND json_extract(facts, '$.session') = ? ORDER BY number DESC LIMIT 1",
      session,
    )?.id;
  }

  /** What came of telling targets of the session's report, the last delivery to each. */
  deliveriesOfSession(session: string): Delivery[] {
    const rows = this.#store.all<Delivery>(
      `SELECT ${DELIVERY} FROM delivery WHERE event IN (SELECT id FROM event WHERE type = 'session.done'
       AND json_extract(facts, '$.session') = ?) ORDER BY number`,
      session,
    );
    return [...new Map(rows.map((row) => [row.target, { ...row }])).values()];
  }

  /** Whether nothing was noted under the key before; from now on something is. */
  isFirst(key: string, now: number): boolean {
    return this.#store.run("INSERT OR IGNORE INTO event_once (key, at) VALUES (?, ?)", key, now) > 0;
  }

  /** Whether something was noted under a key that begins so. */
  isNoted(start: string): boolean {
    return (
      this.#store.get("SELECT 1 FROM event_once WHERE key >= ? AND key < ? LIMIT 1", start, `${start}~`) !==
      undefined
    );
  }

  /** Makes deliveries of events that have none yet, the oldest first, for the targets that `targetsOf` names. Returns how many events. */
  route(targetsOf: (event: StoredEvent) => readonly string[], now: number): number {
    const sql = `SELECT id, type, facts, at FROM event WHERE routed = 0 ORDER BY number LIMIT ${ROUTED_MAX}`;
    // Most of the time there are none, and nobody has to wait for that.
    if (this.#store.get(sql) === undefined) return 0;
    return this.#store.transaction(() => {
      const rows = this.#store.all<Row>(sql);
      for (const event of rows.map(toEvent)) {
        for (const target of targetsOf(event)) this.#add(event.id, target, now);
        this.#store.run("UPDATE event SET routed = 1 WHERE id = ?", event.id);
      }
      return rows.length;
    });
  }

  #add(event: string, target: string, now: number): void {
    this.#store.run(
      "INSERT OR IGNORE INTO delivery (event, number, target, state, attempts, at, words) SELECT id, number, ?, 'waiting', 0, ?, '' FROM event WHERE id = ?",
      target,
      now,
      event,
    );
  }

  /**
   * Takes up the delivery to the target that is due first: no other process does before `until`, and if this one is killed it is tried
   * again then. Undefined if none is due.
   */
  claim(target: string, now: number, until: number): (Delivery & { readonly of: StoredEvent }) | undefined {
    const sql = `SELECT ${DELIVERY} FROM delivery WHERE target = ? AND state = 'waiting' AND at <= ? ORDER BY at, number LIMIT 1`;
    if (this.#store.get(sql, target, now) === undefined) return undefined;
    return this.#store.transaction(() => {
      const found = this.#store.get<Delivery>(sql, target, now);
      if (found === undefined) return undefined;
      this.#store.run(
        "UPDATE delivery SET attempts = attempts + 1, at = ? WHERE event = ? AND target = ?",
        until,
        found.event,
        target,
      );
      return { ...found, attempts: found.attempts + 1, of: this.get(found.event) };
    });
  }

  /** What came of an attempt. `at`: of one that waits when the next is due, of others now. */
  settle(
    { event, target }: Pick<Delivery, "event" | "target">,
    end: Pick<Delivery, "state" | "at" | "words">,
  ): void {
    const { state, at, words } = end;
    this.#store.run(
      "UPDATE delivery SET state = ?, at = ?, words = ? WHERE event = ? AND target = ?",
      state,
      at,
      words,
      event,
      target,
    );
  }

  /** Has what waits or has failed tried anew, from the first attempt on: all of it, of one event, or to one target. Returns how many. */
  retry(
    { event, target }: { readonly event?: string | undefined; readonly target?: string | undefined },
    now: number,
  ): number {
    return this.#store.run(
      `UPDATE delivery SET state = 'waiting', attempts = 0, at = ?1 WHERE state IN ('waiting', 'failed')
       AND (?2 IS NULL OR event = ?2) AND (?3 IS NULL OR target = ?3)`,
      now,
      event ?? null,
      target ?? null,
    );
  }

  /** Errors: `no-event`. */
  get(id: string): StoredEvent {
    const row = this.#store.get<Row>("SELECT id, type, facts, at FROM event WHERE id = ?", id);
    if (row === undefined)
      throw new OperatorError("no-event", `There is no event ${quoted(id)}; halfroom events lists them.`);
    return toEvent(row);
  }

  /** Newest first: all, or a page of them; with `state` those of which a delivery is in it. Errors: `no-session`, as `pageOf`. */
  list(page: Page = {}, state?: DeliveryState): StoredEvent[] {
    const { from, limit } = pageOf(this.#store, { table: "event", moment: "number", id: "id" }, page);
    const rows = this.#store.all<Row>(
      `SELECT id, type, facts, at FROM event WHERE (number, id) < (?1, ?2)
       AND (?3 IS NULL OR EXISTS (SELECT 1 FROM delivery WHERE event = event.id AND state = ?3))
       ORDER BY number DESC LIMIT ?4`,
      ...from,
      state ?? null,
      limit,
    );
    return rows.map(toEvent);
  }

  deliveriesOf(event: string): Delivery[] {
    const sql = `SELECT ${DELIVERY} FROM delivery WHERE event = ? ORDER BY target`;
    return this.#store.all<Delivery>(sql, event).map((row) => ({ ...row }));
  }

  /** By target: how many failed, and how many wait after an attempt that failed. */
  undelivered(): { readonly target: string; readonly failed: number; readonly late: number }[] {
    const sql = `SELECT target, sum(state = 'failed') AS failed, sum(state = 'waiting' AND attempts > 0) AS late
       FROM delivery WHERE state IN ('waiting', 'failed') GROUP BY target ORDER BY target`;
    return this.#store.all<{ target: string; failed: number; late: number }>(sql).map((row) => ({ ...row }));
  }

  /** What failed to be delivered to targets that the settings do not name any more is given up. */
  giveUp(targets: readonly string[], now: number): void {
    const known = new Set(targets);
    const gone = this.undelivered().filter(({ target }) => !known.has(target));
    for (const { target } of gone) {
      const words = "the settings name no such target any more";
      this.#store.run(
        "UPDATE delivery SET state = 'failed', at = ?, words = ? WHERE target = ? AND state = 'waiting'",
        now,
        words,
        target,
      );
    }
  }

  /**
   * Forgets events that are older than `days` and of which nothing waits: the oldest, so that no call takes long. What versions a partner
   * spoke is what later ones are compared with.
   */
  prune(now: number, days: number): number {
    this.#store.run(
      "DELETE FROM event_once WHERE at <= ? AND key NOT LIKE 'versions %'",
      now - NOTED_DAYS * DAY_MS,
    );
    return this.#store.run(
      `DELETE FROM event WHERE id IN (SELECT id FROM event WHERE at <= ? AND NOT EXISTS
       (SELECT 1 FROM delivery WHERE event = event.id AND state = 'waiting') ORDER BY at LIMIT ?)`,
      now - days * DAY_MS,
      PRUNED_MAX,
    );
  }
}

function toEvent({ id, type, facts, at }: Row): StoredEvent {
  return { id, at, ...({ type, facts: JSON.parse(facts) } as NodeEvent) };
}

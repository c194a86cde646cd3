// Who has approved or denied a session, and who asked for one that is proposed here; a template is approved in the same way, under its
// digest. What is approved is a request under a policy: if either becomes another one while the session waits, what was given is void.
// What was decided stays as long as the session is known.
import type { Actor, ActorKind } from "../people/actor.ts";
import type { Store } from "../store/store.ts";

export interface Given extends Actor {
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Instead of what is approved: who asks approves nothing. */
const ASKED = "asked";
/** The same of who denies. */
const DENIED = "denied";
/** Of what waits no more nothing is void. */
const STILL_WAITS = `session IN (SELECT id FROM session WHERE state IN ('proposed', 'held', 'approved')
  UNION ALL SELECT digest FROM template WHERE state = 'waiting')`;

interface Row {
  kind: ActorKind;
  subject: string;
  name: string;
  at: number;
}

export class Approvals {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Of `what`, in the order in which they were given. */
  given(session: string, what: string): Given[] {
    const sql = "SELECT * FROM approval WHERE session = ? AND what = ? ORDER BY at, kind, subject";
    return this.#store
      .all<Row>(sql, session, what)
      .map(({ kind, subject, name, at }) => ({ kind, subject, name, at }));
  }

  give(session: string, what: string, actor: Actor, at: number): void {
    this.#put(session, what, actor, at);
  }

  deny(session: string, actor: Actor, at: number): void {
    this.#put(session, DENIED, actor, at);
  }

  /** Of a session that waits no more: one denial, or the approvals that let it run. */
  decisions(session: string): (Given & { readonly decision: "approved" | "denied" })[] {
    const sql = "SELECT * FROM approval WHERE session = ? AND what <> ? ORDER BY at, kind, subject";
    const all = this.#store.all<Row & { what: string }>(sql, session, ASKED).map(({ what, ...row }) => {
      const { kind, subject, name, at } = row;
      return {
        kind,
        subject,
        name,
        at,
        decision: what === DENIED ? ("denied" as const) : ("approved" as const),
      };
    });
    const denied = all.filter(({ decision }) => decision === "denied");
    return denied.length > 0 ? denied : all;
  }

  /** Whoever runs the report here, the first time or again. An approval of theirs is none any more. */
  ask(session: string, actor: Actor, at: number): void {
    this.#put(session, ASKED, actor, at);
  }

  /** Whoever has run the report here. */
  askers(session: string): Given[] {
    return this.given(session, ASKED);
  }

  /** Takes back what was given for anything else than `what`. Returns how many. */
  voidOthers(session: string, what: string): number {
    const sql = "DELETE FROM approval WHERE session = ? AND what NOT IN (?, ?)";
    return this.#store.run(sql, session, what, ASKED);
  }

  /** Takes back what somebody has given who may not any more. Returns how many. */
  voidOf({ kind, subject }: Pick<Actor, "kind" | "subject">): number {
    return this.#store.run(
      `DELETE FROM approval WHERE kind = ? AND subject = ? AND what <> ? AND ${STILL_WAITS}`,
      kind,
      subject,
      ASKED,
    );
  }

  voidAll(): void {
    this.#store.run(`DELETE FROM approval WHERE what <> ? AND ${STILL_WAITS}`, ASKED);
  }

  /** Forgets those of sessions and templates that are forgotten. */
  prune(): void {
    this.#store.run(
      `DELETE FROM approval WHERE session NOT IN (SELECT id FROM session)
        AND session NOT IN (SELECT digest FROM template)`,
    );
  }

  #put(session: string, what: string, { kind, subject, name }: Actor, at: number): void {
    this.#store.run(
      "INSERT OR REPLACE INTO approval (session, kind, subject, name, at, what) VALUES (?, ?, ?, ?, ?, ?)",
      session,
      kind,
      subject,
      name,
      at,
      what,
    );
  }
}

// Who has approved a session that two people have to, and who asked for one that is proposed here. What is approved is a request under a policy:
// if either becomes another one, what was given is void.
import type { Actor, ActorKind } from "../people/actor.ts";
import type { Store } from "../store/store.ts";

export interface Given extends Actor {
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Instead of what is approved: who asks approves nothing. */
const ASKED = "asked";

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
      "DELETE FROM approval WHERE kind = ? AND subject = ? AND what <> ?",
      kind,
      subject,
      ASKED,
    );
  }

  voidAll(): void {
    this.#store.run("DELETE FROM approval WHERE what <> ?", ASKED);
  }

  /** Forgets those of sessions that wait no more. */
  prune(): void {
    this.#store.run(
      `DELETE FROM approval WHERE session NOT IN (SELECT id FROM session WHERE state IN ('proposed', 'held', 'approved'))`,
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

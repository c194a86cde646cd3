// Which reports of this node are to go to which sink because their request says so.
import type { Store } from "../store/store.ts";

export class AskedSinks {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** `id`: of a session here, as `SessionRow` has it. What is asked last counts. */
  ask(id: string, sink: string): void {
    this.#store.run("INSERT OR REPLACE INTO session_sink (id, sink) VALUES (?, ?)", id, sink);
  }

  /** Undefined if its request names none. */
  of(id: string): string | undefined {
    return this.#store.get<{ sink: string }>("SELECT sink FROM session_sink WHERE id = ?", id)?.sink;
  }

  /** Forgets what was asked of sessions that are forgotten. */
  prune(): void {
    this.#store.run("DELETE FROM session_sink WHERE id NOT IN (SELECT id FROM session)");
  }
}

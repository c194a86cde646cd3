// What was asked over HTTP under an idempotency key, and what came of it, so that whoever asks again is told the same and nothing is done
// twice (the IETF's draft-ietf-httpapi-idempotency-key-header).
import type { Store } from "../store/store.ts";
import { DAY_MS } from "../time.ts";

/** Keys are forgotten after a day. */
const KEPT_MS = DAY_MS;

export interface KeyedRequest {
  /** The name of the token that it came with: a key is its caller's own. */
  readonly caller: string;
  readonly key: string;
  /** Digest of all that was asked, in hex. */
  readonly request: string;
}

/** new: nobody has asked so, and the key is the caller's now. other: the key was used for another request. */
export type Claim =
  | { readonly state: "new" | "other" | "unanswered" }
  | { readonly state: "answered"; readonly answer: string };

export class Answered {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** `now` in milliseconds since 1970. */
  claim({ caller, key, request }: KeyedRequest, now: number): Claim {
    return this.#store.transaction(() => {
      this.prune(now);
      const known = this.#store.get<{ request: string; answer: string | null }>(
        "SELECT request, answer FROM answered WHERE caller = ? AND key = ?",
        caller,
        key,
      );
      if (known === undefined) {
        const sql = "INSERT INTO answered (caller, key, request, begun_at) VALUES (?, ?, ?, ?)";
        this.#store.run(sql, caller, key, request, now);
        return { state: "new" };
      }
      if (known.request !== request) return { state: "other" };
      return known.answer === null ? { state: "unanswered" } : { state: "answered", answer: known.answer };
    });
  }

  /** What the request was answered with, as text. */
  keep({ caller, key }: Omit<KeyedRequest, "request">, answer: string): void {
    this.#store.run("UPDATE answered SET answer = ? WHERE caller = ? AND key = ?", answer, caller, key);
  }

  /** Nothing came of it: the key can be used again. */
  free({ caller, key }: Omit<KeyedRequest, "request">): void {
    this.#store.run("DELETE FROM answered WHERE caller = ? AND key = ? AND answer IS NULL", caller, key);
  }

  prune(now: number): void {
    this.#store.run("DELETE FROM answered WHERE begun_at <= ?", now - KEPT_MS);
  }
}

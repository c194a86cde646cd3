// How often a partner, found by its signing key, has asked this node something, and been told sizes, of late. What is told before
// anything is charged is bounded by this alone. A row is on disk before the answer to it leaves.
import type { Store } from "../store/store.ts";
import { DAY_MS, HOUR_MS } from "../time.ts";

/** A new proposal or a preview; a statement with this side's sizes; the completion of a session. */
export type Asked = "question" | "statement" | "completion";

export interface RateLimits {
  readonly perHour: number;
  readonly perDay: number;
}

/** A limit that is reached. */
export interface Reached {
  readonly limit: number;
  readonly span: "hour" | "day";
  /** Milliseconds until there is room again. */
  readonly waitMs: number;
}

export class Rates {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Counts one more, unless a limit is reached: then that limit is returned and nothing is counted. */
  take(partnerKey: string, asked: Asked, limits: RateLimits, now: number): Reached | undefined {
    return this.#store.transaction(() => {
      const reached = this.reached(partnerKey, asked, limits, now);
      if (reached !== undefined) return reached;
      this.#store.run("DELETE FROM rate WHERE at <= ?", now - DAY_MS);
      this.#store.run("INSERT INTO rate (partner_key, asked, at) VALUES (?, ?, ?)", partnerKey, asked, now);
      return undefined;
    });
  }

  /** The limit that keeps the partner from one more; undefined if there is none. */
  reached(partnerKey: string, asked: Asked, limits: RateLimits, now: number): Reached | undefined {
    return this.#store.transaction(() => {
      // A clock that went back has left rows in the future: they count as if they were of this moment, so that it lifts no
      // limit, and none lasts longer than its span either.
      this.#store.run("UPDATE rate SET at = ? WHERE at > ?", now, now);
      return (
        this.#full(partnerKey, asked, limits.perDay, "day", now) ??
        this.#full(partnerKey, asked, limits.perHour, "hour", now)
      );
    });
  }

  /** Full as long as the limit-th newest row lies within the span. */
  #full(
    partnerKey: string,
    asked: Asked,
    limit: number,
    span: Reached["span"],
    now: number,
  ): Reached | undefined {
    const spanMs = span === "hour" ? HOUR_MS : DAY_MS;
    const row = this.#store.get<{ at: number }>(
      "SELECT at FROM rate WHERE partner_key = ? AND asked = ? ORDER BY at DESC LIMIT 1 OFFSET ?",
      partnerKey,
      asked,
      limit - 1,
    );
    if (row === undefined || row.at <= now - spanMs) return undefined;
    return { limit, span, waitMs: row.at + spanMs - now };
  }
}

const ASKED_WORDS: Readonly<Record<Asked, string>> = {
  question: "the policy allows # proposals and previews",
  statement: "the policy allows # statements of sizes",
  completion: "this node completes # sessions of a partner",
};

/** For both sides: which limit, and when there is room again. */
export function reachedWords(asked: Asked, { limit, span, waitMs }: Reached): string {
  const minutes = Math.ceil(waitMs / 60_000);
  const allowed = ASKED_WORDS[asked].replace("#", String(limit));
  return `${allowed} in ${span === "hour" ? "an hour" : "a day"}: try again in ${minutes} min`;
}

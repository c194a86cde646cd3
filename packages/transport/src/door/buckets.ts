// How often something may happen, for each of many: a bucket of tokens each, which fills again at a steady rate.

/** What a bucket holds when it is full, in seconds of its rate. */
const BURST_SECONDS = 4;
/** Most buckets that are kept. One that is forgotten was full, or belongs to the address seen longest ago. */
const BUCKETS_MAX = 4096;

interface Bucket {
  tokens: number;
  /** Milliseconds of `performance.now`. */
  at: number;
}

export class Buckets {
  readonly #perMs: number;
  readonly #tokensMax: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(perSecond: number) {
    this.#perMs = perSecond / 1000;
    this.#tokensMax = Math.max(1, perSecond * BURST_SECONDS);
  }

  /** Takes a token of `key`; false if there is none. `now` in milliseconds of a clock that never goes back. */
  take(key: string, now: number): boolean {
    const bucket = this.#filled(key, now);
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }

  /** Gives one token back. */
  refund(key: string): void {
    const bucket = this.#buckets.get(key);
    if (bucket !== undefined) bucket.tokens = Math.min(this.#tokensMax, bucket.tokens + 1);
  }

  #filled(key: string, now: number): Bucket {
    const known = this.#buckets.get(key) ?? { tokens: this.#tokensMax, at: now };
    known.tokens = Math.min(this.#tokensMax, known.tokens + (now - known.at) * this.#perMs);
    known.at = now;
    // The last of the map is the one used last.
    this.#buckets.delete(key);
    this.#buckets.set(key, known);
    if (this.#buckets.size > BUCKETS_MAX) this.#forgetOldest();
    return known;
  }

  #forgetOldest(): void {
    for (const [key] of this.#buckets) {
      this.#buckets.delete(key);
      return;
    }
  }
}
